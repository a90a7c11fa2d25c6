"""What expressions of a pipeline are made of in eval: constants, and conditions that are never NULL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backends.splunk.condition.literal import string
from converter.deferred import dataclass
from converter.languages.spl.shorthand import NULL, call, conjunction, equal, negation, number
from converter.languages.spl.syntax import Expression, Name, Number, Text
from converter.model import pipeline as model
from converter.model.duration import DAY
from converter.model.pipeline import Constant, Type
from converter.readers import address
from converter.readers.esql.literal import address_text
from converter.target.narrowing import UnsayableError

_ZERO, _ONE = Number("0"), Number("1")


class Values(Protocol):
    """What functions ask of the writer of values, which asks them: see `rowvalue.Values`."""

    notes: list[str]
    unordered: set[str]

    def let(self, value: Expression) -> Name:
        """The column of a value, computed before the next stage."""

    def value(self, node: model.Expression) -> Expression:
        """The value, or several."""

    def one(self, node: model.Expression) -> Expression:
        """One value."""


@dataclass(frozen=True, slots=True)
class Truth:
    """When a condition is true, and when false: conditions that are never NULL."""

    true: Expression
    false: Expression


def sure(condition: Expression) -> Expression:
    """A condition that may be NULL as one that is not."""
    return equal(call("if", condition, _ONE, _ZERO), _ONE)


def leaf(name: Name, test: Expression) -> Truth:
    """A test of one column."""
    return leaf_of([name], test)


def leaf_of(names: Sequence[Name], test: Expression) -> Truth:
    """False where every side has a value and the test does not hold."""
    known = [call("isnotnull", n) for n in dict.fromkeys(names)]
    true = sure(conjunction([*known, test]))
    return Truth(true, conjunction([*known, negation(sure(test))]))


def text_of(node: model.Expression) -> str:
    """The text of a constant. Raises UnsayableError."""
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        raise UnsayableError("an argument that is no constant")
    return node.value


def network_of(node: model.Expression) -> Text:
    """A network with its bits, which `cidrmatch` needs. Raises UnsayableError."""
    text = text_of(node)
    try:
        address.within(text)
    except address.AddressError as error:
        raise UnsayableError("a network that is none") from error
    if "/" in text:
        return string(text)
    return string(f"{text}/{128 if ':' in text else 32}")


def whole_of(node: model.Expression) -> int:
    """The whole number of a constant. Raises UnsayableError."""
    if not isinstance(node, Constant) or not isinstance(node.value, int):
        raise UnsayableError("an argument that is no constant")
    return node.value


def constant_of(node: Constant) -> Expression:
    """A constant in eval. Raises UnsayableError."""
    value = node.value
    match value:
        case None if node.many:
            raise UnsayableError("an array as a constant")
        case None:
            return NULL
        case bool():
            return Text("true" if value else "false")
        case int() if node.type is Type.IP:
            return string(address_text(value))
        case int() | float():
            return number(value)
        case str():
            if not all(c.isprintable() for c in value):
                raise UnsayableError("a text with control characters")
            return string(value)
        case model.Period(months=0, days=days):
            return number(days * DAY)  # a day of UTC is as long as any other
        case _:
            raise UnsayableError("a constant of this type")
