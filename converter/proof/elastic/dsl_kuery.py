"""kuery's syntax tree to Query DSL, as Kibana makes it where the field types are known (rule K22).

Follows kbn-es-query: kuery/functions/is.ts, range.ts, nested.ts, not.ts, node_types/wildcard.ts. One difference: Kibana
sends a pattern on a field whose only type is not `keyword` (`wildcard`, `flattened`, two types in two indices) as a
query_string, which falls apart at blanks. The rules mean the pattern on the whole value, so all types of exact text get
the wildcard query here; `strictly_kibana=True` gives what Kibana sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import assert_never

from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Range, Value, Wildcard
from converter.proof.elastic.dsl_fields import DATE, KEYWORD, Dsl, FieldTypes, all_of, any_of, none_of
from converter.proof.elastic.osmem_mapping import FieldType

_SPECIAL = re.compile(r'[+\-=&|><!(){}\[\]^"~*?:\\/]')


def to_dsl(node: Node, fields: Mapping[str, FieldType], *, strictly_kibana: bool = False) -> Dsl:
    """The query; `fields` are the mapped fields by path."""
    keyword = ("keyword",) if strictly_kibana else KEYWORD
    return _Converter(FieldTypes(fields), keyword).node(node, None)


class _Converter:
    def __init__(self, types: FieldTypes, keyword: tuple[str, ...]) -> None:
        self._types = types
        self._keyword = keyword

    def node(self, node: Node, nested: str | None) -> Dsl:
        match node:
            case And(terms):
                return all_of([self.node(term, nested) for term in terms])
            case Or(terms):
                return any_of([self.node(term, nested) for term in terms])
            case Not(term):
                return none_of(self.node(term, nested))
            case Is(field, value):
                return self._is(field, value, nested)
            case Range(field, order, value):
                return self._over(field, nested, lambda name: {"range": {name: {order.value: _plain(value)}}})
            case Nested(path, term):
                full = _joined(nested, str(_plain(path)))
                return {"nested": {"path": full, "query": self.node(term, full), "score_mode": "none"}}
            case _:
                assert_never(node)

    def _is(self, field: Value, value: Value, nested: str | None) -> Dsl:
        exists = isinstance(value, Wildcard) and value.alone
        if exists and isinstance(field, Wildcard) and field.alone:
            return {"match_all": {}}
        if isinstance(field, Literal) and field.value is None:
            if isinstance(value, Wildcard):
                return {"query_string": {"query": _escaped(value)}}
            kind = "phrase" if value.quoted else "best_fields"
            return {"multi_match": {"type": kind, "query": value.value, "lenient": True}}
        return self._over(field, nested, lambda name: self._value(name, value, exists=exists))

    def _over(self, field: Value, nested: str | None, leaf: Callable[[str], Dsl]) -> Dsl:
        """One leaf a field; a pattern of names is an or over the mapped ones, or is sent as it is (K21)."""
        if isinstance(field, Literal):
            return leaf(_joined(nested, str(field.value)))
        parts = (_joined(nested, field.parts[0]), *field.parts[1:])
        names = self._types.matching(parts) or ["*".join(parts)]
        queries: list[Dsl] = []
        for name in names:
            path = self._types.nested_path(name)
            query = leaf(name)
            if path is not None and nested is None:
                query = {"nested": {"path": path, "query": query, "score_mode": "none"}}
            queries.append(query)
        return any_of(queries)

    def _value(self, name: str, value: Value, *, exists: bool) -> Dsl:
        kind = self._types.type_of(name)
        if exists:
            return {"exists": {"field": name}}
        match value:
            case Wildcard() if kind in self._keyword:
                return {"wildcard": {name: {"value": _escaped(value)}}}
            case Wildcard():
                return {"query_string": {"fields": [name], "query": _escaped(value)}}
            case Literal(text) if kind in DATE:
                return {"range": {name: {"gte": text, "lte": text}}}
            case Literal(text) if kind in self._keyword:
                return {"term": {name: {"value": text}}}
            case Literal(text, quoted):
                return {"match_phrase" if quoted else "match": {name: text}}
            case _:
                assert_never(value)


def _plain(value: Value) -> str | bool | None:
    match value:
        case Literal(text):
            return text
        case Wildcard(parts):
            return "*".join(parts)
        case _:
            assert_never(value)


def _escaped(value: Wildcard) -> str:
    return "*".join(_SPECIAL.sub(r"\\\g<0>", part) for part in value.parts)


def _joined(nested: str | None, name: str) -> str:
    return name if nested is None else f"{nested}.{name}"
