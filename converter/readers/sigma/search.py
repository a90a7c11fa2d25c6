"""Searches and conditions of a Sigma document as predicates over Elastic's fields.

Meaning by the specification (SigmaHQ/sigma-specification, specification/sigma-rules-specification.md and
sigma-appendix-modifiers.md): texts ignore case unless `cased` (rule S01), `*` and `?` are wildcards (S02), a
list is an or, a map an and, `null` is a field without a value (S03), a comparison with a missing field is false and
`not` is the classical one (S04), a search without a field is in the whole event (S05).
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping
from typing import assert_never

from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code
from converter.fields.roles import EVENT_TEXT, field_of
from converter.fields.schema import FieldInfo, Schema
from converter.fields.taxonomy import Vocabulary
from converter.languages.regex.lucene import RegexSyntaxError
from converter.languages.regex.perl import Flags, parse_search
from converter.languages.sigma import syntax
from converter.languages.sigma.codes import S004, S008, S009, S010, S011, S012, S013, S015
from converter.languages.sigma.syntax import Condition, Entry, Every, Item, Search, Some
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    Holds,
    InNetwork,
    Matches,
    Not,
    Or,
    Predicate,
    Present,
)
from converter.model.value import Call, Field, Function, Kind
from converter.readers import address, leaf
from converter.readers.leaf import NEVER, Given, Subject, Unfit
from converter.readers.sigma import values
from converter.readers.sigma.document import Detection
from converter.readers.sigma.values import ModifierError, PlaceholderError, Placeholders, Value

_ORDERS = {"lt": Comparison.LT, "lte": Comparison.LE, "gt": Comparison.GT, "gte": Comparison.GE}
_UNNAMED = "_"
"""Searches whose names begin so are no part of `them`."""


class Searches:
    """Lowers the searches of one document. `found` has what was noticed; an error leaves "never" in its place."""

    def __init__(self, words: Vocabulary, schema: Schema, given: Placeholders) -> None:
        self.found: dict[Diagnostic, None] = {}
        self._words = words
        self._schema = schema
        self._given = given
        self._plain: set[str] = set()
        """Fields that the rule compares with what the log has, because Elastic's field cannot hold or spell it."""

    def refuse(self, code: Code, message: str, span: Span | None, hint: str = "") -> Predicate:
        """Report an error; "never" stands for what could not be said."""
        self.found[Diagnostic(code, message, span=span, hint=hint)] = None
        return NEVER

    def where(self, detection: Detection) -> Predicate:
        """What a detection asks for: one of its conditions holds."""
        while True:
            plain = len(self._plain)
            self.found.clear()
            made = {name: self._search(search) for name, search in detection.searches.items()}
            if len(self._plain) == plain:  # each field has one name in the whole rule
                return Or(tuple(self._condition(one, made, detection) for one in detection.conditions))

    # ---- conditions

    def _condition(self, one: Condition, made: Mapping[str, Predicate], detection: Detection) -> Predicate:
        match one:
            case syntax.Named(name, span):
                return made[name] if name in made else self._unknown(name, span, detection)
            case syntax.Picked(every, pattern, span):
                names = [name for name in made if _picks(pattern, name)]
                if not names and pattern is not None and not any(_picks(pattern, n) for n in detection.places):
                    return self._unknown(pattern, span, detection)
                terms = tuple(made[name] for name in names)
                return And(terms) if every else Or(terms)
            case syntax.Not(term):
                return Not(self._condition(term, made, detection))
            case syntax.And(terms):
                return And(tuple(self._condition(term, made, detection) for term in terms))
            case syntax.Or(terms):
                return Or(tuple(self._condition(term, made, detection) for term in terms))
            case _:
                assert_never(one)

    def _unknown(self, name: str, span: Span, detection: Detection) -> Predicate:
        if name in detection.places:
            return NEVER  # what is wrong with it has been said
        near = difflib.get_close_matches(name, detection.places, 1)
        all_of_them = ", ".join(detection.places) or "none"
        hint = f"did you mean {near[0]}?" if near else f"there are {all_of_them}"
        return self.refuse(S004, f"the detection has no search {name}", span, hint)

    # ---- searches

    def _search(self, search: Search) -> Predicate:
        match search:
            case Item():
                return self._item(search)
            case Every(parts):
                return And(tuple(map(self._search, parts)))
            case Some(parts):
                return Or(tuple(map(self._search, parts)))
            case _:
                assert_never(search)

    def _item(self, item: Item) -> Predicate:
        terms = tuple(self._entry(item, entry) for entry in item.entries)
        joined: Predicate = And(terms) if "all" in item.modifiers else Or(terms)
        return Not(joined) if "neq" in item.modifiers else joined

    def _entry(self, item: Item, entry: Entry) -> Predicate:
        """One value of an item: any of the values that the modifiers make of it."""
        try:
            found = values.modified(item.modifiers, entry.value, self._given)
        except ModifierError as error:
            if error.unknown:
                near = difflib.get_close_matches(error.unknown, values.known_modifiers(), 1)
                hint = f"did you mean {near[0]}?" if near else "see the specification's appendix of modifiers"
                return self.refuse(S008, str(error), item.span, hint)
            return self.refuse(S009, f"{item.key}: {error}", entry.span or item.span)
        except PlaceholderError as error:
            names = " and ".join(f"%{name}%" for name in error.names)
            hint = f"--mapping FILE with `placeholders: {{{error.names[0]}: [...]}}` names them"
            return self.refuse(S010, f"{names} stands for values of your own", entry.span or item.span, hint)
        return Or(tuple(self._leaf(item, entry, value) for value in found))

    # ---- leaves

    def _leaf(self, item: Item, entry: Entry, value: Value) -> Predicate:
        span = item.span
        if not item.name:
            return self._keyword(value, span)
        plain = self._words.plain(item.name)
        path = self._words.path(item.name)
        if item.name not in self._plain and path != plain and self._words.differs(item.name, _shown(value)):
            self._plain.add(item.name)
        subject = self._subject(plain if item.name in self._plain else path, span)
        if subject.kind is Kind.TEXT:
            # Elastic keeps words there; Sigma compares with the whole text.
            info = self._schema.info(plain)
            subject = Subject(FieldInfo(plain, Kind.KEYWORD, info.many), span)
        made = self._compared(subject, value, span)
        if isinstance(made, Unfit) and plain != subject.path:
            # Elastic keeps a number or an address there; the rule asks for the text that the log has.
            self._plain.add(item.name)
            return NEVER
        if isinstance(made, Unfit):
            return self.refuse(S012, made.message, entry.span or span, made.hint)
        return made

    def _subject(self, path: str, span: Span | None) -> Subject:
        return Subject(self._schema.info(path), span)

    def _field(self, name: str, span: Span | None) -> Field:
        path = self._words.plain(name) if name in self._plain else self._words.path(name)
        found = self._schema.info(path).field(span)
        return Field(self._words.plain(name), Kind.KEYWORD, found.many, span=span) if found.kind is Kind.TEXT else found

    def _keyword(self, value: Value, span: Span | None) -> Predicate:
        """A text anywhere in the event."""
        raw = Subject(FieldInfo(self._words.raw or field_of(EVENT_TEXT), Kind.KEYWORD, many=False, wildcard=True), span)
        message = "the rule searches the whole event for words: what an event's text is, is the platform's own"
        self.found[Diagnostic(S015, message, Severity.NOTE, span)] = None
        match value:
            case values.Text(pattern, cased):
                inside = patterns.of(Wild.ANY_RUN, *pattern.parts, Wild.ANY_RUN)
                made = leaf.like(raw, inside, _case(cased=cased), span)
            case values.Number(number):
                inside = patterns.of(Wild.ANY_RUN, _written(number), Wild.ANY_RUN)
                made = leaf.like(raw, inside, Case.INSENSITIVE, span)
            case values.Expression():
                made = self._expression(raw, value, span)
            case _:
                return self.refuse(S009, "only a text can be looked for in the whole event", span)
        assert not isinstance(made, Unfit)  # noqa: S101 - the field holds text
        return made

    def _compared(self, subject: Subject, value: Value, span: Span | None) -> Predicate | Unfit:
        """The leaf of a field and a value."""
        match value:
            case values.Text(pattern, cased):
                return _text(subject, pattern, _case(cased=cased), span)
            case values.Number(number):
                return leaf.equal(subject, _given(subject, number), Case.INSENSITIVE, span)
            case values.Truth(truth):
                return leaf.equal(subject, truth, Case.INSENSITIVE, span)
            case values.Missing():
                return Not(Present(subject.field(), span))
            case values.Exists(there):
                present = Present(subject.field(), span)
                return present if there else Not(present)
            case values.Expression():
                return self._expression(subject, value, span)
            case values.Network(text):
                return _network(subject, text, span)
            case values.Order(relation, number):
                return _ordered(subject, _ORDERS[relation], number, span)
            case values.Reference():
                return self._reference(subject, value, span)
            case values.Part(unit):
                return self.refuse(S013, f"the {unit} of a time cannot be compared", span)
            case _:
                assert_never(value)

    def _expression(self, subject: Subject, value: values.Expression, span: Span | None) -> Predicate | Unfit:
        if subject.kind is not Kind.KEYWORD:
            message = f"{subject.path} holds {subject.holds}, which no regular expression matches"
            return Unfit(leaf.Misfit.REGEX, message)
        flags = Flags("i" in value.flags, "s" in value.flags, "m" in value.flags)
        try:
            regex, case = parse_search(value.text, flags)
        except RegexSyntaxError as error:
            wrong = value.text[error.start : error.end]
            message = f"the regular expression cannot be carried at {wrong!r}: {error.message}"
            return self.refuse(S011, message, span, error.hint)
        return Matches(subject.field(), (regex,), case, span)

    def _reference(self, subject: Subject, value: values.Reference, span: Span | None) -> Predicate:
        """A comparison with another field of the same event, which ignores case as texts do."""
        kinds = {
            (False, False): Function.EQ,
            (True, False): Function.STARTS_WITH,
            (False, True): Function.ENDS_WITH,
            (True, True): Function.STRING_CONTAINS,
        }
        function = kinds[value.starts, value.ends]
        other = self._field(value.name, span)
        return Holds(Call(function, (subject.field(), other), Case.INSENSITIVE, span), span)


def _case(*, cased: bool) -> Case:
    return Case.SENSITIVE if cased else Case.INSENSITIVE


def _shown(value: Value) -> str:
    """A text or pattern as one text; "" for another value."""
    if not isinstance(value, values.Text):
        return ""
    return "".join(part if isinstance(part, str) else part.value for part in value.pattern.parts)


def _picks(pattern: str | None, name: str) -> bool:
    if pattern is None:
        return not name.startswith(_UNNAMED)
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def _written(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _given(subject: Subject, number: float) -> Given:
    """A number as the field takes it: on text, as it is written."""
    return number if subject.kind in (Kind.LONG, Kind.DOUBLE) else _written(number)


def _text(subject: Subject, pattern: Pattern, case: Case, span: Span | None) -> Predicate | Unfit:
    if pattern.literal is not None:
        if subject.kind is Kind.BOOLEAN:
            return leaf.equal(subject, pattern.literal.lower(), case, span)
        return leaf.equal(subject, pattern.literal, case, span)
    if subject.kind is Kind.IP and pattern.parts != (Wild.ANY_RUN,):
        network = _beginning(pattern)
        return InNetwork(subject.field(), (network,), span) if network else leaf.like(subject, pattern, case, span)
    if pattern.parts == (Wild.ANY_RUN,):
        return Present(subject.field(), span)
    return leaf.like(subject, pattern, case, span)


def _beginning(pattern: Pattern) -> str:
    """The network of all addresses that begin with whole parts, such as 10. or 192.168.; "" for another pattern."""
    match pattern.parts:
        case (str(text), Wild.ANY_RUN) if re.fullmatch(r"(?:\d{1,3}\.){1,3}", text):
            octets = text.rstrip(".").split(".")
            if all(int(octet) <= 255 and octet == str(int(octet)) for octet in octets):  # noqa: PLR2004 - a byte
                whole = ".".join((*octets, *["0"] * (4 - len(octets))))
                return str(ipaddress.ip_network(f"{whole}/{8 * len(octets)}"))
    return ""


def _network(subject: Subject, text: str, span: Span | None) -> Predicate | Unfit:
    if subject.kind not in (Kind.IP, Kind.KEYWORD):
        return Unfit(leaf.Misfit.ADDRESS, f"{subject.path} holds {subject.holds}, which is no address")
    return InNetwork(subject.field(), address.within(text), span)


def _ordered(subject: Subject, order: Comparison, number: float, span: Span | None) -> Predicate | Unfit:
    """Numbers are compared as numbers, also where Elastic keeps them as text."""
    if subject.kind is not Kind.KEYWORD:
        return leaf.ordered(subject, order, number, span)
    kind = Kind.LONG if isinstance(number, int) else Kind.DOUBLE
    field = subject.field()
    return Compare(Field(field.path, kind, field.many, span=field.span), order, number, span)
