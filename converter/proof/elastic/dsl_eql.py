"""EQL's syntax tree to Query DSL, as Elasticsearch folds an EQL condition into a query.

`not` is pushed down to the leaves: must_not, which is true where the field is missing, and/or by De Morgan. A negated
order comparison is no exception since 7.15 (elastic/elasticsearch, x-pack/plugin/eql/src/test/resources/
querytranslator_tests.txt, notFilter: must_not range), although rule E07 has the older form. A field that no index maps
is an error, or with ? the literal null, which no comparison and no negation of one makes true (rules E06 to E09). What
Elasticsearch runs as a script (length, concat, arithmetic, two fields) is Unsupported, but for endsWith and
stringContains of a constant, which say the same as a wildcard query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import assert_never

from converter.languages.eql.syntax import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Comparison,
    ComparisonOperator,
    Event,
    Expression,
    Lookup,
    LookupOperator,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Or,
    Query,
    Text,
)
from converter.proof.elastic.dsl_fields import TEXT, Dsl, FieldTypes, all_of, any_of, none_of
from converter.proof.elastic.osmem_mapping import FieldType
from converter.proof.judges.errors import Unsupported

EQ, NE = ComparisonOperator.EQ, ComparisonOperator.NE
_RANGES = {
    ComparisonOperator.LT: "lt",
    ComparisonOperator.LE: "lte",
    ComparisonOperator.GT: "gt",
    ComparisonOperator.GE: "gte",
}
_MIRRORED = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}
_INSENSITIVE = (
    LookupOperator.EQ_INSENSITIVE,
    LookupOperator.IN_INSENSITIVE,
    LookupOperator.LIKE_INSENSITIVE,
    LookupOperator.REGEX_INSENSITIVE,
)
_CASED = ("keyword", "wildcard", "constant_keyword", "counted_keyword", "flattened")
_WILD = re.compile(r"[*?]")
_ALL: Dsl = {"match_all": {}}
_NONE: Dsl = {"match_none": {}}


CATEGORY = "event.category"
"""The field of an event's category where a rule names no other (elastic: EQL, event category field)."""


def to_dsl(query: Query, fields: Mapping[str, FieldType], *, category_field: str = CATEGORY) -> Dsl:
    """The query of an event rule; sequences go event by event through `event_dsl`."""
    if query.pipes:
        raise Unsupported(f"pipe {query.pipes[0].name}")
    if not isinstance(query.body, Event):
        raise Unsupported(type(query.body).__name__.lower())
    return event_dsl(query.body, fields, category_field=category_field)


def event_dsl(event: Event, fields: Mapping[str, FieldType], *, category_field: str = CATEGORY) -> Dsl:
    """One event: its category is equal to a value of the category field."""
    where = _Converter(FieldTypes(fields)).condition(event.where, negated=False)
    if event.category is None:
        return where
    return all_of([{"term": {category_field: {"value": event.category}}}, where])


class _Converter:
    def __init__(self, types: FieldTypes) -> None:
        self._types = types

    def condition(self, expression: Expression, *, negated: bool) -> Dsl:
        match expression:
            case Not(operand):
                return self.condition(operand, negated=not negated)
            case And(terms):
                found = [self.condition(term, negated=negated) for term in terms]
                return any_of(found) if negated else all_of(found)
            case Or(terms):
                found = [self.condition(term, negated=negated) for term in terms]
                return all_of(found) if negated else any_of(found)
            case Boolean(value):
                return _NONE if value == negated else _ALL
            case Null():
                return _NONE
            case Name():
                return self._leaf(expression, {"term": {expression.path: {"value": True}}}, negated=negated)
            case Comparison():
                return self._comparison(expression, negated=negated)
            case Lookup():
                return self._lookup(expression, negated=negated)
            case Call():
                return self._call(expression, negated=negated)
            case Text() | Number() | Negative() | Arithmetic():
                raise Unsupported(f"{type(expression).__name__.lower()} as a condition")
            case _:
                assert_never(expression)

    # --- leaves ----------------------------------------------------------------------------------------------

    def _leaf(self, field: Name, query: Dsl, *, negated: bool) -> Dsl:
        """A query on a mapped field; of an unmapped ?field neither it nor its negation is true."""
        if self._is_null(field):
            return _NONE
        return none_of(query) if negated else query

    def _is_null(self, field: Name) -> bool:
        kind = self._types.type_of(field.path)
        if kind is None and not field.optional:
            raise Unsupported(f"unmapped field {field.path}")
        if kind in TEXT or kind == "nested" or self._types.nested_path(field.path) is not None:
            raise Unsupported(f"{field.path} of type {kind}")
        return kind is None

    def _comparison(self, comparison: Comparison, *, negated: bool) -> Dsl:
        operator, left, right = comparison.operator, comparison.left, comparison.right
        mirrored = not isinstance(left, Name) and isinstance(right, Name)
        if mirrored or (isinstance(left, Boolean) and isinstance(right, Call)):
            left, right = right, left
        if operator in (EQ, NE) and isinstance(left, Call) and isinstance(right, Boolean):
            return self.condition(left, negated=negated != ((operator is NE) == right.value))
        if not isinstance(left, Name):
            raise Unsupported(_function_of(left))
        if isinstance(right, Null) and operator in (EQ, NE):
            return self._null_test(left, is_null=(operator is EQ) != negated)
        value = _constant(right)
        if value is None:
            return self._leaf(left, _NONE, negated=False) if isinstance(right, Null) else _refuse(right)
        if operator in (EQ, NE):
            query: Dsl = {"term": {left.path: {"value": value}}}
            return self._leaf(left, query, negated=negated != (operator is NE))
        order = _RANGES[operator]
        order = _MIRRORED[order] if mirrored else order
        return self._leaf(left, {"range": {left.path: {order: value}}}, negated=negated)

    def _null_test(self, field: Name, *, is_null: bool) -> Dsl:
        if self._is_null(field):
            return _ALL if is_null else _NONE
        exists: Dsl = {"exists": {"field": field.path}}
        return none_of(exists) if is_null else exists

    def _lookup(self, lookup: Lookup, *, negated: bool) -> Dsl:
        if not isinstance(lookup.operand, Name):
            raise Unsupported(_function_of(lookup.operand))
        field = lookup.operand
        queries = [self._value(field, lookup.operator, value) for value in lookup.values]
        return self._leaf(field, any_of(queries), negated=negated != lookup.negated)

    def _value(self, field: Name, operator: LookupOperator, value: Expression) -> Dsl:
        constant = _constant(value)
        if constant is None:
            return _NONE if isinstance(value, Null) else _refuse(value)
        insensitive = operator in _INSENSITIVE
        if not isinstance(constant, str) or self._types.type_of(field.path) not in _CASED:
            return {"term": {field.path: {"value": constant}}}
        match operator:
            case LookupOperator.REGEX | LookupOperator.REGEX_INSENSITIVE:
                return {"regexp": {field.path: {"value": constant, "flags": "ALL", "case_insensitive": insensitive}}}
            case LookupOperator.IN | LookupOperator.IN_INSENSITIVE:
                wild = False  # * and ? are ordinary in a list: E03
            case LookupOperator.EQ_INSENSITIVE | LookupOperator.LIKE | LookupOperator.LIKE_INSENSITIVE:
                wild = _WILD.search(constant) is not None
            case _:
                assert_never(operator)
        if wild:
            return _wildcard(field, constant.replace("\\", "\\\\"), insensitive=insensitive)
        return {"term": {field.path: {"value": constant, "case_insensitive": insensitive}}}

    def _call(self, call: Call, *, negated: bool) -> Dsl:
        field, *values = call.arguments or (None,)
        if not isinstance(field, Name):
            raise Unsupported(f"function {call.function}")
        constants = [value.value for value in values if isinstance(value, Text)]
        if len(constants) != len(values) or not constants:
            raise Unsupported(f"function {call.function} of two fields")
        queries = [_function(call, field, constant) for constant in constants]
        return self._leaf(field, any_of(queries), negated=negated)


def _function(call: Call, field: Name, constant: str) -> Dsl:
    literal = _escaped(constant)
    match call.function.lower():
        case "cidrmatch":
            return {"term": {field.path: {"value": constant}}}
        case "startswith":
            return _wildcard(field, f"{literal}*", insensitive=call.insensitive)
        case "endswith":
            return _wildcard(field, f"*{literal}", insensitive=call.insensitive)
        case "stringcontains":
            return _wildcard(field, f"*{literal}*", insensitive=call.insensitive) if constant else _NONE
        case "wildcard":
            return _wildcard(field, constant.replace("\\", "\\\\"), insensitive=call.insensitive)
        case _:
            raise Unsupported(f"function {call.function}")


def _wildcard(field: Name, pattern: str, *, insensitive: bool) -> Dsl:
    return {"wildcard": {field.path: {"value": pattern, "case_insensitive": insensitive}}}


def _escaped(text: str) -> str:
    return re.sub(r"[*?\\]", r"\\\g<0>", text)


def _constant(expression: Expression) -> str | int | float | bool | None:
    match expression:
        case Text(value) | Number(value) | Boolean(value):
            return value
        case Negative(Number(value)):
            return -value
        case _:
            return None


def _refuse(expression: Expression) -> Dsl:
    raise Unsupported(_function_of(expression))


def _function_of(expression: Expression) -> str:
    match expression:
        case Call(name):
            return f"function {name}"
        case Arithmetic(operator):
            return f"arithmetic {operator.value}"
        case Name():
            return "two fields"
        case _:
            return type(expression).__name__.lower()
