"""A rule's `filters[]`: Query DSL clauses, kept as JSON text and joined to the query by and (rule K23).

elastic.co/docs/reference/query-languages/querydsl. A clause or option that is not known is an error: an
option that is passed over could change what the clause means.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import Schema
from converter.languages.cursor import DEEPEST_NESTING
from converter.languages.lucene.parse import parse
from converter.model import pattern as patterns
from converter.model.metadata import Filter
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import And, Comparison, Element, Not, Or, Predicate
from converter.model.walk import without_spans
from converter.readers.clause import Clauses
from converter.readers.code import LUCENE_CODES
from converter.readers.leaf import ALWAYS, NEVER, Subject
from converter.readers.lowered import Lowered
from converter.readers.lucene.lower import Lowering

_Object = Mapping[str, object]

_RANK_ONLY: Final = frozenset({"boost", "_name", "rewrite", "max_expansions", "ignore_unmapped", "score_mode"})
"""Options that change the order or the cost of a search, not what it finds."""


def lower_filters(filters: Iterable[Filter], schema: Schema) -> Lowered:
    """What all filters together mean; those that are disabled mean nothing. No leaf has a span."""
    clauses = Clauses(schema, LUCENE_CODES)
    terms = []
    for number, one in enumerate(filters, 1):
        if one.disabled:
            continue
        term = _Filter(clauses, f"filter {number}").read(one.json)
        terms.append(Not(term) if one.negate else term)
    return Lowered(without_spans(normalise(And(tuple(terms)))), clauses.diagnostics)


class _Filter:
    """One filter; `where` names it in messages."""

    def __init__(self, clauses: Clauses, where: str) -> None:
        self._clauses = clauses
        self._where = where
        self._depth = 0
        self._readers: Mapping[str, Callable[[_Object, str], Predicate]] = {
            "bool": self._bool,
            "constant_score": self._constant_score,
            "exists": self._exists,
            "match": self._match,
            "match_all": lambda _body, _inside: ALWAYS,
            "match_none": lambda _body, _inside: NEVER,
            "match_phrase": self._match_phrase,
            "nested": self._nested,
            "prefix": self._prefix,
            "query_string": self._query_string,
            "range": self._range,
            "regexp": self._regexp,
            "term": self._term,
            "terms": self._terms,
            "wildcard": self._wildcard,
        }

    def _malformed(self, message: str, hint: str = "") -> Predicate:
        return self._clauses.refuse("031", f"{self._where}: {message}", None, hint)

    def _option(self, clause: str, option: str) -> Predicate:
        message = f"{self._where}: the option {option} of {clause} is not understood"
        return self._clauses.refuse("033", message, None, "Remove it if it only ranks.")

    def read(self, text: str) -> Predicate:
        """A clause as JSON text"""
        try:
            clause = json.loads(text)
        except (ValueError, RecursionError):
            return self._malformed("this is no JSON")
        return self.clause(clause, "")

    def clause(self, clause: object, inside: str) -> Predicate:
        """{ "name": { ... } }, within the nested array `inside`"""
        if not isinstance(clause, dict) or len(clause) != 1:
            return self._malformed(
                "a clause is one name with a table", 'Write, for example, { exists = { field = "a" } }.'
            )
        ((name, body),) = clause.items()
        reader = self._readers.get(name)
        if reader is None:
            return self._clauses.refuse("030", f"{self._where}: the clause {name} has no counterpart", None)
        if not isinstance(body, dict):
            return self._malformed(f"{name} wants a table")
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            return self._clauses.refuse("002", f"{self._where}: nests deeper than {DEEPEST_NESTING} levels", None)
        found = reader(body, inside)
        self._depth -= 1
        return found

    def _bool(self, body: _Object, inside: str) -> Predicate:
        """must, filter, should, must_not, minimum_should_match"""
        parts: dict[str, tuple[Predicate, ...]] = {}
        for key, value in body.items():
            if key in ("must", "filter", "should", "must_not"):
                listed = value if isinstance(value, list) else [value]
                parts[key] = tuple(self.clause(c, inside) for c in listed)
            elif key not in ("minimum_should_match", "adjust_pure_negative") and key not in _RANK_ONLY:
                return self._option("bool", key)
        required = (*parts.get("must", ()), *parts.get("filter", ()))
        should = parts.get("should", ())
        terms = [*required, *(Not(t) for t in parts.get("must_not", ()))]
        least = self._least(body, should, default=0 if required else 1)
        if least is None:
            return self._option("bool", "minimum_should_match")
        if should and least == 1:
            terms.append(Or(should))
        elif should and least == len(should):
            terms.extend(should)
        return And(tuple(terms))

    def _least(self, body: _Object, should: tuple[Predicate, ...], default: int) -> int | None:
        """How many of `should` must hold: none, one or all; None for what cannot be said."""
        written = body.get("minimum_should_match")
        if written is None:
            return default
        try:
            least = int(str(written))
        except ValueError:
            return None
        return least if least in {0, 1, len(should)} and (should or not least) else None

    def _constant_score(self, body: _Object, inside: str) -> Predicate:
        """{ "filter": clause }"""
        for key in body:
            if key != "filter" and key not in _RANK_ONLY:
                return self._option("constant_score", key)
        return self.clause(body.get("filter"), inside)

    def _nested(self, body: _Object, inside: str) -> Predicate:
        """{ "path": array, "query": clause }; an array inside another one is named by its full path."""
        path, query = body.get("path"), body.get("query")
        if not isinstance(path, str) or not path:
            return self._malformed("nested wants a path")
        for key in body:
            if key not in ("path", "query") and key not in _RANK_ONLY:
                return self._option("nested", key)
        if inside and not path.startswith(inside + "."):
            return self._malformed(f"the nested array {path} does not lie in {inside}")
        term = normalise(self.clause(query, path))
        if term == ALWAYS:
            return self._malformed(f"every element of {path} satisfies this, which says nothing about a field")
        return Element(path, term)

    def _exists(self, body: _Object, inside: str) -> Predicate:
        """{ "field": name }"""
        name = body.get("field")
        if not isinstance(name, str):
            return self._malformed("exists wants the name of a field")
        for key in body:
            if key != "field" and key not in _RANK_ONLY:
                return self._option("exists", key)
        if "*" in name:
            return Or(tuple(self._clauses.present(i, None) for i in self._clauses.fields(name, None)))
        subject = self._clauses.field(name, None, inside)
        return NEVER if subject is None else self._clauses.present(subject, None)

    def _on_field(
        self, clause: str, body: _Object, inside: str, keys: tuple[str, ...], allowed: frozenset[str]
    ) -> tuple[Subject, str, _Object] | Predicate:
        """{ field: value } or { field: { key: value, option: ... } }: the field, the value and the options."""
        if len(body) != 1:
            return self._malformed(f"{clause} wants one field")
        ((path, written),) = body.items()
        options: _Object = written if isinstance(written, dict) else {keys[0]: written}
        for key in options:
            if key not in keys and key not in allowed and key not in _RANK_ONLY:
                return self._option(clause, key)
        subject = self._clauses.field(path, None, inside)
        if subject is None:
            return NEVER
        value = next((options[k] for k in keys if k in options), None)
        text = _text(value)
        if text is None:
            if value is None:
                return self._clauses.refuse("015", f"{self._where}: {clause} on {path} has no value", None)
            return self._malformed(f"{clause} on {path} wants one text, number or boolean")
        return subject, text, options

    def _term(self, body: _Object, inside: str) -> Predicate:
        """A whole value, not analysed"""
        found = self._on_field("term", body, inside, ("value",), frozenset({"case_insensitive"}))
        if not isinstance(found, tuple):
            return found
        subject, text, options = found
        return self._clauses.equals(subject, text, None, _case(options))

    def _terms(self, body: _Object, inside: str) -> Predicate:
        """{ field: [ value, ... ] }"""
        listed = {k: v for k, v in body.items() if k not in _RANK_ONLY}
        if len(listed) != 1 or not all(isinstance(v, list) for v in listed.values()):
            return self._malformed("terms wants one field with a list", "A lookup in another index cannot be carried.")
        ((path, values),) = listed.items()
        assert isinstance(values, list)  # noqa: S101 -- asked for just above
        return Or(tuple(self._term({path: {"value": value}}, inside) for value in values))

    def _wildcard(self, body: _Object, inside: str) -> Predicate:
        """* and ?, with a backslash before either or itself as a character"""
        allowed = frozenset({"case_insensitive"})
        found = self._on_field("wildcard", body, inside, ("value", "wildcard"), allowed)
        if not isinstance(found, tuple):
            return found
        subject, text, options = found
        return self._clauses.like(subject, wildcard_pattern(text), None, _case(options))

    def _prefix(self, body: _Object, inside: str) -> Predicate:
        """A value begins with the text"""
        found = self._on_field("prefix", body, inside, ("value", "prefix"), frozenset({"case_insensitive"}))
        if not isinstance(found, tuple):
            return found
        subject, text, options = found
        return self._clauses.like(subject, patterns.of(text, Wild.ANY_RUN), None, _case(options))

    def _regexp(self, body: _Object, inside: str) -> Predicate:
        """A value matches as a whole"""
        allowed = frozenset({"case_insensitive", "flags", "max_determinized_states"})
        found = self._on_field("regexp", body, inside, ("value",), allowed)
        if not isinstance(found, tuple):
            return found
        subject, text, options = found
        if options.get("flags", "ALL") != "ALL":
            return self._option("regexp", "flags")
        return self._clauses.matches(subject, text, None, _case(options))

    def _match(self, body: _Object, inside: str) -> Predicate:
        """Words of analysed text, any or all; a whole value elsewhere"""
        found = self._on_field("match", body, inside, ("query",), frozenset({"operator", "type"}))
        if not isinstance(found, tuple):
            return found
        subject, text, options = found
        kind = options.get("type", "boolean")
        if kind == "phrase":  # as Kibana wrote phrases before match_phrase
            return self._clauses.phrase(subject, text, None)
        operator = str(options.get("operator", "or")).lower()
        if kind != "boolean" or operator not in ("and", "or"):
            return self._option("match", "type" if kind != "boolean" else "operator")
        if operator == "and":
            return self._clauses.every_word(subject, text, None)
        return self._clauses.any_word(subject, text, None)

    def _match_phrase(self, body: _Object, inside: str) -> Predicate:
        """Words of analysed text one after another; a whole value elsewhere"""
        found = self._on_field("match_phrase", body, inside, ("query",), frozenset({"slop"}))
        if not isinstance(found, tuple):
            return found
        subject, text, options = found
        return (
            self._clauses.phrase(subject, text, None)
            if not options.get("slop")
            else self._option("match_phrase", "slop")
        )

    def _range(self, body: _Object, inside: str) -> Predicate:
        """gt, gte, lt, lte"""
        if len(body) != 1:
            return self._malformed("range wants one field")
        ((path, options),) = body.items()
        if not isinstance(options, dict):
            return self._malformed(f"range on {path} wants a table of bounds")
        bounds = []
        for key, value in options.items():
            order, text = _ORDERS.get(key), _text(value)
            if order is None:
                if key in _RANK_ONLY or (key in _SAME and value in _SAME[key]):
                    continue
                return self._option("range", key)
            if value is None:
                continue
            if text is None:
                return self._malformed(f"range on {path} wants texts or numbers")
            bounds.append((order, text))
        subject = self._clauses.field(path, None, inside)
        if subject is None:
            return NEVER
        return self._clauses.between(subject, tuple(bounds), None) if bounds else self._clauses.present(subject, None)

    def _query_string(self, body: _Object, inside: str) -> Predicate:
        """A Lucene query string over `fields` or `default_field`"""
        known = ("query", "fields", "default_field", "default_operator", "analyze_wildcard", "allow_leading_wildcard")
        for key in body:
            if key not in known and key not in _RANK_ONLY:
                return self._option("query_string", key)
        query, fields = body.get("query"), body.get("fields", body.get("default_field", []))
        names = [fields] if isinstance(fields, str) else fields
        operator = str(body.get("default_operator", "or")).lower()
        if not isinstance(query, str) or not isinstance(names, list) or operator not in ("and", "or"):
            return self._malformed("query_string wants a query as text")
        try:
            tree = parse(query, default_and=operator == "and")
        except QuerySyntaxError as error:
            return self._malformed(f"query_string: {error.diagnostics[0].message}", error.diagnostics[0].hint)
        clauses = self._clauses.elsewhere()
        found = Lowering(clauses, tuple(str(n) for n in names if n != "*"), inside).term(tree)
        self._clauses.adopt(clauses.diagnostics)
        return found


_ORDERS: Final = {"gt": Comparison.GT, "gte": Comparison.GE, "lt": Comparison.LT, "lte": Comparison.LE}
_SAME: Final[Mapping[str, tuple[object, ...]]] = {
    "format": ("strict_date_optional_time", "strict_date_optional_time||epoch_millis"),
    "time_zone": ("Z", "UTC", "Zulu", "+00:00"),
    "relation": ("INTERSECTS", "intersects"),
}
"""Options of a range that say what holds anyway."""


def wildcard_pattern(text: str) -> Pattern:
    """The pattern of a wildcard query: * and ?; a backslash makes the sign behind it a character."""
    parts: list[str | Wild] = []
    signs = iter(text)
    for sign in signs:
        if sign == "\\":
            parts.append(next(signs, "\\"))
        else:
            parts.append(Wild(sign) if sign in "*?" else sign)
    return patterns.of(*parts)


def _text(value: object) -> str | None:
    """A JSON scalar as the text that a field type reads; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _case(options: _Object) -> Case:
    return Case.INSENSITIVE if str(options.get("case_insensitive", False)).lower() == "true" else Case.SENSITIVE
