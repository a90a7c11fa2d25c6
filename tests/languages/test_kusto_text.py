"""Kusto trees and text: what is written is read back as the same tree, and Microsoft's parser accepts it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared import corpus_rule, corpus_rules, needs_shared

import converter
from converter.diagnostics.errors import ConverterError, QuerySyntaxError
from converter.languages.kusto import parse, write
from converter.languages.kusto.filling import WIDTH
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Bag,
    Between,
    Binary,
    Call,
    Chain,
    Columns,
    Datatable,
    Distinct,
    Duration,
    Dynamic,
    Expansion,
    Expression,
    Extend,
    Index,
    Item,
    Join,
    Let,
    Member,
    MvApply,
    MvExpand,
    Name,
    Negative,
    Null,
    Number,
    Order,
    Partition,
    Program,
    Project,
    Query,
    Scan,
    Sort,
    Step,
    Subquery,
    Summarize,
    Table,
    Take,
    Text,
    Truth,
    Typed,
    Union,
    Where,
)
from converter.languages.kusto.walk import map_query, replaced

_SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
_NAMES = ("A", "Bc", "record", "where", "a b", "it's", 'q"q', "first", "x\\y", "_x")
_TEXTS = ("", "a", "C:\\x", 'q"q', "it's", "\n", "\x1f", "é", "\u202e", "// no comment", "| project x", '@"', "{{}}")

names = st.sampled_from(_NAMES)
texts = st.one_of(st.sampled_from(_TEXTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=6))
numbers = st.one_of(st.integers(-(2**62), 2**62), st.sampled_from([0.5, -1.25, 3.0]))
json = st.recursive(
    st.one_of(texts.map(Text), numbers.map(Number), st.booleans().map(Truth), st.just(Null())),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple).map(Array),
        st.lists(st.tuples(texts, inner), max_size=2).map(tuple).map(Bag),
    ),
    max_leaves=4,
)
_leaf: st.SearchStrategy[Expression] = st.one_of(
    texts.map(Text),
    numbers.map(Number),
    st.booleans().map(Truth),
    st.sampled_from([Duration(5, "m"), Duration(1.5, "h"), Typed("datetime", "2024-01-01"), Typed("long", "null")]),
    json.map(Dynamic),
    names.map(Name),
)
_SIGNS = ("==", "!=", "<", ">=", "+", "-", "*", "%", "=~", "!~", "has", "!contains_cs", "matches regex", "startswith")


def _grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from(_SIGNS), inner, inner),
        st.builds(Among, st.sampled_from(["in", "!in~", "has_any"]), inner, several),
        st.builds(Between, inner, inner, inner, st.booleans()),
        st.builds(Chain, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Call, st.sampled_from(["f", "not", "tostring"]), several),
        st.builds(Member, inner, names),
        st.builds(Index, inner, st.sampled_from([Number(0), Name("A")])),
        inner.filter(lambda e: not (isinstance(e, Number) and e.value >= 0)).map(Negative),
        inner.map(lambda e: Among("in", Name("A"), (Subquery(Query(Table("T"), (Where(e), Take(Number(1))))),))),
    )


expressions = st.recursive(_leaf, _grown, max_leaves=8)


@_SETTINGS
@given(expressions)
def test_expression_reads_back(node: Expression) -> None:
    assert parse.expression(write.expression(node)) == node


items = st.builds(Item, expressions, st.one_of(st.just(""), names))
listed = st.lists(items, min_size=1, max_size=3).map(tuple)


def _queries() -> st.SearchStrategy[Query]:
    simple = st.one_of(
        st.builds(Where, expressions),
        st.builds(Extend, listed),
        st.builds(Project, listed),
        st.builds(Summarize, listed, st.one_of(st.just(()), listed)),
        st.builds(Distinct, listed),
        st.builds(Columns, st.sampled_from(["away", "keep", "reorder"]), st.lists(names, min_size=1).map(tuple)),
        st.builds(Sort, st.lists(st.builds(Order, expressions, st.booleans()), min_size=1, max_size=2).map(tuple)),
        st.builds(
            MvExpand, st.builds(Expansion, expressions, names, st.sampled_from(["", "long"])).map(lambda e: (e,))
        ),
    )
    step = st.builds(Step, st.just("s1"), expressions, listed, st.sampled_from(["", "none"]))
    bodies = st.lists(simple, min_size=1, max_size=2).map(tuple)
    nested = st.one_of(
        simple,
        st.builds(MvApply, st.builds(Expansion, expressions, names).map(lambda e: (e,)), bodies),
        st.builds(Partition, names, bodies),
        st.builds(Scan, st.just((("Time1", "datetime"),)), st.lists(step, min_size=1, max_size=2).map(tuple)),
        st.builds(Join, st.just(Query(Table("T"), (Take(Number(1)),))), st.just((Name("A"),)), st.just("inner")),
    )
    operators = st.lists(nested, max_size=3).map(tuple)
    tables = st.one_of(names.map(Table), st.just(Datatable((("A", "long"),), (Number(1),))))
    plain = st.builds(Query, tables, operators)
    union = st.lists(plain, min_size=1, max_size=2).map(tuple).map(lambda qs: Query(Union(qs, (("isfuzzy", "true"),))))
    return st.one_of(plain, union)


@_SETTINGS
@given(_queries(), st.lists(st.builds(Let, st.sampled_from(["L", "M"]), expressions), max_size=2))
def test_program_reads_back(query: Query, lets: list[Let]) -> None:
    program = Program(query, tuple(lets))
    assert parse.program(write.program(program)) == program


def test_spellings_are_one_tree() -> None:
    assert parse.expression("""a.b == 'x'""") == parse.expression("""a["b"] == @"x" """)
    assert parse.expression("a and b and c // why") == Chain("and", (Name("a"), Name("b"), Name("c")))


@pytest.mark.parametrize(
    "text", ["a ==", "f(", "'open", '"\\q"', "a b", "dynamic([1", "T | nonsense x", "(" * 200 + "a"]
)
def test_error_names_the_place(text: str) -> None:
    read = parse.program if "|" in text else parse.expression
    with pytest.raises(QuerySyntaxError) as caught:
        read(text)
    (found,) = caught.value.diagnostics
    assert found.code in {"J001", "J002"}
    assert found.span is not None


def test_long_lists_are_filled() -> None:
    many = Among("in", Name("FileName"), tuple(Text(f"value-{i:03d}.exe") for i in range(60)))
    lines = write.query(Query(Table("T"), (Where(many),))).split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) < 15


def test_replacing_goes_outermost_first() -> None:
    inner, outer = Call("f", (Name("A"),)), Call("g", (Call("f", (Name("A"),)),))
    assert replaced(outer, {inner: Name("X"), outer: Name("Y")}) == Name("Y")
    query = Query(Table("T"), (Where(Binary("==", outer, inner)),))
    changed = map_query(query, lambda e: replaced(e, {inner: Name("X")}))
    assert flat(changed.operators[0].condition) == "g(X) == X"  # type: ignore[union-attr]


@needs_shared
@pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.sweep)], ids=["some", "all"])
def test_artifacts_read_back(everything: bool) -> None:
    seen = 0
    for path in list(corpus_rules())[:: 1 if everything else 23]:
        rule = corpus_rule(path)
        if rule is None:
            continue
        try:
            artifact = converter.convert(rule, to="sentinel", fields="native")
        except ConverterError:
            continue
        if artifact.text:
            program = parse.program(artifact.text)
            assert parse.program(write.program(program)) == program
            seen += 1
    assert seen > (1000 if everything else 40)
