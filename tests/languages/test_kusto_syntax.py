"""Kusto's syntax, a rule of the grammar a line: what each spelling is written as, and what an error says and where.

https://learn.microsoft.com/en-us/kusto/query/: the page of each operator, and scalar-data-types for the literals.
"""

from __future__ import annotations

import pytest

from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import LONGEST_QUERY
from converter.languages.kusto import parse, write
from converter.languages.kusto.syntax import Call, Expression, Let, Name
from converter.languages.kusto.walk import children, map_let, map_query, queries, replaced, walk


@pytest.mark.parametrize(
    ("text", "written"),
    [
        # tabular operators
        ("T | serialize | take 1", "T\n| serialize\n| take 1"),
        ("T | serialize n = 1", "T\n| serialize n = 1"),
        ("(T | take 1) | count", "(T | take 1)\n| count"),
        ("T | filter a == 1", "T\n| where a == 1"),
        ("T | limit 5", "T\n| take 5"),
        ("T | order by a", "T\n| sort by a desc"),
        ("T | sort by a asc, b desc nulls first", "T\n| sort by a asc, b desc nulls first"),
        ("T | top 3 by a", "T\n| top 3 by a desc"),
        ("T | distinct *", "T\n| distinct *"),
        ("T | distinct a, b", "T\n| distinct a, b"),
        ("T | project-away a*, b", "T\n| project-away a*, b"),
        ("T | project-keep ['a b']", "T\n| project-keep ['a b']"),
        ("T | project-reorder b, *", "T\n| project-reorder b, *"),
        ("T | project-rename a = b, ['c d'] = e", "T\n| project-rename a = b, ['c d'] = e"),
        ("T | summarize by a", "T\n| summarize by a"),
        ("T | summarize count(), m = max(x) by bin(t, 1h), b", "T\n| summarize count(), m = max(x) by bin(t, 1h), b"),
        ("T | mv-expand with_itemindex = i a = b to typeof(string), c",
         "T\n| mv-expand with_itemindex=i a = b to typeof(string), c"),
        ("T | mv-apply x = d on (where x == 1 | count)", "T\n| mv-apply x = d on (where x == 1 | count)"),
        ("T | lookup kind=leftouter (U | take 1) on a, b", "T\n| lookup kind=leftouter (U | take 1) on a, b"),
        ("T | join kind = inner U on $left.a == $right.b", "T\n| join kind=inner U on $left.a == $right.b"),
        ("T | join f(1) on a", "T\n| join (f(1)) on a"),
        ("T | union U, (V | count)", "T\n| union U, (V | count)"),
        ("union kind=inner withsource=s T, U", "union kind=inner withsource=s T, U"),
        ("T | partition by a (count)", "T\n| partition hint.strategy=legacy by a (count)"),
        ("T | partition hint.strategy = native by a (count)", "T\n| partition hint.strategy=native by a (count)"),
        ("T | scan with (step s1: true;)", "T\n| scan with (\n    step s1: true;\n)"),
        ("T | scan declare (n: long, t: datetime) with (step s1 output = last: a == 1 => n = 1; step s2: s1.n > 0;)",
         ("T\n| scan declare (n: long, t: datetime) with (\n    step s1 output=last: a == 1 => n = 1;\n"
          "    step s2: s1.n > 0;\n)")),
        # sources
        ("print a = 1, 2", "print a = 1, 2"),
        ("datatable(a: string, ['b c']: long)['x', 1, \"y\", 2]", 'datatable(a: string, [\'b c\']: long)["x", 1, "y", 2]'),
        ("f(1, *) | count // why", "f(1, *)\n| count"),
        # literals
        ("print 0x1F, 1e3, 1.5h, 10tick", "print 31, 1000.0, 1.5h, 10tick"),
        ('print ```a "b"```', 'print "a \\"b\\""'),
        ("print 'a' \"b\"", 'print "ab"'),
        ("print h'secret', h@\"x\"", 'print "secret", "x"'),
        ("print @'it''s', @\"q\"\"q\"", 'print "it\'s", "q\\"q"'),
        (r'print "\x41\u00e9\101\U0001F600\t"', 'print "AéA😀\\t"'),
        ("print datetime(2024-01-01), guid(null), timespan( 1d )", "print datetime(2024-01-01), guid(null), timespan(1d)"),
        ("print dynamic({\"a\": [1, null, true, 'x'], \"b\": -1.5})", 'print dynamic({"a": [1, null, true, "x"], "b": -1.5})'),
        # expressions
        ("print a between (1 .. 5), b !between (1 .. 2)", "print a between (1 .. 5), b !between (1 .. 2)"),
        ("print datetime((a) 'b)')", "print datetime((a) 'b)')"),
        ('print -a, a.b["c"].d[0][x]', "print -a, a.b.c.d[0][x]"),
        ("T | where a in ((U | project b))", "T\n| where a in ((U | project b))"),
        ("T | where a !in~ ('x', y)", 'T\n| where a !in~ ("x", y)'),
        ("T | where a matches regex 'x' and (b or c)", 'T\n| where a matches regex "x" and (b or c)'),
    ],
)  # fmt: skip
def test_spelling_is_written_as(text: str, written: str) -> None:
    assert write.query(parse.query(text)) == written
    assert parse.query(written) == parse.query(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("let a = 5; T | where x == a;", "let a = 5;\nT\n| where x == a\n"),
        ("let U = T | take 1; U", "let U = T\n    | take 1;\nU\n"),
        ("let U = T; U | count", "let U = T;\nU\n| count\n"),
        ("let U = (T | take 1); U", "let U = (T | take 1);\nU\n"),
    ],
)
def test_program_is_written_as(text: str, written: str) -> None:
    found = parse.program(text)
    assert parse.program(write.program(found)) == found
    assert write.program(found).split() == written.split()


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("", "expected a table, but the query ends", ""),
        ("T | frob", "expected an operator, but found frob", "frob"),
        ("T |", "expected an operator, but the query ends", ""),
        ("T | take", "expected a value, but the query ends", ""),
        ("T count", "expected the end, but found count", "count"),
        ("T | sort a", "expected by, but found a", "a"),
        ("T | top 5 a", "expected by, but found a", "a"),
        ("T | project-rename a b", "expected =, but found b", "b"),
        ("T | project-away a, ", "expected a name, but the query ends", ""),
        ("T | mv-expand a to string", "expected typeof, but found string", "string"),
        ("T | mv-apply a (count)", "expected on, but the query ends", ""),
        ("T | join U", "expected on, but the query ends", ""),
        ("T | join kind= U on a", "expected on, but found a", "a"),
        ("T | partition hint.shuffle = 1 by a (count)", "expected strategy, but found shuffle", "shuffle"),
        ("T | partition by a count", "expected (, but found count", "count"),
        ("T | scan (step a: true;)", "expected with, but found (", "("),
        ("T | scan with (a: true;)", "expected step, but found a", "a"),
        ("T | scan with (step a output=some: true;)", "expected all, last or none, but found :", ":"),
        ("T | scan with (step a: true)", "expected ;, but found )", ")"),
        ("T | scan declare (n) with (step a: true;)", "expected :, but found )", ")"),
        ("datatable(a)[1]", "expected :, but found )", ")"),
        ("T | where a ==", "expected a value, but the query ends", ""),
        ("T | where a in (", "expected a value, but the query ends", ""),
        ("T | where a between (1, 2)", "expected .., but found ,", ","),
        ("T | where a == datetime(2024", "expected ), but the query ends", ""),
        ('T | where a == "\\q"', 'expected a string with escapes that Kusto knows, but found "', '"'),
        ('T | where ["a" == 1', "expected ], but found =", "="),
        ("T | where ['a == 1", "expected a quoted name, but found '", "'"),
        ("T | mv-expand a to typeof(long", "expected ), but the query ends", ""),
        ("print dynamic([1 2])", "expected ] or ,, but found 2", "2"),
        ('print dynamic({"a": 1 2})', "expected } or ,, but found 2", "2"),
        ("print dynamic({a: 1})", "expected a key, but found a", "a"),
        ('print dynamic({"a" 1})', "expected :, but found 1", "1"),
        ("print dynamic([x])", "expected a constant, but found ]", "]"),
        ("print [1]", "expected a name, but found [", "["),
        ("let a 5; T", "expected the end, but found a", "a"),
    ],
)  # fmt: skip
def test_error_says_what_and_where(text: str, message: str, at: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse.query(text)
    (found,) = caught.value.diagnostics
    assert found.code == "J001"
    assert found.message == message
    assert found.span is not None
    assert text[found.span.start : found.span.end] == at
    if not at:
        assert found.span.start == len(text)


def test_error_in_a_statement() -> None:
    for text, message in (
        ("let a 5; T", "expected =, but found 5"),
        ("let a = 5 T", "expected a table, but found 5"),
        ("let a = ; T", "expected a table, but found ;"),
        ("let = 5; T", "expected a name, but found ="),
    ):
        with pytest.raises(QuerySyntaxError) as caught:
            parse.program(text)
        assert caught.value.diagnostics[0].message == message


EVERY = "g(a.b, c[d], f(-e), h == i, j in (k), l between (m .. n), (o and p), q in ((T | take 1)), *)"


def test_walk_is_outer_before_inner_and_in_order() -> None:
    node = parse.expression(EVERY)
    found = [one.name for one in walk(node) if isinstance(one, Name)]
    assert found == [*"acdehijklmnopq"]
    assert next(walk(node)) == node
    assert queries(node)
    assert not queries(parse.expression("a == 1"))
    assert children(Name("a")) == ()


def renamed(node: Expression) -> Expression:
    names: dict[Expression, Expression] = {Name(letter): Name(letter.upper()) for letter in "abcdefghijklmnopqxyz"}
    return replaced(node, {**names, Call("now", ()): Name("NOW")})


def test_every_expression_inside_is_replaced() -> None:
    assert write.expression(renamed(parse.expression(EVERY))) == (
        "g(A.b, C[D], f(-E), H == I, J in (K), L between (M .. N), O and P, Q in ((T | take 1)), *)"
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("T | where a == now()", "T | where A == NOW"),
        ("T | extend x = a | serialize y = b", "T | extend x = A | serialize y = B"),
        ("T | project x = a | distinct b", "T | project x = A | distinct B"),
        ("T | summarize x = f(a) by b", "T | summarize x = f(A) by B"),
        ("T | mv-expand x = a", "T | mv-expand x = A"),
        ("T | mv-apply x = a on (where b | count)", "T | mv-apply x = A on (where B | count)"),
        ("T | sort by a asc | top x by b | take y", "T | sort by A asc | top X by B | take Y"),
        ("T | join (U | where a) on b", "T | join (U | where A) on b"),
        ("T | union (U | where a)", "T | union (U | where A)"),
        ("union (T | where a), U | where b", "union (T | where A), U | where B"),
        ("T | partition by a (where b)", "T | partition hint.strategy=legacy by a (where B)"),
        ("T | scan with (step s: a => x = b;)", "T | scan with (step s: A => x = B;)"),
        ("T | project-away a | project-rename x = b | count", "T | project-away a | project-rename x = b | count"),
        ("print x = a", "print x = A"),
    ],
)
def test_every_expression_of_an_operator_is_replaced(text: str, changed: str) -> None:
    assert map_query(parse.query(text), renamed) == parse.query(changed)


def test_expressions_of_a_statement_are_replaced() -> None:
    found = parse.program("let v = a; let U = T | where b; T").lets
    assert [map_let(one, renamed) for one in found] == [
        Let("v", Name("A")),
        Let("U", parse.query("T | where B")),
    ]


def test_error_text_of_more_than_a_million_characters() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse.query("T | where a == 1" + " " * LONGEST_QUERY)
    assert str(caught.value) == (
        "error[J003]: this query has 1,000,016 characters; the longest that is read has 1,000,000\n"
        "  hint: Split the rule, or move long value lists into a lookup."
    )
