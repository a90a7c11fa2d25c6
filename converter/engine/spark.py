"""Rules on a cluster: Spark hands over record batches, the plan says which events hit, and hits come back as rows.

`hits` is one function from record batches to record batches; `evaluate` runs it by Spark's `mapInArrow`, and anything
else that has record batches can run it as well. What one event decides is decided there; rules over several events
follow on the hits alone, which are few, in one place and in order of time (`alerts`).

Needs the extra `spark`, and Java for a session of one's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from converter.engine.engine import Engine
from converter.engine.session import Alert
from converter.engine.slim import slim
from converter.engine.sources.columns import event_of
from converter.engine.sources.decode import decode
from converter.model.rule import Rule
from converter.reference.detection import Clock
from converter.reference.event import Event

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "event string, rules array<string>, predicates array<int>"
"""Columns of a hit: the event as JSON, the ids of the rules that it alone decides, and the predicates that hold."""

_Batches = Callable[["Iterable[pa.RecordBatch]"], "Iterator[pa.RecordBatch]"]


def hits(rules: Sequence[Rule], column: str = "") -> _Batches:
    """A function from record batches of events to record batches of hits (`SCHEMA`).

    `column`: the column that holds events as JSON text; "" = each row is an event, its columns named as fields.
    A row that is no event raises: Spark's own error names the task.
    """
    held = tuple(map(slim, rules))
    name = Engine(held).fingerprint()

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        engine = _engine(name, held)
        for batch in batches:
            found = [one for event, text in _events(batch, column) if (one := _hit(engine, event, text)) is not None]
            if found:
                yield _record_batch(found)

    return run


_ENGINES: dict[str, Engine] = {}
"""The engine of the rules that this process evaluated last."""


def _engine(name: str, rules: Sequence[Rule]) -> Engine:
    """The engine of these rules: a worker that goes on to another part of the data has its plan already.

    The function that Spark hands over is a copy in every task; this one is the module's own.
    """
    if name not in _ENGINES:
        _ENGINES.clear()
        _ENGINES[name] = Engine(rules)
    return _ENGINES[name]


def _events(batch: pa.RecordBatch, column: str) -> Iterator[tuple[Event, str]]:
    """The events, with their JSON text where that is what stands in the row."""
    if not column:
        for row in batch.to_pylist():
            yield event_of(row), ""
        return
    for value in batch.column(column).to_pylist():
        if value is not None:
            yield decode(value.encode("utf-8")), value


def _hit(engine: Engine, event: Event, text: str) -> tuple[str, list[str], list[int]] | None:
    found = engine.matcher.match(event, engine.now)
    if not found:
        return None
    rules = [rule_name(rule) for hit in found for rule in engine.at_once[hit]]
    return text or json.dumps(event, default=str, separators=(",", ":")), rules, found


def _record_batch(found: Sequence[tuple[str, list[str], list[int]]]) -> pa.RecordBatch:
    import pyarrow as pa  # the extra `spark`

    texts, rules, predicates = zip(*found, strict=True)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(texts, pa.string()),
            pa.array(rules, pa.list_(pa.string())),
            pa.array(predicates, pa.list_(pa.int32())),
        ],
        names=["event", "rules", "predicates"],
    )


def rule_name(rule: Rule) -> str:
    """What a hit calls a rule: its id, or its name where it has none."""
    return rule.meta.rule_id or rule.meta.name


def evaluate(frame: Any, rules: Sequence[Rule], column: str = "") -> Any:  # noqa: ANN401 - Spark's own classes
    """The hits of a Spark DataFrame of events, as a DataFrame with the columns of `SCHEMA`.

    `column` as in `hits`. Parquet that holds raw JSON lines is the quickest input: only events that hit are copied.
    """
    return frame.mapInArrow(hits(rules, column), SCHEMA)


def alerts(rows: Iterable[Mapping[str, Any]], rules: Sequence[Rule], **options: Any) -> Iterator[Alert]:  # noqa: ANN401
    """The alerts of all rules from the hits of `evaluate`: `alerts(map(Row.asDict, frame.collect()), rules)`.

    Hits are put into the order of time first, which rules over several events need; `options` are those of `Engine`.
    """
    engine = Engine(rules, **options)
    session = engine.session()
    found = [(json.loads(row["event"]), list(row["predicates"])) for row in rows]
    times = [Clock().time(event) or 0 for event, _ in found]
    for number, place in enumerate(sorted(range(len(found)), key=lambda place: (times[place], place))):
        event, predicates = found[place]
        yield from session.apply(event, predicates, number)
    yield from session.finish()
