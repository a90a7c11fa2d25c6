"""The functions of EQL: their arguments and results (elastic: EQL function reference).

Elasticsearch compares function names without regard to case; `~` is allowed where `folds` says so.
"""

from __future__ import annotations

import difflib
from enum import Enum

from converter.deferred import dataclass
from converter.model.value import Function


class Type(Enum):
    """What an argument must be, or what a function gives."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "whole number"
    BOOLEAN = "true or false"
    ADDRESS = "address"
    ANY = "value"


@dataclass(frozen=True, slots=True)
class Signature:
    """`takes`: the types of the arguments; the last one repeats if `most` is None."""

    name: str
    function: Function
    takes: tuple[Type, ...]
    least: int
    most: int | None
    gives: Type
    folds: bool = False

    def type_of(self, position: int) -> Type:
        """What the argument at a position (from 0) must be."""
        return self.takes[min(position, len(self.takes) - 1)]


_TEXT, _NUMBER, _INTEGER, _BOOLEAN = Type.TEXT, Type.NUMBER, Type.INTEGER, Type.BOOLEAN


def _binary(function: Function) -> Signature:
    return Signature(function.value, function, (_NUMBER, _NUMBER), 2, 2, _NUMBER)


def _search(function: Function) -> Signature:
    return Signature(function.value, function, (_TEXT, _TEXT), 2, 2, _BOOLEAN, folds=True)


_ALL = (
    _binary(Function.ADD),
    _binary(Function.SUBTRACT),
    _binary(Function.MULTIPLY),
    _binary(Function.DIVIDE),
    _binary(Function.MODULO),
    Signature("between", Function.BETWEEN, (_TEXT, _TEXT, _TEXT, _BOOLEAN), 3, 4, _TEXT, folds=True),
    Signature("cidrMatch", Function.CIDR_MATCH, (Type.ADDRESS, _TEXT), 2, None, _BOOLEAN),
    Signature("concat", Function.CONCAT, (Type.ANY,), 1, None, _TEXT),
    _search(Function.ENDS_WITH),
    Signature("indexOf", Function.INDEX_OF, (_TEXT, _TEXT, _INTEGER), 2, 3, _INTEGER, folds=True),
    Signature("length", Function.LENGTH, (_TEXT,), 1, 1, _INTEGER),
    Signature("number", Function.NUMBER, (_TEXT, _INTEGER), 1, 2, _NUMBER),
    _search(Function.STARTS_WITH),
    Signature("string", Function.STRING, (Type.ANY,), 1, 1, _TEXT),
    _search(Function.STRING_CONTAINS),
    Signature("substring", Function.SUBSTRING, (_TEXT, _INTEGER, _INTEGER), 2, 3, _TEXT),
    # Not in the reference any more, but still in Elasticsearch's registry: like under another name.
    Signature("wildcard", Function.LIKE, (_TEXT, _TEXT), 2, None, _BOOLEAN, folds=True),
)

FUNCTIONS = {s.name.lower(): s for s in _ALL}

REPLACED = {
    "match": "Write field regex ... instead.",
    "matchlite": "Write field regex ... instead.",
    "arraycontains": "Write field == value: it holds if any element of an array does.",
    "arraysearch": "Elasticsearch cannot look at one element of an array.",
    "arraycount": "Elasticsearch cannot count the elements of an array.",
}
"""Functions of Endgame's EQL that Elasticsearch has not, and what to write instead."""


def similar(name: str) -> str:
    """A hint for an unknown function."""
    known = REPLACED.get(name.lower())
    if known is not None:
        return known
    close = difflib.get_close_matches(name.lower(), list(FUNCTIONS), 1)
    if close:
        return f"Did you mean {FUNCTIONS[close[0]].name}?"
    return "Known are: " + ", ".join(s.name for s in _ALL if s.name != "wildcard")
