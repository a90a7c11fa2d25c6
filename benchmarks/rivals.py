"""Others that evaluate rules, on the same events: Elastic's own in Python, and Zircolite's way in SQLite.

Each is measured if it is installed, on the rules that it can hold; none of it is needed for anything else.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.measure import line
from converter import api
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Rule

_MOST_COLUMNS = 1900
"""A table of SQLite holds 2,000 columns; names that hardly any event has are in no rule."""


def rivals(rules: Sequence[Rule], lines: Sequence[bytes]) -> None:
    """All of them."""
    for package, what, run in (
        ("eql", "Elastic's Python evaluator", _eql),
        ("zargunlite", "zargunlite (SQLite)", _sqlite),
    ):
        if importlib.util.find_spec(package) is None:
            line(f"{what} is not installed: pip install {package}", "")
            continue
        held, seconds = run(rules, lines)
        micros = 1e6 * seconds / len(lines)
        line(f"{what}, {held} rules", f"{micros:10.1f} us/event {1e6 / micros:10,.0f} events/s")


def _eql(rules: Sequence[Rule], lines: Sequence[bytes]) -> tuple[int, float]:
    """Elastic's engine over EQL rules of single events; what it does not parse it does not hold.

    It fails on arrays, so that of each the first value is given.
    """
    eql = importlib.import_module("eql")
    parser = importlib.import_module("eql.parser")
    engine = eql.PythonEngine()
    engine.add_output_hook(list)
    held = 0
    with parser.elasticsearch_syntax, parser.ignore_missing_functions:
        for rule in rules:
            if rule.meta.language == "eql":
                try:
                    engine.add_query(eql.parse_query(rule.meta.query))
                except eql.EqlError:
                    continue
                held += 1
    start = time.process_time()
    for text in lines:
        event = _first(json.loads(text))
        kind = event.get("event", {}).get("category")
        engine.stream_event(eql.Event(kind or "any", 0, event))
    engine.finalize()
    return held, time.process_time() - start


def _first(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _first(one) for name, one in value.items()}
    return (value[0] if value else None) if isinstance(value, list) else value


def _sqlite(rules: Sequence[Rule], lines: Sequence[bytes]) -> tuple[int, float]:
    """Our Sigma artifacts as queries of pySigma's backend, over a table of all events, loading included."""
    zargunlite = importlib.import_module("zargunlite.core")
    collection = importlib.import_module("sigma.collection").SigmaCollection
    backend = importlib.import_module("sigma.backends.sqlite").sqliteBackend()
    sigma_error = importlib.import_module("sigma.exceptions").SigmaError
    model = importlib.import_module("zargunlite.model")
    held = []
    for rule in rules:
        if rule.meta.language == "kuery":
            queries: list[str] = []
            with contextlib.suppress(ConverterError, sigma_error, ValueError, NotImplementedError):
                queries = backend.convert(collection.from_yaml(api.convert(rule, "sigma").text))
            if queries:
                texts = [query.replace("<TABLE_NAME>", "logs") for query in queries]
                held.append(model.ZircoliteRule(title=rule.meta.name, rule=texts))
    start = time.process_time()
    with zargunlite.ZargunCore() as core:
        rows = [dict(_flat("", json.loads(text))) for text in lines]
        often = {name for name, _ in Counter(name for row in rows for name in row).most_common(_MOST_COLUMNS)}
        rows = [{name: value for name, value in row.items() if name in often} for row in rows]
        core.load_data(rows, strict_field_name=False)
        for one in held:
            core.execute_zircolite_rule(one)
    return len(held), time.process_time() - start


def _flat(prefix: str, value: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield from _flat(f"{prefix}{name}.", one)
        else:
            yield f"{prefix}{name}", json.dumps(one) if isinstance(one, list) else one
