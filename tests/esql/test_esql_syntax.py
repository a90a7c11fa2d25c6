"""ES|QL's syntax, a rule of the grammar a line: what each spelling is written as, and what an error says and where.

https://www.elastic.co/docs/reference/query-languages/esql/esql-syntax and the pages of the commands.
"""

from __future__ import annotations

import pytest

from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import LONGEST_QUERY
from converter.languages.esql.parse import parse
from converter.languages.esql.write import write


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("row a = 1, 2", "row a = 1, `2` = 2"),
        ('from a, "b", `c d` metadata _id, _index', 'from a, b, "c d" metadata _id, _index'),
        ("from a [metadata _id]", "from a metadata _id"),
        ("ts metrics-* | stats max(x)", "ts metrics-*\n| stats `max(x)` = max(x)"),
        ("show info", None),
        ("from a | fork (where x == 1) (limit 5)", "from a\n| fork ( where x == 1 ) ( limit 5 )"),
        ("from a | where x is not null and y is null", None),
        ("from a | where x::long : 5", None),
        ("from a | where x : -5", None),
        ('from a | where x not in (1, 2) or not y in ("a")', None),
        ('from a | where x not like "a*" and y rlike "b.*"', None),
        ('from a | where x like ("a*", "b*")', None),
        ("from a | where -x + 3 * 4 - 2 > +1", "from a\n| where -x + 3 * 4 - 2 > 1"),
        ("from a | where -(5) == - -5", "from a\n| where -(5) == -(-5)"),
        ("from a | where x::double::long == 5", None),
        ('from a | where x == [1, -2, 3] or y == ["a", "b"] or z == [true, false]', None),
        ('from a | where f(*) == null and g(x, {"a": 1, "b": [1, 2], "c": null})', None),
        ("from a | where a.b == `c``d`.e", "from a\n| where a.b == `c``d.e`"),
        ("from a | where x == 5 days and y == 1.5e3 and z == .5", "from a\n| where x == 5 days and y == 1500.0 and z == 0.5"),
        ('from a | where x == """a\\b""" and y == "\\t\\n\\r\\"\\\\"', 'from a\n| where x == "a\\\\b" and y == "\\t\\n\\r\\"\\\\"'),
        ("from a | where 99999999999999999999 == x", "from a\n| where 1e+20 == x"),
        ("from a | eval x = 1, y + 1", "from a\n| eval x = 1, `y + 1` = y + 1"),
        ("from a | stats by x", None),
        ("from a | stats c = count(*) where x > 1, max(y) by z, w = f(x)", "from a\n| stats c = count(*) where x > 1, `max(y)` = max(y) by z, w = f(x)"),
        ("from a | inline stats max(x) by y", "from a\n| inline stats `max(x)` = max(x) by y"),
        ("from a | inlinestats max(x)", "from a\n| inline stats `max(x)` = max(x)"),
        ("from a | keep a*, b.c*, `d e`.*", None),
        ("from a | drop *x, y", None),
        ("from a | rename a as b, c = d", "from a\n| rename a as b, d as c"),
        ("from a | sort a, b desc, c asc nulls first, d desc nulls last", "from a\n| sort a, b desc, c nulls first, d desc nulls last"),
        ("from a | limit 5 by x, y", None),
        ('from a | grok x "%{WORD:a}", "b"', None),
        ('from a | dissect x "%{a} %{b}" append_separator="-"', None),
        ("from a | mv_expand x", None),
        ("from a | enrich p", None),
        ("from a | enrich p on x with a = b, c", None),
        ("from a | lookup join idx on x, y == z", None),
        ('from a | completion x with {"inference_id": "i"}', None),
        ('from a | completion r = concat("a", x)', None),
        ("from a | change_point x", None),
        ("from a | change_point x on t as kind, p", None),
        ("from a // comment\n| /* b */ limit 1", "from a\n| limit 1"),
    ],
)  # fmt: skip
def test_spelling_is_written_as(text: str, written: str | None) -> None:
    """A command a line; without a text of its own, as it was."""
    found = write(parse(text))
    assert found == (text.replace(" | ", "\n| ") if written is None else written)
    assert parse(found) == parse(text)


@pytest.mark.parametrize(
    ("text", "code", "message", "meant", "hint"),
    [
        ("", "Q001", "the query is empty", "", "Write, for example: from logs-* | where a == 1"),
        ("where x", "Q001", "expected from at the start, but found where", "where", "A query begins with its data: from logs-* | where ..."),
        ("from", "Q001", "expected the name of a source, but the query ends", "", "For example: from logs-*, -logs-old*"),
        ("from (from b)", "Q010", "a subquery in from cannot be read", "(", "Write one query for each."),
        ("from a,", "Q001", "expected the name of a source, but the query ends", "", "For example: from logs-*, -logs-old*"),
        ("from a [metadata _id", "Q001", "expected ] after metadata, but the query ends", "", ""),
        ("from a |", "Q001", "expected a command after |, but the query ends", "", ""),
        ("from a | 5", "Q001", "expected a command after |, but found 5", "5", ""),
        ("from a | wher x == 1", "Q012", "wher is no command", "wher", "Did you mean where?"),
        ("from a | zzzzz", "Q012", "zzzzz is no command", "zzzzz", "Commands are where, eval, stats, keep, sort, limit and more."),
        ("from a | fork (where x == 'a')", "Q004", "ES|QL has no strings in single quotes", "'", 'Use double quotes: "text", or """raw text""".'),
        ("from a | where", "Q001", "expected a column, a value or a function, but the query ends", "", ""),
        ("from a | where x == 1 == 2", "Q009", "comparisons cannot be chained", "==", "Write a < b and b < c."),
        ("from a | where x is 5", "Q001", "expected null after is, but found 5", "5", ""),
        ("from a | where 5 : 6", "Q001", "the match operator : needs a column before it", "5 : ", ""),
        ("from a | where x : y", "Q001", "expected a constant after :, but found y", "y", ""),
        ("from a | where x : -y", "Q001", "expected a number, but found y", "y", ""),
        ("from a | where x in 5", "Q001", "expected ( after in, but found 5", "5", ""),
        ("from a | where x in (from b | keep c)", "Q010", "in with a subquery cannot be read", "from", "List the values."),
        ("from a | where x in (1, 2", "Q001", "expected a comma or ) in the list of in, but the query ends", "", ""),
        ('from a | where x like ("a", "b"', "Q001", "expected a comma or ) in the list of like, but the query ends", "", ""),
        ("from a | where (x == 1", "Q001", "this ( is never closed", "(", "Add the missing )."),
        ("from a | where (x == 1 y", "Q001", "this ( is never closed", "(", "Add the missing )."),
        ("from a | where x::", "Q001", "expected a type after ::, but the query ends", "", ""),
        ("from a | where x::5", "Q001", "expected a type after ::, but found 5", "5", ""),
        ("from a | where by == 1", "Q001", "expected a column, a value or a function, but found by", "by", ""),
        ("from a | where like == 1", "Q008", "like is a keyword, not a column", "like", "Put a column of this name in backquotes: `like`"),
        ("from a | where asc == 1", "Q008", "asc is a keyword, not a column", "asc", "Put a column of this name in backquotes: `asc`"),
        ("from a | where a.b(5)", "Q001", "a.b is no function", "a.b", "Write an operator between a column and what follows."),
        ("from a | where f(1 2)", "Q001", "expected a comma or ) in the arguments of f, but found 2", "2", ""),
        ("from a | where f(*, 1)", "Q001", "expected a column, a value or a function, but found *", "*", ""),
        ('from a | where f({"a": 1} 2)', "Q001", "expected ) after the options of f, but found 2", "2", ""),
        ('from a | where f({"a" 1})', "Q001", "expected a : after the name of the option, but found 1", "1", ""),
        ("from a | where f({a: 1})", "Q001", "expected the name of an option in quotes, but found a", "a", ""),
        ('from a | where f({"a": 1 "b": 2})', "Q001", 'expected a comma or } in the options, but found "b"', '"b"', ""),
        ('from a | where f({"a": x})', "Q001", "expected the option's value, but found x", "x", ""),
        ("from a | where x == [1, [2]]", "Q001", "an array holds strings, numbers or booleans", "[2]", ""),
        ("from a | where x == [null]", "Q001", "an array holds strings, numbers or booleans", "null", ""),
        ("from a | where x == [1 2]", "Q001", "expected a comma or ] in the array, but found 2", "2", ""),
        ("from a | where x == []", "Q001", "expected a constant in [ ], but found ]", "]", ""),
        ("from a | where x == 1e999", "Q001", "this number is too large", "1e999", ""),
        ("from a | where x == 'a'", "Q004", "ES|QL has no strings in single quotes", "'", 'Use double quotes: "text", or """raw text""".'),
        ('from a | where x == "a', "Q006", "this string does not end", '"a', 'A string ends on its line: write \\" for a quote in it, \\n for a line break, \\\\ for a backslash.'),
        ('from a | where x == """a', "Q006", "this string does not end", '"""a', "A raw string ends in three double quotes on the same line."),
        ('from a | where x == "\\q"', "Q007", "\\q is no escape that ES|QL knows", "\\q", 'Write \\\\q for a backslash, or use a raw string: """C:\\path""".'),
        ("from a | where `x", "Q006", "this name in backquotes does not end", "`x", "Close it with `; a backquote in it is written ``."),
        ("from a | where /* x", "Q006", "this comment does not end", "/* x", "Close it with */."),
        ("from a | where !x", "Q001", "! stands alone", "!", "Write not for a negation, != for unequal."),
        ("from a | where x # y", "Q001", "# means nothing here", "#", "Put text in double quotes and unusual names in backquotes."),
        ("from a | where x == \x07", "Q001", "U+0007 means nothing here", "\x07", "Put text in double quotes and unusual names in backquotes."),
        ("from a | where *", "Q001", "expected a column, a value or a function, but found *", "*", ""),
        ("from a | eval", "Q001", "expected a column, a value or a function, but the query ends", "", ""),
        ("from a | eval x =", "Q001", "expected a column, a value or a function, but the query ends", "", ""),
        ("from a | stats count(*) by", "Q001", "expected a column, a value or a function, but the query ends", "", ""),
        ("from a | inline x", "Q001", "expected stats after inline, but found x", "x", ""),
        ("from a | keep", "Q001", "expected a column, but the query ends", "", "Columns are separated by commas; * stands for any run."),
        ('from a | keep "x"', "Q001", 'expected a column, but found "x"', '"x"', "Columns are separated by commas; * stands for any run."),
        ("from a | keep a.", "Q001", "expected a column, but the query ends", "", "Columns are separated by commas; * stands for any run."),
        ("from a | rename a b", "Q001", "expected as and the new name, but found b", "b", ""),
        ("from a | rename a as", "Q001", "expected the new name, but the query ends", "", ""),
        ("from a | rename 5 as a", "Q001", "expected a column, but found 5", "5", ""),
        ("from a | sort a nulls", "Q001", "expected first or last after nulls, but the query ends", "", ""),
        ("from a | limit x", "Q001", "limit needs a whole number, not below 0", "x", ""),
        ("from a | limit -1", "Q001", "limit needs a whole number, not below 0", "-1", ""),
        ("from a | limit 1.5", "Q001", "limit needs a whole number, not below 0", "1.5", ""),
        ("from a | grok x y", "Q001", "expected a pattern in quotes, but found y", "y", ""),
        ('from a | dissect x "a" sep="-"', "Q001", "dissect has no option sep", "sep", "It has append_separator."),
        ('from a | dissect x "a" append_separator "-"', "Q001", 'expected = after append_separator, but found "-"', '"-"', ""),
        ("from a | mv_expand 5", "Q001", "expected a column, but found 5", "5", ""),
        ("from a | enrich", "Q001", "expected the name of a source, but the query ends", "", "For example: from logs-*, -logs-old*"),
        ("from a | enrich p on 5", "Q001", "expected a column, but found 5", "5", "Columns are separated by commas; * stands for any run."),
        ("from a | lookup idx on x", "Q001", "expected join after lookup, but found idx", "idx", ""),
        ("from a | lookup join idx", "Q001", "expected on and the columns to join by, but the query ends", "", ""),
        ("from a | completion x with", "Q001", "expected { and options, but the query ends", "", ""),
        ("from a | change_point", "Q001", "expected a column, but the query ends", "", ""),
        ("from a | change_point x as a", "Q001", "expected a comma and a second name, but the query ends", "", ""),
        ("from a | change_point x as a b", "Q001", "expected a comma and a second name, but found b", "b", ""),
        ("from a limit 5", "Q001", "expected | or the end of the query, but found limit", "limit", "Commands are separated by |, conditions by and or or."),
        ("from a | where x == ?p", "Q011", "this query has a parameter", "?", "A rule runs without parameters: write the value."),
        ("from a | where x y", "Q001", "expected | or the end of the query, but found y", "y", "Commands are separated by |, conditions by and or or."),
        ("from a | where x not 5", "Q001", "expected | or the end of the query, but found not", "not", "Commands are separated by |, conditions by and or or."),
        ("from a | stats", "Q001", "expected a column, a value or a function, but the query ends", "", ""),
    ],
)  # fmt: skip
def test_error_says_what_and_where(text: str, code: str, message: str, meant: str, hint: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    (found,) = caught.value.diagnostics
    assert (str(found.code), found.message, found.hint) == (code, message, hint)
    assert found.span is not None
    assert text[found.span.start : found.span.end] == meant


def test_error_query_that_is_too_long() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("x" * (LONGEST_QUERY + 1))
    (found,) = caught.value.diagnostics
    assert found.code == "Q003"
    assert found.message.endswith(f"the longest that is read has {LONGEST_QUERY:,}")
