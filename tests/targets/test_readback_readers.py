"""What the readers of searches, modules, Sigma and counts have trees for, and what they leave unread."""

from __future__ import annotations

import pytest

import converter
from converter import api
from converter.languages.spl.parse import pipeline
from converter.model.pattern import Case
from converter.model.predicate import And, Compare, Comparison, Element, InNetwork, Not, OneOf, Or, Predicate, Present
from converter.model.value import Field, Kind
from converter.proof.readback import Outcome
from converter.readers.spl import UnraisedError, raised
from converter.readers.spl.lower import Place

A, N, IP, MANY = Field("a", many=False), Field("n", Kind.LONG, many=False), Field("ip", Kind.IP, many=False), Field("m")
COLUMNS = {field.path: field for field in (A, N, IP, MANY)}


def read(search: str) -> Predicate:
    return raised(pipeline(search), COLUMNS, Place())


@pytest.mark.parametrize(
    ("search", "tree"),
    [
        ('index=x a="Some \\\\ \\"text\\""', OneOf(A, ('Some \\ "text"',), Case.INSENSITIVE)),
        ("NOT a=CASE(X)", Not(OneOf(A, ("X",), Case.SENSITIVE))),
        ("n>=5 ip=10.0.0.0/8", And((Compare(N, Comparison.GE, 5), InNetwork(IP, ("10.0.0.0/8",))))),
        ("n=5", Compare(N, Comparison.EQ, 5)),
        ('m=x | where a=="B"', And((OneOf(MANY, ("x",), Case.INSENSITIVE), OneOf(A, ("B",), Case.SENSITIVE)))),
        ('n=* | where lower(a)="b"', And((Present(N), OneOf(A, ("b",), Case.INSENSITIVE)))),
        ('n=* | eval f=if(a=="B", 1, 0) | search NOT f=1', And((Present(N), Not(OneOf(A, ("B",), Case.SENSITIVE))))),
        ("n=* | where tonumber(n)<-2 AND isnull(a)", And((Present(N), Compare(N, Comparison.LT, -2), Not(Present(A))))),
        (
            'n=* | where case(cidrmatch("10.0.0.0/8", ip), 1, cidrmatch("::1/128", ip), 1, true(), 0)==1',
            And((Present(N), InNetwork(IP, ("10.0.0.0/8", "::1/128")))),
        ),
    ],
)
def test_searches_that_have_a_tree(search: str, tree: Predicate) -> None:
    assert read(search) == tree


def test_one_value_of_several() -> None:
    found = read('n=* | where coalesce(mvcount(mvfilter(m=="x" OR m=="y")), 0)>0')
    assert isinstance(found, And)
    assert found.terms[1] == Element("m", OneOf(Field("m", many=False), ("x", "y"), Case.SENSITIVE))


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("words", "a term of the kind Term"),
        ("a!=x", "!= in search"),
        ("a<x", "an order of texts"),
        ('a="C:\\x"', "a backslash in a value of search"),
        ("a=x (`macro` OR a=y)", "a term of the kind Macro"),
        ('a=x | where `macro`=="b"', "a macro, which is defined elsewhere"),
        ("a=x | stats count", "the stage Stats"),
        ("a=x | table a | search a=y", "stages behind a table"),
        ('a=x | where NOT match(a, "x")', "NOT of what may be NULL"),
        ('a=x | where match(a, "x") OR isnull(n)', "an or of what may be NULL"),
        ('a=x | where m=="x"', "one value asked of a field of several"),
        ('a=x | where isnotnull(mvfind(m, "x"))', "mvfind of a field that may be missing"),
        ('a=x | where a=="5"', "a text like a number"),
        ('a=x | where match(a, "\\\\\\\\d")', "a regular expression whose backslashes are halved, or not"),
        ('a=x | where match(a, "x\\b")', "a regular expression with"),
        ('a=x | where lower(a)=="X"', "an upper-case letter of a text in lower case"),
        ("a=x | where a>b", "a comparison of computed values"),
        ("a=x | where len(a)<3", "a length"),
        ('a=x | where like(a, "x\\\\y")', "a backslash in a pattern of like"),
        ("| inputlookup x", "a beginning with Inputlookup"),
    ],
)
def test_error_searches_that_have_no_tree(search: str, said: str) -> None:
    with pytest.raises(UnraisedError, match=said.replace("(", "\\(")):
        read(search)


def test_an_or_of_one_field_is_null_as_a_whole() -> None:
    both = OneOf(A, ("x", "y"), Case.SENSITIVE)
    assert read('n=* | where a=="x" OR a=="y"') == And((Present(N), both))
    assert read("n=* | where isnull(a) OR isnull(n)") == And((Present(N), Or((Not(Present(A)), Not(Present(N))))))


# ---- counts

COUNT = """
[rule]
name = "Many"
type = "threshold"
language = "kuery"
query = 'event.code: "x"'
[rule.threshold]
field = ["user.name"]
value = 7
cardinality = [{ field = "host.id", value = 3 }]
"""
CHANGES = {
    "splunk": [("event_count>=7", "event_count>=8"), ("dc(host.id)", "dc(host.name)"), ("BY user.name", "BY user.id")],
    "sentinel": [
        ("EventCount >= 7", "EventCount >= 8"),
        ("count_distinctif(['host.id'], isnotempty(['host.id']))", "count_distinctif(['x'], isnotempty(['x']))"),
        ("by ['user.name']", "by ['user.id']"),
    ],
}


@pytest.mark.parametrize(("target", "old", "new"), [(t, *one) for t, some in CHANGES.items() for one in some])
def test_other_counts_are_different(target: str, old: str, new: str) -> None:
    rule = converter.parse_rule(COUNT)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert text.count(old) == 1, text
    assert api.read_back(rule, target, "ecs", text=text).outcome is Outcome.EQUAL
    read = api.read_back(rule, target, "ecs", text=text.replace(old, new))
    assert read.outcome is Outcome.DIFFERENT
    assert read.why.startswith("it asks for at least ")
    lost = api.read_back(rule, target, "ecs", text=text.replace('"x"', '"y"').replace("CASE(x)", "CASE(y)"))
    assert lost.outcome is Outcome.DIFFERENT
    assert lost.event is not None


# ---- modules and Sigma

QUERY = "[rule]\nname = 'A rule'\ntype = 'query'\nlanguage = 'kuery'\nquery = 'user.name: (a* or \"b\") and not host.id: *'\n"


def test_a_module_with_a_runtime_of_another_making_is_not_read() -> None:
    rule = converter.parse_rule(QUERY)
    text = converter.convert(rule, "python").text
    assert api.read_back(rule, "python", text=text).outcome is Outcome.EQUAL
    changed = text.replace("text in wanted for text", "text not in wanted for text")
    assert changed != text
    assert api.read_back(rule, "python", text=changed).why == "a runtime of another making"
    assert api.read_back(rule, "python", text="def matches(").why == "no Python"
    twice = text + "\n\ndef matches(event, now=None):\n    return True\n"
    assert api.read_back(rule, "python", text=twice).why == "not one function that matches"


def test_a_sigma_rule_of_another_log_source_is_not_read() -> None:
    rule = converter.parse_rule(QUERY)
    text = converter.convert(rule, "sigma", fields="ecs", case="exact").text
    assert api.read_back(rule, "sigma", "ecs", case="exact", text=text).outcome is Outcome.EQUAL
    other = text.replace("product: ecs", "product: windows")
    assert api.read_back(rule, "sigma", "ecs", case="exact", text=other).why == "another log source"
    assert "no Sigma that is read here" in api.read_back(rule, "sigma", "ecs", case="exact", text="x: [").why
