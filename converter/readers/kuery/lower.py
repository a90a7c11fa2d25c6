"""What a kuery means: the rules K01 to K22 of Kibana's translation and Elasticsearch's search.

kbn-es-query's `is` and `range` functions, by the type of the field: term on keyword, match or match_phrase on
text, a range on dates, exists for a lone star, wildcard on keyword and query_string on text for other stars.
"""

from __future__ import annotations

import re
from typing import assert_never

from converter.deferred import compiled
from converter.fields.schema import Schema
from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Order, Range, Value, Wildcard
from converter.model import pattern as patterns
from converter.model import predicate as model
from converter.model.normalise import normalise
from converter.model.pattern import Pattern, Wild
from converter.model.predicate import Comparison, Constant, Element, Predicate
from converter.model.value import Kind
from converter.readers.clause import Clauses
from converter.readers.code import KUERY_CODES
from converter.readers.leaf import ALWAYS, Subject, lowered
from converter.readers.lowered import Lowered

_COMPARISONS = {
    Order.GT: Comparison.GT,
    Order.GTE: Comparison.GE,
    Order.LT: Comparison.LT,
    Order.LTE: Comparison.LE,
}
_NOTHING = Literal(None)
# The white space of Lucene's query parser.
_BLANK = compiled("([ \t\r\n\u3000]+)")


def lower(node: Node, schema: Schema) -> Lowered:
    """The meaning of a kuery over events with these fields, in normal form."""
    clauses = Clauses(schema, KUERY_CODES)
    predicate = normalise(_Lowering(clauses).term(node, ""))
    return Lowered(predicate, clauses.diagnostics)


class _Lowering:
    def __init__(self, clauses: Clauses) -> None:
        self._clauses = clauses

    def term(self, node: Node, inside: str) -> Predicate:
        """The meaning of a node in the nested array `inside`, "" for none."""
        match node:
            case And(terms):
                return model.And(tuple(self.term(t, inside) for t in terms))
            case Or(terms):
                return model.Or(tuple(self.term(t, inside) for t in terms))
            case Not(term):
                return model.Not(self.term(term, inside))
            case Is():
                return self._is(node, inside)
            case Range():
                return self._range(node, inside)
            case Nested():
                return self._nested(node, inside)
            case _:
                assert_never(node)

    def _nested(self, node: Nested, inside: str) -> Predicate:
        if not isinstance(node.path, Literal) or not isinstance(node.path.value, str):
            return self._clauses.refuse(
                "013", "the name of a nested array is missing or has a wildcard", node.path.span
            )
        path = _joined(inside, node.path.value)
        term = normalise(self.term(node.term, path))
        if term == ALWAYS:
            message = f"every element of {path} satisfies this, which says nothing about a field"
            return self._clauses.refuse("013", message, node.span, f"Write {path}: {{ field: * }}.")
        return Element(path, term, node.span)

    def _is(self, node: Is, inside: str) -> Predicate:
        lone = isinstance(node.value, Wildcard) and node.value.alone
        everywhere = (isinstance(node.field, Wildcard) and node.field.alone) or node.field == _NOTHING
        if everywhere and lone and not inside:
            return ALWAYS
        fields = self._fields(node.field, node, inside)
        return model.Or(tuple(self._alone(subject, self._one(subject, node), node, inside) for subject in fields))

    def _alone(self, subject: Subject, term: Predicate, node: Is | Range, inside: str) -> Predicate:
        """A clause on a field that a wildcard found: one in a nested array gets its braces, as Kibana adds them."""
        array = "" if inside else self._clauses.array_of(subject.path)
        return Element(array, term, node.span) if array else term

    def _one(self, subject: Subject, node: Is) -> Predicate:
        """`field: value` for one field."""
        value, span = node.value, node.span
        if isinstance(value, Wildcard):
            if value.alone:
                return self._clauses.present(subject, span)
            if subject.kind is Kind.TEXT or subject.info.wildcard:
                return self._words(subject, _pattern(value), node)
            return self._clauses.like(subject, _pattern(value), span)
        text = _text(value)
        if text is None:
            return self._null(subject, value)
        if value.quoted:
            return self._clauses.phrase(subject, text, span)
        return self._clauses.any_word(subject, text, span)

    def _words(self, subject: Subject, pattern: Pattern, node: Is) -> Predicate:
        """A wildcard in a query_string, which takes each word between blanks for itself (rules K13 and K22).

        Kibana sends one for every field that is not of type keyword. Words without a sign stay together.
        """
        words = _cut(pattern)
        if len(words) > 1 and subject.kind is not Kind.TEXT:
            self._clauses.note_cut(subject, node.span)
        found: list[Predicate] = []
        plain: list[str] = []
        for word in (*words, None):
            literal = None if word is None else word.literal
            if literal in ("AND", "OR", "NOT"):
                hint = "Put the words in quotes, or write one condition for each."
                return self._clauses.refuse(
                    "013", f"{literal} would be an operator in this search for words", node.span, hint
                )
            if literal is not None:
                plain.append(literal)
                continue
            if plain:
                found.append(self._clauses.any_word(subject, " ".join(plain), node.span))
                plain.clear()
            if word is not None:
                signs = lowered(word) if subject.kind is Kind.TEXT else word
                found.append(self._clauses.like(subject, signs, node.span))
        return model.Or(tuple(found))

    def _range(self, node: Range, inside: str) -> Predicate:
        value = node.value
        text = "*".join(value.parts) if isinstance(value, Wildcard) else _text(value)
        found: list[Predicate] = []
        for subject in self._fields(node.field, node, inside):
            if text is None:
                found.append(self._null(subject, value))
            else:
                term = self._clauses.compare(subject, _COMPARISONS[node.order], text, node.span)
                found.append(self._alone(subject, term, node, inside))
        return model.Or(tuple(found))

    def _null(self, subject: Subject, value: Value) -> Constant:
        hint = f"Write not {subject.path}: * for events without it, or quote the word."
        return self._clauses.refuse("015", "Elasticsearch does not search for null", value.span, hint)

    def _fields(self, field: Value, node: Is | Range, inside: str) -> tuple[Subject, ...]:
        """The fields that the name stands for; none where it was reported."""
        span = field.span
        if isinstance(field, Wildcard):
            if field.alone:
                self._clauses.refuse("013", "a value is searched in all fields", node.span, "Name the field.")
                return ()
            return self._clauses.fields(_joined(inside, "*".join(field.parts)), span)
        name = _text(field)
        if name is None:
            shown = _text(node.value) if isinstance(node.value, Literal) else "*".join(node.value.parts)
            message = f"{shown!r} stands alone and is searched in all fields"
            self._clauses.refuse("013", message, node.span, _free_hint(shown or ""))
            return ()
        subject = self._clauses.field(_joined(inside, name), span, inside)
        return () if subject is None else (subject,)


def _free_hint(text: str) -> str:
    """What was probably meant: an operator that kuery does not have, or a second value of the field before."""
    if re.search(r"[!=]=|[^<>]=|!", text):
        return "kuery compares with field: value and not field: value; it has no = or !=."
    return "Write field: value; several values of one field go in parentheses, field: (a or b)."


def _joined(inside: str, name: str) -> str:
    return f"{inside}.{name}" if inside else name


def _text(literal: Literal) -> str | None:
    """The text that Elasticsearch gets; None for null."""
    if isinstance(literal.value, bool):
        return "true" if literal.value else "false"
    return literal.value


def _pattern(value: Wildcard) -> Pattern:
    first, *rest = value.parts
    parts: list[str | Wild] = [first]
    for part in rest:
        parts += (Wild.ANY_RUN, part)
    return patterns.of(*parts)


def _cut(pattern: Pattern) -> list[Pattern]:
    """The pattern's words between blanks."""
    words: list[list[str | Wild]] = [[]]
    for part in pattern.parts:
        if isinstance(part, Wild):
            words[-1].append(part)
            continue
        for piece in _BLANK.split(part):
            if _BLANK.fullmatch(piece):
                words.append([])
            else:
                words[-1].append(piece)
    return [patterns.of(*word) for word in words if any(word)]
