"""Clauses over fields as kuery, Lucene query strings and Query DSL filters write them, and what is found on the way.

What a field and a value mean is `converter.readers.leaf`; here are the words of analysed text, names with wildcards,
nested arrays, and the languages' codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code
from converter.fields import analysis
from converter.fields.schema import Schema
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern
from converter.model.predicate import And, Comparison, Constant, Or, Phrase, Predicate, Present
from converter.model.value import Kind
from converter.readers import leaf
from converter.readers.leaf import NEVER, Bounds, Misfit, Subject, Unfit

_NUMBERS: Final[Mapping[Misfit, str]] = {
    Misfit.NUMBER: "016",
    Misfit.ADDRESS: "017",
    Misfit.DATE: "018",
    Misfit.TRUTH: "019",
    Misfit.WILDCARD: "020",
    Misfit.REGEX: "020",
    Misfit.ORDER: "021",
    Misfit.EXPRESSION: "024",
    Misfit.LETTERS: "025",
}
"""The number of each misfit's code, the same in every language."""


class Clauses:
    """Builds leaves and collects what is found; `codes` are the language's own, by number."""

    def __init__(self, schema: Schema, codes: Mapping[str, Code]) -> None:
        self._schema = schema
        self._codes = codes
        self._noted: set[str] = set()
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
        self._found.update(dict.fromkeys(replace(d, span=None) for d in diagnostics))

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

    def note_cut(self, subject: Subject, span: Span | None) -> None:
        """State that a wildcard with blanks is several."""
        message = f"{subject.path} is of type wildcard: Kibana looks for each part between blanks by itself"
        self._note("026", message, span, f"{subject.path} {span}")

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
        return self._schema.array_around(path)

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
        return self._settled(subject, leaf.equal(subject, text, case, span), span)

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

    def like(self, subject: Subject, pattern: Pattern, span: Span | None, case: Case = Case.SENSITIVE) -> Predicate:
        """A whole value matches the pattern; on analysed text one token does."""
        return self._settled(subject, leaf.like(subject, pattern, case, span), span)

    def matches(self, subject: Subject, text: str, span: Span | None, case: Case = Case.SENSITIVE) -> Predicate:
        """A whole value matches the Lucene regular expression `text`."""
        return self._settled(subject, leaf.matches(subject, text, case, span), span)

    def compare(self, subject: Subject, order: Comparison, text: str, span: Span | None) -> Predicate:
        """Some value stands in the relation to `text`."""
        return self._settled(subject, leaf.ordered(subject, order, text, span), span)

    def between(self, subject: Subject, bounds: Bounds, span: Span | None) -> Predicate:
        """Some one value satisfies all bounds."""
        return self._settled(subject, leaf.between(subject, bounds, span), span)

    def _settled(self, subject: Subject, found: Predicate | Unfit, span: Span | None) -> Predicate:
        """The leaf; what does not fit the field is reported, and "never" takes its place."""
        if not isinstance(found, Unfit):
            return found
        if found.misfit is Misfit.LETTERS:
            self._note(_NUMBERS[found.misfit], found.message, span, f"{subject.path} {span}")
            return NEVER
        hint = found.hint or _hint(subject, found.misfit)
        return self.refuse(_NUMBERS[found.misfit], found.message, span, hint)


def _hint(subject: Subject, misfit: Misfit) -> str:
    """What to write instead, in the languages of search bars."""
    if misfit not in (Misfit.WILDCARD, Misfit.REGEX):
        return ""
    if subject.kind is Kind.IP:
        return "Write a network such as 10.0.0.0/8."
    return f"Write a whole value, or {subject.path}: * for any."
