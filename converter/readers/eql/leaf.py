"""A field beside values as EQL writes it (rules E02 to E08); what they mean is `converter.readers.leaf`.

EQL's own: null is never a value but asks whether the field is missing (E08), `:` and `like` know * and ? (E03), and
operators for text take whole values of other kinds of field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from converter.diagnostics import Span
from converter.diagnostics.code import Code
from converter.languages.eql.codes import E025, E028, E029, E030
from converter.model import pattern as patterns
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import Comparison, Like, Not, OneOf, Or, Predicate, Present
from converter.model.value import Kind
from converter.readers import leaf
from converter.readers.eql.context import Context
from converter.readers.eql.fold import Constant
from converter.readers.leaf import NEVER, Given, Misfit, Subject, Unfit

_CODES: Final[Mapping[Misfit, Code]] = {
    Misfit.NUMBER: E029,
    Misfit.ADDRESS: E029,
    Misfit.DATE: E029,
    Misfit.TRUTH: E029,
    Misfit.ORDER: E029,
    Misfit.WILDCARD: E030,
    Misfit.REGEX: E030,
    Misfit.EXPRESSION: E028,
    Misfit.LETTERS: E025,
}


def _settled(context: Context, subject: Subject, found: Predicate | Unfit, span: Span) -> Predicate:
    """The leaf; what does not fit the field is reported, and "never" takes its place."""
    if not isinstance(found, Unfit):
        return found
    return context.refuse(_CODES[found.misfit], found.message, span, found.hint or _hint(subject, found.misfit))


def _hint(subject: Subject, misfit: Misfit) -> str:
    """What to write instead."""
    if misfit is Misfit.WILDCARD and subject.kind is Kind.IP:
        return 'Write cidrMatch(field, "10.0.0.0/8").'
    return "Compare with < > or whole values." if misfit in (Misfit.WILDCARD, Misfit.REGEX) else ""


def equals(context: Context, subject: Subject, value: Constant, case: Case, span: Span) -> Predicate:
    """`field == value`, or its form that ignores case; null makes it "missing" (rule E08)."""
    if value is None:
        return Not(Present(subject.field(), span))
    return one_of(context, subject, (value,), case, span)


def one_of(context: Context, subject: Subject, values: tuple[Constant, ...], case: Case, span: Span) -> Predicate:
    """`field in (values)`; null in a list matches nothing."""
    given: tuple[Given, ...] = tuple(v for v in values if v is not None)
    return _settled(context, subject, leaf.one_of(subject, given, case, span), span)


def compare(context: Context, subject: Subject, order: Comparison, value: Constant, span: Span) -> Predicate:
    """`field < value` and its kin; null makes it never."""
    if value is None:
        return NEVER
    return _settled(context, subject, leaf.ordered(subject, order, value, span), span)


def wildcard(text: str) -> Pattern:
    """The pattern of a value of `:`, `like` or `like~` (rule E03); a backslash is an ordinary character."""
    signs = {"*": Wild.ANY_RUN, "?": Wild.ANY_ONE}
    return patterns.of(*(signs.get(piece, piece) for piece in re.split(r"([*?])", text)))


def like(context: Context, subject: Subject, texts: tuple[str, ...], case: Case, span: Span) -> Predicate:
    """`field like (texts)`: whole values without wildcard signs, and patterns; other kinds take whole values."""
    wild = tuple(dict.fromkeys(wildcard(t) for t in texts if "*" in t or "?" in t))
    whole = tuple(dict.fromkeys(t for t in texts if "*" not in t and "?" not in t))
    if subject.kind is not Kind.KEYWORD:
        if not wild:
            return one_of(context, subject, whole, Case.SENSITIVE, span)
        return _settled(context, subject, leaf.like(subject, wild[0], case, span), span)
    field, case = subject.field(), subject.case(case)
    if any(p.parts == (Wild.ANY_RUN,) for p in wild):
        return Present(field, span)
    options: list[Predicate] = []
    if whole:
        options.append(OneOf(field, whole, case, span))
    if wild:
        options.append(Like(field, wild, case, span))
    return options[0] if len(options) == 1 else Or(tuple(options))


def matches(
    context: Context, subject: Subject, texts: tuple[tuple[str, Span], ...], case: Case, span: Span
) -> Predicate:
    """`field regex (texts)`: Lucene's syntax against the whole value (rule E04)."""
    found: list[Predicate] = []
    for text, at in texts:
        one = leaf.matches(subject, text, case, span)
        if isinstance(one, Unfit) and one.misfit is Misfit.REGEX:
            return _settled(context, subject, one, span)
        found.append(_settled(context, subject, one, at))
    return normalise(Or(tuple(found)))
