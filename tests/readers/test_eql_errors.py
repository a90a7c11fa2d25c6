"""What EQL says about a slip: the code, the place and the words, for every kind of error."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.catalogue import all_codes
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema
from converter.languages.cursor import DEEPEST_NESTING
from converter.languages.eql.parse import parse
from converter.model.value import Kind
from converter.readers.eql import lower

SCHEMA = Schema(
    (
        FieldInfo("items", Kind.KEYWORD, many=True, nested=True),
        FieldInfo("items.name", Kind.KEYWORD, many=True),
        FieldInfo("deep.items", Kind.KEYWORD, many=True, nested=True),
    )
)


def found(query: str) -> Diagnostic:
    """The first error of a query."""
    try:
        tree = parse(query)
    except QuerySyntaxError as error:
        return error.diagnostics[0]
    return next(d for d in lower(tree, SCHEMA).diagnostics if d.severity is Severity.ERROR)


ERRORS = [
    # (query with the place between « and », code, part of the message, part of the hint)
    ("«»", "E019", "empty", "process where true"),
    ("«  \n »", "E019", "empty", ""),
    ("process«»", "E001", "expected where after the event category, but the query ends", "category where"),
    ("process where«»", "E001", "expected a field, a value or a function", ""),
    ("«1» where true", "E001", "expected an event category", "any matches every"),
    ("«and» where true", "E001", "expected an event category", ""),
    ("«a~» where true", "E001", "expected an event category", ""),
    ("«`a`» where true", "E001", "is a string", "double quotes"),
    ("«a.b» where true", "E001", "is a string", "double quotes"),
    ('any where process.name == "a" «AND» true', "E001", "found AND", "lower case"),
    ("any where (true «true»", "E001", "expected and, or, or )", ""),
    ("any where «(»true", "E001", "never closed", "missing )"),
    ("any where true«)»", "E001", "found )", ""),
    ("any where «!» true", "E001", "! stands alone", "not for a negation"),
    ("any where a «#» 1", "E001", "# means nothing here", ""),
    ("any where a «\x07» 1", "E001", "U+0007", ""),
    ("any where a in «1»", "E001", "expected ( after in", "parentheses"),
    ("any where a in («)»", "E001", "is empty", ""),
    ("any where a in (1 «2»)", "E001", "a comma or ) in the list", ""),
    ("any where f(1 «2»)", "E001", "a comma or ) in the arguments of f", ""),
    ("any where «a.b»(1)", "E001", "no function", ""),
    ("any where «a~» == 1", "E001", "~ belongs to functions", ""),
    ("any where a «not» like 1", "E001", "not like does not exist", "before the field"),
    ("any where a == «not» b", "E001", "expected a field", ""),
    ("any where a == «1e999»", "E001", "too large", ""),
    ("any where a : «)»", "E001", "a value after :", "double quotes"),
    ("any where true | «1»", "E001", "name of a pipe", ""),
    ("sequence «a»", "E001", "an event in [ ]", ""),
    ("sample by x «a»", "E001", "an event in [ ]", ""),
    ("sequence «[»a where true", "E001", "never closed", "missing ]"),
    ("sequence [a where true «b»]", "E001", "expected and, or, or ]", ""),
    ("sequence by «[»a where true]", "E001", "a field to join by", ""),
    ("sequence [a where true] [a where true] until «a»", "E001", "after until", ""),
    ("sequence [a where true] [a where true] «a»", "E001", "another [event]", ""),
    ("sequence with «x»", "E001", "maxspan after with", "maxspan=5m"),
    ("sequence with maxspan «5»m", "E001", "= after maxspan", ""),
    ("sequence [a where true] with «maxspan»=5m", "E001", "runs after with", "before the first event"),
    ("sequence [a where true] with «x»=5", "E001", "runs after with", "runs=3"),
    ("sequence [a where true] with runs «5»", "E001", "= after runs", ""),
    ("sequence [a where true] with runs=«x»", "E001", "a number from 1 to 100", ""),
    ("any where a == «'x'»", "E004", "single quotes", "double quotes"),
    ('any where a == «?»"x"', "E004", '?"..."', '"""'),
    ("any where a «=» 1", "E005", "no =", "=="),
    ('any where a == «"x»', "E006", "does not end", "A string ends on its line"),
    ('any where a == «"x»\n"', "E006", "does not end", ""),
    ('any where a == «"""x»\n"""', "E006", "does not end", "three double quotes"),
    ("any where «`x == 1»", "E006", "backquotes does not end", ""),
    ("any where «/* x»", "E006", "comment does not end", ""),
    ('any where a == "x«\\y»"', "E007", "\\y is no escape", '"""'),
    ('any where a == "«\\u»200f"', "E007", "2 to 8 hexadecimal digits", ""),
    ('any where a == "«\\u{110000}»"', "E007", "no Unicode character", ""),
    ('any where a == "«\\u{d800}»"', "E007", "no Unicode character", ""),
    ("any where «any» == 1", "E008", "any is a keyword", "`any`"),
    ("any where a < b «<» c", "E009", "chained", "and"),
    ("«join» [a where true] [a where true]", "E010", "no join", "sample by"),
    ("any where «child» of [a where true]", "E011", "no child of", ""),
    ("any where a«[»0] == 1", "E012", "one element", ""),
    ("sequence with maxspan=«x» [a where true]", "E013", "positive whole number", ""),
    ("sequence with maxspan=«0»s [a where true]", "E013", "positive whole number", ""),
    ("sequence with maxspan=«1.5»h [a where true]", "E013", "not 1.5", ""),
    ("sequence with maxspan=«5» [a where true]", "E013", "no unit", "ms, s, m, h"),
    ("sequence with maxspan=5«w» [a where true]", "E013", "w is no unit", ""),
    ("sequence [a where true] «![a where true]»", "E014", "needs a maxspan", "maxspan=5m"),
    ("sequence [a where true] with runs=«0»", "E015", "from 1 to 100", ""),
    ("sequence [a where true] with runs=«101»", "E015", "from 1 to 100", ""),
    ("sequence [a where true] with runs=«-1»", "E015", "from 1 to 100", ""),
    ("sequence [a where true] with runs=«1.5»", "E015", "from 1 to 100", ""),
    ("sequence [a where true] by x «[a where true]»", "E016", "no key of its own, the first one has 1 key", ""),
    ("sequence [a where true] by x [a where true] by «x, y»", "E016", "2 keys of its own", ""),
    ("sequence by x [a where true] [a where true] until [a where true] by «y»", "E016", "1 key", ""),
    ("sequence by «f»(x) [a where true] [a where true]", "E016", "not a function", ""),
    ("«sample» [a where true] [a where true]", "E016", "needs a key", "sample by"),
    ("«sequence [a where true]»", "E017", "two events", ""),
    ("«sample by x [a where true]»", "E017", "two events", ""),
    ("«sequence with maxspan=1s ![a where true] ![a where true]»", "E017", "not missing", ""),
    ("sequence with maxspan=1s «by» x", "E018", "by stands before with", ""),
    ("sequence with «runs»=3", "E018", "belongs to one event", ""),
    ("sequence [a where true] with runs=2 «by» x", "E018", "by stands before", ""),
    ("sequence [a where true] «fork» [a where true]", "E018", "no fork", ""),
    ("sequence [a where true] [a where true] «until» ![a where true]", "E018", "one plain event", ""),
    ("sample by x «with» maxspan=1s", "E018", "no maxspan", ""),
    ("sample by x «![»a where true] [a where true]", "E018", "plain events only", ""),
    ("sample by x [a where true] [a where true] «until» [a where true]", "E018", "no until", ""),
    ("any where true | «head 5»", "E020", "pipe head", "Remove"),
    ("any where «lenght»(process.name) == 1", "E021", "no function lenght", "Did you mean length?"),
    ("any where «match»(process.name)", "E021", "no function match", "regex"),
    ("any where «zzz»(process.name) == 1", "E021", "no function zzz", "Known are: add"),
    ("any where «length()» == 1", "E022", "takes 1 argument, and gets 0", ""),
    ("any where «cidrMatch(source.ip)»", "E022", "at least 2 arguments", ""),
    ("any where «concat()» == 1", "E022", "at least 1 argument,", ""),
    ("any where «substring(process.name)» == 1", "E022", "2 to 3 arguments", ""),
    ("any where length(«process.pid») == 1", "E023", "argument 1 of length is text, not a whole number", ""),
    ('any where substring(process.name, «"x"») == "a"', "E023", "argument 2 of substring is a whole number", ""),
    ("any where «process.name» + 1 == 5", "E023", "arithmetic takes numbers", ""),
    ('any where startsWith(«source.ip», "1")', "E023", "not an address", ""),
    ('any where cidrMatch(«process.pid», "1.0.0.0/8")', "E023", "is an address", ""),
    ("any where -«process.name» == 1", "E023", "arithmetic takes numbers", ""),
    ("any where «process.name == process.executable»", "E024", "another field", "endsWith(a, b)"),
    ("any where «string(process.pid) == process.name»", "E024", "another field", ""),
    ("any where process.name : «process.executable»", "E024", "not with fields", ""),
    ('any where «message» == "x"', "E025", "analysed text", "kuery"),
    ("sequence by «message» [a where true] [a where true]", "E025", "analysed text", ""),
    ("any where length(«message») == 1", "E025", "analysed text", ""),
    ('any where «items.name» == "x"', "E026", "nested array items", "kuery"),
    ('any where «deep.items.a.b» == "x"', "E026", "nested array deep.items", ""),
    ("any where «items» == null", "E026", "nested array items", ""),
    ("any where «process.name»", "E027", "holds text", "!= null"),
    ("any where «length(process.name)»", "E027", "a condition is needed", ""),
    ('any where «"x"»', "E027", "a condition is needed", ""),
    ("any where «1 + 2»", "E027", "a condition is needed", ""),
    ('any where process.name regex «"a(b"»', "E028", "wrong at '('", "\\("),
    ('any where process.name regex~ ("a", «"""x\\n"""»)', "E028", "means nothing to Lucene", ""),
    ('any where «source.ip == "10.0.0.300"»', "E029", "is none", "2001:db8::1"),
    ('any where «source.ip < "x"»', "E029", "is none", ""),
    ('any where «process.pid == "x"»', "E029", "holds numbers", ""),
    ("any where «process.pid == true»", "E029", "holds numbers", ""),
    ('any where «process.code_signature.exists == "x"»', "E029", "neither", ""),
    ("any where «process.code_signature.exists > true»", "E029", "no order", ""),
    ('any where «@timestamp > "x"»', "E029", "holds dates", "now-7d"),
    ('any where «@timestamp == "x"»', "E029", "holds dates", ""),
    ('any where cidrMatch(source.ip, «"10.0.0.0/33"»)', "E029", "no network", ""),
    ('any where string(cidrMatch(source.ip, «"x"»)) == "true"', "E029", "no network", ""),
    ('any where «length(process.name) == "x"»', "E029", "different types", ""),
    ("any where «string(process.name) == 1»", "E029", "different types", ""),
    ("any where «length(process.name) == true»", "E029", "different types", ""),
    ('any where «1 < "a"»', "E029", "no order", ""),
    ('any where «process.name.caseless > "a"»', "E029", "no order", ""),
    ('any where «source.ip : "10.*"»', "E030", "no wildcard", "cidrMatch"),
    ('any where «process.pid like "1*"»', "E030", "no wildcard", "whole values"),
    ('any where «process.pid regex "1"»', "E030", "no regular expression", ""),
    ("any where process.name : «5»", "E030", "compares text only", "=="),
    ("any where process.name in~ («5»)", "E030", "compares text only", "Write in."),
    ("any where process.name in («process.executable»)", "E031", "constant values only", "by itself"),
    ("any where cidrMatch(source.ip, «process.name»)", "E031", "networks as text", ""),
    ('any where «process.pid == number("zz")»', "E031", "cannot be computed", ""),
    ('any where «process.pid == -number("z", 99)»', "E031", "cannot be computed", ""),
    ("any where process.pid == «true» + 1", "E023", "arithmetic takes numbers", ""),
    ("any where process.pid == 1 / «0»", "E034", "divides by zero", ""),
    ("any where process.pid == 1 % «0»", "E034", "divides by zero", ""),
    ("any where process.name == «foo»(1)", "E021", "no function foo", ""),
    ("any where -(process.pid / «0») == 1", "E034", "divides by zero", ""),
    ("any where (process.name == «lenght»(process.name)) == (1 == 2)", "E021", "no function lenght", ""),
    ("any where substring(«message», 1) == substring(process.name, 1)", "E025", "analysed text", ""),
    ("any where «message»", "E025", "analysed text", ""),
    ('any where startsWith(«message», "a")', "E025", "analysed text", ""),
    ("any where stringContains(«message», process.name)", "E025", "analysed text", ""),
    ('any where cidrMatch(«items.name», "1.0.0.0/8")', "E026", "nested array", ""),
    ('any where «message» regex "a"', "E025", "analysed text", ""),
    ('any where substring(«message», 1) in ("a")', "E025", "analysed text", ""),
    ("any where substring(process.name, 1) in («process.executable»)", "E031", "constant values only", ""),
    ('any where string(process.name in («process.executable»)) == "true"', "E031", "constant values only", ""),
    ('any where string(«message» == "a") == "true"', "E025", "analysed text", ""),
    ('any where string(«message» : "a") == "true"', "E025", "analysed text", ""),
    ('any where string(not «message») == "true"', "E025", "analysed text", ""),
    ("any where a.b. «1» == 1", "E001", "a field", ""),
    ('any where «"a" : "a*"»', "E031", "two constants", ""),
    ("any where «length~»(process.name) == 1", "E032", "no ~ form", "Write length"),
    ('any where «substring(process.name, 1) regex "a"»', "E033", "another dialect", "like"),
    ("any where process.pid / «0» == 1", "E034", "divides by zero", ""),
    ("any where length(«process.name.caseless») == 1", "E034", "lower case", "~ form"),
]


@pytest.mark.parametrize(("marked", "code", "message", "hint"), ERRORS, ids=[f"{e[1]}-{e[0][:50]!r}" for e in ERRORS])
def test_error_has_code_place_and_words(marked: str, code: str, message: str, hint: str) -> None:
    start = marked.index("«")
    end = marked.index("»") - 1
    query = marked.replace("«", "").replace("»", "")
    diagnostic = found(query)
    assert diagnostic.code == code
    assert message in diagnostic.message
    assert hint in diagnostic.hint
    assert diagnostic.span is not None
    assert diagnostic.span.start == start
    if code != "E004":
        assert query[diagnostic.span.start : diagnostic.span.end] == query[start:end]


def test_every_code_has_a_test() -> None:
    tested = {code for _, code, _, _ in ERRORS} | {"E002", "E003", "E040", "E041", "E042"}
    assert tested == {code for code in all_codes() if code[0] == "E"}


def test_lowering_reports_every_error_of_a_query() -> None:
    tree = parse('any where message == "a" and process.pid == "b" and not process.name == process.executable | head 1')
    codes = [d.code for d in lower(tree, SCHEMA).diagnostics]
    assert codes == ["E020", "E025", "E029", "E024"]


@pytest.mark.parametrize(
    "inner",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "not " * 10_000 + "a",
        "-" * 10_000 + "a == 1",
        "f(" * 10_000,
        "a in (" * 10_000,
        "a + " * 10_000 + "a == 1",
    ],
    ids=["parentheses", "not", "minus", "calls", "lists", "chain"],
)
def test_error_nested_too_deep(inner: str) -> None:
    started = time.process_time()
    assert found(f"any where {inner}").code == "E002"
    assert time.process_time() - started < 2


def test_depth_up_to_the_bound_is_read_and_lowered() -> None:
    most, half = DEEPEST_NESTING, DEEPEST_NESTING // 2 - 1
    calls = "length(string(" * half + "a" + "))" * half
    for query in ("(" * most + "a" + ")" * most, "not " * most + "a", f"{calls} == 1"):
        assert not [d for d in lower(parse(f"any where {query}"), SCHEMA).diagnostics if d.severity is Severity.ERROR]


def test_error_too_long() -> None:
    diagnostic = found("any where a == 1 or " * 60_000)
    assert diagnostic.code == "E003"
    assert "1,000,000" in diagnostic.message


@pytest.mark.parametrize(
    "inner",
    [
        "/*" * 400_000,
        '"' * 900_000,
        "`" * 899_999,
        "x" * 900_000,
        "[" * 900_000,
        "1" * 900_000,
        "a" + " or a" * 60_000,
    ],
    ids=["comments", "quotes", "backquotes", "word", "brackets", "digits", "chain"],
)
def test_long_query_is_read_or_refused_fast(inner: str) -> None:
    started = time.process_time()
    with suppress(QuerySyntaxError):
        parse(f"any where {inner}")
    assert time.process_time() - started < 4
