"""The fields of a search as they are read: by name, or by the text of the expression that computes a value."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from converter.deferred import compiled, replace
from converter.languages.spl.replace import map_children
from converter.languages.spl.syntax import Call, Expression, Macro, Name, Text
from converter.languages.spl.write import expression
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import Compare, Comparison, InNetwork, Like, Or, Predicate, Present
from converter.model.value import Field, Kind
from converter.readers.unraised import UnraisedError

Columns: TypeAlias = Mapping[str, Field]
"""What is known of fields: the kind of their values, and whether an event may hold several."""

NUMBERS = (Kind.LONG, Kind.DOUBLE)
_WHOLE = compiled(r"-?\d{1,18}")


def subject(value: Expression) -> str:
    """The name of a field, of a member of an array's objects, or the text of a computed value."""
    match value:
        case Name(text):
            return text
        case Call("spath", (Call("spath", (array, Text("{}"))), Text(member))):
            return f"{subject(array)}.{member.removesuffix('{}')}"
        case Call("coalesce", (Call("spath", (_, Text(each))) as first, Call("spath", (_, Text(one))) as second)) if (
            each == f"{one}{{}}" and subject(first) == subject(second)
        ):
            return subject(second)
        case _:
            _without_macros(value)
            return expression(value)


def _without_macros(value: Expression) -> Expression:
    if isinstance(value, Macro):
        raise UnraisedError("a macro, which is defined elsewhere")
    return map_children(value, _without_macros)


def column(value: Expression | str, columns: Columns) -> Field:
    """The field of a name or a computed value; one that is not known holds one text."""
    name = value if isinstance(value, str) else subject(value)
    return columns.get(name) or Field(name, Kind.KEYWORD, many=False)


def single(value: Expression, columns: Columns) -> Field:
    """The field of an expression that takes one value. Raises UnraisedError for one of several."""
    found = column(value, columns)
    if found.many:
        raise UnraisedError("one value asked of a field of several")
    return found


def compares(field: Field, patterns: Sequence[Pattern], case: Case) -> Predicate:
    """The field's value as a whole is one of these, as the kind of its values makes it. Raises UnraisedError."""
    if field.kind in (Kind.KEYWORD, Kind.TEXT):
        return normalise(Like(field, tuple(patterns), case))
    return Or(tuple(_compared(field, one) for one in patterns))


def _compared(field: Field, one: Pattern) -> Predicate:
    text = one.literal
    if text is None:
        if one.parts in ((Wild.ANY_RUN,), (Wild.ANY_ONE, Wild.ANY_RUN)):
            return Present(field)
        raise UnraisedError("a part of a value that is no text")
    if field.kind is Kind.BOOLEAN and text.lower() in ("true", "false"):
        return Compare(field, Comparison.EQ, text.lower() == "true")
    if field.kind in NUMBERS and _WHOLE.fullmatch(text):
        return Compare(field, Comparison.EQ, int(text))
    if field.kind is Kind.IP and (found := network(text)):
        return InNetwork(field, (found,))
    raise UnraisedError(f"a value of {field.kind.value} as text")


def network(text: str) -> str:
    """The network of an address or of `address/bits`; "" for another text."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return ""


def ordered(field: Field, order: Comparison, value: float) -> Predicate:
    """A comparison with a number."""
    kind = Kind.LONG if isinstance(value, int) else Kind.DOUBLE
    return Compare(field if field.kind in NUMBERS else replace(field, kind=kind), order, value)
