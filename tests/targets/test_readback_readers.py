"""What the readers of searches, modules, Sigma and counts have trees for, and what they leave unread."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import converter
from converter import api
from converter.languages.spl.parse import pipeline
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    InNetwork,
    Like,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind, Now
from converter.proof.readback import Outcome
from converter.readers.spl import UnraisedError, raised
from converter.readers.spl.lower import Place
from converter.reference import matches

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


TRUTH, NUMBERS, ADDRESSES = Field("b", Kind.BOOLEAN, many=False), Field("mn", Kind.LONG), Field("mip", Kind.IP)
TIME = Field("@timestamp", Kind.DATE, many=False)
KNOWN = COLUMNS | {field.path: field for field in (TRUTH, NUMBERS, ADDRESSES, TIME)}
SPLIT = Field('split(a, " ")', many=False)
OBJECT_X, OBJECT_Y = Field("r.x", many=False), Field("r.y", many=False)
CLOCK, SOME = "floor((_time * 1000) + 0.01)", "coalesce(mvcount(mvfilter({})), 0)>0"
EACH = 'spath(spath(r, "{{}}"), "{}")'.format


def known(search: str) -> Predicate:
    return raised(pipeline(search), KNOWN, Place())


def upper(field: Field, *texts: str) -> Predicate:
    return OneOf(field, texts, Case.SENSITIVE)


@pytest.mark.parametrize(
    ("condition", "tree"),
    [
        ('a IN ("x", "y")', upper(A, "x", "y")),
        ('a IN ("x", "y") OR a=="z"', upper(A, "x", "y", "z")),
        ('a!="y"', And((Present(A), Not(upper(A, "y"))))),
        ("1==2 OR isnull(a)", Not(Present(A))),
        ("false() OR isnull(a)", Not(Present(A))),
        ("NOT (isnull(a) OR 1==2)", Present(A)),
        ("len(a)==2", Like(A, (Pattern((Wild.ANY_ONE, Wild.ANY_ONE)),), Case.SENSITIVE)),
        ('like(a, "x_\\"%")', Like(A, (Pattern(("x", Wild.ANY_ONE, '"', Wild.ANY_RUN)),), Case.SENSITIVE)),
        (f"{CLOCK}>=1700000000000", Compare(TIME, Comparison.GE, Instant(1_700_000_000_000))),
        (f"{CLOCK}>=-5", Compare(TIME, Comparison.GE, Instant(-5))),
        (f"{CLOCK}>=now()*1000", Compare(TIME, Comparison.GE, Now(0))),
        (f"{CLOCK}>=now()*1000-60000", Compare(TIME, Comparison.GE, Now(-60_000))),
        (f"{CLOCK}<now()*1000+60000", Compare(TIME, Comparison.LT, Now(60_000))),
        ("tonumber(n)>=2.5", Compare(N, Comparison.GE, 2.5)),
        ('case(a=="x", 1, a=="y", 0, true(), 1)==1', Or((upper(A, "x"), Not(upper(A, "y"))))),
        ('NOT case(a=="x", 1, true(), 0)==1', Not(upper(A, "x"))),
        ('NOT if(a=="x", 1, 0)==1', Not(upper(A, "x"))),
        (f"NOT {SOME}".format('m=="x"'), Not(Element("m", upper(Field("m", many=False), "x")))),
        (SOME.format("tonumber(mn)>5"), Compare(NUMBERS, Comparison.GT, 5)),
        (
            SOME.format("tonumber(mn)>5 AND tonumber(mn)<=9"),
            Between(NUMBERS, End(5, included=False), End(9, included=True)),
        ),
        (SOME.format('cidrmatch("10.0.0.0/8", mip)'), InNetwork(ADDRESSES, ("10.0.0.0/8",))),
        (
            SOME.format(f'NOT isnull({EACH("x")}) AND {EACH("y")} IN ("a", "b")'),
            Element("r", And((Present(OBJECT_X), upper(OBJECT_Y, "a", "b")))),
        ),
        ('b=="true"', Compare(TRUTH, Comparison.EQ, value=True)),
        ('like(" ".a." ", "% x %")', upper(SPLIT, "x")),
        ('like(" ".a." ", "% xy%")', Like(SPLIT, (Pattern(("xy", Wild.ANY_RUN)),), Case.SENSITIVE)),
        (
            'coalesce(spath(r, "x{}"), spath(r, "x"))=="y"',
            upper(Field('coalesce(spath(r, "x{}"), spath(r, "x"))', many=False), "y"),
        ),
    ],
)
def test_conditions_that_have_a_tree(condition: str, tree: Predicate) -> None:
    """Whatever stands behind a search of everything that has `n`."""
    found = known(f"n=* | where {condition}")
    assert isinstance(found, And)
    assert found == And((Present(N), *(tree.terms if isinstance(tree, And) else (tree,))))


@pytest.mark.parametrize(
    ("search", "tree"),
    [
        ("n=* | where true() AND 1==1", Present(N)),
        ("n=* | where NOT 1==1", Constant(value=False)),
        ("n>5 n<=9.5", And((Compare(N, Comparison.GT, 5), Compare(N, Comparison.LE, 9.5)))),
        ("n>=-3", Compare(N, Comparison.GE, -3)),
        ("b=TRUE", Compare(TRUTH, Comparison.EQ, value=True)),
        ("ip=10.0.0.1", InNetwork(IP, ("10.0.0.1/32",))),
        ("a=x OR NOT n=5", Or((OneOf(A, ("x",), Case.INSENSITIVE), Not(Compare(N, Comparison.EQ, 5))))),
        ("index=i sourcetype=s a=x | fields a", OneOf(A, ("x",), Case.INSENSITIVE)),
        ("n=* | eval f=a | search f=x", And((Present(N), OneOf(A, ("x",), Case.INSENSITIVE)))),
        ('n=* | eval f=if(a=="B", 1, 0) | search f=0', And((Present(N), Not(upper(A, "B"))))),
    ],
)
def test_terms_that_have_a_tree(search: str, tree: Predicate) -> None:
    assert known(search) == tree


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("* x y *", ("X y", "a.x, y.", "x;y"), ("ax y", "x ya", "x--y")),
        ("*x y*", ("ax yb", "x;;y"), ("xy", "x a y")),
    ],
)
def test_words_that_stand_behind_one_another(text: str, yes: Sequence[str], no: Sequence[str]) -> None:
    """What is no letter, digit, `-` or `_` is a blank there; `--` is a part of a word."""
    made = f'eval w=" ".replace(a, "[^A-Za-z0-9_-]+", " ")." " | search w="{text}"'
    read_ = known(f"n=* | {made}")
    found = {t: matches(read_, {"n": 1, "a": t}) for t in (*yes, *no)}
    assert found == {**dict.fromkeys(yes, True), **dict.fromkeys(no, False)}


CUT = 'eval w=" ".replace(a, "[^A-Za-z0-9_-]+", " ")." "'


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ('n=* | where a IN ("x", 1)', "in of what is no text"),
        ("n=* | where a", "a condition of the kind Name"),
        ('n=* | where searchmatch("y")', "the function searchmatch"),
        ("n=* | where len(a)>=2 AND len(a)<5", "a length"),
        (f'n=* | where {CLOCK}<relative_time(now(), "-1d")', "a moment that is computed"),
        ("n=* | where floor(n)<5", "a comparison of computed values"),
        ('n=* | where floor(coalesce(if(match(a, "x"), 1, 2), 3)+0.01)<5', "a comparison of computed values"),
        ("n=* | where a=5", "a comparison of computed values"),
        ('n=* | where case(a=="x", 1, true(), 2)==1', "a case of other values"),
        ('n=* | where case(a=="x", 1, a=="y")==1', "a case of other values"),
        (f"n=* | where {SOME}".format('m=="x" AND a=="y"'), "mvfilter over several fields"),
        (
            f"n=* | where {SOME}".format(f'{EACH("x")}=="x" AND spath(spath(q, "{{}}"), "y")=="y"'),
            "a walk over several arrays",
        ),
        ('n=* | where NOT case(a=="x", 1)==1', "NOT of what may be NULL"),
        ('n=* | where NOT a IN ("x", "y")', "NOT of what may be NULL"),
        ('n=* | where isnotnull(mvfind(m, "^x$")) OR isnull(a)', "mvfind of a field that may be missing"),
        ('n=* | where a==""', "a text like a number"),
        ('n=* | where lower(a)=="é"', "an upper-case letter of a text in lower case"),
        ('n=* | where b=="yes"', "a value of boolean as text"),
        ('n=* | where ip=="x"', "a value of ip as text"),
        ("b=t*", "a part of a value that is no text"),
        ("n=5*", "a part of a value that is no text"),
        ("n>x", "an order of texts"),
        (f'n=* | {CUT} | search w="x*"', "a part of words"),
        (f"n=* | {CUT} | search w=CASE(x)", "a part of words"),
        ('n=* | where like(" ".a." ", "x%")', "a part of joined values"),
        ('n=* | where like(" ".a." ", "% x y %")', "a part of joined values"),
        ("a=x | fields - a | where isnull(n)", "the stage Fields"),
    ],
)
def test_error_of_conditions_that_have_no_tree(search: str, said: str) -> None:
    with pytest.raises(UnraisedError) as error:
        known(search)
    assert str(error.value) == said


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


FEWER = "it asks for at least 7 events by {0}, and the rule for at least 7 events, 3 different {1} by {0}"

MORE = (
    "it asks for at least 8 events, 3 different {1} by {0}, and the rule for at least 7 events, 3 different {1} by {0}"
)


@pytest.mark.parametrize(
    ("target", "old", "new", "why"),
    [
        ("splunk", "| stats ", "| eventstats ", "a count of another kind"),
        ("splunk", "min(_time)", "sum(_time)", "a count of another kind"),
        ("splunk", " count AS", " sum(x) AS", "a condition on another count"),
        ("splunk", "dc(host.id)", "mode(host.id)", "a condition on another count"),
        ("splunk", "event_count>=7", "event_count>7", MORE.format("user.name", "host.id")),
        ("splunk", "| where event_count", "| sort 0 event_count | where event_count", "the stage Sort behind a count"),
        ("splunk", "| stats ", "| search x=y | where a=b | stats ", "a comparison of computed values"),
        ("splunk", " AND distinct_count>=3", "", FEWER.format("user.name", "host.id")),
        ("sentinel", "count()", "sum(x)", "a condition on another count"),
        ("sentinel", "isnotempty(['host.id'])", "isnotempty(['host.name'])", "a condition on another count"),
        ("sentinel", "min(['@timestamp'])", "sum(['@timestamp'])", "a count of another kind"),
        ("sentinel", "EventCount >= 7", "EventCount > 7", MORE.format("['user.name']", "['host.id']")),
        ("sentinel", "| where EventCount", "| take 5 | where EventCount", "the operator Take behind a count"),
        ("sentinel", " and DistinctCount >= 3", "", FEWER.format("['user.name']", "['host.id']")),
    ],
)
def test_counts_that_are_others_or_are_not_read(target: str, old: str, new: str, why: str) -> None:
    rule = converter.parse_rule(COUNT)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert old in text, text
    read = api.read_back(rule, target, "ecs", text=text.replace(old, new))
    assert read.outcome is (Outcome.DIFFERENT if why.startswith("it asks") else Outcome.NOT_READ)
    assert read.why == why


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ("| search event_count>=7 distinct_count>=3 | table user.name", ""),
        ("| search event_count>6 | where distinct_count>2 | fields user.name", ""),
        ("| search event_count<7", "a condition on counts"),
        ("| where event_count<7", "a condition on counts"),
        ("| where event_count>=7 OR distinct_count>=3", "a condition on counts"),
    ],
)
def test_counts_are_asked_in_other_words(limits: str, why: str) -> None:
    rule = converter.parse_rule(COUNT)
    text = converter.convert(rule, "splunk", fields="ecs", bare=True).text
    old = "| where event_count>=7 AND distinct_count>=3"
    assert old in text, text
    read = api.read_back(rule, "splunk", "ecs", text=text.replace(old, limits))
    assert (read.outcome, read.why) == (Outcome.NOT_READ if why else Outcome.EQUAL, why)


def test_counts_without_names_are_called_by_their_functions() -> None:
    rule = converter.parse_rule(COUNT)
    text = converter.convert(rule, "splunk", fields="ecs", bare=True).text
    plain = text.replace(" AS event_count", "").replace(" AS distinct_count", "")
    plain = plain.replace("event_count>=7", "count>=7").replace("distinct_count>=3", "'dc(host.id)'>=3")
    assert api.read_back(rule, "splunk", "ecs", text=plain).outcome is Outcome.EQUAL


@pytest.mark.parametrize(
    ("target", "cut", "why"),
    [("splunk", "| stats", "a search that counts nothing"), ("sentinel", "| summarize", "a query that counts nothing")],
)
def test_what_counts_nothing_is_no_count(target: str, cut: str, why: str) -> None:
    rule = converter.parse_rule(COUNT)
    text = converter.convert(rule, target, fields="ecs", bare=True).text
    assert api.read_back(rule, target, "ecs", text=text[: text.index(cut)]).why == why


def test_names_that_a_query_gives_before_it_counts_stand_for_their_values() -> None:
    rule = converter.parse_rule(COUNT)
    text = converter.convert(rule, "sentinel", fields="ecs", bare=True).text
    named = text.replace("| summarize", "| extend K = ['user.name'] | summarize").replace("by ['user.name']", "by K")
    assert named != text
    assert api.read_back(rule, "sentinel", "ecs", text=f"{named}| project K").outcome is Outcome.EQUAL
    text = converter.convert(rule, "splunk", fields="ecs", bare=True).text
    named = text.replace("| stats", "| eval k='user.name' | stats").replace("BY user.name", "BY k")
    assert named != text
    assert api.read_back(rule, "splunk", "ecs", text=named).outcome is Outcome.EQUAL


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
