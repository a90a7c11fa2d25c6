"""What a piece of SPL reads, makes and returns, calls and tests, for every kind of stage and expression."""

from __future__ import annotations

import pytest

from converter.languages.spl import parse, write
from converter.languages.spl.flow import functions, makes, named, reads, returned
from converter.languages.spl.flow import tested as fields_tested
from converter.languages.spl.replace import filled
from converter.languages.spl.syntax import Expression, Name, Negation, Number, Parameter, Text


@pytest.mark.parametrize(
    ("stage", "read", "made"),
    [
        ("where a==b AND NOT c IN (d)", "a b c d", ""),
        ("eval a=b+c, d=-e", "b c e", "a d"),
        ("stats count AS n, dc(h) AS u BY i", "h i", "n u"),
        ("stats count BY i", "i", ""),
        ("sort 0 a, -b", "a b", ""),
        ("mvexpand a", "a", ""),
        ("lookup t j AS k OUTPUT l AS m", "k", "m"),
        ("fields a, b", "a b", ""),
        ("fields - a, b", "", ""),
        ("table a, b", "a b", ""),
        ("dedup a, b", "a b", ""),
        ("rename a AS b, c AS d", "a c", "b d"),
        ('rex field=a "(?<b>x)"', "a", ""),
        ('rex "(?<b>x)"', "", ""),
        ("inputlookup t", "", ""),
        ("outputlookup t", "", ""),
        ("append [search a=1]", "", ""),
        ("`m(a)`", "", ""),
    ],
)
def test_stage_reads_and_makes(stage: str, read: str, made: str) -> None:
    (_, found) = parse.stages(f"search x=1 | {stage}")
    assert list(reads(found)) == read.split()
    assert list(makes(found)) == made.split()


def test_terms_of_a_search_name_their_fields() -> None:
    (search,) = parse.stages('search a=1 OR NOT (b IN (1, 2) c!=2) `m(x)` "text" [search d=1]')
    assert list(reads(search)) == ["a", "b", "c"]
    assert list(fields_tested(parse.condition("`m(x)`"))) == []


@pytest.mark.parametrize(
    ("text", "fields", "called"),
    [
        ('f(a, g(b), "t", 1)', "a b", "f g"),
        ("`m(a, f(b))`", "a b", "f"),
        ("f(a)+g(b)*c", "a b c", "f g"),
        ("-f(a)", "a", "f"),
        ("NOT f(a)", "a", "f"),
        ("f(a) IN (b, g(c))", "a b c", "f g"),
        ("f(a) AND g(b) OR c==1", "a b c", "f g"),
    ],
)
def test_expression_names_and_calls(text: str, fields: str, called: str) -> None:
    tree = parse.expression(text)
    assert list(named(tree)) == fields.split()
    assert list(functions(tree)) == called.split()
    assert list(functions(Parameter("p"))) == []
    assert list(named(Parameter("p"))) == []


@pytest.mark.parametrize(
    ("search", "fields"),
    [
        ("search a=1", None),
        ("search a=1 | eval b=1", None),
        ("search a=1 | fields - a", None),
        ("search a=1 | rename a AS b", None),
        ("search a=1 | table a, b", "a b"),
        ("search a=1 | stats count AS n BY i", "i n"),
        ("search a=1 | fields a, b", "a b"),
        ("search a=1 | table a, b | fields - a", "b"),
        ("search a=1 | table a, b | fields b", "b"),
        ("search a=1 | table a, b | rename a AS c", "c b"),
        ("search a=1 | table a | eval b=1, a=2", "a b"),
        ("search a=1 | table a | lookup t a OUTPUT c", "a c"),
        ("search a=1 | table a | where a==1 | sort 0 a", "a"),
    ],
)
def test_rows_have_these_fields(search: str, fields: str | None) -> None:
    assert returned(parse.stages(search)) == (None if fields is None else tuple(fields.split()))


def test_arguments_stand_in_the_place_of_parameters() -> None:
    """Advanced search > macros: an argument replaces `$name$` wherever it stands in the definition."""
    values: dict[str, Expression] = {"p": Name("field"), "q": Text("t"), "r": Number("1")}
    definition = 'if(NOT $p$ IN ($q$, "x"), `m($p$)`, -$r$ + 1) == a AND $p$ == $q$ OR f($r$)'
    found = filled(parse.expression(definition), values)
    assert write.expression(found) == write.expression(
        parse.expression('if(NOT field IN ("t", "x"), `m(field)`, -1 + 1) == a AND field == "t" OR f(1)')
    )
    assert filled(Negation(Parameter("p")), values) == Negation(Name("field"))
