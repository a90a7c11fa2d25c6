"""What a user sees who slips: the message, the caret and the hint."""

from __future__ import annotations

import time

import pytest

from converter.diagnostics import Diagnostic, Source, render
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import DEEPEST_NESTING
from converter.languages.kuery.parse import parse


def slip(query: str) -> Diagnostic:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    (found,) = caught.value.diagnostics
    return found


def rendered(query: str) -> str:
    return render(slip(query).located(Source("rule.toml", query)))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            'process.name:"cmd.exe" process.args:x',
            """\
rule.toml:1:24: error[K001]: expected `and`, `or` or the end of the query, but found process
   |
 1 | process.name:"cmd.exe" process.args:x
   |                        ^^^^^^^
  hint: Join conditions with `and` or `or`.""",
        ),
        (
            'a:b and c:"x',
            """\
rule.toml:1:11: error[K001]: this quote is never closed
   |
 1 | a:b and c:"x
   |           ^
  hint: Close it with "; write \\" for a quote inside the value and \\\\ for a backslash at its end.""",
        ),
        (
            "a:(b or c",
            """\
rule.toml:1:10: error[K001]: expected `and`, `or` or the ) for the ( at column 3, but the query ends
   |
 1 | a:(b or c
   |          ^""",
        ),
        (
            "x:y and\n (a:b or c:d",
            """\
rule.toml:2:13: error[K001]: expected `and`, `or` or the ) for the ( at line 2, column 2 of the query, but the query ends
   |
 2 |  (a:b or c:d
   |             ^""",
        ),
        (
            "url:http://x",
            """\
rule.toml:1:9: error[K001]: expected `and`, `or` or the end of the query, but found :
   |
 1 | url:http://x
   |         ^
  hint: Put a value that holds this sign in quotes, or join two conditions with `and` or `or`.""",
        ),
        (
            "path:C:\\x",
            """\
rule.toml:1:7: error[K001]: expected `and`, `or` or the end of the query, but found :
   |
 1 | path:C:\\x
   |       ^
  hint: Put a value that holds this sign in quotes, or join two conditions with `and` or `or`.""",
        ),
        (
            "path:\\x",
            """\
rule.toml:1:6: error[K001]: expected a value, ( or {, but found \\
   |
 1 | path:\\x
   |      ^
  hint: Outside quotes a backslash stands before \\ ( ) : < > " * { } only; write two for a backslash itself.""",
        ),
        (
            "a:b not c:d",
            """\
rule.toml:1:5: error[K001]: expected `and`, `or` or the end of the query, but found not
   |
 1 | a:b not c:d
   |     ^^^
  hint: `not` before a blank is a keyword: write `and not`, or put the value in quotes.""",
        ),
        (
            "a:b and ",
            """\
rule.toml:1:9: error[K001]: expected a field name, a value or (, but the query ends
   |
 1 | a:b and\x20
   |         ^
  hint: Complete the condition, or remove the operator before it.""",
        ),
        (
            'a:"\\ud800"',
            """\
rule.toml:1:3: error[K001]: this value holds half a character: \\uD800 to \\uDFFF come in pairs
   |
 1 | a:"\\ud800"
   |   ^^^^^^^^""",
        ),
        (
            "a >= (1)",
            "rule.toml:1:6: error[K001]: expected a value, but found (\n   |\n 1 | a >= (1)\n   |      ^\n  hint: Put a value that holds this sign in quotes, or join two conditions with `and` or `or`.",
        ),
        (
            "n:{ a:b )",
            "rule.toml:1:9: error[K001]: expected `and`, `or` or the } for the { at column 3, but found )",
        ),
    ],
)
def test_error_message(query: str, expected: str) -> None:
    assert rendered(query).startswith(expected)


@pytest.mark.parametrize(
    "query", ["(" * 10_000 + "a:b" + ")" * 10_000, "(" * 10_000, "a:" + "(" * 10_000, "a:{" * 10_000, "not (" * 10_000]
)
def test_error_nests_too_deep(query: str) -> None:
    begin = time.process_time()
    found = slip(query)
    assert found.code == "K002"
    assert found.span is not None
    assert time.process_time() - begin < 0.5


def test_deepest_nesting_is_read_and_lowered() -> None:
    from converter.fields.schema import Schema
    from converter.model.predicate import Constant
    from converter.readers import kuery

    levels = DEEPEST_NESTING - 1
    query = "(a:b or not c:d and " * levels + "e:f" + ")" * levels
    lowered = kuery.lower(parse(query), Schema())
    assert lowered.predicate != Constant(value=False)
    nested = "a:{ not b:c or " * levels + "d:e" + "}" * levels
    assert kuery.lower(parse(nested), Schema()).predicate != Constant(value=False)


def test_error_too_long_is_fast() -> None:
    query = " or ".join(["process.name:x"] * 600_000)
    begin = time.process_time()
    found = slip(query)
    assert found.code == "K003"
    assert "10,799,996 characters" in found.message
    assert time.process_time() - begin < 0.5


def test_long_flat_query_is_read() -> None:
    from converter.fields.schema import Schema
    from converter.model.predicate import OneOf
    from converter.readers import kuery

    query = " or ".join(f"process.name:x{i}" for i in range(20_000))
    begin = time.process_time()
    predicate = kuery.lower(parse(query), Schema()).predicate
    assert isinstance(predicate, OneOf)
    assert len(predicate.values) == 20_000
    assert time.process_time() - begin < 5
