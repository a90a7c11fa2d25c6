"""A search that filters events, as the condition that it asks of an event.

What `eval` computes stands where it is used. Fields of the condition are the search's own, or its expressions where it
compares computed values, by their text. A search of another kind, and what Splunk's documents leave open, raise
`UnraisedError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from converter.deferred import dataclass
from converter.languages.spl.replace import replaced
from converter.languages.spl.shorthand import FALSE as NEVER
from converter.languages.spl.syntax import (
    Condition,
    Eval,
    Every,
    Excluding,
    Expression,
    Fields,
    Macro,
    Pipeline,
    Quoting,
    Rename,
    Search,
    Some,
    Stage,
    Table,
    Term,
    Test,
    Where,
    Word,
)
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.readers.spl import check, terms
from converter.readers.spl.columns import Columns
from converter.readers.unraised import UnraisedError

_ENVIRONMENT = ("index", "sourcetype", "source")
"""Fields that say where events are kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a search says of the events' place beside its condition.

    `terms` say which events these are; without any, the search may say so itself. `prepared` are the stages that make
    the events, `listed` those that keep the ones in a list. `others` are terms of which none holds of these events.
    """

    terms: tuple[Condition, ...] = ()
    prepared: tuple[Stage, ...] = ()
    listed: tuple[Stage, ...] = ()
    others: tuple[Condition, ...] = ()


def raised(pipeline: Pipeline, columns: Columns, place: Place) -> Predicate:
    """The condition that the events of a place meet, in normal form. Raises UnraisedError."""
    return normalise(And(tuple(_conditions(placed(pipeline, place), columns))))


def placed(pipeline: Pipeline, place: Place) -> list[Stage]:
    """The stages of a search without what says where its events are. Raises UnraisedError."""
    stages = _placed(pipeline.stages, place)
    stages = _without(stages, place.prepared, "a place that is prepared otherwise")
    return _without(stages, place.listed, "a place that is listed otherwise")


def made_by(pipeline: Pipeline) -> Mapping[str, Expression]:
    """The columns that the stages of a search compute."""
    made: dict[str, Expression] = {}
    for stage in pipeline.stages:
        if isinstance(stage, Eval):
            for name, value in stage.columns:
                made[name] = replaced(value, made)
    return made


def _placed(stages: Sequence[Stage], place: Place) -> list[Stage]:
    """The stages without the terms of the place: the first finds nothing where one of them does not hold."""
    first, *rest = _begun(stages)
    if not isinstance(first, Search):
        raise UnraisedError(f"a beginning with {type(first).__name__}")
    if _ranged(first.condition):
        raise UnraisedError("a range of time of its own, which a rule has in its schedule")
    truths = {**dict.fromkeys(place.others, False), **dict.fromkeys(place.terms, True)}
    if any(resolved(first.condition, {**truths, term: False}) is not False for term in place.terms):
        raise UnraisedError("another place")
    own: list[Stage] = []
    for number, stage in enumerate((first, *rest)):
        if not isinstance(stage, Search):
            own.append(stage)
            continue
        found = resolved(stage.condition, truths)
        if found is False:
            return [Where(NEVER)]
        if found is True:
            continue
        terms = found.parts if isinstance(found, Every) else (found,)
        kept = [t for t in terms if number or place.terms or not _is_place(t)]
        own += [Search(Every(tuple(kept)))] if kept else []
    return own


def _begun(stages: Sequence[Stage]) -> Sequence[Stage]:
    """The stages without the word `search`, which need not stand before the first."""
    match stages:
        case [Search(Every((Term(Word("search", Quoting.BARE)), *terms))), *rest] if terms:
            return [Search(terms[0] if len(terms) == 1 else Every(tuple(terms))), *rest]
        case _:
            return stages


def _ranged(node: Condition) -> bool:
    """Whether terms say from when on events are looked at."""
    match node:
        case Every(parts) | Some(parts):
            return any(map(_ranged, parts))
        case Excluding(part):
            return _ranged(part)
        case Test(name):
            return name in TIMES
        case _:
            return False


TIMES = ("earliest", "latest", "_index_earliest", "_index_latest")
"""Words that say which time is searched. https://docs.splunk.com/Documentation/Splunk/latest/Search/Specifytimemodifiersinyoursearch"""


def _is_place(term: Condition) -> bool:
    """Whether the term says where events are kept, as an index, or by a macro that is defined elsewhere."""
    return (isinstance(term, Test) and term.field in _ENVIRONMENT) or (isinstance(term, Macro) and not term.arguments)


def resolved(node: Condition, truths: Mapping[Condition, bool]) -> Condition | bool:
    """The condition where some terms are known to hold or not."""
    if node in truths:
        return truths[node]
    match node:
        case Every(parts) | Some(parts):
            ends = isinstance(node, Some)
            found = [resolved(part, truths) for part in parts]
            if any(one is ends for one in found):
                return ends
            left = tuple(one for one in found if not isinstance(one, bool))
            return not ends if not left else left[0] if len(left) == 1 else type(node)(left)
        case Excluding(part):
            inner = resolved(part, truths)
            return not inner if isinstance(inner, bool) else Excluding(inner)
        case _:
            return node


def _without(stages: list[Stage], part: Sequence[Stage], why: str) -> list[Stage]:
    """The stages without those of a part, which stand there one after another."""
    if not part:
        return stages
    size = len(part)
    for at in range(len(stages) - size + 1):
        if stages[at : at + size] == list(part):
            return [*stages[:at], *stages[at + size :]]
    raise UnraisedError(why)


def _conditions(stages: Sequence[Stage], columns: Columns) -> Iterator[Predicate]:
    made: dict[str, Expression] = {}
    shown = False
    for stage in stages:
        match stage:
            case Table() | Fields(drop=False) | Rename():
                shown = True
            case _ if shown:
                raise UnraisedError("stages behind a table")
            case Search(condition):
                yield terms.condition(condition, columns, made)
            case Where(condition):
                yield check.true(replaced(condition, made), columns)
            case Eval(computed):
                for name, value in computed:
                    made[name] = replaced(value, made)
            case _:
                raise UnraisedError(f"the stage {type(stage).__name__}")
