"""Where a string column's one value for missing and empty (rule M01) makes no difference to a predicate.

A comparison with the empty text can then be left out: what is left says of the missing value what the rule says of
both. Elsewhere it stays, and the query is approximate.
"""

from __future__ import annotations

from typing import assert_never

from backends.sentinel.condition import regex
from backends.sentinel.condition.column import column
from converter.deferred import replace
from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild
from converter.model.predicate import (
    And,
    Between,
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
from converter.model.value import Call, Field, Literal, Value


def settled(predicate: Predicate) -> Predicate:
    """The predicate without the comparisons with the empty text that change nothing."""
    for path in dict.fromkeys(_compared(predicate)):
        missing, empty = (normalise(_assigned(predicate, path, value=v)) for v in (None, ""))
        if missing == empty:
            predicate = _without(predicate, path)
    return predicate


def _compared(node: Predicate) -> list[str]:
    """The single string columns that are compared with the empty text."""
    match node:
        case And(terms) | Or(terms):
            return [path for t in terms for path in _compared(t)]
        case Not(term):
            return _compared(term)
        case OneOf(field, values):
            return [field.path] if "" in values and not column(field).many else []
        case (
            Constant()
            | Element()
            | Holds()
            | Present()
            | Compare()
            | Between()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
        ):
            return []
        case _:
            assert_never(node)


def _assigned(node: Predicate, path: str, *, value: str | None) -> Predicate:
    """What is left of the predicate when the field has this value, or none."""
    match node:
        case And(terms):
            return And(tuple(_assigned(t, path, value=value) for t in terms))
        case Or(terms):
            return Or(tuple(_assigned(t, path, value=value) for t in terms))
        case Not(term):
            return Not(_assigned(term, path, value=value))
        case Constant() | Element():
            return node
        case Holds(call):
            # what a script makes of it is not looked into: the two cases stay different
            return OneOf(Field(f"{path}={value}"), (repr(call),), Case.SENSITIVE) if _mentions(call, path) else node
        case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
            if node.field.path != path:
                return node
            return Constant(value is not None and _takes_empty(node))
        case _:
            assert_never(node)


def _takes_empty(node: Present | Compare | Between | OneOf | Like | Matches | InNetwork | Phrase) -> bool:
    """Whether the leaf holds of the empty text."""
    match node:
        case Present():
            return True
        case OneOf(_, values):
            return "" in values
        case Like(_, patterns):
            return any(all(p is Wild.ANY_RUN for p in found.parts) for found in patterns)
        case Matches(_, regexes):
            return any(map(regex.takes_empty, regexes))
        case Compare(_, comparison, value):
            # before every other text
            return comparison in {Comparison.LT, Comparison.LE} and (value != "" or comparison is Comparison.LE)
        case Between():
            return all(map(_takes_empty, node.ends))
        case InNetwork() | Phrase():
            return False
        case _:
            assert_never(node)


def _mentions(value: Value, path: str) -> bool:
    match value:
        case Field():
            return value.path == path
        case Call(_, arguments):
            return any(_mentions(a, path) for a in arguments)
        case Literal():
            return False
        case _:
            assert_never(value)


def _without(node: Predicate, path: str) -> Predicate:
    """The predicate without the empty text among the values of the field."""
    match node:
        case And(terms):
            return And(tuple(_without(t, path) for t in terms))
        case Or(terms):
            return Or(tuple(_without(t, path) for t in terms))
        case Not(term):
            return Not(_without(term, path))
        case OneOf(field, values) if field.path == path:
            rest = tuple(v for v in values if v)
            return replace(node, values=rest) if rest else Constant(value=False)
        case (
            OneOf()
            | Constant()
            | Element()
            | Holds()
            | Present()
            | Compare()
            | Between()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
        ):
            return node
        case _:
            assert_never(node)
