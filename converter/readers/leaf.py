"""What a field and a value mean together, by the field's kind: one leaf for one clause of an Elasticsearch query.

kuery, Lucene query strings, Query DSL filters and EQL differ in what they write, not in how Elasticsearch searches a
keyword, a number, an address or a date: all of them build their leaves here (rules K01 to K21, E02 to E08). What does
differ between them is an argument: letters' case (K01 and E02), the pattern that a text means (K02, K23, E03), and
which fields a language reaches at all (K13 and K20 against E13), which is asked before anything comes here.

A value that the field cannot be compared with is an `Unfit`: each language has its own code for it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias, assert_never

from converter.deferred import compiled, dataclass
from converter.diagnostics import Span
from converter.fields.analysis import may_hold
from converter.fields.schema import FieldInfo
from converter.model import pattern as patterns
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    Between,
    Compare,
    Comparison,
    Constant,
    End,
    InNetwork,
    Like,
    Matches,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Kind
from converter.readers import address, date

NEVER: Final = Constant(value=False)
ALWAYS: Final = Constant(value=True)

Given: TypeAlias = "str | int | float | bool"
"""A value as a language gives it; text is read as the field's kind reads it (rule K16)."""

_NUMBER = compiled(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LEAST_LONG: Final = -(2**63)
_MOST_LONG: Final = 2**64 - 1  # unsigned_long is a LONG of the model


class Misfit(Enum):
    """Why a value is no value for a field."""

    NUMBER = "not a number"
    ADDRESS = "not an address"
    DATE = "not a date"
    TRUTH = "neither true nor false"
    ORDER = "the field has no order"
    WILDCARD = "the field holds no text for wildcards"
    REGEX = "the field holds no text for regular expressions"
    EXPRESSION = "not a regular expression that can be carried"
    LETTERS = "upper case or signs that the index of analysed text lacks: never found, which is no error"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that Elasticsearch does not take, in words for the user.

    `part` is the wrong part of a regular expression: first and last place in its text.
    """

    misfit: Misfit
    message: str
    hint: str = ""
    part: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A field that a clause is about, and where the clause names it."""

    info: FieldInfo
    span: Span | None

    @property
    def path(self) -> str:
        """The field's name."""
        return self.info.path

    @property
    def kind(self) -> Kind:
        """How the field is indexed."""
        return self.info.kind

    @property
    def holds(self) -> str:
        """What the field holds, in words."""
        return _HOLDS[self.info.kind]

    def field(self) -> Field:
        """The model's field."""
        return self.info.field(self.span)

    def case(self, case: Case) -> Case:
        """A field that is indexed in lower case ignores case whatever the clause asks."""
        return Case.INSENSITIVE if self.info.folded else case


_HOLDS = {
    Kind.LONG: "numbers",
    Kind.DOUBLE: "numbers",
    Kind.BOOLEAN: "true or false",
    Kind.IP: "addresses",
    Kind.DATE: "dates",
    Kind.KEYWORD: "text",
    Kind.TEXT: "analysed text",
}


def shown(value: Given) -> str:
    """A value as text, as a keyword field gets it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# ---- whole values


def equal(subject: Subject, value: Given, case: Case, span: Span | None) -> Predicate | Unfit:
    """A whole value is this one; on analysed text one token is it, case included."""
    match subject.kind:
        case Kind.KEYWORD:
            return OneOf(subject.field(), (shown(value),), subject.case(case), span)
        case Kind.TEXT:
            return token(subject, patterns.of(shown(value)), case, span)
        case Kind.LONG | Kind.DOUBLE:
            number = read_number(subject, value)
            return number if isinstance(number, Unfit) else Compare(subject.field(), Comparison.EQ, number, span)
        case Kind.BOOLEAN:
            if shown(value) not in ("true", "false"):
                return Unfit(Misfit.TRUTH, f"{subject.path} holds true or false, and {shown(value)!r} is neither")
            return Compare(subject.field(), Comparison.EQ, shown(value) == "true", span)
        case Kind.IP:
            try:
                return InNetwork(subject.field(), address.within(shown(value)), span)
            except address.AddressError:
                return _no_address(subject, value)
        case Kind.DATE:
            # A date leaves parts out: its first and its last moment bound it (rule K18).
            return between(subject, ((Comparison.GE, value), (Comparison.LE, value)), span)
        case _:
            assert_never(subject.kind)


def one_of(subject: Subject, values: tuple[Given, ...], case: Case, span: Span | None) -> Predicate | Unfit:
    """A whole value is one of these."""
    found: list[Predicate] = []
    for value in dict.fromkeys(values):
        leaf = equal(subject, value, case, span)
        if isinstance(leaf, Unfit):
            return leaf
        found.append(leaf)
    return normalise(Or(tuple(found)))


def read_number(subject: Subject, value: Given) -> int | float | Unfit:
    """The value as a number of the field's kind."""
    text = shown(value)
    if isinstance(value, bool) or _NUMBER.fullmatch(text) is None:
        return Unfit(Misfit.NUMBER, f"{subject.path} holds numbers, and {text!r} is none")
    exact = Decimal(text)
    within = _LEAST_LONG <= exact <= _MOST_LONG
    if subject.kind is Kind.LONG and not within:
        return Unfit(Misfit.NUMBER, f"{text} is beyond the numbers that {subject.path} can hold")
    return int(exact) if within and exact == int(exact) else float(exact)


def _no_address(subject: Subject, value: Given) -> Unfit:
    hint = "Write an address such as 10.0.0.1 or 2001:db8::1, or a network such as 10.0.0.0/8."
    return Unfit(Misfit.ADDRESS, f"{subject.path} holds addresses, and {shown(value)!r} is none", hint)


# ---- order


def ordered(subject: Subject, order: Comparison, value: Given, span: Span | None) -> Predicate | Unfit:
    """Some value stands in the relation to this one, by the order of the field's kind (rule K16); never EQ."""
    match subject.kind:
        case Kind.KEYWORD if not subject.info.folded:
            return Compare(subject.field(), order, shown(value), span)
        case Kind.LONG | Kind.DOUBLE:
            number = read_number(subject, value)
            return number if isinstance(number, Unfit) else Compare(subject.field(), order, number, span)
        case Kind.IP:
            return _addresses(subject, ((order, value),), span)
        case Kind.DATE:
            try:
                comparison, moment = date.compared(order, shown(value))
            except date.DateError as error:
                hint = "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d."
                return Unfit(Misfit.DATE, f"{subject.path} holds dates: {error}", hint)
            return Compare(subject.field(), comparison, moment, span)
        case Kind.KEYWORD:
            return Unfit(Misfit.ORDER, f"{subject.path} ignores case and has no order")
        case Kind.TEXT | Kind.BOOLEAN:
            return Unfit(Misfit.ORDER, f"{subject.path} holds {subject.holds}, which has no order")
        case _:
            assert_never(subject.kind)


Bounds: TypeAlias = tuple[tuple[Comparison, Given], ...]
"""The ends of a range as written; of two for one side the later one counts, as in Elasticsearch's range query."""

_BELOW = (Comparison.LT, Comparison.LE)


def between(subject: Subject, bounds: Bounds, span: Span | None) -> Predicate | Unfit:
    """Some one value satisfies all bounds: a range is one clause (rule K08)."""
    sides = {order in _BELOW: (order, value) for order, value in bounds}
    if subject.kind is Kind.IP:
        return _addresses(subject, tuple(sides.values()), span)
    ends: dict[bool, Compare] = {}
    for is_high, (order, value) in sides.items():
        end = ordered(subject, order, value, span)
        if not isinstance(end, Compare):
            return end
        ends[is_high] = end
    if len(ends) == 1:
        return next(iter(ends.values()))
    low, high = ends[False], ends[True]
    return normalise(
        Between(
            subject.field(),
            End(low.value, low.comparison is Comparison.GE),
            End(high.value, high.comparison is Comparison.LE),
            span,
        )
    )


def _addresses(subject: Subject, bounds: Bounds, span: Span | None) -> Predicate | Unfit:
    """The networks that hold every address within the bounds."""
    for order, value in bounds:
        try:
            address.networks(order, shown(value))
        except address.AddressError:
            return _no_address(subject, value)
    found = address.between(tuple((order, shown(value)) for order, value in bounds))
    return InNetwork(subject.field(), found, span) if found else NEVER


# ---- text


def like(subject: Subject, pattern: Pattern, case: Case, span: Span | None) -> Predicate | Unfit:
    """A whole value matches the pattern; on analysed text one token does."""
    match subject.kind:
        case Kind.KEYWORD:
            if pattern.parts == (Wild.ANY_RUN,):
                return Present(subject.field(), span)
            return normalise(Like(subject.field(), (pattern,), subject.case(case), span))
        case Kind.TEXT:
            return token(subject, pattern, case, span)
        case Kind.LONG | Kind.DOUBLE | Kind.BOOLEAN | Kind.IP | Kind.DATE:
            return Unfit(Misfit.WILDCARD, f"{subject.path} holds {subject.holds}, which no wildcard matches")
        case _:
            assert_never(subject.kind)


def token(subject: Subject, pattern: Pattern, case: Case, span: Span | None) -> Predicate | Unfit:
    """One token of analysed text matches; tokens are lower case, and the clause is not analysed (rule K13)."""
    if case is Case.INSENSITIVE:
        pattern = lowered(pattern)
    if pattern != lowered(pattern):
        message = f"{subject.path} is analysed text in lower case, so that this is never found in it"
        return Unfit(Misfit.LETTERS, message)
    analyzer = subject.info.analyzer
    if not all(may_hold(p, analyzer) for p in pattern.parts if isinstance(p, str)):
        message = f"the words of {subject.path} are cut at signs that this asks for, so that it is never found in one"
        return Unfit(Misfit.LETTERS, message)
    return Phrase(subject.field(), (pattern,), subject.info.analyzer, span)


def lowered(pattern: Pattern) -> Pattern:
    """The pattern with its texts in lower case, as the analyzers index them."""
    return Pattern(tuple("".join(c.lower()[:1] for c in p) if isinstance(p, str) else p for p in pattern.parts))


def matches(subject: Subject, text: str, case: Case, span: Span | None) -> Predicate | Unfit:
    """A whole value matches the Lucene regular expression (rule E04)."""
    if subject.kind is Kind.TEXT:
        message = f"{subject.path} is analysed text, whose words a regular expression cannot be carried for"
        return Unfit(Misfit.EXPRESSION, message)
    if subject.kind is not Kind.KEYWORD:
        return Unfit(Misfit.REGEX, f"{subject.path} holds {subject.holds}, which no regular expression matches")
    # Read on demand: few rules hold a regular expression.
    from converter.languages.regex.render import NEVER as NO_TEXT
    from converter.languages.regex.render import RegexSyntaxError, parse_lucene

    case = subject.case(case)
    try:
        regex = parse_lucene(text, case)
    except RegexSyntaxError as error:
        wrong = text[error.start : error.end]
        message = f"the regular expression is wrong at {wrong!r}: {error.message}"
        return Unfit(Misfit.EXPRESSION, message, error.hint, (error.start, error.end))
    return NEVER if regex == NO_TEXT else Matches(subject.field(), (regex,), case, span)
