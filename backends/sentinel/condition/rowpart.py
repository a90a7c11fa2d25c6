"""What expressions of a pipeline are made of in Kusto: constants, types, names, and conditions that are never null."""

from __future__ import annotations

from typing import Final, Protocol

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import Operand
from converter.deferred import dataclass
from converter.diagnostics import Severity
from converter.languages.kusto.syntax import Binary, Call, Expression, Number, Operator, Text, Truth, Typed
from converter.model import pipeline as model
from converter.model.duration import DAY
from converter.model.operation import Operation
from converter.model.pipeline import Constant, Type
from converter.readers.esql.literal import address_text
from converter.target.narrowing import UnsayableError

WHOLE: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG)
NUMBERS: Final = (*WHOLE, Type.DOUBLE)
TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.IP, Type.NULL)
_NULLS: Final = {Type.DOUBLE: "real", Type.BOOLEAN: "bool", Type.DATE: "datetime"}


class Values(Protocol):
    """What functions ask of the writer of values, which asks them: see `rowvalue.Values`."""

    before: list[Operator]
    unordered: set[str]

    def fresh(self, stem: str) -> str:
        """The name of a column that nothing has."""

    def said_of(self, message: str, severity: Severity = Severity.WARNING) -> None:
        """Say how a function of Kusto differs from ES|QL's."""

    def known(self, node: model.Expression) -> Expression:
        """Whether there is one value."""

    def present(self, node: model.Expression) -> Expression:
        """Whether there is any value."""

    def array(self, node: model.Expression) -> Expression:
        """Several values."""

    def value(self, node: model.Expression) -> Expression:
        """The value, or several."""

    def one(self, node: model.Expression) -> Expression:
        """One value."""


@dataclass(frozen=True, slots=True)
class Said:
    """When a condition is true, and when false: conditions that are never null."""

    true: Expression
    false: Expression


def null(kind: Type) -> Expression:
    """No value of a type."""
    if kind in TEXTS:
        return Text("")
    return Typed(_NULLS.get(kind, "long"), "null")


def spelled(name: str) -> str:
    """The name of a column; those that no query names begin with a sign that Kusto reserves."""
    return f"agg_{name[1:]}" if name.startswith("$") else name


def listed(values: Expression) -> Call:
    """An array with an element at least, so that its row stays."""
    count = tree.call("array_length", values)
    nothing, alone = tree.call("pack_array", tree.NULL_ELEMENT), tree.call("pack_array", values)
    return tree.call("case", Binary(">", count, Number(0)), values, tree.call("isnull", count), alone, nothing)


def lowering(operation: Operation) -> str:
    """The function that changes the case of letters."""
    return "tolower" if operation is Operation.TO_LOWER else "toupper"


def typed(value: Operand, kind: Type) -> Expression:
    """A value of a column as its ES|QL type says."""
    if kind in TEXTS or kind is Type.VERSION:
        return value.as_text()
    if kind is Type.DATE:
        return value.as_time()
    if kind is Type.BOOLEAN:
        return value.as_bool()
    return value.as_number(real=kind is Type.DOUBLE)


def text_of(node: model.Expression) -> str:
    """The text of a constant. Raises UnsayableError."""
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        raise UnsayableError("an argument that is no constant")
    return node.value


def whole_of(node: model.Expression) -> int:
    """The whole number of a constant. Raises UnsayableError."""
    if not isinstance(node, Constant) or not isinstance(node.value, int):
        raise UnsayableError("an argument that is no constant")
    return node.value


def constant_of(node: Constant) -> Expression:
    """A constant, several values as an array. Raises UnsayableError."""
    value = node.value
    match value:
        case None if node.many:
            return tree.call("pack_array", *(constant_of(Constant(v, node.type)) for v in node.many))
        case None:
            return null(node.type)
        case bool():
            return Truth(value)
        case int() if node.type is Type.IP:
            return Text(address_text(value))
        case int() if node.type is Type.DURATION:
            return tree.timespan(value)
        case int() if node.type is Type.DATE:
            epoch = Typed("datetime", "1970-01-01")
            return Binary("+", epoch, tree.timespan(value))
        case int() | float():
            return Number(float(value) if node.type is Type.DOUBLE else value)
        case str():
            return Text(value)
        case model.Period(months=0, days=days):
            return tree.timespan(days * DAY)  # a day of UTC is as long as any other
        case _:
            raise UnsayableError("a constant of this type")
