"""How a search joins the rows of steps to a sequence: by the row before, by runs, or step by step.

From what its stages name (the steps of its marks, the one span of time) the text is written that such a sequence has,
and the stages must be that text's: nothing of a join is taken for granted, and nothing is read that says more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from converter.deferred import compiled, dataclass
from converter.languages.spl.parse import pipeline
from converter.languages.spl.replace import map_children
from converter.languages.spl.syntax import (
    Aggregate,
    Binary,
    Call,
    Eval,
    Expression,
    Fields,
    Name,
    Number,
    Sign,
    Sort,
    Stage,
    Stats,
    Table,
    Where,
)
from converter.readers.frames import Chain, Keyed
from converter.readers.spl.staged import steps
from converter.readers.unraised import UnraisedError

_SORT = "sort 0 num(seq_time), -num(seq_step)"
_ENDED = compiled(r"seq_end([1-9][0-9]?)")
_MISSED = compiled(r"seq_miss([1-9][0-9]?)")
_SHOWN = "first_"


@dataclass(frozen=True, slots=True)
class Join:
    """What the stages behind the rows ask. `rows` are the numbers of rows for each stage of the sequence."""

    rows: Mapping[int, int]
    last: int
    gaps: Mapping[int, tuple[int, ...]]
    maxspan_ms: int | None

    def chain(self, found: Mapping[int, Keyed]) -> Chain:
        """The sequence of these rows. Raises UnraisedError where there are other rows."""
        if set(self.rows.values()) != set(found):
            raise UnraisedError("rows that no step asks for")
        stages = {stage: found[row] for stage, row in self.rows.items()}
        return Chain(stages, self.last, self.gaps, self.maxspan_ms)


def cut(stages: Sequence[Stage]) -> tuple[Sequence[Stage], Sequence[Stage]]:
    """The stages that make rows, and those that join them. Raises UnraisedError."""
    at = next((n for n, stage in enumerate(stages) if isinstance(stage, Sort)), None)
    if not at:
        raise UnraisedError("steps that are not in the order of time")
    return stages[:at], stages[at:]


def joined(stages: Sequence[Stage]) -> Join:
    """What the stages join. Raises UnraisedError."""
    plain = tuple(_plain(stages))
    span = _span(plain)
    for form in (_before, _run, _run_and_step, _chained):
        found = form(plain, span)
        if found is not None:
            text, join = found
            if pipeline(f"index=* | {text}").stages[1:] != plain:
                raise UnraisedError("steps that are joined otherwise")
            return join
    raise UnraisedError("steps that are joined otherwise")


_Form = tuple[str, Join] | None


def _plain(stages: Sequence[Stage]) -> Iterator[Stage]:
    """The stages without what is only shown."""
    for stage in stages:
        match stage:
            case Stats("streamstats", aggregates):
                kept = tuple(one for one in aggregates if not _is_shown(one))
                yield Stats("streamstats", kept, stage.by, stage.options)
            case Table() | Fields():
                continue
            case _:
                yield stage


def _is_shown(one: Aggregate) -> bool:
    return one.function == "last" and (one.alias or "").startswith(_SHOWN) and not (one.field or "").startswith("seq_")


def _by(stages: Sequence[Stage]) -> str:
    """The keys, as the last `streamstats` has them."""
    found = [stage for stage in stages if isinstance(stage, Stats)]
    keys = [name for name in found[-1].by if name.startswith("seq_key")] if found else []
    return f" BY {', '.join(keys)}" if keys else ""


def _within(span: int | None, start: str = "seq_start") -> str:
    return "" if span is None else f" AND seq_time-{start}<={span}"


def _closing(start: str) -> str:
    return f" | eval sequence_start={start}/1000"


# ---- two steps, and runs of one filter


def _window(stages: Sequence[Stage]) -> int:
    """How many rows before the first `streamstats` looks back over; 0 = all."""
    for stage in stages:
        if isinstance(stage, Stats):
            found = dict(stage.options).get("window", "0")
            return int(found) if found.isdigit() else 0
    return 0


def _counts(stages: Sequence[Stage]) -> bool:
    """Whether the first `streamstats` counts rows."""
    first = next((stage for stage in stages if isinstance(stage, Stats)), None)
    return first is not None and first.aggregates[:1] == (Aggregate("count", None, "seq_count"),)


def _before(stages: Sequence[Stage], span: int | None) -> _Form:
    if _window(stages) != 1 or _counts(stages):
        return None
    by = _by(stages)
    text = (
        f"{_SORT} | streamstats current=f window=1 global=f last(seq_step) AS seq_step_before, last(seq_time) AS"
        f" seq_start{by} | where seq_step==2 AND seq_step_before==1{_within(span)}{_closing('seq_start')}"
    )
    return text, Join({1: 1, 2: 2}, 2, {}, span)


def _run(stages: Sequence[Stage], span: int | None) -> _Form:
    earlier = _window(stages)
    if not earlier or any(isinstance(stage, Eval) and stage.columns[0][0] == "seq_end" for stage in stages):
        return None
    by = _by(stages)
    text = (
        f"{_SORT} | dedup {', '.join(['seq_time', *_keys(by)])}"
        f" | streamstats current=f window={earlier} global=f count AS seq_count, min(seq_time) AS seq_start{by}"
        f" | where seq_count=={earlier}{_within(span)}{_closing('seq_start')}"
    )
    last = earlier + 1
    return text, Join(dict.fromkeys(range(1, last + 1), 1), last, {}, span)


def _keys(by: str) -> list[str]:
    return by.removeprefix(" BY ").split(", ") if by else []


def _run_and_step(stages: Sequence[Stage], span: int | None) -> _Form:
    earlier = _window(stages)
    if not earlier:
        return None
    by = _by(stages)
    keys = _keys(by)
    text = (
        f"{_SORT} | dedup {', '.join(['seq_time', 'seq_step', *keys])}"
        f" | streamstats current=f window={earlier} global=f count AS seq_count, min(seq_time) AS seq_first"
        f" BY {', '.join(['seq_step', *keys])}"
        f" | eval seq_end=if(seq_step==1 AND seq_count=={earlier}, seq_time, null()),"
        " seq_begin=if(isnotnull(seq_end), seq_first, null()), seq_hit=if(seq_step==2, seq_time, null())"
        f" | streamstats current=f max(seq_end) AS seq_from, max(seq_begin) AS seq_start, max(seq_hit) AS seq_taken{by}"
        f" | where seq_step==2 AND coalesce(seq_taken, -1)<=seq_from{_within(span)}{_closing('seq_start')}"
    )
    last = earlier + 2
    return text, Join({**dict.fromkeys(range(1, last), 1), last: 2}, last, {}, span)


# ---- step by step


def _chained(stages: Sequence[Stage], span: int | None) -> _Form:
    marks = {name: value for stage in stages if isinstance(stage, Eval) for name, value in stage.columns}
    ends = [int(found[1]) for name in marks if (found := _ENDED.fullmatch(name))]
    if not ends:
        return None
    last = max(ends)
    gaps = {int(found[1]) - 1: _codes(value) for name, value in marks.items() if (found := _MISSED.fullmatch(name))}
    if "seq_lead" in marks:
        gaps[0] = _codes(marks["seq_lead"])
    if "seq_trail" in marks:
        gaps[last] = _codes(marks["seq_trail"])
    until = "seq_until" in marks
    named = [*range(1, last + 1), *(code for codes in gaps.values() for code in codes), *([0] if until else [])]
    text = _Text(last, gaps, span, _by(stages), until=until).whole()
    return text, Join({stage: stage for stage in named}, last, gaps, span)


def _codes(value: Expression) -> tuple[int, ...]:
    match value:
        case Call("if", (test, Name("seq_time"), _)) if (found := steps(test)) is not None:
            return found
        case _:
            raise UnraisedError("a mark of no step")


@dataclass(frozen=True, slots=True)
class _Text:
    """The stages of a longer sequence, or one with missing events or until, in words."""

    last: int
    gaps: Mapping[int, tuple[int, ...]]
    span: int | None
    by: str
    until: bool

    @property
    def _inside(self) -> Mapping[int, tuple[int, ...]]:
        return {after + 1: codes for after, codes in sorted(self.gaps.items()) if 0 < after < self.last}

    def whole(self) -> str:
        """The text."""
        parts = [_SORT, *self._marks()]
        for stage in range(2, self.last + 1):
            parts += [self._before(stage)] if stage > 2 else []  # noqa: PLR2004 - the marks know of the first
            parts.append(self._step(stage))
        return " | ".join([*parts, *self._ending()]) + _closing(f"seq_start{self.last}")

    def _newest(self, pairs: Sequence[tuple[str, str]]) -> str:
        return f"streamstats current=f {', '.join(f'max({name}) AS {alias}' for name, alias in pairs)}{self.by}"

    def _marks(self) -> Iterator[str]:
        marks: list[tuple[str, tuple[int, ...], str]] = [("seq_end1", (1,), "seq_from2")] if self.last > 1 else []
        marks += [(f"seq_hit{k}", (k,), f"seq_prev{k}") for k in range(2, self.last + 1)]
        marks += [("seq_until", (0,), "seq_until_before")] if self.until else []
        marks += [(f"seq_miss{k}", codes, f"seq_miss_before{k}") for k, codes in self._inside.items()]
        marks += [("seq_lead", self.gaps[0], "seq_lead_before")] if 0 in self.gaps else []
        computed = [f"{name}={_hit(codes)}" for name, codes, _ in marks]
        if self.last == 1:
            computed += [f"seq_end1={_hit((1,))}", "seq_start1=seq_end1"]
        yield f"eval {', '.join(computed)}"
        if marks:
            yield self._newest([(name, before) for name, _, before in marks])
        if 0 in self.gaps:
            yield "eval seq_lead1=if(seq_step==1, seq_lead_before, null())"
            if self.last > 1:
                yield self._newest([("seq_lead1", "seq_lead_of2")])

    def _voided(self, stage: int) -> bool:
        return any(k < stage for k in self._inside)

    def _before(self, stage: int) -> str:
        one = stage - 1
        asked = [(f"seq_end{one}", f"seq_from{stage}"), (f"seq_start{one}", f"seq_start_of{stage}")]
        asked += [(f"seq_void{one}", f"seq_void_of{stage}")] if self._voided(stage) else []
        asked += [(f"seq_lead{one}", f"seq_lead_of{stage}")] if 0 in self.gaps else []
        return self._newest(asked)

    def _step(self, k: int) -> str:
        start = "seq_from2" if k == 2 else f"seq_start_of{k}"  # noqa: PLR2004
        until = f" AND coalesce(seq_until_before, -1)<seq_from{k}" if self.until else ""
        found = (
            f"eval seq_end{k}=if(isnotnull(seq_hit{k}) AND coalesce(seq_prev{k}, -1)<=seq_from{k}"
            f"{_within(self.span, start)}{until}, seq_time, null()),"
            f" seq_start{k}=if(isnotnull(seq_end{k}), {start}, null())"
        )
        voids = [f"coalesce(seq_miss_before{k}, -1)>seq_from{k}"] if k in self._inside else []
        voids += [f"coalesce(seq_void_of{k}, -1)==seq_from{k}"] if self._voided(k) else []
        if voids:
            either = f"({' OR '.join(voids)})" if len(voids) > 1 else voids[0]
            found += f", seq_void{k}=if(isnotnull(seq_end{k}) AND {either}, seq_time, null())"
        if 0 in self.gaps:
            found += f", seq_lead{k}=if(isnotnull(seq_end{k}), seq_lead_of{k}, null())"
        return found

    def _ending(self) -> Iterator[str]:
        last, span = self.last, self.span or 0
        void = f" AND isnull(seq_void{last})" if self._inside else ""
        near = f"seq_lead{last}>=seq_end{last}-{span}"
        unless = ""
        if last in self.gaps:
            deadline = f"seq_start{last}+{span}"
            if 0 in self.gaps:
                deadline = f"if({near}, seq_lead{last}+{span}, -1)"
            yield "sort 0 -num(seq_time), -num(seq_step)"
            yield f"eval seq_trail={_hit(self.gaps[last])}"
            yield f"streamstats current=f min(seq_trail) AS seq_trail_after{self.by}"
            unless = f" AND if(seq_trail_after<={deadline}, 0, 1)==1"
        elif 0 in self.gaps:
            unless = f" AND if({near}, 0, 1)==1"
        yield f"where isnotnull(seq_end{last}){void}{unless}"


def _hit(codes: Sequence[int]) -> str:
    return f"if({' OR '.join(f'seq_step=={code}' for code in codes)}, seq_time, null())"


# ---- spans


def _span(stages: Sequence[Stage]) -> int | None:
    """The span that the stages name; None for none. Of several the one that is named most often."""
    found: list[int] = []
    for stage in stages:
        match stage:
            case Where(condition):
                _spans(condition, found)
            case Eval(columns):
                for name, value in columns:
                    if name.startswith("seq_"):
                        _spans(value, found)
            case _:
                continue
    return max(found, key=found.count) if found else None


def _spans(node: Expression, found: list[int]) -> Expression:
    match node:
        case Binary(Sign.LE, Binary(Sign.SUBTRACT, Name("seq_time"), _), Number(digits)) | Binary(
            Sign.ADD | Sign.SUBTRACT, Name(), Number(digits)
        ) if digits.isdigit():
            found.append(int(digits))
    return map_children(node, lambda one: _spans(one, found))
