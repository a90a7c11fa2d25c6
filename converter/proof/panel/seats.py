"""Which judges sit for a run: those that the package brings, and second opinions by engines that are installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from converter.fields.schema import Schema
from converter.model.rule import Rule
from converter.proof.elastic.osmem import shared
from converter.proof.engine import Engine, Reference
from converter.proof.judge import CannotJudgeError, Judge, Verdicts
from converter.proof.judged import Judged
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.panel.elastic import Osmem
from converter.proof.panel.python import PythonJudge
from converter.proof.panel.rule import OsmemJudge, RuleJudge
from converter.proof.panel.sentinel import DuckdbJudge, KustoJudge
from converter.proof.panel.sigma import SigmaJudge, SqliteJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.staging import Scene
from converter.target.artifact import Artifact

Convert = Callable[[Rule, str, str], Artifact]

SECOND: Final = {"duckdb": "duckdb_kql", "sqlite": "sigma.backends.sqlite", "osmem": "osmem_server"}
"""The engines of the extra `judges` by their judge's name, and the module that each is imported from."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The engines of a run, the reference first. `absent` are second opinions that are not installed."""

    engines: tuple[Engine, ...]
    absent: tuple[str, ...] = field(default=())


def panel(targets: Collection[str], schema: Schema, convert: Convert) -> Panel:
    """The judges of these targets' artifacts; `schema` holds the fields that rules are read with."""
    absent = [name for name in SECOND if not _installed(SECOND[name])]
    judges: dict[str, Judge] = {}
    for judge in (*_own(schema), *_second(schema, absent)):
        if judge.target in targets:
            judges.setdefault(judge.name, judge)
    unused = [name for name in absent if any(name in NAMES.get(target, ()) for target in targets)]
    return Panel((Reference(), *(Judged(judge, convert) for judge in judges.values())), tuple(unused))


NAMES: Final = {
    "splunk": ("spl",),
    "sentinel": ("kusto", "duckdb"),
    "sigma": ("sigma", "sqlite"),
    "python": ("python",),
    "elastic": ("elastic", "osmem"),
}
"""The judges of each target, by the names that head their columns."""


def _own(schema: Schema) -> tuple[Judge, ...]:
    return PythonJudge(), SplJudge(), KustoJudge(), SigmaJudge(), RuleJudge(schema)


def _second(schema: Schema, absent: Collection[str]) -> Iterator[Judge]:
    if "duckdb" not in absent:
        yield DuckdbJudge()
    if "sqlite" not in absent:
        yield SqliteJudge()
    if "osmem" not in absent:
        yield _Osmem(schema)


class _Osmem:
    """Starts the server when the first rule comes to it."""

    name = "osmem"
    target = "elastic"
    fields = "ecs"

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts of the server."""
        try:
            server = shared()
        except EngineUnavailable as error:
            raise CannotJudgeError(f"osmem: {error}") from error
        return OsmemJudge(Osmem(server), self._schema).run(rule, artifact, scene)


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
