"""Each form of a condition says what the model says on every value that satisfies its facts, under every reading.

And for each fact there is a value that breaks it and shows the difference: the fact is needed, not decoration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from targets.sentinel_cases import rule, table

from backends.sentinel import TARGET
from converter.forms import Trust
from converter.model import pattern as patterns
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import Analyzer, And, Like, Not, OneOf, Or, Phrase, Predicate, Present
from converter.model.rule import Match
from converter.model.value import Column, Computed, Field, Kind
from converter.proof.assumption import violates
from converter.proof.judges.kusto.reading import READINGS, Reading
from converter.proof.judges.kusto.run import run
from converter.reference import matches
from converter.target import Binding, Bound, Options
from converter.target.contract import Emission

_SETTINGS = settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
PATHS = Binding("native", "d", "", {"table": "ECS"}, {"F": "string", "C": "string", "A": "dynamic"}, ("F",))


def field(text: str, *facts: Fact, many: bool = False, computed: bool = False, kind: str = "string") -> Field:
    way = Computed(text, kind) if computed else Column(text, kind)
    return Field("some.path", Kind.KEYWORD, many, frozenset(facts), way)


def emission(predicate: Predicate, trust: Trust = Trust.DECLARED) -> Emission:
    made = TARGET.emit(Bound.everywhere(rule(Match(predicate)), PATHS), Options("query", trust=trust, bare=True))
    assert made.text, made.diagnostics
    return made


def hits(text: str, column: str, values: Sequence[object], reading: Reading) -> list[bool]:
    types = {"row": "long", "F": "string", "C": "string", "A": "dynamic"}
    events: list[Mapping[str, object]] = [{column: v} for v in values]
    found = {int(str(r["row"])) for r in run(text, {"ECS": table(events, types)}, reading=reading)}
    return [i in found for i in range(len(values))]


def expected(predicate: Predicate, values: Sequence[object]) -> list[bool]:
    return [matches(predicate, {"some.path": v}) for v in values]


pieces = st.sampled_from(
    ["a", "B", "k", "S", "ab", "ba", "Ab", ":\\", "\\", "/", ".exe", " ", "*", "C", "x", "é", "\n"]
)
joined = st.lists(pieces, min_size=1, max_size=4).map("".join)
wild = st.lists(st.one_of(joined, st.sampled_from(Wild)), min_size=1, max_size=5).map(lambda p: patterns.of(*p))
many_patterns = st.lists(wild, min_size=1, max_size=4).map(tuple)


def _filled(pattern: Pattern, fill: Sequence[str]) -> str:
    """A value that the pattern takes, or nearly."""
    rest = list(fill)
    return "".join(p if isinstance(p, str) else (rest.pop() if rest else "") for p in pattern.parts)


@st.composite
def texts_near(draw: st.DrawFn, found: Sequence[Pattern]) -> list[str]:
    fills = st.lists(st.sampled_from(["", "a", "b", "ab", "\n", "é"]), max_size=4)
    near = [_filled(draw(st.sampled_from(found)), draw(fills)) for _ in range(4)]
    spellings = st.sampled_from([0, 1, 2, 3])
    cased = [(n.upper(), n.lower(), n.swapcase(), n)[draw(spellings)] for n in near]
    cut = [n[draw(st.integers(0, 2)) :] for n in near]
    return [v for v in [*near, *cased, *cut, draw(joined)] if (v and v.isascii()) or "é" in v]


@_SETTINGS
@given(many_patterns, st.sampled_from(Case), st.booleans(), st.data(), st.sampled_from(READINGS))
def test_wildcards(
    found: tuple[Pattern, ...], case: Case, negated: bool, data: st.DataObject, reading: Reading
) -> None:
    """Plain operators, substring() behind what `?` or a head takes, one regular expression: with no fact but A01."""
    leaf = Like(field("F"), found, case)
    predicate = Not(leaf) if negated else leaf
    values = data.draw(texts_near(found))
    assert hits(emission(predicate).text, "F", values, reading) == expected(predicate, values)


_RUN, _ONE = Wild.ANY_RUN, Wild.ANY_ONE
ordered = st.one_of(
    st.tuples(joined, joined).map(lambda t: patterns.of(_RUN, t[0], _RUN, t[1], _RUN)),
    st.tuples(joined, joined, joined).map(lambda t: patterns.of(_RUN, t[0], _RUN, t[1], _RUN, t[2])),
    st.tuples(joined, joined, joined).map(lambda t: patterns.of(_RUN, t[0], _RUN, t[1], _RUN, t[2], _RUN)),
    st.tuples(joined, joined, joined).map(lambda t: patterns.of(t[0], _RUN, t[1], _RUN, t[2], _RUN)),
    st.tuples(joined, joined, joined, joined).map(lambda t: patterns.of(t[0], _RUN, t[1], _RUN, t[2], _RUN, t[3])),
    st.tuples(joined, joined).map(lambda t: patterns.of(_RUN, t[0], _ONE, _ONE, t[1])),
    st.tuples(joined, joined, joined).map(lambda t: patterns.of(t[0], _RUN, t[1], _ONE, t[2])),
    st.tuples(joined, joined).map(lambda t: patterns.of(t[0], _RUN, t[1], _ONE)),
)


@_SETTINGS
@given(
    st.lists(ordered, min_size=1, max_size=2).map(tuple),
    st.sampled_from(Case),
    st.booleans(),
    st.data(),
    st.sampled_from(READINGS),
)
def test_texts_one_behind_another(
    found: tuple[Pattern, ...], case: Case, negated: bool, data: st.DataObject, reading: Reading
) -> None:
    """Places in the value: behind the first text, before the last, so many characters from the end."""
    leaf = Like(field("F"), found, case)
    predicate = Not(leaf) if negated else leaf
    text = emission(predicate).text
    values = [*data.draw(texts_near(found)), *data.draw(texts_near(found))]
    assert hits(text, "F", values, reading) == expected(predicate, values)
    assert case is Case.INSENSITIVE or "matches regex" not in text


_WORDS = ["delete", "Delete", "del", "-f", "/q", "a b", "x", "k", "S", "/opt/x"]
arguments = st.lists(st.sampled_from(_WORDS), max_size=4)
_SPLIT = field('split(trim(" ", C), " ")', many=True, computed=True, kind="dynamic")


@_SETTINGS
@given(
    st.one_of(
        st.builds(OneOf, st.just(_SPLIT), st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(tuple), st.sampled_from(Case)),
        st.builds(Like, st.just(_SPLIT), many_patterns, st.sampled_from(Case)),
        st.just(Present(_SPLIT)),
    ),
    st.booleans(),
    st.lists(arguments, min_size=1, max_size=4),
    st.sampled_from(READINGS),
)  # fmt: skip
def test_arguments_of_a_text_cut_at_blanks(
    leaf: Predicate, negated: bool, lines: list[list[str]], reading: Reading
) -> None:
    predicate = Not(leaf) if negated else leaf
    commands = [" ".join(line) for line in lines]
    arrays = [[a for a in c.strip(" ").split(" ") if a] for c in commands]
    text = emission(predicate).text
    assert hits(text, "C", commands, reading) == expected(predicate, arrays)


@_SETTINGS
@given(
    st.sampled_from([(), (Fact.ONE_LINE,)]),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(tuple),
    many_patterns,
    st.sampled_from(Case),
    st.booleans(),
    st.lists(st.one_of(st.none(), st.sampled_from(_WORDS), arguments), min_size=1, max_size=4),
    st.sampled_from(READINGS),
)
def test_arrays_of_texts_joined(
    facts: tuple[Fact, ...], words: tuple[str, ...], found: tuple[Pattern, ...], case: Case, negated: bool,
    values: list[object], reading: Reading,
) -> None:  # fmt: skip
    array = field("A", *facts, many=True, kind="dynamic")
    leaf: Predicate = Or((OneOf(array, words, case), Like(array, found, case)))
    predicate = Not(leaf) if negated else leaf
    assert hits(emission(predicate).text, "A", values, reading) == expected(predicate, values)


def test_lower_case_column_is_compared_as_it_is() -> None:
    leaf = OneOf(field("F", Fact.LOWER_CASE), ("CMD.exe",), Case.INSENSITIVE)
    made = emission(leaf)
    assert 'F == "cmd.exe"' in made.text
    assert [a.fact for a in made.assumed] == [Fact.LOWER_CASE]
    assert hits(made.text, "F", ["cmd.exe", "x"], READINGS[0]) == expected(leaf, ["cmd.exe", "x"])


BROKEN: list[tuple[Fact, Predicate, str, object]] = [
    (Fact.LOWER_CASE, OneOf(field("F", Fact.LOWER_CASE), ("cmd",), Case.INSENSITIVE), "F", "CMD"),
    (Fact.ALWAYS, Present(field("F", Fact.ALWAYS)), "F", None),
    (Fact.ASCII_CASE, Like(field("F"), (patterns.of(Wild.ANY_RUN, "k", Wild.ANY_RUN, "x", Wild.ANY_RUN),), Case.INSENSITIVE), "F", "\u212axk"),
    (Fact.ONE_LINE, OneOf(field("A", Fact.ONE_LINE, many=True, kind="dynamic"), ("-f",), Case.SENSITIVE), "A", ["x\n-f\ny"]),
    (Fact.PLAIN_TEXT, OneOf(field("A", many=True, kind="dynamic"), ("-f",), Case.SENSITIVE), "A", ["x\x1f-f\x1fy"]),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "predicate", "column", "value"), BROKEN, ids=[b[0].word for b in BROKEN])
def test_broken_fact_shows(fact: Fact, predicate: Predicate, column: str, value: object) -> None:
    made = emission(predicate)
    assert fact in [a.fact for a in made.assumed]
    one = value[0] if isinstance(value, list) else value
    assert violates(fact, one)
    assert hits(made.text, column, [value], READINGS[0]) != expected(predicate, [value])
    strict = emission(predicate, Trust.STRICT)
    assert not strict.assumed
    assert hits(strict.text, column, [value], READINGS[0]) == expected(predicate, [value])


def test_exclusions_fold_as_ascii_does() -> None:
    """A wider form would hide events under a negation: there the literal folds as in ASCII, whatever the facts."""
    leaf = Like(field("F"), (patterns.of(Wild.ANY_RUN, "k", Wild.ANY_RUN, "x", Wild.ANY_RUN),), Case.INSENSITIVE)
    assert 'indexof(tolower(F), "k")' in emission(leaf).text
    excluded = emission(Not(leaf))
    assert "(?i-u:k)" in excluded.text
    assert not excluded.assumed


def test_conditions_are_said_once() -> None:
    name, action = field("F"), field("C")
    same = OneOf(action, ("Subscribe",), Case.SENSITIVE)
    dead = And((OneOf(action, ("ConsoleLogin",), Case.SENSITIVE), OneOf(name, ("x",), Case.SENSITIVE)))
    text = emission(And((same, Not(dead), OneOf(name, ("y", "z"), Case.SENSITIVE)))).text
    assert "ConsoleLogin" not in text
    heads = [patterns.of(h, Wild.ANY_RUN, ".exe") for h in ("C:\\a\\", "C:\\b\\")]
    assert emission(Like(name, tuple(heads), Case.INSENSITIVE)).text.count('endswith ".exe"') == 1


_TOKENS = ["net", "user", "-s", "a_b", "k"]
token = st.one_of(
    st.sampled_from(_TOKENS).map(patterns.of),
    st.sampled_from(_TOKENS).map(lambda t: patterns.of(t, Wild.ANY_RUN)),
    st.sampled_from(_TOKENS).map(lambda t: patterns.of(Wild.ANY_RUN, t)),
    st.sampled_from(_TOKENS).map(lambda t: patterns.of(t, Wild.ANY_ONE)),
)
phrases = st.lists(token, min_size=1, max_size=3).map(lambda t: Phrase(field("F"), tuple(t), Analyzer.POWERSHELL))
scripts = st.lists(
    st.sampled_from([*_TOKENS, "NET", "nets", " ", ".", "\n", "é", "\u212a", "$"]), min_size=1, max_size=6
)


@_SETTINGS
@given(
    st.lists(phrases, min_size=1, max_size=3).map(lambda p: Or(tuple(p))),
    st.booleans(),
    st.lists(scripts.map("".join), min_size=1, max_size=4),
    st.sampled_from(READINGS),
)
def test_phrases_of_a_script_are_parts_of_its_words(
    some: Or, negated: bool, values: list[str], reading: Reading
) -> None:
    predicate = Not(some) if negated else some
    text = emission(predicate).text
    assert hits(text, "F", values, reading) == expected(predicate, values)


def test_words_of_a_script_have_a_name() -> None:
    found = [Phrase(field("F"), (patterns.of(t),), Analyzer.POWERSHELL) for t in ("net", "user")]
    text = emission(And(tuple(found))).text
    assert 'Words contains " net " and Words contains " user "' in text
    assert "matches regex" not in text
