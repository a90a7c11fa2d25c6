"""A field beside a value, by the field's kind (rules E02 to E08): one leaf for one Elasticsearch query clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from converter.diagnostics import Span
from converter.fields.schema import FieldInfo
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind
from converter.readers import address, date
from converter.readers.eql.context import NEVER, Context
from converter.readers.eql.fold import Constant, shown

_HOLDS = {
    Kind.LONG: "numbers",
    Kind.DOUBLE: "numbers",
    Kind.BOOLEAN: "true or false",
    Kind.IP: "addresses",
    Kind.DATE: "dates",
    Kind.KEYWORD: "text",
    Kind.TEXT: "text",
}


Given: TypeAlias = "str | int | float | bool"
"""A constant that is not null."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field where the query names it."""

    info: FieldInfo
    span: Span

    @property
    def field(self) -> Field:
        """The model's field."""
        return self.info.field(self.span)


def holds(place: Place) -> str:
    """What a field holds, in words."""
    return _HOLDS[place.info.kind]


def case_of(place: Place, case: Case) -> Case:
    """A field that is indexed in lower case ignores case whatever the operator."""
    return Case.INSENSITIVE if place.info.folded else case


def equals(context: Context, place: Place, value: Constant, case: Case, span: Span) -> Predicate:
    """`field == value`, or its form that ignores case; null makes it "missing" (rule E08)."""
    if value is None:
        return Not(Present(place.field, span))
    return one_of(context, place, (value,), case, span)


def one_of(context: Context, place: Place, values: tuple[Constant, ...], case: Case, span: Span) -> Predicate:
    """`field in (values)`; null in a list matches nothing."""
    given = [v for v in values if v is not None]
    field = place.field
    if not given:
        return NEVER
    match place.info.kind:
        case Kind.KEYWORD:
            texts = tuple(dict.fromkeys(map(shown, given)))
            return OneOf(field, texts, case_of(place, case), span)
        case Kind.TEXT:  # pragma: no cover -- Context.info refuses text fields
            raise AssertionError(place.info.path)
        case Kind.IP:
            return _networks(context, place, given, span)
        case Kind.LONG | Kind.DOUBLE | Kind.BOOLEAN | Kind.DATE:
            leaves = tuple(_equal(context, place, v, span) for v in given)
            return leaves[0] if len(leaves) == 1 else Or(leaves)
        case _:
            assert_never(place.info.kind)


def _networks(context: Context, place: Place, values: list[Given], span: Span) -> Predicate:
    found: list[str] = []
    for value in values:
        try:
            found += address.within(shown(value))
        except ValueError:
            message = f"{place.info.path} holds addresses, and {shown(value)!r} is none"
            return context.refuse("E029", message, span, "Write an address such as 10.0.0.1 or 2001:db8::1.")
    return InNetwork(place.field, tuple(dict.fromkeys(found)), span)


def _equal(context: Context, place: Place, value: Given, span: Span) -> Predicate:
    if place.info.kind is Kind.DATE:
        ends = tuple(_moment(context, place, order, value, span) for order in (Comparison.GE, Comparison.LE))
        match ends:
            case (Compare(value=Instant() as low), Compare(value=Instant() as high)) if low == high:
                return Compare(place.field, Comparison.EQ, low, span)
            case (Compare(), Compare()):
                return And(ends)
            case _:
                return NEVER
    literal = _literal(context, place, value, span)
    return NEVER if literal is None else Compare(place.field, Comparison.EQ, literal, span)


_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?", re.ASCII)


def _literal(context: Context, place: Place, value: Given, span: Span) -> int | float | bool | None:
    """A value as the field's kind reads it; None, reported, where Elasticsearch cannot."""
    if place.info.kind is Kind.BOOLEAN:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return value
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
        return int(value) if re.fullmatch(r"[+-]?\d+", value) else int(number) if number.is_integer() else number
    message = (
        f"{place.info.path} holds {holds(place)}, and {shown(value)!r} is neither"
        if place.info.kind is Kind.BOOLEAN
        else (f"{place.info.path} holds {holds(place)}, and {shown(value)!r} is none")
    )
    context.refuse("E029", message, span)
    return None


def _moment(context: Context, place: Place, order: Comparison, value: Given, span: Span) -> Predicate:
    try:
        comparison, moment = date.compared(order, shown(value))
    except date.DateError as error:
        hint = "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d."
        return context.refuse("E029", f"{place.info.path} holds dates: {error}", span, hint)
    return Compare(place.field, comparison, moment, span)


def compare(context: Context, place: Place, order: Comparison, value: Constant, span: Span) -> Predicate:
    """`field < value` and its kin; null makes it never."""
    field = place.field
    if value is None:
        return NEVER
    match place.info.kind:
        case Kind.KEYWORD:
            if place.info.folded:
                return context.refuse("E029", f"{place.info.path} ignores case and has no order", span)
            return Compare(field, order, shown(value), span)
        case Kind.LONG | Kind.DOUBLE:
            number = _literal(context, place, value, span)
            return NEVER if number is None else Compare(field, order, number, span)
        case Kind.IP:
            try:
                return InNetwork(field, address.networks(order, shown(value)), span)
            except ValueError:
                return _networks(context, place, [value], span)
        case Kind.DATE:
            return _moment(context, place, order, value, span)
        case Kind.BOOLEAN:
            return context.refuse("E029", f"{place.info.path} holds true or false, which have no order", span)
        case Kind.TEXT:  # pragma: no cover -- Context.info refuses text fields
            raise AssertionError(place.info.path)
        case _:
            assert_never(place.info.kind)


def wildcard(text: str) -> Pattern:
    """The pattern of a value of `:`, `like` or `like~` (rule E03); a backslash is an ordinary character."""
    signs = {"*": Wild.ANY_RUN, "?": Wild.ANY_ONE}
    return patterns.of(*(signs.get(piece, piece) for piece in re.split(r"([*?])", text)))


def like(context: Context, place: Place, texts: tuple[str, ...], case: Case, span: Span) -> Predicate:
    """`field like (texts)`: whole values without wildcard signs, and patterns."""
    if place.info.kind is not Kind.KEYWORD:
        return _not_text(context, place, texts, span)
    field, case = place.field, case_of(place, case)
    whole = tuple(dict.fromkeys(t for t in texts if "*" not in t and "?" not in t))
    wild = tuple(dict.fromkeys(wildcard(t) for t in texts if "*" in t or "?" in t))
    options: list[Predicate] = []
    if whole:
        options.append(OneOf(field, whole, case, span))
    if any(p.parts == (Wild.ANY_RUN,) for p in wild):
        return Present(field, span)
    if wild:
        options.append(Like(field, wild, case, span))
    return options[0] if len(options) == 1 else Or(tuple(options))


def _not_text(context: Context, place: Place, texts: tuple[str, ...], span: Span) -> Predicate:
    """Elasticsearch lets these operators compare text only; a whole value has one possible meaning and is read."""
    if any("*" in t or "?" in t for t in texts):
        hint = (
            'Write cidrMatch(field, "10.0.0.0/8").'
            if place.info.kind is Kind.IP
            else "Compare with < > or whole values."
        )
        message = f"{place.info.path} holds {holds(place)}, which no wildcard matches"
        return context.refuse("E030", message, span, hint)
    return one_of(context, place, texts, Case.SENSITIVE, span)


def matches(context: Context, place: Place, texts: tuple[tuple[str, Span], ...], case: Case, span: Span) -> Predicate:
    """`field regex (texts)`: Lucene's syntax against the whole value (rule E04)."""
    if place.info.kind is not Kind.KEYWORD:
        message = f"{place.info.path} holds {holds(place)}, which no regular expression matches"
        return context.refuse("E030", message, span, "Compare with < > or whole values.")
    from converter.languages.regex.render import NEVER as NO_TEXT
    from converter.languages.regex.render import RegexSyntaxError, parse_lucene

    case = case_of(place, case)
    regexes = []
    for text, at in texts:
        try:
            regex = parse_lucene(text, case)
        except RegexSyntaxError as error:
            shown_part = text[error.start : error.end]
            message = f"the regular expression is wrong at {shown_part!r}: {error.message}"
            context.refuse("E028", message, at, error.hint)
            continue
        if regex != NO_TEXT:
            regexes.append(regex)
    return Matches(place.field, tuple(regexes), case, span) if regexes else NEVER
