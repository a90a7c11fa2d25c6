"""Sequences as `streamstats` over sorted rows: Elasticsearch's state machine (rules E14 to E20).

Every event becomes a row for each step (and join key) that it satisfies, in the order of time and, at one time, of
steps from the last to the first, so that a row never sees what happens at its own moment in the step before. `until`
and missing events come after all steps of their moment: they count only for what is later.

Two steps and nothing else are "the row before" (`SequencePlan.two_step`), runs of one filter a window of rows. Else a
row of step k completes the steps up to k if the newest completion of step k-1 before it, at `from`, was not consumed
by an earlier row of step k (`prev` is the newest: `prev <= from`), lies within maxspan and has no `until` since. Starts
grow with the completions of one step and key, so that the newest completion has the largest start: `max` finds both. A
completion with a missing event inside goes on and consumes as it would, marked as void.
"""

from __future__ import annotations

from collections.abc import Sequence as Sequence_

from backends.splunk.detection.filter import Writer
from backends.splunk.detection.output import context
from backends.splunk.detection.rows import STEP, TIME, is_step, key_names, rows
from converter.deferred import dataclass, replace
from converter.languages.spl.quoting import is_field
from converter.languages.spl.shorthand import (
    NULL,
    binary,
    call,
    conjunction,
    disjunction,
    equal,
    number,
)
from converter.languages.spl.syntax import (
    Aggregate,
    Dedup,
    Eval,
    Expression,
    Fields,
    Name,
    Number,
    Sign,
    Sort,
    SortKey,
    Stage,
    Stats,
    Where,
)
from converter.plan.sequence import SequencePlan, Shape

_NEVER = number(-1)
_BEFORE = (("current", "f"),)
_THOUSAND = Number("1000")
_MOST_SHOWN = 4


def sequence(write: Writer, plan: SequencePlan, *, bare: bool) -> list[Stage]:
    """The whole search; each result is the last event of a sequence."""
    branches = plan.branches
    if is_run(plan) or is_run_and_step(plan):
        branches = tuple(replace(b, stages=(number_of,)) for number_of, b in enumerate(plan.branches, 1))
    return [
        *rows(write, branches),
        *_joined(plan, bare=bare),
        *([Fields(("seq_*",), drop=True)] if bare else []),
    ]


def _joined(plan: SequencePlan, *, bare: bool) -> list[Stage]:
    if is_run(plan):
        return _run(plan)
    if is_run_and_step(plan):
        return _run_and_step(plan)
    return _row_before(plan, bare=bare) if plan.two_step else _Chain(plan).stages()


def is_run(plan: SequencePlan) -> bool:
    """Whether the sequence is one filter several times over."""
    return plan.shape == Shape(plan.shape.last) and plan.until is None and len(plan.branches) == 1 < plan.shape.last


def sort(*, backwards: bool = False) -> Sort:
    """Rows in the order of time, later steps first."""
    return Sort((SortKey("seq_time", backwards, "num"), SortKey("seq_step", descending=True, kind="num")))


# ---- two steps


def _row_before(plan: SequencePlan, *, bare: bool) -> list[Stage]:
    """A row of step 2 whose row before, of its key, is of step 1."""
    shown = [] if bare else first_event(plan)
    before = Stats(
        "streamstats",
        (
            Aggregate("last", "seq_step", "seq_step_before"),
            Aggregate("last", "seq_time", "seq_start"),
            *(Aggregate("last", name, alias) for name, alias in shown),
        ),
        key_names(plan.keys),
        (*_BEFORE, ("window", "1"), ("global", "f")),
    )
    tests: list[Expression] = [equal(STEP, number(2)), equal(Name("seq_step_before"), number(1))]
    if plan.maxspan_ms is not None:
        span = binary(TIME, Sign.SUBTRACT, Name("seq_start"))
        tests.append(binary(span, Sign.LE, number(plan.maxspan_ms)))
    return [sort(), before, Where(conjunction(tests)), *_closing("seq_start")]


def first_event(plan: SequencePlan) -> list[tuple[str, str]]:
    """Columns of the first step's event to show beside the last one's, and the names they get."""
    first = plan.branch(1)
    names = context(first.binding, [first.where])
    return [(n, f"first_{n}") for n in names if is_field(f"first_{n}")][:_MOST_SHOWN]


def _closing(start: str) -> list[Stage]:
    return [Eval((("sequence_start", binary(Name(start), Sign.DIVIDE, _THOUSAND)),))]


# ---- runs of one filter


def _run(plan: SequencePlan) -> list[Stage]:
    """As many moments of one filter in a row as the run is long: events of one moment do not follow each other."""
    keys = key_names(plan.keys)
    earlier = plan.shape.last - 1
    window = Stats(
        "streamstats",
        (Aggregate("count", None, "seq_count"), Aggregate("min", "seq_time", "seq_start")),
        keys,
        (*_BEFORE, ("window", str(earlier)), ("global", "f")),
    )
    tests: list[Expression] = [equal(Name("seq_count"), number(earlier))]
    if plan.maxspan_ms is not None:
        span = binary(TIME, Sign.SUBTRACT, Name("seq_start"))
        tests.append(binary(span, Sign.LE, number(plan.maxspan_ms)))
    return [sort(), Dedup(("seq_time", *keys)), window, Where(conjunction(tests)), *_closing("seq_start")]


def is_run_and_step(plan: SequencePlan) -> bool:
    """Whether the sequence is one filter several times over, and then another once."""
    plain = plan.shape == Shape(plan.shape.last) and plan.until is None and len(plan.branches) == 2  # noqa: PLR2004
    last = plan.shape.last
    return plain and last > 2 and plan.branches[1].stages == (last,)  # noqa: PLR2004 - two steps are the row before


def _run_and_step(plan: SequencePlan) -> list[Stage]:
    """A row of the other filter behind a run that no earlier row of it has taken.

    Every row of the run's filter ends a run of the moments before it, whatever stands between: what the other filter
    takes are ended runs only, and of several the newest has the latest start.
    """
    keys = key_names(plan.keys)
    earlier = plan.shape.last - 2
    window = Stats(
        "streamstats",
        (Aggregate("count", None, "seq_count"), Aggregate("min", "seq_time", "seq_first")),
        ("seq_step", *keys),
        (*_BEFORE, ("window", str(earlier)), ("global", "f")),
    )
    ended = conjunction([equal(STEP, number(1)), equal(Name("seq_count"), number(earlier))])
    marks = Eval(
        (
            ("seq_end", call("if", ended, TIME, NULL)),
            ("seq_begin", call("if", call("isnotnull", Name("seq_end")), Name("seq_first"), NULL)),
            ("seq_hit", _hit((2,))),
        )
    )
    newest = Stats(
        "streamstats",
        (
            Aggregate("max", "seq_end", "seq_from"),
            Aggregate("max", "seq_begin", "seq_start"),
            Aggregate("max", "seq_hit", "seq_taken"),
        ),
        keys,
        _BEFORE,
    )
    tests: list[Expression] = [
        equal(STEP, number(2)),
        binary(_or_never("seq_taken"), Sign.LE, Name("seq_from")),
    ]
    if plan.maxspan_ms is not None:
        span = binary(TIME, Sign.SUBTRACT, Name("seq_start"))
        tests.append(binary(span, Sign.LE, number(plan.maxspan_ms)))
    once = Dedup(("seq_time", "seq_step", *keys))
    return [sort(), once, window, marks, newest, Where(conjunction(tests)), *_closing("seq_start")]


# ---- the chain


@dataclass(frozen=True, slots=True)
class _Mark:
    """Times of some steps' rows (`column`), and the newest of them before each row (`before`)."""

    column: str
    steps: tuple[int, ...]
    before: str


def _hit(codes: Sequence_[int]) -> Expression:
    return call("if", is_step(codes), TIME, NULL)


def _or_never(name: str) -> Expression:
    return call("coalesce", Name(name), _NEVER)


class _Chain:
    """The stages of a longer sequence, or one with missing events or until."""

    def __init__(self, plan: SequencePlan) -> None:
        self._plan = plan
        self._last = plan.shape.last
        self._by = key_names(plan.keys)
        self._inside = {gap.after + 1: gap.stages for gap in plan.shape.inside}
        leading, trailing = plan.shape.leading, plan.shape.trailing
        self._leading = leading.stages if leading else ()
        self._trailing = trailing.stages if trailing else ()

    def stages(self) -> list[Stage]:
        """From the sort to the last filter."""
        out: list[Stage] = [sort(), *self._marks()]
        for stage in range(2, self._last + 1):
            if stage > 2:  # noqa: PLR2004 - what step 2 asks of step 1 is among the marks
                out.append(self._before(stage))
            out.append(self._step(stage))
        return [*out, *self._ending()]

    def _newest(self, pairs: Sequence_[tuple[str, str]]) -> Stage:
        return Stats("streamstats", tuple(Aggregate("max", n, b) for n, b in pairs), self._by, _BEFORE)

    def _void_before(self, stage: int) -> bool:
        """Whether a missing event may have voided an earlier step."""
        return bool(self._inside.keys() & set(range(2, stage)))

    def _marks(self) -> list[Stage]:
        """What each row has to know of the rows before it and that no earlier step decides."""
        marks = [_Mark("seq_end1", (1,), "seq_from2")] if self._last > 1 else []
        marks += [_Mark(f"seq_hit{k}", (k,), f"seq_prev{k}") for k in range(2, self._last + 1)]
        if self._plan.until is not None:
            marks.append(_Mark("seq_until", (0,), "seq_until_before"))
        marks += [_Mark(f"seq_miss{k}", codes, f"seq_miss_before{k}") for k, codes in sorted(self._inside.items())]
        if self._leading:
            marks.append(_Mark("seq_lead", self._leading, "seq_lead_before"))
        columns = [(m.column, _hit(m.steps)) for m in marks]
        if self._last == 1:
            columns += [("seq_end1", _hit((1,))), ("seq_start1", Name("seq_end1"))]
        out: list[Stage] = [Eval(tuple(columns))]
        if marks:
            out.append(self._newest([(m.column, m.before) for m in marks]))
        if self._leading:
            first = call("if", equal(STEP, number(1)), Name("seq_lead_before"), NULL)
            out.append(Eval((("seq_lead1", first),)))
            if self._last > 1:
                # The newest start before a row has the newest missing event before it, as both grow.
                out.append(self._newest([("seq_lead1", "seq_lead_of2")]))
        return out

    def _before(self, stage: int) -> Stage:
        before = stage - 1
        asked = [(f"seq_end{before}", f"seq_from{stage}"), (f"seq_start{before}", f"seq_start_of{stage}")]
        if self._void_before(stage):
            asked.append((f"seq_void{before}", f"seq_void_of{stage}"))
        if self._leading:
            asked.append((f"seq_lead{before}", f"seq_lead_of{stage}"))
        return self._newest(asked)

    def _step(self, stage: int) -> Stage:
        start = "seq_from2" if stage == 2 else f"seq_start_of{stage}"  # noqa: PLR2004
        origin = Name(f"seq_from{stage}")
        tests: list[Expression] = [
            call("isnotnull", Name(f"seq_hit{stage}")),
            binary(_or_never(f"seq_prev{stage}"), Sign.LE, origin),
        ]
        if self._plan.maxspan_ms is not None:
            span = binary(TIME, Sign.SUBTRACT, Name(start))
            tests.append(binary(span, Sign.LE, number(self._plan.maxspan_ms)))
        if self._plan.until is not None:
            tests.append(binary(_or_never("seq_until_before"), Sign.LT, origin))
        there = call("isnotnull", Name(f"seq_end{stage}"))
        columns = [
            (f"seq_end{stage}", call("if", conjunction(tests), TIME, NULL)),
            (f"seq_start{stage}", call("if", there, Name(start), NULL)),
        ]
        voids: list[Expression] = []
        if stage in self._inside:
            voids.append(binary(_or_never(f"seq_miss_before{stage}"), Sign.GT, origin))
        if self._void_before(stage):
            voids.append(equal(_or_never(f"seq_void_of{stage}"), origin))
        if voids:
            void = call("if", conjunction([there, disjunction(voids)]), TIME, NULL)
            columns.append((f"seq_void{stage}", void))
        if self._leading:
            columns.append((f"seq_lead{stage}", call("if", there, Name(f"seq_lead_of{stage}"), NULL)))
        return Eval(tuple(columns))

    def _ending(self) -> list[Stage]:
        last, maxspan = self._last, number(self._plan.maxspan_ms or 0)
        tests: list[Expression] = [call("isnotnull", Name(f"seq_end{last}"))]
        if self._inside:
            tests.append(call("isnull", Name(f"seq_void{last}")))
        stages: list[Stage] = []
        lead = Name(f"seq_lead{last}")
        near = binary(lead, Sign.GE, binary(Name(f"seq_end{last}"), Sign.SUBTRACT, maxspan))
        if self._trailing:
            # Read backwards: the next event that must not come.
            deadline: Expression = binary(Name(f"seq_start{last}"), Sign.ADD, maxspan)
            if self._leading:
                deadline = call("if", near, binary(lead, Sign.ADD, maxspan), _NEVER)
            after = Stats("streamstats", (Aggregate("min", "seq_trail", "seq_trail_after"),), self._by, _BEFORE)
            stages += [sort(backwards=True), Eval((("seq_trail", _hit(self._trailing)),)), after]
            tests.append(_unless(binary(Name("seq_trail_after"), Sign.LE, deadline)))
        elif self._leading:
            tests.append(_unless(near))
        return [*stages, Where(conjunction(tests)), *_closing(f"seq_start{last}")]


def _unless(test: Expression) -> Expression:
    return equal(call("if", test, number(0), number(1)), number(1))
