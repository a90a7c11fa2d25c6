"""Whether an expression is a condition or a value: Splunk refuses one where it needs the other.

eval cannot hold a boolean (spl-search-reference/10.0/search-commands/eval); the syntax of an expression is checked
before the search runs (…/search-commands/where).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, assert_never

from converter.proof.judges.spl import functions_many, functions_number, functions_text
from converter.proof.judges.spl.errors import SplError, UnknownFunction
from converter.proof.judges.spl.functions import Function
from converter.proof.judges.spl.syntax import (
    Arithmetic,
    Call,
    Compare,
    Expression,
    Field,
    Logic,
    Negative,
    Not,
    Number,
    Text,
)

Kind = Literal["condition", "value", "null"]

FUNCTIONS: dict[str, Function] = functions_text.FUNCTIONS | functions_number.FUNCTIONS | functions_many.FUNCTIONS
_SPECIAL = {"if", "case", "validate", "in", "mvfilter", "mvmap", "searchmatch"}
_CONDITIONS = {"in", "searchmatch"} | {name for name, one in FUNCTIONS.items() if one.predicate}


def kind(node: Expression) -> Kind:
    match node:
        case Compare() | Not() | Logic():
            return "condition"
        case Call(name="null"):
            return "null"
        case Call(name="if", args=(_, yes, no)):
            return _common((yes, no), node)
        case Call(name="case", args=args):
            return _common(args[1::2], node)
        case Call(name=name, at=at) if name not in FUNCTIONS and name not in _SPECIAL:
            raise UnknownFunction(f"{name}() is not implemented", at)
        case Call(name=name):
            return "condition" if name in _CONDITIONS else "value"
        case Number() | Text() | Field() | Negative() | Arithmetic():
            return "value"
        case _:
            assert_never(node)


def _common(branches: tuple[Expression, ...], node: Call) -> Kind:
    found = {kind(one) for one in branches} - {"null"}
    if len(found) > 1:
        raise SplError(f"the branches of {node.name}() mix conditions and values", node.at)
    return next(iter(found)) if found else "null"


def require_condition(node: Expression, where: str) -> None:
    if kind(node) == "value":
        raise SplError(f"{where} needs a condition that is true or false", node.at)


def require_value(node: Expression, where: str) -> None:
    if kind(node) == "condition":
        raise SplError(f"{where} cannot take a boolean", node.at)


def fields(node: Expression) -> Iterator[str]:
    """The fields an expression names."""
    match node:
        case Field(name=name):
            yield name
        case Number() | Text():
            return
        case Call(args=args):
            for one in args:
                yield from fields(one)
        case Not(operand=operand) | Negative(operand=operand):
            yield from fields(operand)
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right) | Logic(left=left, right=right):
            yield from fields(left)
            yield from fields(right)
        case _:
            assert_never(node)
