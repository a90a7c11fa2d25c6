"""Kibana's own kuery cases: the tree, the place of errors, the printed form and the Query DSL it stands for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from shared import SHARED, needs_shared

from converter.diagnostics import Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema
from converter.languages.kuery.parse import parse
from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Range, Value, Wildcard
from converter.languages.kuery.write import escape, write
from converter.model.metadata import Filter
from converter.model.pattern import Pattern
from converter.model.predicate import Like
from converter.model.value import Kind
from converter.model.walk import without_spans
from converter.readers import kuery
from converter.readers.lowered import Lowered
from converter.readers.lucene import lower_filters

PATH = SHARED / "conformance" / "kuery_cases.json"


def cases(*kinds: str) -> list[Any]:
    if not PATH.is_file():
        return []
    return [pytest.param(c, id=c["id"]) for c in json.loads(PATH.read_text())["cases"] if c["kind"] in kinds]


def shown(node: Node | Value) -> object:
    """A tree in the form of the cases."""
    match node:
        case And(terms):
            return {"and": [shown(t) for t in terms]}
        case Or(terms):
            return {"or": [shown(t) for t in terms]}
        case Not(term):
            return {"not": shown(term)}
        case Is(field, value):
            return {"is": [shown(field), shown(value)]}
        case Range(field, order, value):
            return {"range": [shown(field), order.value, shown(value)]}
        case Nested(path, term):
            return {"nested": [shown(path), shown(term)]}
        case Wildcard(parts):
            return {"wild": list(parts)}
        case Literal(value, quoted):
            return {"lit": value, **({"quoted": True} if quoted else {})}


def plain(expected: object) -> object:
    """A case's tree with fields and paths, which may be written as text, as literals."""
    if isinstance(expected, str):
        return {"lit": expected}
    if isinstance(expected, list):
        return expected
    if isinstance(expected, dict) and not {"lit", "wild"} & expected.keys():
        ((kind, inside),) = expected.items()
        if kind in ("and", "or"):
            return {kind: [plain(t) for t in inside]}
        if kind == "not":
            return {kind: plain(inside)}
        if kind == "range":
            return {kind: [plain(inside[0]), inside[1], plain(inside[2])]}
        return {kind: [plain(t) for t in inside]}
    return expected


@needs_shared
@pytest.mark.parametrize("case", cases("ast"))
def test_tree(case: dict[str, Any]) -> None:
    assert shown(parse(case["query"])) == plain(case["expected"])


@needs_shared
@pytest.mark.parametrize("case", cases("literal"))
def test_literal(case: dict[str, Any]) -> None:
    node = parse(case["query"])
    assert isinstance(node, Is)
    assert shown(node.value) == case["expected"]


@needs_shared
@pytest.mark.parametrize("case", cases("error"))
def test_error_place(case: dict[str, Any]) -> None:
    leading = case.get("options", {}).get("allowLeadingWildcards", True)
    with pytest.raises(QuerySyntaxError) as caught:
        parse(case["query"], leading_wildcards=leading)
    (found,) = caught.value.diagnostics
    assert found.code == "K001"
    assert found.span is not None
    assert found.span.start == case["expected"]["offset"]


@needs_shared
@pytest.mark.parametrize("case", cases("print"))
def test_print(case: dict[str, Any]) -> None:
    tree = parse(case["query"])
    assert write(tree) == case["expected"]
    assert parse(write(tree)) == tree


@needs_shared
@pytest.mark.parametrize("case", cases("escape_unquoted"))
def test_escape(case: dict[str, Any]) -> None:
    assert escape(case["query"]) == case["expected"]


@needs_shared
@pytest.mark.parametrize("case", cases("wildcard_match"))
def test_wildcard_match(case: dict[str, Any]) -> None:
    from converter.model.pattern import like

    leaf = kuery.lower(parse("f:" + case["query"]), Schema()).predicate
    assert isinstance(leaf, Like)
    (found,) = leaf.patterns
    assert isinstance(found, Pattern)
    assert like(case["value"], found, leaf.case) is case["expected"]


def errors(lowered: Lowered) -> list[str]:
    """The numbers of the errors, which kuery and filters share."""
    return [d.code[1:] for d in lowered.diagnostics if d.severity is Severity.ERROR]


def schema(fields: dict[str, str]) -> Schema:
    """The fields of a case: `path: type`, or `path: type, nested path array`."""
    declared = []
    kinds = {"text": Kind.TEXT, "keyword": Kind.KEYWORD, "date": Kind.DATE}
    for path, text in fields.items():
        kind, _, array = text.partition(", nested path ")
        declared.append(FieldInfo(path, kinds[kind], many=True))
        if array:
            declared.append(FieldInfo(array, Kind.KEYWORD, many=True, nested=True))
    return Schema(declared)


# A search of all fields has no meaning to compare.
FREE = {"kq076"}
# Without types Kibana sends query_string, which cuts a wildcard at its blanks; the detection engine knows the
# types and sends wildcard, which does not (rule K22).
CUT_AT_BLANKS = {"kq197", "kq298"}
# Kibana sends a match on a field of that very name.
EVERY_FIELD = {"kq205"}


@needs_shared
@pytest.mark.parametrize("case", cases("dsl"))
def test_query_dsl_means_the_same(case: dict[str, Any]) -> None:
    known = schema(case.get("fields", {}))
    lowered = kuery.lower(parse(case["query"]), known)
    if case["id"] in FREE:
        assert [d.code for d in lowered.diagnostics] == ["K013"]
        return
    expected = json.loads(json.dumps(case["expected"]))
    if case.get("config", {}).get("caseInsensitive"):
        expected["bool"]["should"][0]["wildcard"]["machine.os.keyword"].pop("case_insensitive")
    if case.get("config", {}).get("dateFormatTZ"):
        expected["bool"]["should"][0]["range"]["@timestamp"].pop("time_zone", None)
    if "nested_context" in case:
        lowered = kuery.lower(Nested(Literal(case["nested_context"]), parse(case["query"])), known)
        expected = {"nested": {"path": case["nested_context"], "query": expected}}
    filters = lower_filters((Filter(json.dumps(expected)),), known)
    assert without_spans(lowered.predicate) == filters.predicate
    assert errors(filters) == errors(lowered)


@needs_shared
@pytest.mark.parametrize("case", [c for c in cases("ast") if "dsl_without_field_types" in c.values[0]])
def test_query_dsl_without_types_means_the_same(case: dict[str, Any]) -> None:
    # Without types Kibana sends match and query_string, which on keywords mean what term and wildcard do.
    expected = case["dsl_without_field_types"]
    lowered = kuery.lower(parse(case["query"]), Schema())
    if case["id"] in CUT_AT_BLANKS or case["id"] in EVERY_FIELD:
        return
    filters = lower_filters((Filter(json.dumps(expected)),), Schema())
    if errors(lowered):  # a free text is a multi_match in Kibana, which filters do not know
        assert errors(filters)
        return
    assert without_spans(lowered.predicate) == filters.predicate


@needs_shared
@pytest.mark.parametrize("case", cases("dsl_error"))
def test_error_nested(case: dict[str, Any]) -> None:
    found = kuery.lower(parse(case["query"]), schema(case["fields"])).diagnostics
    assert [d.code for d in found if d.severity is Severity.ERROR] == ["K014"]


@needs_shared
@pytest.mark.parametrize("case", cases("query_string"))
def test_query_string_of_wildcard(case: dict[str, Any]) -> None:
    # The query string that Kibana sends for a wildcard on text means what the wildcard means.
    clause = {"query_string": {"fields": ["f"], "query": case["expected"]}}
    known = Schema()
    sent = lower_filters((Filter(json.dumps(clause)),), known).predicate
    assert sent == without_spans(kuery.lower(parse("f:" + case["query"]), known).predicate)


@needs_shared
def test_every_case_is_looked_at() -> None:
    looked = (
        "ast",
        "literal",
        "error",
        "print",
        "escape_unquoted",
        "wildcard_match",
        "dsl",
        "dsl_error",
        "query_string",
    )
    assert len(cases(*looked)) == json.loads(PATH.read_text())["count"] == 185
