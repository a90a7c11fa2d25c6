"""Arithmetic of EQL scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backends.sentinel.condition import tree
from backends.sentinel.condition.term import NULL, Term, guards
from converter.languages.kusto.syntax import Binary, Number
from converter.model.value import Function


def _joined(sign: str) -> Callable[[Term, Term], Term]:
    def compute(left: Term, right: Term) -> Term:
        if not (left.is_number and right.is_number):
            return NULL
        whole = left.type == right.type == "long"
        return Term(Binary(sign, left.expression, right.expression), "long" if whole else "real", guards(left, right))

    return compute


def _divided(left: Term, right: Term) -> Term:
    """Whole numbers divide towards zero in both languages (rule M02); by zero is null."""
    quotient = _joined("/")(left, right)
    if quotient.type == "null":
        return NULL
    some = Binary("!=", right.expression, Number(0))
    return Term(quotient.expression, quotient.type, (*quotient.guards, some))


def _remainder(left: Term, right: Term) -> Term:
    """The remainder has the sign of the left side; Kusto's `%` is never negative."""
    quotient = _divided(left, right)
    if quotient.type == "null":
        return NULL
    whole = quotient.expression if quotient.type == "long" else tree.call("tolong", quotient.expression)
    rest = Binary("-", left.expression, Binary("*", right.expression, whole))
    return Term(rest, quotient.type, quotient.guards)


FUNCTIONS: Mapping[Function, Callable[..., Term]] = {
    Function.ADD: _joined("+"),
    Function.SUBTRACT: _joined("-"),
    Function.MULTIPLY: _joined("*"),
    Function.DIVIDE: _divided,
    Function.MODULO: _remainder,
}
