"""Sequences as a chain of `streamstats`: Elasticsearch's state machine (rules E14 to E20) over sorted rows.

Every event becomes a row for each step (and join key) that it satisfies, in the order of time and, at one time, of
steps from the last to the first, so that a row never sees what happens at its own moment in the step before. `until`
and missing events come after all steps of their moment: they count only for what is later.

A row of step k completes the steps up to k if the newest completion of step k-1 before it, at `from`, was not
consumed by an earlier row of step k (`prev` is the newest: `prev <= from`), lies within maxspan and has no `until`
since. Starts grow with the completions of one step and key, so that the newest completion has the largest start:
`max` finds both. A completion with a missing event inside goes on and consumes as it would, marked as void.
"""

from __future__ import annotations

from collections.abc import Sequence as Sequence_
from dataclasses import dataclass

from backends.splunk.condition.layout import argument
from backends.splunk.condition.moment import TIME_MS
from backends.splunk.detection.pipeline import JOINT, Writer, candidates
from converter.model.rule import Key, Sequence, Step
from converter.target.contract import Binding

_NEVER = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps with their runs written out: `codes` are the row codes of each step.

    Positive stages are 1 to `stages`; until is 0; missing steps are negative. `inside` maps a stage to the codes of
    the missing steps just before it, `leading` and `trailing` are those at the ends.
    """

    steps: tuple[tuple[Step, tuple[int, ...], Binding], ...]
    stages: int
    inside: dict[int, tuple[int, ...]]
    leading: tuple[int, ...]
    trailing: tuple[int, ...]
    until: bool


def plan(detection: Sequence, bindings: Sequence_[Binding]) -> Plan:
    """Number the rows of a sequence."""
    places = [bindings[min(i, len(bindings) - 1)] for i in range(len(detection.steps) + 1)]
    steps: list[Coded] = []
    stage, absent = 0, 0
    gap: list[int] = []
    inside: dict[int, tuple[int, ...]] = {}
    for step, place in zip(detection.steps, places, strict=False):
        if step.missing:
            absent -= 1
            gap.append(absent)
            steps.append((step, (absent,), place))
            continue
        codes = tuple(range(stage + 1, stage + step.runs + 1))
        if gap:
            inside[stage + 1], gap = tuple(gap), []
        stage += step.runs
        steps.append((step, codes, place))
    if detection.until is not None:
        steps.append((detection.until, (0,), places[-1]))
    leading = inside.pop(1, ())
    return Plan(tuple(steps), stage, inside, leading, tuple(gap), detection.until is not None)


def sequence(write: Writer, bindings: Sequence_[Binding], detection: Sequence) -> list[str]:
    """The whole search; each result is the last event of a sequence."""
    planned = plan(detection, bindings)
    stages = rows(write, planned.steps)
    keys = key_names(planned.steps)
    return [*stages, *_chain(planned, keys, detection.maxspan_ms)]


# ---- rows


Coded = tuple[Step, tuple[int, ...], Binding]
"""A step, the codes of its rows, and where its events are."""


def rows(write: Writer, steps: Sequence_[Coded], *, number: bool = False) -> list[str]:
    """One row an event, step and key. Steps in several places are searched each in its own.

    `number`: rows of one event carry its number; only for steps in one place.
    """
    places = list(dict.fromkeys(_place_key(b) for _, _, b in steps))
    if len(places) == 1:
        return _feed(write, steps, number=number)
    feeds = [_feed(write, [s for s in steps if _place_key(s[2]) == place]) for place in places]
    inner = "\n    ".join(f"[search {_indent(JOINT.join(feed))}]" for feed in feeds)
    return [f"| multisearch\n    {inner}"]


def _indent(text: str) -> str:
    return text.replace("\n", "\n    ")


def _place_key(binding: Binding) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(binding.header.items()))


def _feed(write: Writer, steps: Sequence_[Coded], *, number: bool = False) -> list[str]:
    tests = [f"if({argument(write.atoms.conjunct(step.where))}, {_codes(codes)}, null())" for step, codes, _ in steps]
    stages = [candidates(write, steps[0][2], [s.where for s, _, _ in steps])]
    keys = [_key(write, steps, i) for i in range(len(steps[0][0].by))]
    inner = ",\n    ".join(tests)
    stages += write.names.stages(" ".join([inner, *(expression for expression, _ in keys)]))
    stages += [
        f"eval seq_time={TIME_MS}, seq_step=mvappend(\n    {inner})",
        "where isnotnull(seq_step) AND isnotnull(seq_time)",
        *(["streamstats count AS seq_event"] if number else []),
        "mvexpand seq_step",
    ]
    for place, (expression, many) in enumerate(keys, 1):
        stages.append(f"eval seq_key{place}={f'mvdedup({expression})' if many else expression}")
        if many:
            stages.append(f"mvexpand seq_key{place}")
    if keys:
        stages.append("where " + " AND ".join(f"isnotnull(seq_key{i})" for i in range(1, len(keys) + 1)))
    return stages


def _codes(codes: tuple[int, ...]) -> str:
    if len(codes) == 1:
        return f'"{codes[0]}"'
    return f'split("{",".join(map(str, codes))}", ",")'


def _key(write: Writer, steps: Sequence_[Coded], index: int) -> tuple[str, bool]:
    """The expression of a join key, and whether it may hold several values.

    Where some step's key is optional every value gets a mark, so that no value is taken for the missing one.
    """
    marked = any(step.by[index].optional for step, _, _ in steps)
    many = any(step.by[index].field.many for step, _, _ in steps)
    arms: dict[str, list[int]] = {}
    for step, codes, _ in steps:
        name = write.names.eval(step.by[index].field)
        value = _marked(step.by[index], name) if marked else name
        arms.setdefault(value, []).extend(codes)
    if len(arms) == 1:
        return next(iter(arms)), many
    tests = [f"{is_step(codes)}, {value}" for value, codes in arms.items()]
    return f"case({', '.join(tests)})", many


def _marked(key: Key, name: str) -> str:
    missing = '"-"' if key.optional else "null()"
    value = f'mvmap({name}, "=".{name})' if key.field.many else f'"=".{name}'
    return f"if(isnull({name}), {missing}, {value})"


def is_step(codes: Sequence_[int]) -> str:
    """Whether a row is one of these steps."""
    return " OR ".join(f"seq_step=={code}" for code in codes)


def key_names(steps: Sequence_[Coded]) -> str:
    """The by-clause of the join keys."""
    count = len(steps[0][0].by)
    return " BY " + ", ".join(f"seq_key{i}" for i in range(1, count + 1)) if count else ""


# ---- the chain


def _chain(planned: Plan, by: str, maxspan: int | None) -> list[str]:
    stages = ["sort 0 num(seq_time), -num(seq_step)", *_marks(planned, by)]
    for stage in range(2, planned.stages + 1):
        if stage > 2:  # noqa: PLR2004 - what step 2 asks of step 1 is among the marks
            before = stage - 1
            asked = [f"max(seq_end{before}) AS seq_from{stage} max(seq_start{before}) AS seq_start_of{stage}"]
            if planned.inside.keys() & set(range(2, stage)):
                asked.append(f"max(seq_void{before}) AS seq_void_of{stage}")
            if planned.leading:
                asked.append(f"max(seq_lead{before}) AS seq_lead_of{stage}")
            stages.append(f"streamstats current=f {' '.join(asked)}{by}")
        stages.append(_step(planned, stage, maxspan))
    return [*stages, *_ending(planned, by, maxspan)]


def _hit(codes: Sequence_[int]) -> str:
    return f"if({is_step(codes)}, seq_time, null())"


def _marks(planned: Plan, by: str) -> list[str]:
    """What each row has to know of the rows before it and that no earlier step decides."""
    marks: list[tuple[str, tuple[int, ...], str]] = []
    if planned.stages > 1:
        marks.append(("seq_end1", (1,), "seq_from2"))
    marks += [(f"seq_hit{k}", (k,), f"seq_prev{k}") for k in range(2, planned.stages + 1)]
    if planned.until:
        marks.append(("seq_until", (0,), "seq_until_before"))
    marks += [(f"seq_miss{k}", codes, f"seq_miss_before{k}") for k, codes in sorted(planned.inside.items())]
    if planned.leading:
        marks.append(("seq_lead", planned.leading, "seq_lead_before"))
    columns = [f"{name}={_hit(codes)}" for name, codes, _ in marks]
    if planned.stages == 1:
        columns += [f"seq_end1={_hit((1,))}", "seq_start1=seq_end1"]
    out = [f"eval {_columns(columns)}"]
    if marks:
        out.append(f"streamstats current=f {_columns([f'max({n}) AS {b}' for n, _, b in marks], ' ')}{by}")
    if planned.leading:
        out.append("eval seq_lead1=if(seq_step==1, seq_lead_before, null())")
        if planned.stages > 1:
            # The newest start before a row has the newest missing event before it, as both grow.
            out.append(f"streamstats current=f max(seq_lead1) AS seq_lead_of2{by}")
    return out


def _columns(parts: Sequence_[str], between: str = ", ") -> str:
    text = between.join(parts)
    return text if len(text) <= 100 else f"{between.strip()}\n    ".join(parts)  # noqa: PLR2004


def _step(planned: Plan, stage: int, maxspan: int | None) -> str:
    start = "seq_from2" if stage == 2 else f"seq_start_of{stage}"  # noqa: PLR2004
    tests = [f"seq_step=={stage}", f"coalesce(seq_prev{stage}, {_NEVER})<=seq_from{stage}"]
    if maxspan is not None:
        tests.append(f"seq_time-{start}<={maxspan}")
    if planned.until:
        tests.append(f"coalesce(seq_until_before, {_NEVER})<seq_from{stage}")
    columns = [
        f"seq_end{stage}=if({' AND '.join(tests)}, seq_time, null())",
        f"seq_start{stage}=if(isnotnull(seq_end{stage}), {start}, null())",
    ]
    voids = []
    if stage in planned.inside:
        voids.append(f"coalesce(seq_miss_before{stage}, {_NEVER})>seq_from{stage}")
    if planned.inside.keys() & set(range(2, stage)):
        voids.append(f"coalesce(seq_void_of{stage}, {_NEVER})==seq_from{stage}")
    if voids:
        columns.append(f"seq_void{stage}=if(isnotnull(seq_end{stage}) AND ({' OR '.join(voids)}), seq_time, null())")
    if planned.leading:
        columns.append(f"seq_lead{stage}=if(isnotnull(seq_end{stage}), seq_lead_of{stage}, null())")
    return f"eval {_columns(columns)}"


def _ending(planned: Plan, by: str, maxspan: int | None) -> list[str]:
    last = planned.stages
    tests = [f"isnotnull(seq_end{last})"]
    if planned.inside:
        tests.append(f"isnull(seq_void{last})")
    stages: list[str] = []
    lead = f"seq_lead{last}"
    near = f"{lead}>=seq_end{last}-{maxspan}"
    if planned.trailing:
        # Read backwards: the next event that must not come.
        deadline = f"seq_start{last}+{maxspan}"
        if planned.leading:
            deadline = f"if({near}, {lead}+{maxspan}, {_NEVER})"
        stages += [
            "sort 0 -num(seq_time), -num(seq_step)",
            f"eval seq_trail={_hit(planned.trailing)}",
            f"streamstats current=f min(seq_trail) AS seq_trail_after{by}",
        ]
        tests.append(f"if(seq_trail_after<={deadline},0,1)==1")
    elif planned.leading:
        tests.append(f"if({near},0,1)==1")
    stages.append(f"where {' AND '.join(tests)}")
    stages.append(f"eval sequence_start=seq_start{last}/1000")
    return [*stages, "fields - seq_*"]
