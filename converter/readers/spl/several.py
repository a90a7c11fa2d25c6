"""Searches over several events, as the frames of what they ask: new terms, indicators, sequences, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from converter.deferred import compiled, dataclass
from converter.languages.spl.syntax import (
    Aggregate,
    Append,
    Binary,
    Call,
    Eval,
    Every,
    Expression,
    Fields,
    Junction,
    Logic,
    Lookup,
    Multisearch,
    Name,
    Number,
    Pipeline,
    Search,
    Sign,
    Stage,
    Stats,
    Table,
    Test,
    Text,
    Where,
)
from converter.model.duration import DAY, HOUR, MINUTE, SECOND
from converter.model.normalise import normalise
from converter.model.predicate import Or, Predicate
from converter.readers import frames
from converter.readers.frames import Frame
from converter.readers.spl import staged
from converter.readers.spl.columns import Columns, column
from converter.readers.spl.counts import ONCE, SHOWN
from converter.readers.spl.joins import cut, joined
from converter.readers.spl.lower import TIMES, Place, made_by, raised, resolved
from converter.readers.unraised import UnraisedError

Known = Mapping[int, tuple[Columns, Place]]
"""What is known of the fields and the place of each step, by its number."""

_SPAN = compiled(r"([+-])([0-9]{1,9})(s|m|h|d)")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


# ---- places


def anywhere(pipeline: Pipeline, columns: Columns, place: Place) -> Predicate:
    """The condition that a search over several places asks of the events of one of them. Raises UnraisedError."""
    first, *rest = pipeline.stages
    searches = list(first.searches) if isinstance(first, Multisearch) else [Pipeline((first,))]
    tail: list[Stage] = []
    for stage in rest:
        if isinstance(stage, Append) and not stage.options:
            searches.append(stage.search)
        elif len(searches) > 1 and not _is_shown(stage):
            raise UnraisedError("stages behind several searches")
        elif len(searches) == 1:
            tail.append(stage)
    own = [Pipeline((*searches[0].stages, *tail)), *searches[1:]]
    return normalise(Or(tuple(_here(one, columns, place) for one in own)))


def _is_shown(stage: Stage) -> bool:
    return isinstance(stage, Table) or (isinstance(stage, Fields) and not stage.drop)


def _here(pipeline: Pipeline, columns: Columns, place: Place) -> Predicate:
    """What one of the searches finds in the place; nothing if it is about another."""
    first = pipeline.stages[0]
    if not isinstance(first, Search):
        raise UnraisedError(f"a beginning with {type(first).__name__}")
    truths = {**dict.fromkeys(place.others, False), **dict.fromkeys(place.terms, True)}
    if resolved(first.condition, truths) is False:
        return Or(())
    return raised(pipeline, columns, place)


# ---- new terms


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a search about new terms looks at: `ends` by the names of modifiers, in milliseconds from now.

    By `arrival` or by the event's own time; a first event is new if it is not older than `since` milliseconds.
    """

    arrival: bool
    ends: Mapping[str, int]
    since: int

    @property
    def reach(self) -> int:
        """How far back it looks, in milliseconds. Raises UnraisedError."""
        begin = self.ends.get("_index_earliest" if self.arrival else "earliest")
        if begin is None:
            raise UnraisedError("a search without a range of time")
        return -begin

    def __str__(self) -> str:
        ends = ", ".join(f"{name}={ms}" for name, ms in sorted(self.ends.items()))
        return f"by {'arrival' if self.arrival else 'time'}, {ends}, new since {self.since}"


def new_terms(pipeline: Pipeline, columns: Columns, place: Place) -> Frame:
    """The combinations that a search calls new. Raises UnraisedError."""
    at = next((n for n, stage in enumerate(pipeline.stages) if isinstance(stage, Stats)), 0)
    match pipeline.stages[at:]:
        case (
            Stats("stats", (Aggregate("min", str(time), str(first)), *shown), by, options),
            Where(Binary(Sign.GT, Name(compared), moment)),
            Eval((("_time", Name(said)),)),
            *rest,
        ) if first == compared == said and options == ONCE and all(map(_is_shown, rest)):
            pass
        case _:
            raise UnraisedError("a search for what is not new terms")
    if any(one.function not in SHOWN for one in shown) or time not in ("_time", "_indextime"):
        raise UnraisedError("a search for what is not new terms")
    ends, before = _ranged(pipeline.stages[:at])
    known = made_by(Pipeline(before))
    names = [column(known.get(name, name), columns).path for name in by]
    window = Window(time == "_indextime", {name: offset(text) for name, text in ends}, _ago(moment))
    return frames.new_terms(raised(Pipeline(before), columns, place), names, window.reach, str(window))


def _ranged(stages: Sequence[Stage]) -> tuple[list[tuple[str, str]], tuple[Stage, ...]]:
    """The ends of time that the first search states, and the stages without them."""
    first, *rest = stages
    if not isinstance(first, Search) or not isinstance(first.condition, Every):
        raise UnraisedError("a search without a range of time")
    ends = [t for t in first.condition.parts if isinstance(t, Test) and t.field in TIMES]
    kept = tuple(t for t in first.condition.parts if t not in ends)
    return [(t.field, t.value.raw) for t in ends], (Search(Every(kept)), *rest)


def offset(text: str) -> int:
    """A relative time in milliseconds. Raises UnraisedError."""
    if text == "now":
        return 0
    found = _SPAN.fullmatch(text)
    if found is None:
        raise UnraisedError("a time that is not relative")
    size = int(found[2]) * _UNITS[found[3]]
    return -size if found[1] == "-" else size


def _ago(moment: Expression) -> int:
    match moment:
        case Call("relative_time", (Call("now", ()), Text(text))):
            return -offset(text)
        case Call("now", ()):
            return 0
        case _:
            raise UnraisedError("a moment that is computed")


# ---- indicators


def looked_up(pipeline: Pipeline, columns: Columns, place: Place) -> Frame:
    """The events whose values stand in look-ups; what fills these is no part of a search. Raises UnraisedError."""
    looked = [stage for stage in pipeline.stages if isinstance(stage, Lookup) and stage not in place.listed]
    if not looked:
        raise UnraisedError("a search without look-ups")
    flags = {one.outputs[0].target for one in looked if len(one.outputs) == 1}
    kept, tested = [], False
    for stage in pipeline.stages:
        match stage:
            case Lookup() if stage in looked:
                continue
            case Where(condition) if _any_of(condition) == flags and len(flags) == len(looked):
                tested = True
            case _:
                kept.append(stage)
    if not tested:
        raise UnraisedError("look-ups that are not asked for")
    before = Pipeline(tuple(kept))
    known = made_by(before)
    pairs = [[column(known.get(k.target, k.target), columns).path for k in one.keys] for one in looked]
    if any(k.source != f"indicator{n}" for one in looked for n, k in enumerate(one.keys, 1)):
        raise UnraisedError("a look-up by other columns")
    return frames.looked_up(raised(before, columns, place), None, pairs)


def _any_of(node: Expression) -> set[str]:
    match node:
        case Call("isnotnull", (Name(name),)):
            return {name}
        case Logic(Junction.OR, parts):
            return {name for part in parts for name in _any_of(part)} if all(map(_any_of, parts)) else set()
        case _:
            return set()


# ---- steps


def sequence(pipeline: Pipeline, known: Known) -> Frame:
    """The sequence that a search finds; `known` by the numbers of the sequence's stages. Raises UnraisedError."""
    rows, rest = cut(pipeline.stages)
    parts = staged.parts(rows)
    join = joined(rest)
    stages = {row: stage for stage, row in sorted(join.rows.items(), reverse=True)}
    if not set(stages) <= set(parts) or not set(stages.values()) <= set(known):
        raise UnraisedError("other steps than the rule's")
    found = {row: part.keyed(*known[stages[row]]) for row, part in parts.items() if row in stages}
    return frames.chain(join.chain(found))


def sample(pipeline: Pipeline, known: Known) -> Frame:
    """The sample that a search finds. Raises UnraisedError."""
    at = next((n for n, s in enumerate(pipeline.stages) if isinstance(s, Stats) and s.command == "stats"), 0)
    marks = pipeline.stages[at - 1] if at > 1 else None
    if not isinstance(marks, Eval):
        raise UnraisedError("a search for what is no sample")
    parts = staged.parts(pipeline.stages[: at - 1], numbered=True)
    demands = _demanded(marks, pipeline.stages[at:])
    if set(parts) != set(known):
        raise UnraisedError("other steps than the rule's")
    return frames.sample({step: part.keyed(*known[step]) for step, part in parts.items()}, len(parts), demands)


def _demanded(marks: Eval, stages: Sequence[Stage]) -> dict[frozenset[int], int]:
    """How many different events each set of steps has at least."""
    sets = {}
    for name, value in marks.columns:
        match value:
            case Call("if", (test, Name("seq_event"), Call("null", ()))) if (found := staged.steps(test)) is not None:
                sets[name] = frozenset(found)
            case _:
                raise UnraisedError("a mark of no step")
    match stages:
        case (Stats("stats", aggregates, by, ()), Where(condition), *rest) if all(
            isinstance(stage, Fields) for stage in rest
        ) and all(name.startswith("seq_key") for name in by):
            counted = {one.alias: one.field for one in aggregates if one.function == "dc"}
        case _:
            raise UnraisedError("a search for what is no sample")
    least: dict[frozenset[int], int] = {}
    for test in condition.parts if isinstance(condition, Logic) else (condition,):
        match test:
            case Binary(Sign.GE, Name(name), Number(digits)) if counted.get(name) in sets and digits.isdigit():
                least[sets[counted[name] or ""]] = int(digits)
            case _:
                raise UnraisedError("a condition on another count")
    return least
