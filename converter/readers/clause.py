"""What a field and a value mean together, by the field's kind (rules K01 to K21).

Kuery, Lucene query strings and Query DSL filters differ in what they write, not in how Elasticsearch searches
a keyword, a word, a number, an address or a date. They all build their leaves here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, assert_never

from converter.diagnostics import Diagnostic, Severity, Span
from converter.fields import analysis
from converter.fields.schema import FieldInfo, Schema
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    Constant,
    InNetwork,
    Like,
    Matches,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind
from converter.readers import address, date

NEVER: Final = Constant(value=False)
ALWAYS: Final = Constant(value=True)

_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LEAST_LONG: Final = -(2**63)
_MOST_LONG: Final = 2**64 - 1  # unsigned_long is a LONG of the model


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

    def field(self) -> Field:
        """The model's field."""
        return self.info.field(self.span)


class Clauses:
    """Builds leaves and collects what is found; `codes` are the language's own, by number."""

    def __init__(self, schema: Schema, codes: Mapping[str, str]) -> None:
        self._schema = schema
        self._codes = codes
        self._noted: set[str] = set()
        self._arrays: dict[str, str] = {}
        self._found: dict[Diagnostic, None] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found so far, in order."""
        return tuple(self._found)

    def elsewhere(self) -> Clauses:
        """Clauses over the same fields whose spans count in another text."""
        return Clauses(self._schema, self._codes)

    def adopt(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add what was found in a text inside this one, where spans mean nothing."""
        self._found.update(dict.fromkeys(dataclasses.replace(d, span=None) for d in diagnostics))

    def refuse(self, number: str, message: str, span: Span | None, hint: str = "") -> Constant:
        """Report an error; the place of the clause is taken by "never"."""
        self._report(number, message, Severity.ERROR, span, hint)
        return NEVER

    def _report(self, number: str, message: str, severity: Severity, span: Span | None, hint: str = "") -> None:
        self._found[Diagnostic(self._codes[number], message, severity, span, hint=hint)] = None

    def _note(self, number: str, message: str, span: Span | None, key: str) -> None:
        """State a fact, once for each `key`."""
        if key not in self._noted:
            self._noted.add(key)
            self._report(number, message, Severity.NOTE, span)

    def field(self, path: str, span: Span | None, inside: str = "") -> Subject | None:
        """The facts of the field `path`; None, reported, if it lies in a nested array that `inside` is not."""
        info = self._schema.info(path)
        array = self.array_of(info.path)
        if array and array != inside:
            hint = f"Write {array}: {{ {path.removeprefix(array + '.')}: ... }}."
            self.refuse("014", f"{path} lies inside the nested array {array}", span, hint)
            return None
        if not info.declared:
            message = f"{path} is not a known field; it is taken as a keyword that may hold several values"
            self._note("010", message, span, path)
        return Subject(info, span)

    def array_of(self, path: str) -> str:
        """The innermost declared nested array around the field `path`, or ""."""
        around = path.rpartition(".")[0]
        if around not in self._arrays:
            info = self._schema.info(around) if around else None
            nested = info is not None and info.nested and info.path == around
            self._arrays[around] = around if nested or not around else self.array_of(around)
        return self._arrays[around]

    def fields(self, name: str, span: Span | None) -> tuple[Subject, ...]:
        """The known fields that a name with `*` stands for (rule K21); none is a warning."""
        found = self._schema.matching(name)
        if found:
            listed = ", ".join(f.path for f in found[:8]) + (", ..." if len(found) > 8 else "")  # noqa: PLR2004
            self._note("012", f"{name} stands for {len(found)} known fields: {listed}", span, name)
        elif name not in self._noted:
            self._noted.add(name)
            message = f"no known field is named like {name}, so this part never holds"
            self._report("011", message, Severity.WARNING, span, "Name the field.")
        return tuple(Subject(info, span) for info in found)

    def present(self, subject: Subject, span: Span | None) -> Predicate:
        """The field has a value (rule K10)."""
        return Present(subject.field(), span)

    def equals(self, subject: Subject, text: str, span: Span | None, case: Case = Case.SENSITIVE) -> Predicate:
        """A whole value is `text`, read by the field's kind; on analysed text one token is it."""
        field = subject.field()
        match subject.kind:
            case Kind.KEYWORD:
                return OneOf(field, (text,), Case.INSENSITIVE if subject.info.folded else case, span)
            case Kind.TEXT:
                return self._token(subject, patterns.of(text), span, case)
            case Kind.LONG | Kind.DOUBLE:
                value = self._number(subject, text, span)
                return NEVER if value is None else Compare(field, Comparison.EQ, value, span)
            case Kind.BOOLEAN:
                if text not in ("true", "false"):
                    return self.refuse("019", f"{text!r} is not true or false, which {subject.path} holds", span)
                return Compare(field, Comparison.EQ, text == "true", span)
            case Kind.IP:
                try:
                    return InNetwork(field, address.within(text), span)
                except address.AddressError:
                    return self._no_address(subject, text, span)
            case Kind.DATE:
                return self.between(subject, ((Comparison.GE, text), (Comparison.LE, text)), span)
            case _:
                assert_never(subject.kind)

    def any_word(self, subject: Subject, text: str, span: Span | None) -> Predicate:
        """Query DSL's match: any of the words on analysed text, else the whole value (rule K13)."""
        if subject.kind is not Kind.TEXT:
            return self.equals(subject, text, span)
        words = analysis.tokens(text, subject.info.analyzer)
        if not words:
            return self._no_word(subject, text, span)
        field = subject.field()
        return Or(tuple(Phrase(field, (patterns.of(w),), subject.info.analyzer, span) for w in dict.fromkeys(words)))

    def every_word(self, subject: Subject, text: str, span: Span | None) -> Predicate:
        """Query DSL's match with operator and: all of the words, anywhere."""
        found = self.any_word(subject, text, span)
        return And(found.terms) if isinstance(found, Or) else found

    def phrase(self, subject: Subject, text: str, span: Span | None) -> Predicate:
        """Query DSL's match_phrase: the words one after another on analysed text, else the whole value."""
        if subject.kind is not Kind.TEXT:
            return self.equals(subject, text, span)
        words = analysis.tokens(text, subject.info.analyzer)
        if not words:
            return self._no_word(subject, text, span)
        return Phrase(subject.field(), tuple(patterns.of(w) for w in words), subject.info.analyzer, span)

    def _no_word(self, subject: Subject, text: str, span: Span | None) -> Predicate:
        message = f"{text!r} holds no word, so that it is never found in {subject.path}, which is analysed text"
        self._note("023", message, span, f"{subject.path} {text}")
        return NEVER

    def _token(self, subject: Subject, pattern: Pattern, span: Span | None, case: Case) -> Predicate:
        """One token of analysed text matches; tokens are lower case, and the clause is not analysed."""
        if case is Case.INSENSITIVE:
            pattern = lowered(pattern)
        if pattern != lowered(pattern):
            message = f"{subject.path} is analysed text in lower case, so that this is never found in it"
            self._note("025", message, span, f"{subject.path} {pattern}")
            return NEVER
        return Phrase(subject.field(), (pattern,), subject.info.analyzer, span)

    def like(self, subject: Subject, pattern: Pattern, span: Span | None, case: Case = Case.SENSITIVE) -> Predicate:
        """A whole value matches the pattern; on analysed text one token does."""
        if subject.kind is Kind.KEYWORD:
            if pattern.parts == (Wild.ANY_RUN,):
                return self.present(subject, span)
            return Like(subject.field(), (pattern,), Case.INSENSITIVE if subject.info.folded else case, span)
        if subject.kind is Kind.TEXT:
            return self._token(subject, pattern, span, case)
        return self._no_text(subject, "wildcards", span)

    def _no_text(self, subject: Subject, what: str, span: Span | None) -> Constant:
        holds = {Kind.IP: "addresses", Kind.DATE: "dates", Kind.BOOLEAN: "true or false"}.get(subject.kind, "numbers")
        hint = f"Write a whole value, or {subject.path}: * for any."
        if subject.kind is Kind.IP:
            hint = "Write a network such as 10.0.0.0/8."
        return self.refuse("020", f"{subject.path} holds {holds}, which {what} do not match", span, hint)

    def matches(self, subject: Subject, text: str, span: Span | None, case: Case = Case.SENSITIVE) -> Predicate:
        """A whole value matches the Lucene regular expression `text`."""
        if subject.kind is Kind.TEXT:
            message = f"{subject.path} is analysed text, whose words a regular expression cannot be carried for"
            return self.refuse("024", message, span)
        if subject.kind is not Kind.KEYWORD:
            return self._no_text(subject, "regular expressions", span)
        # Read on demand: few rules hold a regular expression.
        from converter.languages.regex.render import RegexSyntaxError, parse_lucene

        try:
            regex = parse_lucene(text)
        except RegexSyntaxError as error:
            return self.refuse("024", f"the regular expression /{text}/ cannot be carried: {error}", span)
        return Matches(subject.field(), (regex,), Case.INSENSITIVE if subject.info.folded else case, span)

    def compare(self, subject: Subject, order: Comparison, text: str, span: Span | None) -> Predicate:
        """Some value stands in the relation to `text`, read by the field's kind (rule K16)."""
        field = subject.field()
        match subject.kind:
            case Kind.KEYWORD if not subject.info.folded:
                return Compare(field, order, text, span)
            case Kind.LONG | Kind.DOUBLE:
                number = self._number(subject, text, span)
                return NEVER if number is None else Compare(field, order, number, span)
            case Kind.IP:
                try:
                    return InNetwork(field, address.networks(order, text), span)
                except address.AddressError:
                    return self._no_address(subject, text, span)
            case Kind.DATE:
                try:
                    comparison, moment = date.compared(order, text)
                except date.DateError as error:
                    hint = "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d."
                    return self.refuse("018", f"{subject.path} holds dates: {error}", span, hint)
                return Compare(field, comparison, moment, span)
            case Kind.KEYWORD | Kind.TEXT | Kind.BOOLEAN:
                return self.refuse("021", f"{subject.path} has no order that a range could use", span)
            case _:
                assert_never(subject.kind)

    def between(self, subject: Subject, bounds: tuple[tuple[Comparison, str], ...], span: Span | None) -> Predicate:
        """One value satisfies all bounds; with many values that can only be approximated."""
        ends = tuple(self.compare(subject, order, text, span) for order, text in bounds)
        if len(ends) != 2:  # noqa: PLR2004 -- a pair has two
            return And(ends)
        match ends:
            case (Compare(value=Instant() as low), Compare(value=Instant() as high)) if low == high and not _open(ends):
                return Compare(subject.field(), Comparison.EQ, low, span)
            case (InNetwork(), InNetwork()):
                return self._networks_between(subject, bounds, span)
            case (Compare(), Compare()) if subject.info.many:
                message = f"{subject.path} may hold several values, and the two ends may be met by different ones"
                self._report("022", message, Severity.WARNING, span, "Declare the field single-valued if it is.")
        return And(ends)

    def _networks_between(
        self, subject: Subject, bounds: tuple[tuple[Comparison, str], ...], span: Span | None
    ) -> Predicate:
        found = address.between(bounds)
        return InNetwork(subject.field(), found, span) if found else NEVER

    def _no_address(self, subject: Subject, text: str, span: Span | None) -> Constant:
        hint = "Write an address such as 10.0.0.1 or a network such as 10.0.0.0/8."
        return self.refuse("017", f"{subject.path} holds addresses, and {text!r} is none", span, hint)

    def _number(self, subject: Subject, text: str, span: Span | None) -> int | float | None:
        """`text` as a number of the field's kind; None, reported, where Elasticsearch refuses it."""
        if _NUMBER.fullmatch(text) is None:
            self.refuse("016", f"{subject.path} holds numbers, and {text!r} is none", span)
            return None
        exact = Decimal(text)
        if subject.kind is Kind.LONG and not _LEAST_LONG <= exact <= _MOST_LONG:
            self.refuse("016", f"{text} is beyond the numbers that {subject.path} can hold", span)
            return None
        if _LEAST_LONG <= exact <= _MOST_LONG and exact == int(exact):
            return int(exact)
        return float(exact)


def _open(ends: tuple[Predicate, ...]) -> bool:
    return any(isinstance(e, Compare) and e.comparison in (Comparison.LT, Comparison.GT) for e in ends)


def lowered(pattern: Pattern) -> Pattern:
    """The pattern with its texts in lower case, as the analyzers index them."""
    return Pattern(tuple("".join(c.lower()[:1] for c in p) if isinstance(p, str) else p for p in pattern.parts))
