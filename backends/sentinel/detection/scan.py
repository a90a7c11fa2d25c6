"""Sequences as a scan over the events of each key (rules E14 to E20).

At equal times later stages come first: a step then only ever sees what ended strictly earlier. `scan` moves the
newest pending sequence on and forgets older ones, as Elasticsearch does; the test that a step's own time is
still null keeps a sequence that was moved on from being matched again (rule M03).
"""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import tree
from backends.sentinel.detection import source
from backends.sentinel.detection.branch import Stream, Streams, staged
from backends.sentinel.detection.common import once
from backends.sentinel.detection.shown import Shown, name_of
from backends.sentinel.detection.words import Words, any_stage
from converter.deferred import replace
from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Columns,
    Expression,
    Extend,
    Item,
    Member,
    Name,
    Number,
    Operator,
    Order,
    Partition,
    Query,
    Scan,
    Sort,
    Step,
    Text,
)
from converter.plan.sequence import UNTIL, Position, SequencePlan


def scanned(plan: SequencePlan, found: Streams, words: Words, *, bare: bool) -> tuple[Query, Shown]:
    """The last event of every complete sequence, with the times and (not bare) events of the steps before it."""
    shown = () if bare else _events(plan, found)
    each, common = once(found.each, bare=bare)
    branches = [staged(_with_event(s, words, numbers=shown), words, bare=bare) for s in each]
    rows = source.union(branches)
    inner = _operators(plan, words, shown)
    body = (Partition(found.by[0].name, inner),) if found.by else inner
    last = next(s for s in found.each if plan.shape.last in s.branch.stages)
    columns = _columns(plan, last, words, shown, found)
    tail: Operator = Columns("away", (words.stage.name, *_helpers(plan, words))) if bare else columns.project
    return Query(rows.source, (*rows.operators, *common, *found.filters, *body, tail)), columns


def _events(plan: SequencePlan, found: Streams) -> tuple[int, ...]:
    """The stages whose events are carried: all but the last, each of another branch."""
    stages = [s.branch.stages[0] for s in found.each if s.context and s.branch.stages[0] > 0]
    return tuple(sorted(s for s in stages if s < plan.shape.last))


def _with_event(stream: Stream, words: Words, numbers: Sequence[int]) -> Stream:
    """The stream with what its events show in one column, if a later step is to show it."""
    if stream.branch.stages[0] not in numbers:
        return stream
    pairs = [part for name in stream.context for part in (Text(name), Name(name))]
    made = Extend((Item(Call("bag_pack", tuple(pairs)), words["Event"]),))
    return replace(stream, query=Query(stream.query.source, (*stream.query.operators, made)))


def _columns(plan: SequencePlan, last: Stream, words: Words, events: Sequence[int], found: Streams) -> Shown:
    time, *rest = last.columns.items
    own = {name_of(i) for i in rest}
    earlier = [words.at(n) for n in range(1, plan.shape.last)]
    carried = [words.event(n) for n in events]
    key = [Item(k) for k in found.by if k.name not in own]
    return Shown((time, *(Item(e) for e in (*earlier, *carried)), *key, *rest), last.columns.of)


def _helpers(plan: SequencePlan, words: Words) -> list[str]:
    """Columns that only carry the last until event and the nearest missing events."""
    until = [words.until.name] if plan.until else []
    gaps = plan.shape.gaps
    return [*until, *(words.absent(g.after).name for g in gaps), *(words.gap(g.after).name for g in gaps if g.carried)]


def _operators(plan: SequencePlan, words: Words, events: Sequence[int]) -> tuple[Operator, ...]:
    """What is done with the events of one key."""
    out: list[Operator] = []
    trailing = plan.shape.trailing
    if trailing is not None:
        # the nearest missing event after each event: the same scan backwards in time; one at the same moment is not
        # after it, so missing events, which have the lowest numbers, stand behind the others there too
        test = any_stage(words, trailing.stages)
        backwards = Sort((Order(words.time), Order(words.stage)))
        out += [backwards, _fill([(words.absent(trailing.after), test)], words)]
    carried = [
        (words.absent(g.after), any_stage(words, g.stages))
        for g in plan.shape.gaps
        if g.position is not Position.TRAILING
    ]
    if plan.until:
        carried.insert(0, (words.until, Binary("==", words.stage, Number(UNTIL))))
    out.append(Sort((Order(words.time, ascending=True), Order(words.stage))))
    if carried:
        out.append(_fill(carried, words))
    if carried or trailing:
        out += source.where(Binary(">", words.stage, Number(0)))
    out.append(_scan(plan, words, events))
    return (*out, *(o for limit in _limits(plan, words) for o in source.where(limit)))


def _fill(columns: Sequence[tuple[Name, Expression]], words: Words) -> Scan:
    """A scan that carries the time of the last event of some stage along."""
    carried = tuple(
        Item(tree.call("iff", test, words.time, Member(Name("fill"), column.name)), column.name)
        for column, test in columns
    )
    return Scan(tuple((c.name, "datetime") for c, _ in columns), (Step("fill", tree.TRUE, carried),))


def _scan(plan: SequencePlan, words: Words, events: Sequence[int]) -> Scan:
    last = plan.shape.last
    times = [words.at(n) for n in range(1, last + 1)]
    gaps = [words.gap(g.after) for g in plan.shape.carried]
    declared = [(c.name, "datetime") for c in (*times, *gaps)] + [(words.event(n).name, "dynamic") for n in events]
    return Scan(tuple(declared), tuple(_step(plan, words, n, events) for n in range(1, last + 1)))


def _step(plan: SequencePlan, words: Words, number: int, events: Sequence[int]) -> Step:
    last = number == plan.shape.last
    tests: list[Expression] = [Binary("==", words.stage, Number(number))]
    if number > 1:
        tests += _pending(plan, words, number)
    # a gap is judged by the missing event before the step that ends it
    carried = plan.shape.carried
    values = [Item(words.absent(g.after), words.gap(g.after).name) for g in carried if g.after == number - 1]
    values.append(Item(words.time, words.at(number).name))
    if number in events:
        values.append(Item(Name(words["Event"]), words.event(number).name))
    if last:
        values = [_of(n, words.at(n)) for n in range(1, number)] + values
        values += [_of(g.after + 1, words.gap(g.after)) for g in carried if g.after < number - 1]
        values += [_of(n, words.event(n)) for n in events if n < number]
    return Step(f"s{number}", tree.all_of(tests), tuple(values), "" if last else "none")


def _of(step: int, column: Name) -> Item:
    return Item(Member(Name(f"s{step}"), column.name), column.name)


def _pending(plan: SequencePlan, words: Words, number: int) -> list[Expression]:
    """The sequence before has not been moved on, has not lasted too long, and was not ended."""
    own = Member(Name(f"s{number}"), words.at(number).name)
    tests: list[Expression] = [tree.call("isnull", own)]
    if plan.maxspan_ms is not None:
        since = Binary("-", words.time, Member(Name("s1"), words.at(1).name))
        tests.append(Binary("<=", since, tree.timespan(plan.maxspan_ms)))
    if plan.until:
        before = Member(Name(f"s{number - 1}"), words.at(number - 1).name)
        none = tree.call("isnull", words.until)
        tests.append(tree.any_of([none, Binary("<", words.until, before)]))
    return tests


def _limits(plan: SequencePlan, words: Words) -> list[Expression]:
    """What a complete sequence must pass: no missing event between, before or after (TumblingWindow's rules)."""
    shape = plan.shape

    def seen(after: int, *, carried: bool) -> Name:
        return words.gap(after) if carried else words.absent(after)

    def unless(column: Name, sign: str, limit: Expression) -> Expression:
        return tree.any_of([tree.call("isnull", column), Binary(sign, column, limit)])

    limits = [unless(seen(g.after, carried=g.carried), "<=", words.at(g.after)) for g in shape.inside]
    if plan.maxspan_ms is None:
        return limits
    span = tree.timespan(plan.maxspan_ms)
    leading, trailing = shape.leading, shape.trailing
    before: list[Expression] = []
    start: Name = words.at(1)
    if leading is not None:
        missing = seen(leading.after, carried=leading.carried)
        before = [unless(missing, "<", Binary("-", words.time, span))]
        start = missing
    if trailing is None:
        return limits + before
    after = unless(seen(trailing.after, carried=trailing.carried), ">", Binary("+", start, span))
    return [*limits, tree.any_of([*before, after])]
