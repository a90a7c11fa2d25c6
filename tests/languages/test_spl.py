"""SPL as trees: what is written is read back, for random trees, all tables and all artifacts of the corpus."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import corpus_rule, corpus_rules, needs_shared, some_or_all

import converter
from converter import ConverterError, api
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.spl import parse, write
from converter.languages.spl.flow import makes, named, reads
from converter.languages.spl.layout import WIDTH
from converter.languages.spl.syntax import (
    Aggregate,
    Among,
    Append,
    Binary,
    Call,
    Comment,
    Condition,
    Dedup,
    Eval,
    Every,
    Excluding,
    Expression,
    Fields,
    Inputlookup,
    Junction,
    Logic,
    Lookup,
    Macro,
    Multisearch,
    Mvexpand,
    Name,
    Negation,
    Negative,
    Number,
    OneOf,
    Outputlookup,
    Pair,
    Parameter,
    Pipeline,
    Quoting,
    Relation,
    Rename,
    Rex,
    Search,
    Sign,
    Some,
    Sort,
    SortKey,
    Stage,
    Stats,
    Subsearch,
    Table,
    Term,
    Text,
    Tstats,
    Where,
    Word,
)
from converter.languages.spl.syntax import Test as FieldTest

words = st.sampled_from(["a", "b1", "process_name", "_time", "seq_step"])
names = st.one_of(words, st.sampled_from(["a.b", "a{}.b", "in", "NOT", "x y", "http://x/y", "9a"]))
raws = st.sampled_from(["", "x", 'a\\"b', "a\\\\", "(?i)^x[.]y\\z", "a b", "$5", "*x*", "|[]()`'"])
bare = st.sampled_from(["x", "*", "-8d", "ms:defender:eventhub", "a/b.c", "1"])


def _deeper(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Call, words, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Binary, st.sampled_from(Sign), inner, inner),
        st.builds(Negative, inner),
        st.builds(Negation, inner),
        st.builds(Among, inner, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Logic, st.sampled_from(Junction), several),
        st.builds(Macro, words, st.lists(inner, max_size=2).map(tuple)),
    )


expressions = st.recursive(
    st.one_of(
        names.map(Name),
        raws.map(Text),
        st.sampled_from(["0", "17", "0.5"]).map(Number),
        words.map(Parameter),
    ),
    _deeper,
    max_leaves=12,
)

values = st.one_of(
    raws.map(Word),
    bare.map(lambda raw: Word(raw, Quoting.BARE)),
    st.sampled_from(["x", "*x-y*", "/etc/*"]).map(lambda raw: Word(raw, Quoting.CASE)),
)


def _longer(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Every, several),
        st.builds(Some, several),
        st.builds(Excluding, inner),
        inner.map(lambda one: Subsearch(Pipeline((Search(one), Fields(("a",)))))),
    )


conditions = st.recursive(
    st.one_of(
        st.builds(FieldTest, names, st.sampled_from(Relation), values),
        st.builds(OneOf, names, st.lists(values, min_size=1, max_size=4).map(tuple)),
        values.map(Term),
        st.builds(Macro, words),
    ),
    _longer,
    max_leaves=10,
)

many = st.lists(names, min_size=1, max_size=3).map(tuple)
pairs = st.lists(st.builds(Pair, names, names), min_size=1, max_size=3).map(tuple)
options = st.lists(st.tuples(words, st.sampled_from(["f", "1", "true"])), max_size=2).map(tuple)
aggregates = st.builds(Aggregate, words, st.none() | names, st.none() | names)
stages: st.SearchStrategy[Stage] = st.one_of(
    conditions.map(Search),
    expressions.map(Where),
    st.lists(st.tuples(names, expressions), min_size=1, max_size=3).map(lambda c: Eval(tuple(c))),
    st.builds(
        Stats,
        st.sampled_from(["stats", "eventstats", "streamstats"]),
        st.lists(aggregates, min_size=1, max_size=3).map(tuple),
        st.just(()) | many,
        options,
    ),
    st.builds(
        Tstats,
        st.sampled_from(["Web.Web", "Endpoint.Processes"]),
        st.lists(aggregates, min_size=1, max_size=3).map(tuple),
        st.none() | conditions,
        st.just(()) | many,
        options,
    ),
    st.lists(st.builds(SortKey, names, st.booleans(), st.sampled_from(["auto", "num"])), min_size=1, max_size=3).map(
        lambda keys: Sort(tuple(keys))
    ),
    names.map(Mvexpand),
    st.builds(Lookup, words, pairs, st.just(()) | pairs),
    st.builds(Fields, many, drop=st.booleans()),
    many.map(Table),
    pairs.map(Rename),
    many.map(Dedup),
    st.builds(Rex, raws, st.sampled_from([(), (("max_match", "0"),), (("field", "a"), ("mode", "sed"))])),
    words.map(Inputlookup),
    words.map(Outputlookup),
    st.builds(Macro, words),
)
pipelines = st.lists(stages, min_size=1, max_size=4).map(lambda some: Pipeline(tuple(some)))
whole = st.one_of(
    pipelines,
    st.lists(pipelines, min_size=1, max_size=2).map(lambda some: Pipeline((Multisearch(tuple(some)),))),
    st.tuples(pipelines, options).map(lambda both: Pipeline((*both[0].stages, Append(both[0], both[1])))),
)


def settled(search: Pipeline) -> Pipeline:
    """A macro that opens a search is a term of it."""
    first, *rest = search.stages
    return Pipeline((Search(first) if isinstance(first, Macro) else first, *rest))


@settings(max_examples=300)
@given(expressions)
def test_expressions_are_read_back(tree: Expression) -> None:
    assert parse.expression(write.expression(tree)) == tree


@settings(max_examples=300)
@given(conditions)
def test_terms_are_read_back(tree: Condition) -> None:
    assert parse.condition(write.condition(tree)) == tree


@settings(max_examples=300)
@given(whole)
def test_searches_are_read_back(tree: Pipeline) -> None:
    assert parse.pipeline(write.pipeline(settled(tree))) == settled(tree)


@given(pipelines, st.lists(st.text("abc .:", min_size=1, max_size=8).map(str.strip).filter(bool), min_size=1))
def test_comments_are_read_back(tree: Pipeline, lines: list[str]) -> None:
    document = (Comment(tuple(lines)), settled(tree), Comment(tuple(lines)))
    assert parse.document(write.write(document)) == document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a OR b AND c", Logic(Junction.OR, (Name("a"), Logic(Junction.AND, (Name("b"), Name("c")))))),
        ("NOT a==1", Negation(Binary(Sign.EQ, Name("a"), Number("1")))),
        ("a-b-c", Binary(Sign.SUBTRACT, Binary(Sign.SUBTRACT, Name("a"), Name("b")), Name("c"))),
        ("-a*b", Binary(Sign.MULTIPLY, Negative(Name("a")), Name("b"))),
    ],
)
def test_what_binds_tighter_in_eval(text: str, expected: Expression) -> None:
    assert parse.expression(text) == expected


def test_or_binds_tighter_in_search() -> None:
    one, two, three = (FieldTest(n, Relation.EQUAL, Word("1", Quoting.BARE)) for n in "abc")
    assert parse.condition("a=1 b=1 OR c=1") == Every((one, Some((two, three))))
    assert write.condition(Every((one, Some((two, three))))) == "a=1 (b=1 OR c=1)"
    assert parse.condition("NOT a=1 OR b=1") == Some((Excluding(one), two))


def test_long_lists_are_filled_into_lines() -> None:
    listed = OneOf("field", tuple(Word(f"value number {i}") for i in range(40)))
    text = write.pipeline(Pipeline((Search(Every((listed, Excluding(listed)))),)))
    lines = text.split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) < 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("if(a", "expected a comma or a closing parenthesis, but the query ends"),
        ("a ==", "expected a field, a value or a function, but the query ends"),
        ("a b", "expected the end, but found b"),
        ("'a", "expected a field, a value or a function, but found '"),
    ],
)
def test_error_expression(text: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse.expression(text)
    assert [(d.code, d.message) for d in caught.value.diagnostics] == [("T228", message)]


@pytest.mark.parametrize("text", ["sort a", "delete", "stats", "a=1 | ", "lookup", "eval a", "rex x", "a=1)"])
def test_error_search(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse.stages(text)


def test_stages_know_what_they_read_and_make() -> None:
    (search, made, counted, listed) = parse.stages(
        'search a=1 NOT b IN (1) [search c=1] | eval d=if(e>1, f, "g") | stats count AS n, dc(h) BY i'
        " | lookup t j AS k OUTPUT l AS m"
    )
    assert list(reads(search)) == ["a", "b"]
    assert (list(reads(made)), list(makes(made))) == (["e", "f"], ["d"])
    assert (list(reads(counted)), list(makes(counted))) == (["h", "i"], ["n"])
    assert (list(reads(listed)), list(makes(listed))) == (["k"], ["m"])
    assert list(named(parse.expression("`m(a)` + -b IN (c, NOT d)"))) == ["a", "b", "c", "d"]


def test_every_expression_of_the_tables_is_read() -> None:
    known = api.catalogue()
    count = 0
    for listing in known.listings:
        table = known.table(listing.name)
        for place in table.places.get("splunk", ()):
            if text := place.header.get("prepare", ""):
                found = parse.stages(text)
                assert parse.stages(write.pipeline(Pipeline(found)).removeprefix("| ")) == found
        for entry in table.entries.values():
            for part in entry.places.get("splunk", {}).values():
                if part.computed and "{name" not in part.to and "{macro" not in part.to:
                    tree = parse.expression(part.to)
                    assert parse.expression(write.expression(tree)) == tree
                    count += 1
    assert count > 250


@cache
def artifacts(*, everything: bool) -> tuple[str, ...]:
    found = []
    for path in corpus_rules(1 if everything else 6):
        rule = corpus_rule(path)
        if rule is None:
            continue
        try:
            found += [converter.convert(rule, "splunk", fields).text for fields in ("native", "ecs")]
        except ConverterError:
            continue
    return tuple(filter(None, found))


@needs_shared
@some_or_all
def test_every_artifact_of_the_corpus_is_read_back(everything: bool) -> None:
    for text in artifacts(everything=everything):
        assert write.write(parse.document(text)) == text
    assert len(artifacts(everything=everything)) > (1_500 if everything else 250)


@needs_shared
@some_or_all
def test_lines_of_the_corpus_are_short(everything: bool) -> None:
    texts = artifacts(everything=everything)
    searches = [write.pipeline(part) for text in texts for part in parse.document(text) if isinstance(part, Pipeline)]
    longest = sorted(max(map(len, search.split("\n"))) for search in searches)
    assert longest[len(longest) * 9 // 10] <= 240
