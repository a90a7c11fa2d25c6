"""Conditions that ask one single-valued column for two different values: no event satisfies them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from converter.model.predicate import (
    And,
    Compare,
    Comparison,
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
from converter.model.value import Field

Known = Mapping[tuple[str, str], frozenset[str]]
"""The values, in lower case, of which a column must have one."""


def without_contradictions(node: Predicate, known: Known | None = None) -> Predicate:
    """The predicate with every conjunction that asks a column for disjoint values as a constant; not in normal form."""
    known = known or {}
    match node:
        case And(terms):
            inside = dict(known)
            for term in terms:
                wanted = asked(term)
                if wanted is not None:
                    column, values = wanted
                    inside[column] = inside[column] & values if column in inside else values
            if any(not values for values in inside.values()):
                return Constant(value=False)
            return And(tuple(without_contradictions(term, inside) for term in terms))
        case Or(terms):
            return Or(tuple(without_contradictions(term, known) for term in terms))
        case OneOf() | Compare():
            wanted = asked(node)
            return node if wanted is None or wanted[1] & known.get(wanted[0], wanted[1]) else Constant(value=False)
        case Constant() | Not() | Element() | Present() | Like() | Matches() | InNetwork() | Phrase() | Holds():
            return node
        case _:
            assert_never(node)


def asked(node: Predicate) -> tuple[tuple[str, str], frozenset[str]] | None:
    """The single-valued column of an equality, and the values that it may have."""
    match node:
        case OneOf(field, values) if not field.many:
            return _column(field), frozenset(v.lower() for v in values)
        case Compare(field, Comparison.EQ, value) if not field.many and isinstance(value, int | str):
            return _column(field), frozenset([str(value).lower()])
        case _:
            return None


def _column(field: Field) -> tuple[str, str]:
    return (field.way.text, type(field.way).__name__) if field.way is not None else (field.path, "")
