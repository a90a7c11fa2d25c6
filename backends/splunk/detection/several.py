"""The events of several places, as one search or as several at once.

Places that stream their events are one search if what is asked of them is largely the same: each place is then a term
beside what is asked of its events alone. Else `multisearch` has a search for each place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backends.splunk.codes import T213
from backends.splunk.condition.wildcard import possible
from backends.splunk.detection.filter import Filter, Writer, filtered, hoisted, stages_of
from backends.splunk.detection.place import ARRIVAL, first, joins_records, multisearch, place, searching
from converter.diagnostics import Diagnostic, Severity
from converter.forms.pinned import said_once
from converter.languages.spl.shorthand import every, some
from converter.languages.spl.syntax import (
    Append,
    Condition,
    Every,
    Excluding,
    OneOf,
    Pipeline,
    Search,
    Some,
    Stage,
    Test,
    Word,
)
from converter.model import predicate as model
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case
from converter.model.predicate import And, Not, Or, Predicate
from converter.model.value import Column, Field
from converter.model.walk import leaves
from converter.plan.places import Arm, alike
from converter.plan.places import arms as joined
from converter.target.contract import Binding

_COLUMN: Final = "siemglot_place"
_PLACE: Final = Field("place", many=False, facts=frozenset({Fact.ONE_SPELLING}), way=Column(_COLUMN))
"""A column that stands for the place of an event while conditions are written."""

_WORTH: Final = 0.8
"""One search is written if it asks at most this share of what the searches of each place would ask."""

_Arms = Sequence[tuple[Binding, Predicate]]


def matching_any(write: Writer, arms: _Arms) -> tuple[list[Stage], _Arms]:
    """The stages that find the events of several places, and the arms that they search.

    A place that can have none of the events is left out. `multisearch` takes streaming commands only: a place that
    joins records is the main search, or appended to it.
    """
    each = joined(arms)
    written = [(arm, filtered(write, arm.where)) for arm in each]
    for where in (part for arm in each for part in arm.parts):
        for leaf in leaves(where):
            write.ledger.wrote(leaf)  # an arm holds it, perhaps on the column's other name
    live = [(arm, found) for arm, found in written if not found.never] or written[:1]
    bindings = [b for arm, _ in live for b in arm.bindings]
    plain = [arm for arm, _ in live if _is_plain(arm)]
    one = _one(write, plain)
    searches = [] if one is None else [(plain[0].binding, one)]
    searches += [(a.binding, _of_arm(write, a, found)) for a, found in live if one is None or a not in plain]
    return _at_once(write, searches), [arm for arm in arms if arm[0] in bindings]


def _of_arm(write: Writer, arm: Arm, found: Filter) -> list[Stage]:
    """The stages that find the events of an arm."""
    opening = first(write, arm.binding, found, others=[b.lookups for b in arm.bindings[1:] if arm.apart])
    return [*opening, *stages_of(write, found, opening)]


def _at_once(write: Writer, searches: Sequence[tuple[Binding, list[Stage]]]) -> list[Stage]:
    joins = [stages for binding, stages in searches if joins_records(binding, write.notebook)]
    streams = _alike([stages for binding, stages in searches if not joins_records(binding, write.notebook)])
    if len(streams) == 1 and not joins:
        return streams[0]
    if joins:
        write.notebook.add(_APPENDED)
    main, *rest = [[multisearch(streams)], *joins] if len(streams) > 1 else [*streams, *joins]
    return [*main, *(Append(Pipeline(tuple(stages))) for stages in rest)]


# ---- searches that go on alike


def _alike(searches: Sequence[list[Stage]]) -> list[list[Stage]]:
    """The searches, those that go on alike as one that begins with either, what the beginnings share said once."""
    groups: dict[tuple[Stage, ...], list[list[Stage]]] = {}
    for stages in searches:
        groups.setdefault(tuple(stages[1:]), []).append(stages)
    out = []
    for rest, group in groups.items():
        firsts = [stages[0] for stages in group]
        conditions = [s.condition for s in firsts if isinstance(s, Search)]
        if len(group) > 1 and len(conditions) == len(group):
            out.append([Search(_either(conditions)), *rest])
        else:
            out += group
    return out


def _either(conditions: Sequence[Condition]) -> Condition:
    parts = [c.parts if isinstance(c, Every) else (c,) for c in conditions]
    shared = [p for p in parts[0] if all(p in other for other in parts)]
    own = [every(p for p in one if p not in shared) for one in parts]
    if any(o is None for o in own):
        return searching(shared).condition
    found = some(o for o in own if o is not None)
    return searching([*([found] if found is not None else []), *shared]).condition


# ---- one search over several places


def _is_plain(arm: Arm) -> bool:
    """Whether the events of an arm's place are as they are searched: nothing prepares or lists them."""
    header = arm.binding.header
    return not arm.binding.lookups and not any(header.get(key) for key in ("prepare", *ARRIVAL))


def _one(write: Writer, plain: Sequence[Arm]) -> list[Stage] | None:
    """One search over several places; None if there is too little that they have in common."""
    if len(plain) < 2:  # noqa: PLR2004 - one place is no several
        return None
    wheres = [_apart(possible(where, write.columns)) for where in alike([arm.where for arm in plain])]
    marks = [model.OneOf(_PLACE, (str(number),), Case.SENSITIVE) for number in range(len(plain))]
    whole = said_once(Or(tuple(And((mark, where)) for mark, where in zip(marks, wheres, strict=True))))
    if _weight(whole) > _WORTH * sum(_weight(said_once(where)) for where in wheres):
        return None
    found = filtered(write, whole)
    terms = [*found.early, *hoisted(write, found)]
    places = {str(number): Every(tuple(place(arm.binding))) for number, arm in enumerate(plain)}
    if not any(map(_says_place, terms)):
        terms.insert(0, OneOf(_COLUMN, tuple(map(Word, places))))
    terms.sort(key=lambda term: not _says_place(term))
    opening = [searching([_placed(term, places) for term in terms])]
    found.late = [_placed(term, places) for term in found.late]
    return [*opening, *stages_of(write, found, opening)]


def _apart(where: Predicate) -> Predicate:
    """The predicate, what it excludes each by itself, so that places may share some of it."""
    terms = where.terms if isinstance(where, And) else (where,)
    out: list[Predicate] = []
    for term in terms:
        match term:
            case Not(Or(options)):
                out += map(Not, options)
            case _:
                out.append(term)
    return normalise(And(tuple(out)))


def _weight(where: Predicate) -> int:
    """How much a predicate asks: a condition, and each value in it."""
    return sum(1 + len(leaf.values) if isinstance(leaf, model.OneOf) else 1 + _patterns(leaf) for leaf in leaves(where))


def _patterns(leaf: model.Leaf) -> int:
    return len(leaf.patterns) if isinstance(leaf, model.Like) else 1


def _says_place(term: Condition) -> bool:
    """Whether the term holds in the places only."""
    match term:
        case Test(name) | OneOf(name):
            return name == _COLUMN
        case Every(parts):
            return any(map(_says_place, parts))
        case Some(parts):
            return all(map(_says_place, parts))
        case _:
            return False


def _placed(term: Condition, places: Mapping[str, Every]) -> Condition:
    """The term with what the places are in place of the column that stands for them."""
    match term:
        case Test(name, _, word) if name == _COLUMN:
            return _flat(every(places[word.raw].parts))
        case OneOf(name, words) if name == _COLUMN:
            return _flat(some(_flat(every(places[word.raw].parts)) for word in words))
        case Every(parts):
            return _flat(every(_placed(part, places) for part in parts))
        case Some(parts):
            return _flat(some(_placed(part, places) for part in parts))
        case Excluding(part):
            return Excluding(_placed(part, places))
        case _:
            return term


def _flat(found: Condition | None) -> Condition:
    if found is None:
        raise AssertionError("a place says something, and terms are never empty")
    return found


_APPENDED = Diagnostic(
    T213,
    "append takes the first 50,000 events of a place that joins records (maxout), and 60 seconds (maxtime)",
    Severity.NOTE,
    hint="narrow the search if a run sees more",
)
