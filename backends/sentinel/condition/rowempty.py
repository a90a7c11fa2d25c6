"""Which values of a pipeline may be the empty text, which Kusto takes for no value.

A stored text never is (the convention of the tables), a computed one may be: what REPLACE leaves, what DISSECT cuts.
A column that may be empty has a second one, which says whether it has a value (rule Q08).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, assert_never

from converter.languages.kusto.syntax import Name
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Constant, Expression, Found, Like, Matches, Reference, Type, type_of

_CUTS: Final = (
    Operation.REPLACE,
    Operation.SUBSTRING,
    Operation.RIGHT,
    Operation.TRIM,
    Operation.SPLIT,
    Operation.URL_DECODE,
    Operation.LEFT,
    Operation.FROM_BASE64,
)
_TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN)


def may_be_empty(node: Expression, known: Mapping[str, Name], loose: AbstractSet[str]) -> bool:
    """Whether a value may be the empty text. `known`: columns that may, with the one that tells; `loose`: arrays."""
    if type_of(node) not in _TEXTS:
        return False
    match node:
        case Constant(value, _, several):
            return value == "" or "" in several
        case Reference(column):
            return column.name in known or column.name in loose
        case Apply(operation, arguments):
            if operation in _CUTS:
                return True
            if operation is Operation.TO_STRING and type_of(arguments[0]) not in _TEXTS:
                return False
            return any(may_be_empty(a, known, loose) for a in _handed_on(operation, arguments))
        case Like() | Matches() | Found():
            return False
        case _:
            assert_never(node)


def _handed_on(operation: Operation, arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """The arguments whose texts may come out."""
    match operation:
        case Operation.CASE:
            last = len(arguments) - 1
            return (*arguments[1::2], *((arguments[last],) if last % 2 == 0 else ()))
        case Operation.COALESCE | Operation.MV_APPEND | Operation.MV_UNION | Operation.MV_INTERSECTION:
            return arguments
        case Operation.CONCAT:
            # One part with letters is enough, and a constant has some.
            return () if any(isinstance(a, Constant) and a.value for a in arguments) else arguments
        case _:
            return arguments[:1]
