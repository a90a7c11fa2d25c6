"""Where a field is in a table: its expression and type, and how a value of it is read as text, number or time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from backends.sentinel.condition import literal
from converter.model import value
from converter.model.value import Field, Kind

DYNAMIC = "dynamic"
_NUMBERS = frozenset({"int", "long", "real", "decimal", "double"})
_TYPES = {
    Kind.KEYWORD: "string",
    Kind.TEXT: "string",
    Kind.IP: "string",
    Kind.LONG: "long",
    Kind.DOUBLE: "real",
    Kind.BOOLEAN: "bool",
    Kind.DATE: "datetime",
}


@dataclass(frozen=True, slots=True)
class Array:
    """A dynamic to walk over: an array, a scalar or null; with `objects` an array of objects or null."""

    text: str
    objects: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A field's place. `many`: a dynamic that holds an array, a scalar or null.

    `inner` is the way from an element of the array to the value (array of objects, flattened).
    """

    text: str
    type: str
    many: bool = False
    inner: tuple[str, ...] = ()

    @property
    def array(self) -> Array:
        """The values, to walk over."""
        return Array(self.text, objects=bool(self.inner))

    def value(self) -> Operand:
        """The single value of a column that is not many."""
        return Operand(self.text, self.type)


@dataclass(frozen=True, slots=True)
class Operand:
    """One value: an expression and its type."""

    text: str
    type: str

    @property
    def is_text(self) -> bool:
        """Whether it is a string already."""
        return self.type == "string"

    @property
    def is_number(self) -> bool:
        """Whether it is a number already."""
        return self.type in _NUMBERS

    def as_text(self) -> str:
        """The value as text; missing is the empty text."""
        return self.text if self.type == "string" else f"tostring({self.text})"

    def as_number(self, *, real: bool = False) -> str:
        """The value as a number; null where it is none."""
        return self.text if self.is_number else f"{'todouble' if real else 'tolong'}({self.text})"

    def as_bool(self) -> str:
        """The value as true, false or null."""
        return self.text if self.type == "bool" else f"tobool({self.text})"

    def as_time(self) -> str:
        """The value as a point in time or null."""
        return self.text if self.type == "datetime" else f"todatetime({self.text})"


def type_of(kind: Kind) -> str:
    """The type of a column that holds one value of this kind."""
    return _TYPES[kind]


def ecs_type(field: Field) -> str:
    """The column type under the ECS convention."""
    return DYNAMIC if field.many else type_of(field.kind)


def column(field: Field) -> Column:
    """The field's place as the binding gave it, else by the ECS convention."""
    match field.way:
        case None:
            return Column(literal.name(field.path), ecs_type(field), field.many)
        case value.Members(text, member):
            return Column(_dotted(text), DYNAMIC, many=True, inner=tuple(member.split(".")))
        case value.Column(text, type_):
            text = _dotted(text)
        case value.Computed(text, type_):
            pass
        case value.Spelled(text):
            type_ = ""
        case _:
            assert_never(field.way)
    kind = type_ or ecs_type(field)
    return Column(text, kind, field.many and kind == DYNAMIC)


_PATH = re.compile(r"[\w ]+(?:\.[\w ]+)*")


def _dotted(text: str) -> str:
    """A column and members inside it, quoted where needed; anything else is an expression of a table."""
    return literal.path(text.split(".")) if _PATH.fullmatch(text) else text


def inner_value(element: str, steps: tuple[str, ...]) -> str:
    """The value that `steps` lead to from an element."""
    for step in steps:
        element = literal.member(element, step)
    return element
