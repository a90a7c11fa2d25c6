"""The stages of a pipeline in two parts: what one event decides alone, once, and what needs the other rows of a window.

The first part runs when an event comes; of it only rows are kept that came through, with the columns that later stages
ask for. The second part runs when the rows of the window have changed; where it begins with groups, only groups that
have changed are summed up again. Each stage is the reference's own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from converter.engine.reading import reader
from converter.engine.stateful.rows import Position, Rows, hashed
from converter.engine.stateful.tracker import Item
from converter.model.operation import Operation
from converter.model.pipeline import (
    Apply,
    Compute,
    Documents,
    Drop,
    Expand,
    Expression,
    Extract,
    Filter,
    Found,
    Keep,
    Pipeline,
    Reference,
    Rename,
    Stage,
    Summarise,
    Type,
)
from converter.model.predicate import Between, Compare, Predicate
from converter.model.references import expressions, parts
from converter.model.value import Kind, Now
from converter.model.walk import walk
from converter.reference.esql.expression import in_order
from converter.reference.esql.run import Step, compile_groups, compile_stages, compile_summary, metadata
from converter.reference.esql.value import EVENT, ORIGIN, Row, Value
from converter.reference.event import Event, coerce

APART = Filter | Compute | Keep | Drop | Rename | Extract | Expand
"""Stages that make of a row what they make of it beside any other."""


def predicate_asks_for_now(where: Predicate) -> bool:
    """Whether it depends on the moment at which it is asked."""
    return any(
        isinstance(value, Now)
        for node in walk(where)
        if isinstance(node, (Compare, Between))
        for value in _values(node)
    )


def _values(node: Compare | Between) -> tuple[object, ...]:
    return (node.value,) if isinstance(node, Compare) else (node.low.value, node.high.value)


def asks_for_now(stages: Iterable[Stage]) -> bool:
    """Whether some stage depends on the moment of the run."""
    return any(_is_now(part) for stage in stages for one in expressions(stage) for part in parts(one))


def _is_now(part: Expression) -> bool:
    if isinstance(part, Found):
        return predicate_asks_for_now(part.predicate)
    return isinstance(part, Apply) and part.operation is Operation.NOW


def split(pipeline: Pipeline) -> tuple[tuple[Stage, ...], tuple[Stage, ...]]:
    """The stages that one event decides whenever it is asked, and the rest.

    Where the first filter itself asks for now, it is the first stage of the rest.
    """
    stages = pipeline.stages
    if predicate_asks_for_now(pipeline.where):
        return (), (Filter(Found(pipeline.where)), *stages)
    count = 0
    while count < len(stages) and isinstance(stages[count], APART) and not asks_for_now(stages[count : count + 1]):
        count += 1
    return stages[:count], stages[count:]


def tells_of_nothing(stages: Iterable[Stage]) -> bool:
    """Whether they may give a row of no rows: a sum without keys is one."""
    return any(isinstance(stage, Summarise) and not stage.keys for stage in stages)


@functools.cache
def _column_reader(path: str, kind: Kind, type_: Type) -> Callable[[Event], Value]:
    """A function that reads a stored column as `converter.reference.esql` does; equal columns have one."""
    read = reader(path)

    def value(event: Event) -> Value:
        raw = read(event)
        if not raw:
            return None
        return in_order([one for each in raw if (one := coerce(each, kind)) is not None], type_)

    return value


def _stored(stages: Iterable[Stage]) -> dict[str, Callable[[Event], Value]]:
    """Readers of the stored columns that stages ask for, by name."""
    found: dict[str, Callable[[Event], Value]] = {}
    used = (part for stage in stages for one in expressions(stage) for part in parts(one))
    for part in used:
        if isinstance(part, Reference) and (field := part.column.field) is not None:
            found[part.column.name] = _column_reader(field.path, field.kind, part.column.type)
    return found


class Alone:
    """The first part: the rows of an event, without the event where later stages can do without it (`keeps_event`).

    Before each stage rows get the stored columns that it asks for: other pipelines ask for the same ones.
    """

    def __init__(self, pipeline: Pipeline, stages: Sequence[Stage], later: Sequence[Stage]) -> None:
        known: set[str] = set()
        self._steps: list[tuple[tuple[tuple[str, Callable[[Event], Value]], ...], Step]] = []
        steps = [((stage,), compile_stages((stage,), 0)) for stage in stages]  # none of them asks for now
        for asking, step in (*steps, (later, _as_they_are)):
            columns = {name: read for name, read in _stored(asking).items() if name not in known}
            known |= columns.keys()
            self._steps.append((tuple(columns.items()), step))
        self._pipeline = pipeline
        self._has_metadata = isinstance(pipeline.source, Documents) and bool(pipeline.source.metadata)
        used = (part for stage in later for one in expressions(stage) for part in parts(one))
        self.keeps_event = any(isinstance(part, Found) for part in used)

    def rows(self, item: Item, origin: int) -> list[Row]:
        """The rows of an event."""
        row: Row = {EVENT: item.event, ORIGIN: frozenset((origin,))}
        if self._has_metadata:
            row |= metadata(self._pipeline, item.event, item.number)
        found = [row]
        for columns, step in self._steps:
            for name, read in columns:
                value = item.value(read)
                for one in found:
                    one.setdefault(name, value)
            found = step(found)
            if not found:
                return found
        if not self.keeps_event:
            for one in found:
                one[EVENT] = _NO_EVENT
        return found


def _as_they_are(rows: list[Row]) -> list[Row]:
    return rows


_NO_EVENT: Event = {}


class Together(Protocol):
    """The second part, over the rows of a window that come and go in order."""

    def enter(self, at: Position, row: Row) -> None:
        """The row is in the window from now on, behind all others."""

    def leave(self, at: Position, row: Row) -> None:
        """The row, the oldest of all, is in the window no more."""

    def run(self, now: int, inside: Callable[[], Iterable[Row]]) -> list[Row]:
        """Rows of the result, at least those that may differ from those of the last run; `inside`: the window's."""


def together(stages: Sequence[Stage], rows: Rows) -> Together:
    """What runs the second part; `rows` holds those of the window."""
    if not stages:
        return _New()
    first = stages[0]
    if isinstance(first, Summarise) and not tells_of_nothing(stages) and not asks_for_now(stages):
        return _Groups(first, stages[1:], rows)
    return _Whole(stages)


class _New:
    """No stage is left: each row is a row of the result."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def enter(self, at: Position, row: Row) -> None:
        del at
        self._rows.append(row)

    def leave(self, at: Position, row: Row) -> None:
        """It was told when it came."""

    def run(self, now: int, inside: Callable[[], Iterable[Row]]) -> list[Row]:
        del now, inside
        found, self._rows = self._rows, []
        return found


class _Whole:
    """All rows run through all stages, if some row has come or gone or time matters."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._compiled: Step | None = None if asks_for_now(stages) else compile_stages(stages, 0)
        self._always = self._compiled is None or tells_of_nothing(stages)
        self._changed = True

    def enter(self, at: Position, row: Row) -> None:
        del at, row
        self._changed = True

    def leave(self, at: Position, row: Row) -> None:
        del at, row
        self._changed = True

    def run(self, now: int, inside: Callable[[], Iterable[Row]]) -> list[Row]:
        if not self._always and not self._changed:
            return []
        self._changed = False
        compiled = self._compiled or compile_stages(self._stages, now)
        return compiled(list(inside()))


class _Groups:
    """Groups first: those that have changed are summed up anew, of the others is known what they came to.

    Of a group's row only what comes through the filters behind it is kept, and nothing at all where the stages behind
    it keep rows apart.
    """

    def __init__(self, first: Summarise, later: Sequence[Stage], rows: Rows) -> None:
        self._combinations = compile_groups(first.keys, 0)
        self._summary = compile_summary(first.aggregates, first.keys, 0)
        count = next((place for place, stage in enumerate(later) if not isinstance(stage, APART)), len(later))
        self._alone = compile_stages(later[:count], 0)
        self._together = compile_stages(later[count:], 0) if count < len(later) else None
        self._rows = rows
        self._changed: dict[bytes, tuple[Value, ...]] = {}
        self._made: dict[bytes, tuple[Position, list[Row]]] = {}

    def _keys(self, row: Row) -> Iterator[bytes]:
        for values in self._combinations(row):
            key = hashed(values)
            self._changed[key] = values
            yield key

    def enter(self, at: Position, row: Row) -> None:
        for key in self._keys(row):
            self._rows.join(key, at)

    def leave(self, at: Position, row: Row) -> None:
        for key in self._keys(row):
            self._rows.leave(key, at)

    def run(self, now: int, inside: Callable[[], Iterable[Row]]) -> list[Row]:
        del now, inside
        changed, self._changed = self._changed, {}
        if not changed:
            return []
        for key, values in changed.items():
            members = self._rows.members(key)
            rows = self._alone([self._summary(values, [row for _, row in members])]) if members else []
            if rows:
                self._made[key] = members[0][0], rows
            else:
                self._made.pop(key, None)
        in_order = [row for _, rows in sorted(self._made.values(), key=lambda made: made[0]) for row in rows]
        if self._together is not None:
            return self._together([dict(row) for row in in_order])
        self._made = {}
        return in_order
