"""Conditions as clauses of Query DSL, which stand in a rule's filters: for what kuery has no words for (rule K23)."""

from __future__ import annotations

from typing import Final, assert_never

from backends.elastic.condition.names import Names
from backends.elastic.condition.regex import lucene
from backends.elastic.condition.unsaid import UnsaidError
from backends.elastic.condition.values import address, moment, number
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind, Now, Scalar

Clause = dict[str, object]

_ORDERS: Final = {Comparison.GT: "gt", Comparison.GE: "gte", Comparison.LT: "lt", Comparison.LE: "lte"}


def clause(where: Predicate, names: Names) -> Clause:
    """The condition as a clause. Raises UnsaidError for what Query DSL does not say here."""
    match where:
        case And(terms):
            return {"bool": {"filter": [clause(t, names) for t in terms]}}
        case Or(terms):
            return {"bool": {"should": [clause(t, names) for t in terms], "minimum_should_match": 1}}
        case Not(term):
            return {"bool": {"must_not": [clause(term, names)]}}
        case Constant(value):
            return {"match_all" if value else "match_none": {}}
        case Element(path, term):
            return {"nested": {"path": path, "query": clause(term, names)}}
        case Present(field):
            return {"exists": {"field": _name(field, where, names)}}
        case Compare() | Between():
            return _range(where, names)
        case OneOf(field, values, case):
            name = _name(field, where, names)
            return _any([{"term": {name: _cased(v, case)}} for v in values])
        case Like(field, patterns, case):
            name = _name(field, where, names)
            return _any([{"wildcard": {name: _cased(_wildcard(p), case)}} for p in patterns])
        case Matches(field, regexes, case):
            name = _name(field, where, names)
            return _any([{"regexp": {name: _cased(lucene(r), case)}} for r in regexes])
        case InNetwork(field, networks):
            name = _name(field, where, names)
            return _any([{"term": {name: {"value": address(n)}}} for n in networks])
        case Phrase():
            return _phrase(where, names)
        case Holds():
            raise UnsaidError(where, "kuery and its filters compute nothing")
        case _:
            assert_never(where)


def _name(field: Field, where: Predicate, names: Names) -> str:
    name = names.of(field)
    if name is None:
        raise UnsaidError(where, f"no index of {field.path} is of the kind {field.kind.value}")
    return name


def _any(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def _cased(text: str, case: Case) -> Clause:
    return {"value": text, "case_insensitive": True} if case is Case.INSENSITIVE else {"value": text}


def _wildcard(pattern: Pattern) -> str:
    r"""The pattern with \ before its texts' own signs."""
    plain = str.maketrans({"*": "\\*", "?": "\\?", "\\": "\\\\"})
    return "".join(p.value if isinstance(p, Wild) else p.translate(plain) for p in pattern.parts)


def _range(where: Compare | Between, names: Names) -> Clause:
    name = _name(where.field, where, names)
    if isinstance(where, Compare) and where.comparison is Comparison.EQ:
        if isinstance(where.value, str | Instant | Now):
            raise UnsaidError(where, "a moment or an order of texts is asked for equality")
        value = where.value
        return {"term": {name: {"value": value if isinstance(value, bool) else number(value)}}}
    ends = (where,) if isinstance(where, Compare) else where.ends
    bounds: Clause = {}
    for end in ends:
        if isinstance(end.value, str) and end.field.kind is not Kind.KEYWORD:
            raise UnsaidError(where, "an order of texts is asked of a field that has none")
        order, text = _bound(end.comparison, end.value)
        bounds[_ORDERS[order]] = text
    return {"range": {name: bounds}}


def _bound(order: Comparison, value: Scalar) -> tuple[Comparison, object]:
    return moment(order, value) if isinstance(value, Instant | Now) else (order, value)


def _phrase(where: Phrase, names: Names) -> Clause:
    name = _name(where.field, where, names)
    words = [token.literal for token in where.tokens]
    plain = [word for word in words if word is not None]
    if len(plain) == len(words):
        return {"match_phrase": {name: " ".join(plain)}}
    if len(words) > 1:
        raise UnsaidError(where, "Query DSL has no phrase with a wildcard in it")
    return {"wildcard": {name: {"value": _wildcard(where.tokens[0])}}}
