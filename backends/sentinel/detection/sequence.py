"""EQL sequences as a scan over the events of each key (rules E14 to E20).

Every step is a branch of a union that numbers its events (`Stage`), so that an event of two steps stands twice.
At equal times later steps come first: a step then only ever sees what ended strictly earlier. `scan` moves the
newest pending sequence on and forgets older ones, as Elasticsearch does; the test that a step's own time is
still null keeps a sequence that was moved on from being matched again (Q scan-operator.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from backends.sentinel.condition import literal
from backends.sentinel.condition.finding import warning
from backends.sentinel.condition.layout import WIDTH
from backends.sentinel.condition.scope import Names
from backends.sentinel.detection import query
from backends.sentinel.detection.key import joined, keys
from converter.model.rule import Sequence, Step
from converter.target.contract import Binding, Notebook

_ROOM = WIDTH - 8


class _Words:
    """The names of the columns that the query computes; none is a column of a table."""

    def __init__(self, names: Names, time: str) -> None:
        self.names = names
        self.time = time
        self._made: dict[str, str] = {}

    def __getitem__(self, stem: str) -> str:
        if stem not in self._made:
            self._made[stem] = self.names.fresh(stem)
        return self._made[stem]

    @property
    def stage(self) -> str:
        """The number of the stage that a row is an event of."""
        return self["Stage"]

    @property
    def key(self) -> str:
        """The join key."""
        return self["Key"]

    def at(self, number: int) -> str:
        """The time of the n-th matched event."""
        return self[f"Time{number}"]


class _Shape:
    """The stages of a sequence: positive ones numbered from 1, missing ones by the gap that they stand in."""

    def __init__(self, sequence: Sequence) -> None:
        self.sequence = sequence
        self.stages = tuple(replace(s, runs=1) for s in sequence.steps for _ in range(s.runs))
        self.positive = tuple(i for i, s in enumerate(self.stages) if not s.missing)

    @cached_property
    def gaps(self) -> dict[int, tuple[int, ...]]:
        """For each gap (0 = before the first positive step, n = after the n-th) the stages missing there."""
        out: dict[int, list[int]] = {}
        for i, step in enumerate(self.stages):
            if step.missing:
                out.setdefault(sum(p < i for p in self.positive), []).append(i)
        return {gap: tuple(found) for gap, found in out.items()}

    @property
    def last(self) -> int:
        """The number of positive steps."""
        return len(self.positive)


def sequence(detection: Sequence, bindings: tuple[Binding, ...], tiebreaker: str, notes: Notebook) -> list[str]:
    """The last event of every complete sequence, with the times of the events before it."""
    shape = _Shape(detection)
    columns = {name: kind for b in bindings for name, kind in b.columns.items()}
    words = _Words(Names(columns), query.time(bindings[0]))
    if tiebreaker:
        notes.add(warning("T341", f"events of equal time are not put in order by {tiebreaker}"))
    lines = query.union(_branches(detection, bindings, words, notes))
    inner = _scans(shape, words)
    if any(step.by for step in detection.steps):
        body = "\n    | ".join(query.indented(i, "    ") for i in inner)
        lines.append(f"| partition hint.strategy=native by {words.key} (\n    {body}\n)")
    else:
        lines += [f"| {i}" for i in inner]
    return [*lines, *query.project_away([words.stage, *_helpers(shape, words)])]


# ---- branches


@dataclass(frozen=True, slots=True)
class _Branch:
    step: Step
    binding: Binding
    stages: tuple[int, ...]


def _branches(detection: Sequence, bindings: tuple[Binding, ...], words: _Words, notes: Notebook) -> list[list[str]]:
    """The events of each step; equal steps share a branch. The until step is stage 0: at equal times it is last."""
    each = bindings if len(bindings) > 1 else bindings * (len(detection.steps) + 1)
    found: list[_Branch] = []
    number = 0
    for step, binding in zip(detection.steps, each, strict=False):
        stages = tuple(range(number + 1, number + 1 + step.runs))
        number += step.runs
        same = next((i for i, b in enumerate(found) if _same(b.step, step) and b.binding == binding), None)
        if same is None:
            found.append(_Branch(step, binding, stages))
        else:
            found[same] = replace(found[same], stages=(*found[same].stages, *stages))
    if detection.until is not None:
        found.append(_Branch(detection.until, each[len(detection.steps)], (0,)))
    return [_branch(b, words, notes) for b in found]


def _same(left: Step, right: Step) -> bool:
    return (left.where, left.by) == (right.where, right.by)


def _branch(branch: _Branch, words: _Words, notes: Notebook) -> list[str]:
    by = branch.step.by
    found = keys(tuple(k.field for k in by), tuple(k.optional for k in by), words.names, notes)
    operators, hits = query.filtered(branch.step.where, words.names, notes, also=found.guards)
    key = [f"{words.key} = {joined(found.columns)}"] if by else []
    stages = branch.stages
    if len(stages) == 1:
        numbered = [f"| extend {', '.join([f'{words.stage} = {stages[0]}', *key])}"]
    else:
        listed = f"dynamic([{', '.join(map(str, stages))}])"
        numbered = [f"| extend {key[0]}"] if key else []
        numbered.append(f"| mv-expand {words.stage} = {listed} to typeof(long)")
    table = query.table(branch.binding)
    return [table, *operators, *found.operators, *numbered, *query.project_away((*hits, *found.computed))]


# ---- scans


def _helpers(shape: _Shape, words: _Words) -> list[str]:
    """Columns that only carry the last until event and the nearest missing events."""
    until = [words["LastUntil"]] if shape.sequence.until else []
    return [*until, *(words[f"Absent{gap}"] for gap in shape.gaps), *(words[f"Gap{gap}"] for gap in _carried(shape))]


def _carried(shape: _Shape) -> list[int]:
    """The gaps whose missing event must be remembered until the sequence is complete: it is judged only then."""
    return [gap for gap in shape.gaps if gap < shape.last - 1]


def _any_stage(words: _Words, stages: tuple[int, ...]) -> str:
    numbers = [str(i + 1) for i in stages]
    return f"{words.stage} == {numbers[0]}" if len(numbers) == 1 else f"{words.stage} in ({', '.join(numbers)})"


def _scans(shape: _Shape, words: _Words) -> list[str]:
    """The operators inside the partition."""
    gaps = shape.gaps
    out: list[str] = []
    if shape.last in gaps:
        # the nearest missing event after each event: the same scan backwards in time
        fill = _fill([(words[f"Absent{shape.last}"], _any_stage(words, gaps[shape.last]))], words)
        out += [f"sort by {words.time} desc, {words.stage} asc", fill]
    back = [(words[f"Absent{gap}"], _any_stage(words, stages)) for gap, stages in gaps.items() if gap != shape.last]
    if shape.sequence.until:
        back.insert(0, (words["LastUntil"], f"{words.stage} == 0"))
    out.append(f"sort by {words.time} asc, {words.stage} desc")
    if back:
        out.append(_fill(back, words))
    if gaps or back:
        out.append(f"where {_any_stage(words, shape.positive)}")
    out.append(_scan(shape, words))
    return [*out, *(f"where {limit}" for limit in _limits(shape, words))]


def _fill(columns: list[tuple[str, str]], words: _Words) -> str:
    """A scan that carries the time of the last event of some stage along."""
    declared = ", ".join(f"{name}: datetime" for name, _ in columns)
    carried = ",\n        ".join(f"{name} = iff({test}, {words.time}, fill.{name})" for name, test in columns)
    return f"scan declare ({declared}) with (\n    step fill: true =>\n        {carried};\n)"


def _scan(shape: _Shape, words: _Words) -> str:
    last = shape.last
    declared = [words.at(n) for n in range(1, last + 1)] + [words[f"Gap{gap}"] for gap in _carried(shape)]
    steps = "\n    ".join(_step(shape, words, n) for n in range(1, last + 1))
    return f"scan declare ({', '.join(f'{d}: datetime' for d in declared)}) with (\n    {steps}\n)"


def _step(shape: _Shape, words: _Words, number: int) -> str:
    last = number == shape.last
    tests = [f"{words.stage} == {shape.positive[number - 1] + 1}"]
    if number > 1:
        tests.append(f"isnull(s{number}.{words.at(number)})")
        if shape.sequence.maxspan_ms is not None:
            tests.append(f"{words.time} - s1.{words.at(1)} <= {literal.span(shape.sequence.maxspan_ms)}")
        if shape.sequence.until:
            until = words["LastUntil"]
            tests.append(f"(isnull({until}) or {until} < s{number - 1}.{words.at(number - 1)})")
    # a gap is judged by the missing event before the step that ends it
    carried = _carried(shape)
    values = [f"{words[f'Gap{gap}']} = {words[f'Absent{gap}']}" for gap in carried if gap == number - 1]
    values.append(f"{words.at(number)} = {words.time}")
    if last:
        values = [f"{words.at(n)} = s{n}.{words.at(n)}" for n in range(1, number)] + values
        values += [f"{words[f'Gap{g}']} = s{g + 1}.{words[f'Gap{g}']}" for g in carried if g < number - 1]
    head = f"step s{number}:" if last else f"step s{number} output=none:"
    line = f"{head} {' and '.join(tests)} => {', '.join(values)};"
    if len(line) <= _ROOM:
        return line
    test, value = "\n        and ".join(tests), ",\n            ".join(values)
    return f"{head}\n        {test}\n        => {value};"


def _limits(shape: _Shape, words: _Words) -> list[str]:
    """What a complete sequence must pass: no missing event between, before or after (TumblingWindow's rules)."""
    gaps, last = shape.gaps, shape.last
    seen = {gap: words[f"Gap{gap}"] if gap in _carried(shape) else words[f"Absent{gap}"] for gap in gaps}
    limits = [f"isnull({seen[g]}) or {seen[g]} <= {words.at(g)}" for g in gaps if 0 < g < last]
    if shape.sequence.maxspan_ms is None:
        return limits
    span = literal.span(shape.sequence.maxspan_ms)
    before = [f"isnull({seen[0]}) or {seen[0]} < {words.time} - {span}"] if 0 in gaps else []
    if last not in gaps:
        return limits + before
    start = seen[0] if 0 in gaps else words.at(1)
    after = f"isnull({seen[last]}) or {seen[last]} > {start} + {span}"
    return [*limits, " or ".join([*before, after])]
