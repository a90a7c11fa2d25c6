"""Events whose values differ from a rule's in case only: they break the fact that a column has one spelling."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from converter.model.pattern import Case
from converter.model.predicate import Leaf, Like, Matches, OneOf, Predicate
from converter.model.walk import map_leaves
from converter.reference import matches


def differing_in_case(where: Predicate, documents: Sequence[Mapping[str, object]], numbers: Iterable[int]) -> set[int]:
    """The events of which a condition is true only in another case: their values break the fact of one spelling."""
    blind = map_leaves(where, _blind)
    return {n for n in numbers if matches(where, documents[n]) is not matches(blind, documents[n])}


def _blind(leaf: Leaf) -> Predicate:
    """The leaf without regard to case."""
    match leaf:
        case OneOf() | Like() | Matches():
            return dataclasses.replace(leaf, case=Case.INSENSITIVE)
        case _:
            return leaf
