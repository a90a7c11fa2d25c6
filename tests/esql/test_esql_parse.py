"""ES|QL text and tree: every shared query is read, and what is written reads back as the same tree."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import tomli
from esql_trees import queries
from hypothesis import HealthCheck, given, settings
from shared import SHARED, corpus_rules, needs_shared

from converter.diagnostics import Span
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.esql.parse import parse
from converter.languages.esql.query import (
    Enrich,
    From,
    Keep,
    LookupJoin,
    NamePattern,
    Query,
    Stats,
    Unread,
    Where,
)
from converter.languages.esql.syntax import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Array,
    Call,
    Cast,
    Comparison,
    ComparisonOperator,
    Duration,
    Expression,
    Like,
    Name,
    Negative,
    Not,
    Number,
    Or,
    PatternOperator,
    Search,
    Text,
)
from converter.languages.esql.write import write


def rule_queries() -> Iterator[tuple[str, str]]:
    for path in corpus_rules():
        rule = tomli.loads(path.read_text(encoding="utf-8"))["rule"]
        if rule.get("type") == "esql":
            yield path.name, rule["query"]


def conformance_queries() -> Iterator[tuple[str, str]]:
    for path in sorted((SHARED / "conformance" / "esql" / "csv-spec").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            yield case["name"], case["query"]


def condition(text: str) -> Expression:
    command = parse(f"from a | where {text}").commands[1]
    assert isinstance(command, Where)
    return command.condition


def comparison(name: str, value: float) -> Comparison:
    return Comparison(ComparisonOperator.EQ, Name(name), Number(value))


@needs_shared
def test_every_shared_rule_reads_and_reads_back() -> None:
    found = dict(rule_queries())
    assert len(found) == 142
    for text in found.values():
        tree = parse(text)
        assert parse(write(tree)) == tree


@needs_shared
def test_every_conformance_query_reads_and_reads_back() -> None:
    found = list(conformance_queries())
    assert len(found) == 392
    for _, text in found:
        tree = parse(text)
        assert parse(write(tree)) == tree


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(queries())
def test_written_trees_read_back(tree: Query) -> None:
    assert parse(write(tree)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("not a == 1 and b == 2", And((Not(comparison("a", 1)), comparison("b", 2)))),
        ("a == 1 or b == 2 and c == 3", Or((comparison("a", 1), And((comparison("b", 2), comparison("c", 3)))))),
        ('NOT x LIKE "a*"', Not(Like(PatternOperator.LIKE, Name("x"), (Text("a*"),)))),
        (
            'x not rlike ("a", "b")',
            Like(PatternOperator.RLIKE, Name("x"), (Text("a"), Text("b")), listed=True, negated=True),
        ),
        ("-1::string", Negative(Cast(Number(1), "string"))),
        ("source.`as`.number", Name("source.as.number")),
        ("`source.as.number`", Name("source.as.number")),
        ("`a``b`", Name("a`b")),
        ('"""C:\\x"""', Text("C:\\x")),
        ('""""quoted"""""', Text('"quoted""')),
        ('"a\\"b\\\\c\\t"', Text('a"b\\c\t')),
        ("5m", Duration(5, "m")),
        ("1 Hour", Duration(1, "Hour")),
        ("[1, -  2, .5]", Array((Number(1), Number(-2), Number(0.5)))),
        ("18446744073709551616", Number(18446744073709551616.0)),
        ('f::string : "x"', Search(Name("f"), Text("x"), "string")),
        ("First(a, b)", Call("First", (Name("a"), Name("b")))),
        ("a /* c */ == // d\n 1", comparison("a", 1)),
        (
            "1 - 2 - 3 * 4",
            Arithmetic(
                ArithmeticOperator.SUBTRACT,
                Arithmetic(ArithmeticOperator.SUBTRACT, Number(1), Number(2)),
                Arithmetic(ArithmeticOperator.MULTIPLY, Number(3), Number(4)),
            ),
        ),
    ],
)
def test_expression(text: str, tree: Expression) -> None:
    assert condition(text) == tree


def test_names_and_sources_are_cut_by_their_own_rules() -> None:
    tree = parse('FROM logs-*, -old, "a b", c:idx METADATA _id, _index | KEEP *a*.b, `x*y`.*, @timestamp')
    assert tree.commands[0] == From(("logs-*", "-old", "a b", "c:idx"), ("_id", "_index"))
    assert tree.commands[1] == Keep(
        (NamePattern(("", "a", ".b")), NamePattern(("x*y.", "")), NamePattern(("@timestamp",)))
    )


def test_columns_without_a_name_are_called_by_their_text() -> None:
    tree = parse("row a = 1 | stats couNt(*), max( a ) where a > 0 by b, left(c,  1)")
    stats = tree.commands[1]
    assert isinstance(stats, Stats)
    assert [a.column.name for a in stats.aggregates] == ["couNt(*)", "max( a )"]
    assert [k.name for k in stats.by] == ["b", "left(c,  1)"]
    assert stats.aggregates[1].where is not None


def test_commands_of_other_data_are_read() -> None:
    tree = parse(
        "from a | enrich p-1 on x with y = z, w | lookup join idx on k, l | fork (where a | limit 1) (where b) | sample 0.1"
    )
    assert isinstance(tree.commands[1], Enrich)
    assert tree.commands[1].policy == "p-1"
    assert tree.commands[2] == LookupJoin("idx", (Name("k"), Name("l")))
    assert tree.commands[3] == Unread("fork", ("(", "where", "a", "|", "limit", "1", ")", "(", "where", "b", ")"))
    assert tree.commands[4] == Unread("sample", ("0.1",))


def test_spans_are_places_in_the_text() -> None:
    text = 'from a | where x.y == "v"'
    node = condition('x.y == "v"')
    assert isinstance(node, Comparison)
    assert isinstance(node.left, Name)
    assert text[node.left.span.start : node.left.span.end] == "x.y"
    assert node.span == Span(15, 25)


ERRORS = [
    ("", "Q001", "the query is empty"),
    ("where a == 1", "Q001", "expected from at the start, but found where"),
    ("from a | where x = 1", "Q005", "= does not compare"),
    ('from a | where x =~ "a"', "Q005", "ES|QL has no =~"),
    ("from a | where x == 'a'", "Q004", "ES|QL has no strings in single quotes"),
    ('from a | where x == "a', "Q006", "this string does not end"),
    ("from a | where `x == 1", "Q006", "this name in backquotes does not end"),
    ("from a /* b", "Q006", "this comment does not end"),
    ('from a | where x like "\\d"', "Q007", "\\d is no escape that ES|QL knows"),
    ("from a | where in == 1", "Q008", "in is a keyword, not a column"),
    ("from a | where 1 < x < 3", "Q009", "comparisons cannot be chained"),
    ("from a, (from b)", "Q010", "a subquery in from cannot be read"),
    ("from a | where x in (from b | keep c)", "Q010", "in with a subquery cannot be read"),
    ("from a | where x == ?p", "Q011", "this query has a parameter"),
    ("from a | wherre x == 1", "Q012", "wherre is no command"),
    ("from a | where (x == 1", "Q001", "this ( is never closed"),
    ("from a | where x == 1)", "Q001", "expected | or the end of the query, but found )"),
    ("from a | where", "Q001", "expected a column, a value or a function, but the query ends"),
    ("from a | limit -1", "Q001", "limit needs a whole number, not below 0"),
    ("from a | where x ! y", "Q001", "! stands alone"),
    ("from a | where " + "(" * 10_000 + "x" + ")" * 10_000, "Q002", "this query nests deeper than 50 levels"),
    ("from a | where " + "not " * 10_000 + "x", "Q002", "this query nests deeper than 50 levels"),
    ("from a | where x == " + "-" * 10_000 + "1", "Q002", "this query nests deeper than 50 levels"),
    ("from a | eval x = " + "f(" * 10_000, "Q002", "this query nests deeper than 50 levels"),
    ("from a | eval x = 1" + "+1" * 10_000, "Q002", "this query nests deeper than 50 levels"),
    ("from a | eval x = 1" + "::int" * 10_000, "Q002", "this query nests deeper than 50 levels"),
]


@pytest.mark.parametrize(("text", "code", "message"), ERRORS, ids=[f"{n}-{e[1]}" for n, e in enumerate(ERRORS)])
def test_error(text: str, code: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (code, message)
    assert found.span is not None
    assert 0 <= found.span.start <= found.span.end <= len(text)


def test_a_megabyte_is_refused_and_just_under_it_is_read_in_linear_time() -> None:
    def seconds(terms: int) -> float:
        text = "from a | where " + " or ".join(['x.y == "0123456789abcdef"'] * terms)
        assert len(text) < 1_000_000
        start = time.process_time()
        parse(text)
        return time.process_time() - start

    with pytest.raises(QuerySyntaxError) as caught:
        parse("from a | where x" + " " * 1_000_000)
    assert caught.value.diagnostics[0].code == "Q003"
    assert seconds(32_000) < 40 * max(seconds(2_000), 0.001)
