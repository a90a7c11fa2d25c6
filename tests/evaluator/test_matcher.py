"""The plan finds what the reference finds: no event and no predicate makes a difference."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import samples
from shared import SHARED, corpus_rule, corpus_rules, needs_shared, some_or_all
from strategies import events, predicates

from benchmarks.events import events as stream
from converter.engine import Engine, matcher
from converter.engine.matcher import Matcher
from converter.engine.reading import reader
from converter.languages.regex.render import parse_lucene
from converter.model.pattern import AnyChar, Case, Char, CharClass, Concat, Regex, Repeat, Wild, of
from converter.model.predicate import And, Compare, Comparison, Like, Matches, Not, OneOf, Or, Predicate, Present
from converter.model.rule import Opaque
from converter.model.value import Field, Kind
from converter.model.walk import predicates as predicates_of
from converter.reference import matches
from converter.reference.event import raw_values

FIXED = settings(derandomize=True, deadline=None, max_examples=150, database=None)
NOW = 1_700_000_000_000

_names = st.sampled_from(("a", "b", "c", "a.b", "b.c", "a.b.c"))
_trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.sampled_from(("x", "X", ""))),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_names, inner, max_size=3)),
    max_leaves=8,
)


@FIXED
@given(st.lists(predicates(), min_size=1, max_size=12), st.lists(events(), min_size=1, max_size=6))
def test_random_predicates(wheres: list[Predicate], found: list[dict[str, object]]) -> None:
    plan = Matcher(wheres, sample=2)  # so that indexes are made of a sample too
    for event in (*found, *found):
        assert plan.match(event, NOW) == [n for n, where in enumerate(wheres) if matches(where, event, NOW)]


@FIXED
@given(st.dictionaries(_names, _trees, max_size=4), st.sampled_from(("a", "a.b", "a.b.c", "a.b.c.a", "b.c")))
def test_readers_read_what_the_reference_reads(event: dict[str, object], path: str) -> None:
    assert list(map(repr, reader(path)(event))) == list(map(repr, raw_values(event, path)))


def test_every_sample_rule_at_once() -> None:
    rules = [sample.rule for sample in samples() if not sample.refused]
    wheres = list(dict.fromkeys(where for rule in rules for where in predicates_of(rule.detection)))
    found = [event for sample in samples() for expected in sample.scenes for event in expected.scene.events]
    assert len(wheres) > 60
    assert _differences(wheres, found) == []


def _differences(wheres: list[Predicate], found: list[Mapping[str, object]]) -> list[object]:
    plan = Matcher(wheres, sample=max(2, len(found) // 4))
    hits = 0
    out: list[object] = []
    for event in found:
        told, wanted = plan.match(event, NOW), [n for n, where in enumerate(wheres) if matches(where, event, NOW)]
        hits += len(told)
        out += [(wheres[n], event) for n in {*told} ^ {*wanted}]
    assert hits, "nothing matched anything"
    return out


def _real_events(every: int) -> Iterator[Mapping[str, object]]:
    number = 0
    for name in ("coverage_set", "elastic_pairs", "derived_pairs"):
        with gzip.open(SHARED / "events" / f"{name}.ndjson.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if number % every == 0:
                    yield cast("dict[str, object]", json.loads(line)["ecs"])


@needs_shared
@some_or_all
def test_corpus_on_real_and_made_up_events(everything: bool) -> None:
    """Zero differences over rules and events."""
    wheres: dict[Predicate, None] = {}
    for path in corpus_rules(1 if everything else 12):
        rule = corpus_rule(path)
        if rule is not None and not isinstance(rule.detection, Opaque):
            wheres |= dict.fromkeys(predicates_of(rule.detection))
    found: list[Mapping[str, object]] = [*_real_events(12 if everything else 120), *stream(1000 if everything else 60)]
    assert len(found) > 150
    assert _differences(list(wheres), found) == []


def test_a_dotted_name_beside_a_nested_one() -> None:
    where = OneOf(Field("a.b"), ("x",), Case.SENSITIVE)
    plan = Matcher([where])
    for event in ({"a.b": "x"}, {"a": {"b": "x"}}, {"a": [{"b": ["y", "x"]}]}, {"a": {"b": "y"}, "a.b": "x"}):
        assert plan.match(event) == [0]
    assert plan.match({"a": {"b": {"c": "x"}}}) == []


def test_a_number_is_found_however_it_is_written() -> None:
    where = Compare(Field("n", Kind.LONG), Comparison.EQ, 443)
    wheres: list[Predicate] = [where, *(Compare(Field("n", Kind.LONG), Comparison.EQ, n) for n in range(20))]
    plan = Matcher(wheres)
    for value in (443, "443", "0443", 443.7, "443.0", [1000, "443"]):
        assert plan.match({"n": value}) == [0], value
    assert plan.match({"n": True}) == []


def test_case_beyond_ascii_is_not_folded() -> None:
    """The Kelvin sign's lower case is k, to Python and not to Lucene."""
    wheres: list[Predicate] = [
        OneOf(Field("a"), ("k",), Case.INSENSITIVE),
        Like(Field("a"), (of(Wild.ANY_RUN, "kkk", Wild.ANY_RUN),), Case.INSENSITIVE),
    ]
    plan = Matcher(wheres)
    assert plan.match({"a": "\u212a"}) == []
    assert plan.match({"a": "x\u212a\u212a\u212ax"}) == []
    assert plan.match({"a": "xKkK\u00e9"}) == [1]


TEXTS = ("", "a", "abc", "aXbXc", "ab\u00e9c", "xabcabcx", "\ud800abc", "b" * 1200)


@pytest.mark.parametrize("case", list(Case))
@pytest.mark.parametrize(
    "parts",
    [
        (Wild.ANY_RUN,),
        ("a", Wild.ANY_RUN, "b", Wild.ANY_RUN, "b", Wild.ANY_RUN, "c"),
        (Wild.ANY_RUN, "A", Wild.ANY_ONE, "B", Wild.ANY_RUN, "bc", Wild.ANY_RUN),
        (Wild.ANY_RUN, Wild.ANY_ONE, Wild.ANY_ONE, Wild.ANY_ONE, Wild.ANY_RUN, "c"),
        ("\u00e9", Wild.ANY_RUN, "c", Wild.ANY_RUN, "\u00c9", Wild.ANY_RUN),
    ],
    ids=str,
)
def test_patterns_of_several_pieces(parts: tuple[str | Wild, ...], case: Case) -> None:
    where = Like(Field("a"), (of(*parts),), case)
    plan = Matcher([where])
    for text in TEXTS:
        assert bool(plan.match({"a": text})) is matches(where, {"a": text}), text


SIGNS = (
    "a",
    "B",
    "k",
    "K",
    "s",
    "S",
    ".",
    "\\",
    "[",
    "|",
    "\n",
    "\u00e9",
    "\u00c9",
    "\u017f",
    "\u212a",
    "\ud800",
    "\0",
)
_parts = st.lists(st.one_of(st.sampled_from(SIGNS), st.sampled_from(Wild)), min_size=1, max_size=6)


@FIXED
@given(st.lists(_parts, min_size=2, max_size=5), st.sampled_from(Case), st.lists(st.sampled_from(SIGNS), max_size=7))
def test_patterns_that_are_asked_at_once(parts: list[list[str | Wild]], case: Case, signs: list[str]) -> None:
    where = Like(Field("a"), tuple(of(*one) for one in parts), case)
    event = {"a": "".join(signs)}
    assert bool(Matcher([where]).match(event)) is matches(where, event)


@pytest.mark.parametrize("text", ["k:x9", "K:x9", "\u212a:x9", "\ud800:x9", "k:9", "k:x", "\u212a:y9"])
def test_letters_of_patterns_are_those_of_ascii(text: str) -> None:
    rest = (Wild.ANY_RUN, "x", Wild.ANY_RUN, "9")
    where = Like(Field("a"), (of("k:", *rest), of("K:", *rest)), Case.SENSITIVE)
    assert bool(Matcher([where]).match({"a": text})) is matches(where, {"a": text}) is (text in ("k:x9", "K:x9"))


@pytest.mark.parametrize("case", list(Case))
@pytest.mark.parametrize(
    "regex",
    [
        Concat((Repeat(AnyChar(), 0, None), Char("c"))),
        Repeat(Char("b"), 1100, None),  # beyond what RE2 counts to
        Concat((AnyChar(), Char("a"), Repeat(CharClass((("a", "z"),)), 0, None))),
    ],
    ids=["end", "many", "half a character"],
)
def test_expressions_whatever_engine_matches_them(regex: Regex, case: Case) -> None:
    where = Matches(Field("a"), (regex,), case)
    plan = Matcher([where])
    for text in TEXTS:
        assert bool(plan.match({"a": text})) is matches(where, {"a": text}), text


@pytest.mark.parametrize("expression", ["(s|i)+", "([sS]|[iI])+", "(k|y)z", "[kK]|[xX]", "[^sS]|[iI]", "(s|.)k"])
@pytest.mark.parametrize("case", list(Case))
def test_letters_of_alternatives_are_those_of_ascii(expression: str, case: Case) -> None:
    """RE2 takes `[sS]` beside another letter for all that Unicode folds with it: the long s too, the Kelvin sign."""
    where = Matches(Field("a"), (parse_lucene(expression),), case)
    plan = Matcher([where])
    for text in ("s", "S", "sI", "k", "Kz", "\u017f", "\u017fi", "\u212a", "\u212az", "\u0131", "\u017fk", "x", "Sk"):
        assert bool(plan.match({"a": text})) is matches(where, {"a": text}), text


def test_many_wildcards_on_one_field_are_asked_at_once() -> None:
    wheres = [Like(Field("a"), (of(Wild.ANY_RUN, f"part{n:02}", Wild.ANY_RUN),), Case.INSENSITIVE) for n in range(40)]
    plan = Matcher(wheres)
    assert plan.match({"a": "xPART07yPart31"}) == [7, 31]
    assert plan.match({"a": "\ud800 part12"}) == [12]
    assert plan.match({"a": "nothing"}) == []


def test_too_many_classes_leave_out_a_class_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "MOST_CLASSES", 8)
    monkeypatch.setattr(matcher, "WORTH_AN_INDEX", 1)
    wheres: list[Predicate] = [
        And((OneOf(Field("kind"), ("a",), Case.SENSITIVE), OneOf(Field("id"), (str(n),), Case.SENSITIVE)))
        for n in range(30)
    ]
    plan = Matcher(wheres, sample=0)
    assert set(plan.class_paths) == {"kind", "id"}
    for n in range(30):
        assert plan.match({"kind": "a", "id": str(n)}) == [n]
    assert plan.class_paths == ("kind",)


def test_values_of_a_class_field_that_only_look_alike() -> None:
    """1, 1.0, true and "1" are one key of a dict and four values of a field."""
    field = Field("k")
    wheres: list[Predicate] = [OneOf(field, (text,), Case.SENSITIVE) for text in ("1", "1.0", "true")]
    plan = Matcher([*wheres, *(Or((where, Not(Present(Field("z"))))) for where in wheres)])
    for _ in range(20):
        for value, wanted in ((1, 0), ("1", 0), (1.0, 1), (True, 2)):
            assert wanted in plan.match({"k": value, "z": 1})
            assert len([n for n in plan.match({"k": value, "z": 1}) if n < 3]) == 1


def test_threads_share_a_plan() -> None:
    rules = [sample.rule for sample in samples() if not sample.refused]
    engine = Engine(rules, now=NOW, sample=50)
    found = list(stream(150))
    wanted = [[rule.meta.name for rule in Engine(rules, now=NOW).match(event)] for event in found]
    differ: list[int] = []

    def look() -> None:
        for number, event in enumerate(found):
            if [rule.meta.name for rule in engine.match(event)] != wanted[number]:
                differ.append(number)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differ == []
