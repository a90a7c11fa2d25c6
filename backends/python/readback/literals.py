"""The constants of a module as values: tuples, sets, texts and numbers, and names of the runtime as `Sign`."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from converter.deferred import dataclass
from converter.readers.unraised import UnraisedError


@dataclass(frozen=True, slots=True)
class Sign:
    """A name of the runtime."""

    name: str


Constants = Mapping[str, ast.expr]
"""The module's constants by name."""


def value(node: ast.expr, constants: Constants) -> object:
    """The value of an expression of literals. Raises UnraisedError."""
    match node:
        case ast.Constant(found) if isinstance(found, str | int | float | bool | None):
            return found
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
            return -number
        case ast.Tuple(items) | ast.List(items):
            return tuple(value(item, constants) for item in items)
        case ast.Call(ast.Name("frozenset"), [inner], []):
            return value(inner, constants)
        case ast.Name(name) if name in constants:
            return value(constants[name], {k: v for k, v in constants.items() if k != name})
        case ast.Name(name):
            return Sign(name)
        case _:
            raise UnraisedError(f"a value {ast.unparse(node)[:40]}")


def texts(found: object) -> tuple[str, ...]:
    """A tuple of texts. Raises UnraisedError."""
    if not isinstance(found, tuple) or not all(isinstance(one, str) for one in found):
        raise UnraisedError("a list of other than texts")
    return found
