"""Rules on a cluster: Spark hands over record batches, the plan says which events hit, and hits come back as rows.

`hits` is one function from record batches to record batches; `evaluate` runs it by Spark's `mapInArrow`, and anything
else that has record batches can run it as well. What one event decides is decided there; rules over several events
follow on the hits alone, which are few, in one place and in order of time (`alerts`).

Needs the extra `spark`, and Java for a session of one's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from converter.engine.engine import Engine
from converter.engine.session import Alert
from converter.engine.slim import slim
from converter.engine.sources.columns import event_of
from converter.model.rule import Rule
from converter.reference.detection import Clock

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "event string, rules array<string>, predicates array<int>"
"""Columns of a hit: the event as JSON, the ids of the rules that it alone decides, and the predicates that hold."""

_Held: TypeAlias = "Callable[[], tuple[Rule, ...]]"
_Batches = Callable[["Iterable[pa.RecordBatch]"], "Iterator[pa.RecordBatch]"]


def hits(rules: Sequence[Rule], column: str = "") -> _Batches:
    """A function from record batches of events to record batches of hits (`SCHEMA`).

    `column`: the column that holds events as JSON text; "" = each row is an event, its columns named as fields.
    A row that is no event raises: Spark's own error names the task.
    """
    held = tuple(map(slim, rules))
    return _hits(lambda: held, Engine(held).fingerprint(), column)


def _hits(held: _Held, name: str, column: str) -> _Batches:
    """`held` gives the rules, whose plan is called `name`."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        engine = _engine(name, held)
        for batch in batches:
            found = _of_lines(engine, batch.column(column)) if column else _of_rows(engine, batch)
            if found:
                yield _record_batch(found)

    return run


_ENGINES: dict[str, Engine] = {}
"""The engine of the rules that this process evaluated last."""


def _engine(name: str, held: _Held) -> Engine:
    """The engine of these rules: a worker that goes on to another part of the data has its plan already.

    The function that Spark hands over is a copy in every task; this one is the module's own.
    """
    if name not in _ENGINES:
        _ENGINES.clear()
        _ENGINES[name] = Engine(held())
    return _ENGINES[name]


_Hit: TypeAlias = tuple[str, list[str], list[int]]


def _of_lines(engine: Engine, texts: Any) -> list[_Hit]:  # noqa: ANN401 - untyped package
    """The hits among events as JSON text. Bytes are taken as they lie in the batch: only hits become texts."""
    import pyarrow as pa  # the extra `spark`

    match, now = engine.matcher.match_line, engine.now
    out: list[_Hit] = []
    for line in texts.cast(pa.large_binary() if pa.types.is_large_string(texts.type) else pa.binary()).to_pylist():
        if line is None:
            continue
        found, _ = match(line, now)
        if found:
            out.append((line.decode("utf-8"), _names(engine, found), found))
    return out


def _of_rows(engine: Engine, batch: pa.RecordBatch) -> list[_Hit]:
    """The hits among rows whose columns are named as fields."""
    out: list[_Hit] = []
    for row in batch.to_pylist():
        event = event_of(row)
        found = engine.matcher.match(event, engine.now)
        if found:
            out.append((json.dumps(event, default=str, separators=(",", ":")), _names(engine, found), found))
    return out


def _names(engine: Engine, found: Sequence[int]) -> list[str]:
    return [rule_name(rule) for hit in found for rule in engine.at_once[hit]]


def _record_batch(found: Sequence[_Hit]) -> pa.RecordBatch:
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
    held = tuple(map(slim, rules))
    run = _hits(_handed(frame, held), Engine(held).fingerprint(), column)
    return (frame.select(column) if column else frame).mapInArrow(run, SCHEMA)


def _handed(frame: Any, held: tuple[Rule, ...]) -> _Held:  # noqa: ANN401 - untyped package
    """The rules in a worker. As a broadcast they are made there once, not again in the function of every task."""
    try:
        sent = frame.sparkSession.sparkContext.broadcast(held)
    except AttributeError:  # Spark Connect has no context
        return lambda: held
    return lambda: cast("tuple[Rule, ...]", sent.value)


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
