"""Whether an artifact that was read back asks what its rule asks: shown, refuted by an event, or left open."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from converter.forms.same import same_under
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.predicate import And, Element, InNetwork, Leaf, Like, Matches, Not, OneOf, Or, Predicate
from converter.model.value import Field, Kind
from converter.model.walk import fields, leaves, map_fields
from converter.proof.assumption import spellings, violates
from converter.proof.example import NOW
from converter.proof.witness import witnesses
from converter.readers.lengths import is_length
from converter.reference.event import raw_values
from converter.reference.predicate import matches
from converter.target.readback import NotRaised, Raised, Reading, Same, Several, Unlike

_WITNESSES: Final = 120
_MOST_COMPARED: Final = 60_000
"""Values and patterns that events are compared with, over all events."""


class Outcome(Enum):
    """How two conditions compare."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNDECIDED = "not decided"
    NOT_READ = "not read back"


@dataclass(frozen=True, slots=True)
class Checked:
    """The comparison; `event` is one on which the two differ, `why` says what is not read back, or what was tried."""

    outcome: Outcome
    why: str = ""
    wanted: str = ""
    found: str = ""
    event: Mapping[str, object] | None = None


def checked(raised: Reading) -> Checked:
    """The verdict on what a target's reader gave."""
    if isinstance(raised, Same):
        return Checked(Outcome.EQUAL)
    if isinstance(raised, NotRaised):
        return Checked(Outcome.NOT_READ, raised.why)
    if isinstance(raised, Unlike):
        why = f"it asks for {raised.found}, and the rule for {raised.wanted}"
        return Checked(Outcome.DIFFERENT, why, raised.wanted, raised.found)
    if isinstance(raised, Several):
        return _together(raised)
    if same_under(raised.wanted, raised.found, raised.facts, empties=raised.empties, apart=raised.apart):
        return Checked(Outcome.EQUAL)
    trees = (repr(normalise(raised.wanted)), repr(normalise(raised.found)))
    event, tried = divided(raised)
    if event is not None:
        return Checked(Outcome.DIFFERENT, f"they differ on {json.dumps(event, default=str)}", *trees, event)
    return Checked(Outcome.UNDECIDED, f"no proof, and {tried} events on which both agree", *trees)


def _together(several: Several) -> Checked:
    """All of them are equal, or the first that is not, one that differs before one that is not decided."""
    return _first_of([checked(part) for part in several.parts])


def _first_of(found: Sequence[Checked]) -> Checked:
    for outcome in (Outcome.DIFFERENT, Outcome.UNDECIDED):
        for number, one in enumerate(found, 1):
            if one.outcome is outcome:
                return dataclasses.replace(one, why=f"condition {number}: {one.why}" if len(found) > 1 else one.why)
    return Checked(Outcome.EQUAL)


def divided(raised: Raised) -> tuple[dict[str, object] | None, int]:
    """A witness of either condition on which they differ, by the artifact's own names, and how many were tried."""
    names = {
        field.path: f"c{n}"
        for n, field in enumerate({f.path: f for p in (raised.wanted, raised.found) for f in fields(p)}.values())
    }
    kinds = {f.path: f.kind for f in fields(raised.wanted)}
    if any("(" in path and path not in kinds for path in names) or any(map(is_length, fields(raised.wanted))):
        return None, 0  # a computed value, which no event holds by itself
    if raised.rows and any("(" in path or path.startswith("choice@") for path in names):
        return None, 0
    wanted, found = (_renamed(part, names, kinds) for part in (raised.wanted, raised.found))
    if wanted is None or found is None:
        return None, 0
    back = {short: path for path, short in names.items()}
    facts = {names[path]: known for path, known in raised.facts.items() if path in names}
    spelled = spellings([wanted, found])
    every = {f.path: f for part in (wanted, found) for f in fields(part)}
    tried = 0
    size = sum(1 for part in (wanted, found) for leaf in leaves(part) for _ in _listed(leaf))
    for event in itertools.islice(_events(wanted, found), max(20, _MOST_COMPARED // max(1, size))):
        if not _kept(event, every, facts, spelled):
            continue
        if any(not _is_number(v) for path in raised.numbers for v in raw_values(event, names.get(path, ""))):
            continue
        if any(sign in str(v) for path, sign in raised.apart.items() for v in raw_values(event, names.get(path, ""))):
            continue
        tried += 1
        if matches(wanted, event, NOW) is not matches(found, event, NOW):
            return {back.get(name, name): value for name, value in event.items()}, tried
    return None, tried


def _listed(leaf: Leaf) -> Sequence[object]:
    """What a leaf compares a value with."""
    match leaf:
        case OneOf(_, listed) | Like(_, listed) | Matches(_, listed) | InNetwork(_, listed):
            return listed
        case _:
            return (leaf,)


def _events(wanted: Predicate, found: Predicate) -> Iterator[dict[str, object]]:
    yield from witnesses(wanted, _WITNESSES)
    yield from witnesses(found, _WITNESSES)


def _renamed(node: Predicate, names: Mapping[str, str], kinds: Mapping[str, Kind]) -> Predicate | None:
    """The condition with short names and the rule's kinds of fields, elements of arrays of texts as leaves.

    None if that cannot be said.
    """
    plain = _flattened(node)

    def named(field: Field) -> Field:
        return Field(names[field.path], kinds.get(field.path, field.kind), field.many)

    return None if plain is None else normalise(map_fields(plain, named))


def _flattened(node: Predicate) -> Predicate | None:
    match node:
        case And(terms) | Or(terms):
            inner = [_flattened(t) for t in terms]
            return None if any(t is None for t in inner) else type(node)(tuple(t for t in inner if t is not None))
        case Not(term):
            one = _flattened(term)
            return None if one is None else Not(one)
        case Element(path, term):
            single = (term,) if not isinstance(term, Or) else term.terms
            if any(isinstance(t, And | Or | Not) for t in single) or {f.path for f in fields(term)} != {path}:
                return None
            return map_fields(term, lambda f: dataclasses.replace(f, many=True))
        case _:
            return node


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value.removeprefix("-").isdecimal())


def _kept(
    event: Mapping[str, object],
    known: Mapping[str, Field],
    facts: Mapping[str, frozenset[Fact]],
    spelled: Mapping[str, frozenset[str]],
) -> bool:
    """Whether the event is one that a platform can hold and that keeps to the facts."""
    for path, field in known.items():
        values = list(raw_values(event, path))
        if "" in values or (len(values) > 1 and not field.many) or any(isinstance(v, (dict, list)) for v in values):
            return False
        told = spelled.get(path, frozenset())
        if any(violates(fact, value, told) for fact in facts.get(path, ()) for value in (values or [None])):
            return False
        if any(violates(fact, v, told) for fact in (Fact.ASCII_CASE, Fact.PLAIN_TEXT) for v in values):
            return False
    return True
