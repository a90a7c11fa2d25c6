"""Whether two detections are the same tree, but for the order in which `and`, `or` and lists name their members.

A language that is read back may list what it says in another order than the rule (a search puts its indexed terms
first); the members are then the same, and so is what they hold of.
"""

from __future__ import annotations

from typing import assert_never

from converter.deferred import replace
from converter.model.normalise import normalise_detection
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.rule import Detection
from converter.model.walk import map_predicates


def same(one: Detection, other: Detection) -> bool:
    """Whether both have the same normal form, whatever the order of members."""
    return one == other or canonical_detection(one) == canonical_detection(other)


def canonical_detection(detection: Detection) -> Detection:
    """The detection in normal form with the members of its conditions in one order."""
    return map_predicates(normalise_detection(detection), ordered)


def ordered(predicate: Predicate) -> Predicate:
    """A condition in normal form with its members in the order of their texts."""
    match predicate:
        case And(terms) | Or(terms):
            return type(predicate)(tuple(sorted(map(ordered, terms), key=repr)))
        case Not(term):
            return Not(ordered(term))
        case Element():
            return replace(predicate, term=ordered(predicate.term))
        case OneOf():
            return replace(predicate, values=tuple(sorted(predicate.values)))
        case Like():
            return replace(predicate, patterns=tuple(sorted(predicate.patterns, key=repr)))
        case Matches():
            return replace(predicate, regexes=tuple(sorted(predicate.regexes, key=repr)))
        case InNetwork():
            return replace(predicate, networks=tuple(sorted(predicate.networks)))
        case Constant() | Present() | Compare() | Between() | Phrase() | Holds():
            return predicate
        case _:
            assert_never(predicate)
