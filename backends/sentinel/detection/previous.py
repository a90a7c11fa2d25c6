"""Sequences by the row before: two steps, or the same step several times, sorted by key and time.

A hit of step 2 completes exactly the row before it of the same key, if that is an event of step 1 (proved for the
plan: `SequencePlan.two_step`). n runs of one step complete at each event that has n - 1 earlier ones, at other times.
https://learn.microsoft.com/en-us/kusto/query/prev-function: rows must be serialized, as they are behind `sort`.
"""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import tree
from backends.sentinel.detection import source
from backends.sentinel.detection.branch import Stream, Streams, staged
from backends.sentinel.detection.common import once
from backends.sentinel.detection.shown import Shown, name_of
from backends.sentinel.detection.words import Words
from converter.deferred import replace
from converter.languages.kusto.syntax import (
    Binary,
    Columns,
    Expression,
    Extend,
    Item,
    Name,
    Number,
    Operator,
    Order,
    Query,
    Sort,
    Star,
    Summarize,
)
from converter.plan.sequence import SequencePlan, Shape


def fits(plan: SequencePlan) -> bool:
    """Whether the plan is two steps, one step several times, or that and one more."""
    if plan.two_step:
        return True
    shape = plan.shape
    if shape != Shape(shape.last) or plan.until is not None or shape.last < 2:  # noqa: PLR2004
        return False
    runs = sorted(b.stages for b in plan.branches)
    whole = tuple(range(1, shape.last + 1))
    return runs in ([whole], [whole[:-1], whole[-1:]])


def previous(plan: SequencePlan, found: Streams, words: Words, *, bare: bool) -> tuple[Query, Shown]:
    """The rows of the last step, with the time and the columns of the first."""
    ordered = sorted(found.each, key=lambda s: s.branch.stages)
    first = ordered[0]
    if plan.two_step and len(ordered) == 2:  # noqa: PLR2004
        return _two(plan, ordered, found, words, runs=1, bare=bare)
    if len(ordered) == 1:
        return _runs(plan, first, found, words, bare=bare)
    return _two(plan, ordered, found, words, runs=len(first.branch.stages), bare=bare)


def _prev(value: Expression, back: int = 1) -> Expression:
    return tree.call("prev", value) if back == 1 else tree.call("prev", value, Number(back))


def _same_key(found: Streams, back: int = 1) -> list[Expression]:
    return [Binary("==", _prev(k, back), k) for k in found.by]


def _sorted(found: Streams, *keys: Order) -> Sort:
    return Sort((*(Order(k, ascending=True) for k in found.by), *keys))


def _counted(found: Streams, words: Words, runs: int) -> tuple[Operator, ...]:
    """The events that `runs` - 1 others precede, one a moment, with the time of the first of them."""
    back = runs - 1
    enough = tree.all_of(_same_key(found, back)) if found.by else tree.call("isnotnull", _prev(words.time, back))
    mark = words["Enough"]
    by = (*(Item(k) for k in found.by), Item(words.time))
    return (
        Summarize((Item(tree.call("take_any", Star())),), by),
        _sorted(found, Order(words.time, ascending=True)),
        Extend((Item(_prev(words.time, back), words.at(1).name), Item(enough, mark))),
        *source.where(Name(mark)),
        Columns("away", (mark,)),
    )


def _within(plan: SequencePlan, words: Words) -> list[Expression]:
    """The last event is not too late."""
    if plan.maxspan_ms is None:
        return []
    return [Binary("<=", Binary("-", words.time, words.at(1)), tree.timespan(plan.maxspan_ms))]


def _runs(plan: SequencePlan, stream: Stream, found: Streams, words: Words, *, bare: bool) -> tuple[Query, Shown]:
    operators = _counted(found, words, plan.shape.last)
    last = Extend((Item(words.time, words.at(plan.shape.last).name),))
    extra = source.away(stream.extra) if bare else ()
    rows = Query(stream.query.source, (*stream.query.operators, *extra, *operators))
    columns = _columns(stream, (words.at(1),), found)
    tail = (last,) if bare else (columns.project,)
    return Query(rows.source, (*rows.operators, *source.where(*_within(plan, words)), *tail)), columns


def _two(
    plan: SequencePlan, ordered: Sequence[Stream], found: Streams, words: Words, *, runs: int, bare: bool
) -> tuple[Query, Shown]:
    (first, last), common = (ordered, ()) if runs > 1 else once(ordered, bare=bare)
    before = _counted(found, words, runs) if runs > 1 else ()
    rows = source.union(
        [staged(_numbered(first, 1), words, *before, bare=bare), staged(_numbered(last, 2), words, bare=bare)]
    )
    start = words.at(1) if runs > 1 else words.time
    carried = (
        [] if bare else [Item(_prev(Name(c)), words[f"First{c}"]) for c in first.context if Name(c) not in found.by]
    )
    follows = tree.all_of([*_same_key(found), Binary("==", _prev(words.stage), Number(1))])
    mark = words["Follows"]
    operators: list[Operator] = [
        *common,
        *found.filters,
        _sorted(found, Order(words.time, ascending=True), Order(words.stage)),
        Extend((Item(_prev(start), words.at(1).name), *carried, Item(follows, mark))),
        *source.where(Binary("==", words.stage, Number(2)), Name(mark), *_within(plan, words)),
    ]
    columns = _columns(last, (words.at(1), *(Name(i.name) for i in carried)), found)
    if bare:
        moment = Extend((Item(words.time, words.at(plan.shape.last).name),))
        operators += [moment, Columns("away", (words.stage.name, mark))]
    else:
        operators.append(columns.project)
    return Query(rows.source, (*rows.operators, *operators)), columns


def _numbered(stream: Stream, stage: int) -> Stream:
    return replace(stream, branch=replace(stream.branch, stages=(stage,)))


def _columns(last: Stream, earlier: Sequence[Name], found: Streams) -> Shown:
    """The time of the last event and of the first, then what both have."""
    time, *rest = last.columns.items
    own = {name_of(i) for i in rest}
    key = [Item(k) for k in found.by if k.name not in own]
    return Shown((time, *(Item(e) for e in earlier), *key, *rest), last.columns.of)
