"""What a Lucene query string means on Elasticsearch (query_string query)."""

from __future__ import annotations

from typing import assert_never

from converter.diagnostics import Span
from converter.fields import analysis
from converter.fields.schema import Schema
from converter.languages.lucene.syntax import (
    Between,
    Boolean,
    Likeness,
    Name,
    Node,
    Occur,
    Phrase,
    Regexp,
    Term,
    Wildcard,
)
from converter.model.normalise import normalise
from converter.model.pattern import Pattern, Wild
from converter.model.predicate import And, Comparison, Not, Or, Predicate
from converter.model.value import Kind
from converter.readers.clause import Clauses
from converter.readers.code import LUCENE_CODES
from converter.readers.leaf import ALWAYS, Subject, lowered
from converter.readers.lowered import Lowered

EXISTS = "_exists_"
"""The name that asks whether a field exists."""

_Leaf = Term | Phrase | Wildcard | Regexp | Between


def lower(node: Node, schema: Schema) -> Lowered:
    """The meaning of a query string over events with these fields, in normal form."""
    clauses = Clauses(schema, LUCENE_CODES)
    if node == Boolean(()):
        return Lowered(ALWAYS)
    predicate = normalise(Lowering(clauses).term(node))
    return Lowered(predicate, clauses.diagnostics)


class Lowering:
    """Lowers nodes; `default_fields` are searched where none is written, `inside` is the nested array around."""

    def __init__(self, clauses: Clauses, default_fields: tuple[str, ...] = (), inside: str = "") -> None:
        self._clauses = clauses
        self._default = tuple(Name(f) for f in default_fields)
        self._inside = inside

    def term(self, node: Node) -> Predicate:
        """The meaning of a node."""
        match node:
            case Boolean():
                return self._boolean(node)
            case Likeness(what):
                hint = "Write the words as a phrase, or with wildcards."
                return self._clauses.refuse("032", what + ", which only Lucene can judge", node.span, hint)
            case Term() | Phrase() | Wildcard() | Regexp() | Between():
                return self._leaf(node)
            case _:
                assert_never(node)

    def _boolean(self, node: Boolean) -> Predicate:
        """All MUST, no MUST_NOT; SHOULD decides only where nothing is required.

        Only negative clauses: everything else matches (Elasticsearch adds a match_all, Lucene alone would not).
        """
        parts: dict[Occur, list[Predicate]] = {occur: [] for occur in Occur}
        for clause in node.clauses:
            parts[clause.occur].append(self.term(clause.node))
        terms = list(parts[Occur.MUST])
        if not terms and parts[Occur.SHOULD]:
            terms.append(Or(tuple(parts[Occur.SHOULD])))
        terms += (Not(term) for term in parts[Occur.MUST_NOT])
        return And(tuple(terms))

    def _leaf(self, node: _Leaf) -> Predicate:
        if node.field is not None and node.field.text == EXISTS:
            return self._exists(node)
        star = isinstance(node, Wildcard) and node.pattern.parts == (Wild.ANY_RUN,)
        if star and (not self._default if node.field is None else node.field.text == "*"):
            return ALWAYS
        names = self._default if node.field is None else (node.field,)
        if not names or names[0].text == "*":
            message = "a value is searched in all fields"
            return self._clauses.refuse("013", message, node.span, "Write field:value.")
        found = [self._one(subject, node) for name in names for subject in self._fields(name)]
        return Or(tuple(found))

    def _fields(self, name: Name) -> tuple[Subject, ...]:
        span = name.span if name.span.end else None
        if "*" in name.text:
            return self._clauses.fields(name.text, span)
        subject = self._clauses.field(name.text, span, self._inside)
        return () if subject is None else (subject,)

    def _exists(self, node: _Leaf) -> Predicate:
        """_exists_:field"""
        if isinstance(node, Term | Phrase):
            path = node.text
        elif isinstance(node, Wildcard):
            path = "".join(p.value if isinstance(p, Wild) else p for p in node.pattern.parts)
        else:
            return self._clauses.refuse("013", "_exists_ asks for a field by its name", node.span)
        subjects = self._fields(Name(path, node.span))
        return Or(tuple(self._clauses.present(subject, node.span) for subject in subjects))

    def _one(self, subject: Subject, node: _Leaf) -> Predicate:
        span = node.span
        match node:
            case Term():
                return self._clauses.any_word(subject, node.text, span)
            case Phrase():
                return self._clauses.phrase(subject, node.text, span)
            case Wildcard():
                if node.pattern.parts == (Wild.ANY_RUN,):
                    return self._clauses.present(subject, span)
                return self._wildcard(subject, node.pattern, span)
            case Regexp():
                return self._clauses.matches(subject, node.text, span)
            case Between():
                return self._between(subject, node)
            case _:
                assert_never(node)

    def _wildcard(self, subject: Subject, pattern: Pattern, span: Span) -> Predicate:
        """A wildcard; on analysed text the detection engine has the text around the signs analysed."""
        if subject.kind is not Kind.TEXT:
            return self._clauses.like(subject, pattern, span)
        texts = "".join(p for p in pattern.parts if isinstance(p, str))
        if texts and analysis.tokens(texts, subject.info.analyzer) != (texts.lower(),):
            message = f"{subject.path} is analysed text, and this wildcard spans several words"
            return self._clauses.refuse("020", message, span, "Write a wildcard for one word.")
        return self._clauses.like(subject, lowered(pattern), span)

    def _between(self, subject: Subject, node: Between) -> Predicate:
        bounds = []
        if node.low is not None:
            bounds.append((Comparison.GE if node.low_inclusive else Comparison.GT, node.low))
        if node.high is not None:
            bounds.append((Comparison.LE if node.high_inclusive else Comparison.LT, node.high))
        if not bounds:
            return self._clauses.present(subject, node.span)
        return self._clauses.between(subject, tuple(bounds), node.span)
