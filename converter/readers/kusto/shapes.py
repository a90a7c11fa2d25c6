"""Shapes of expressions that are read as one value."""

from __future__ import annotations

from typing import Final

from converter.languages.kusto.syntax import Binary, Call, Expression, Index, Number, Typed
from converter.model.value import Kind
from converter.readers.pipelines.values import NUMBERS

NO_ELEMENT: Final = Typed("dynamic", "null")
KINDS: Final = {
    "tostring": (Kind.KEYWORD, Kind.TEXT, Kind.IP),
    "tolong": NUMBERS,
    "toint": NUMBERS,
    "todouble": NUMBERS,
    "toreal": NUMBERS,
    "tobool": (Kind.BOOLEAN,),
    "todatetime": (Kind.DATE,),
}
"""The kinds of values that a conversion leaves as they are."""


def is_one(count: Expression, element: Expression, nothing: Expression, values: Expression) -> bool:
    """Whether an array is asked for its only value."""
    return (
        count == Binary("==", Call("array_length", (values,)), Number(1))
        and element == Index(values, Number(0))
        and nothing == NO_ELEMENT
    )


def is_real(node: Expression) -> bool:
    """Whether a number is one with a fraction, by how it is written."""
    match node:
        case Number(value):
            return isinstance(value, float)
        case Call("toreal" | "todouble"):
            return True
        case _:
            return False
