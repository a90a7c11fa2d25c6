"""Which types go together: sets that functions take, and the type that several values have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from converter.deferred import replace
from converter.model.pipeline import Apply, Column, Constant, Expression, Reference, Type, type_of
from converter.model.value import Kind

STRINGS: Final = frozenset({Type.KEYWORD, Type.TEXT})
NUMBERS: Final = frozenset({Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG, Type.DOUBLE})
WHOLE: Final = frozenset({Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG})
DATES: Final = frozenset({Type.DATE})
ADDRESSES: Final = frozenset({Type.IP})
BOOLEANS: Final = frozenset({Type.BOOLEAN})
POINTS: Final = frozenset({Type.POINT})
SPANS: Final = frozenset({Type.PERIOD, Type.DURATION})
ORDERED: Final = NUMBERS | STRINGS | DATES | ADDRESSES | BOOLEANS | {Type.VERSION}
ANYTHING: Final = ORDERED | POINTS
FROM_TEXT: Final = frozenset({Type.DATE, Type.IP, Type.VERSION, Type.BOOLEAN, Type.PERIOD, Type.DURATION})
"""What a string constant may be taken as (rule Q15)."""

TYPE_WORDS: Final = {
    "string": Type.KEYWORD,
    "keyword": Type.KEYWORD,
    "text": Type.KEYWORD,
    "int": Type.INTEGER,
    "integer": Type.INTEGER,
    "long": Type.LONG,
    "unsigned_long": Type.UNSIGNED_LONG,
    "ul": Type.UNSIGNED_LONG,
    "ulong": Type.UNSIGNED_LONG,
    "double": Type.DOUBLE,
    "dbl": Type.DOUBLE,
    "boolean": Type.BOOLEAN,
    "bool": Type.BOOLEAN,
    "datetime": Type.DATE,
    "date": Type.DATE,
    "dt": Type.DATE,
    "ip": Type.IP,
    "version": Type.VERSION,
    "ver": Type.VERSION,
    "geo_point": Type.POINT,
    "geopoint": Type.POINT,
}
"""The words after `::`."""

_WIDTH: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG, Type.DOUBLE)


def word(kind: Type) -> str:
    """The type in words, for messages."""
    return {Type.KEYWORD: "text", Type.TEXT: "text", Type.DATE: "a date", Type.IP: "an IP address"}.get(
        kind, kind.value
    )


def words(kinds: Iterable[Type]) -> str:
    """Types in words: text or a date."""
    found = list(dict.fromkeys(word(k) for k in sorted(kinds, key=lambda k: list(Type).index(k))))
    if {"integer", "long", "unsigned_long", "double"} <= set(found):
        numbers = {"integer", "long", "unsigned_long", "double"}
        found = ["a number", *(f for f in found if f not in numbers)]
    return " or ".join(found)


def widest(left: Type, right: Type) -> Type:
    """The type of arithmetic on two numbers."""
    if Type.UNSIGNED_LONG in (left, right) and left is not right and Type.DOUBLE not in (left, right):
        return Type.UNSIGNED_LONG
    return max(left, right, key=_WIDTH.index)


def common(left: Type, right: Type) -> Type | None:
    """The type that values of both have together; None if they have none."""
    if left is right:
        return left
    for one, other in ((left, right), (right, left)):
        if one in (Type.NULL, Type.UNKNOWN):
            return other
    if left in NUMBERS and right in NUMBERS:
        return widest(left, right)
    return Type.KEYWORD if left in STRINGS and right in STRINGS else None


_KINDS: Final = {
    Type.INTEGER: Kind.LONG,
    Type.LONG: Kind.LONG,
    Type.DOUBLE: Kind.DOUBLE,
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.DATE: Kind.DATE,
    Type.IP: Kind.IP,
}


def of_type(column: Column, kind: Type) -> Column:
    """A column whose type nothing declares, taken as of this type; so is the field that it is."""
    field = column.field
    if field is not None and kind in _KINDS:
        field = replace(field, kind=_KINDS[kind])
    return replace(column, type=kind, field=field)


def assumed(expression: Expression, kind: Type) -> Expression:
    """An expression whose type nothing declares, taken as of this type."""
    if isinstance(expression, Reference) and expression.column.type is Type.UNKNOWN:
        return replace(expression, column=of_type(expression.column, kind))
    if isinstance(expression, Apply) and expression.type is Type.UNKNOWN:
        arguments = tuple(assumed(a, kind) for a in expression.arguments)
        return replace(expression, type=kind, arguments=arguments)
    return expression


def settled(expression: Expression) -> Expression:
    """An expression that nothing says more of: an undeclared field is a keyword."""
    return assumed(expression, Type.KEYWORD)


def is_text(expression: Expression) -> bool:
    """Whether this is a string constant, which takes the type of what it stands beside."""
    return isinstance(expression, Constant) and type_of(expression) is Type.KEYWORD and not expression.many
