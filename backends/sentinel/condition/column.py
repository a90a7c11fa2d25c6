"""Where a field is in a table: its expression and type, and how a value of it is read as text, number or time."""

from __future__ import annotations

from functools import lru_cache
from typing import assert_never

from backends.sentinel.condition import tree
from backends.sentinel.condition.test import Values
from converter.deferred import compiled, dataclass
from converter.languages.kusto import parse
from converter.languages.kusto.syntax import Call, Expression, Member, Name
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
class Operand:
    """One value: an expression and its type."""

    expression: Expression
    type: str

    @property
    def is_text(self) -> bool:
        """Whether it is a string already."""
        return self.type == "string"

    @property
    def is_number(self) -> bool:
        """Whether it is a number already."""
        return self.type in _NUMBERS

    def as_text(self) -> Expression:
        """The value as text; missing is the empty text."""
        return self.expression if self.type == "string" else self._as("tostring")

    def as_number(self, *, real: bool = False) -> Expression:
        """The value as a number; null where it is none."""
        return self.expression if self.is_number else self._as("todouble" if real else "tolong")

    def as_bool(self) -> Expression:
        """The value as true, false or null."""
        return self.expression if self.type == "bool" else self._as("tobool")

    def as_time(self) -> Expression:
        """The value as a point in time or null."""
        return self.expression if self.type == "datetime" else self._as("todatetime")

    def of(self, kind: Kind) -> Expression:
        """A value of a dynamic column as conditions on a field of the kind read it; any other as it is."""
        if self.type != "dynamic":
            return self.expression
        match kind:
            case Kind.KEYWORD | Kind.TEXT | Kind.IP:
                return self.as_text()
            case Kind.LONG | Kind.DOUBLE:
                return self.as_number(real=kind is Kind.DOUBLE)
            case Kind.BOOLEAN:
                return self.as_bool()
            case Kind.DATE:
                return self.as_time()
            case _:
                assert_never(kind)

    def _as(self, function: str) -> Expression:
        return tree.call(function, self.expression)


@dataclass(frozen=True, slots=True)
class Column:
    """A field's place. `many`: a dynamic that holds an array, a scalar or null.

    `inner` is the way from an element of the array to the value (array of objects, flattened). `arrays`: every value
    is an array of texts or null, as a function makes it.
    """

    expression: Expression
    type: str
    many: bool = False
    inner: tuple[str, ...] = ()
    arrays: bool = False

    @property
    def values(self) -> Values:
        """The values, to walk over."""
        return Values(self.expression, objects=bool(self.inner))

    def value(self) -> Operand:
        """The single value of a column that is not many."""
        return Operand(self.expression, self.type)


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
            return Column(Name(field.path), ecs_type(field), field.many)
        case value.Members(text, member):
            return Column(_dotted(text), DYNAMIC, many=True, inner=tuple(member.split(".")))
        case value.Column(text, type_):
            expression = _dotted(text)
        case value.Computed(text, type_):
            expression = written(text)
        case value.Spelled(text):
            expression, type_ = written(text), ""
        case _:
            assert_never(field.way)
    kind = type_ or ecs_type(field)
    is_array = isinstance(expression, Call) and expression.function in _MAKE_TEXTS
    return Column(expression, kind, field.many and kind == DYNAMIC, arrays=is_array)


_MAKE_TEXTS = frozenset({"split", "parse_command_line", "extract_all"})
_PATH = compiled(r"[\w ]+(?:\.[\w ]+)*")


@lru_cache(maxsize=4096)
def written(text: str) -> Expression:
    """The tree of an expression that a table's author wrote."""
    return parse.expression(text)


def _dotted(text: str) -> Expression:
    """A column and members inside it; anything else is an expression of a table."""
    return tree.path(text.split(".")) if _PATH.fullmatch(text) else written(text)


def inner_value(element: Expression, steps: tuple[str, ...]) -> Expression:
    """The value that `steps` lead to from an element."""
    for step in steps:
        element = Member(element, step)
    return element
