"""Values stay values: literals, names and comments read back; and Microsoft's parser has nothing to say."""

from __future__ import annotations

import pytest
from engines.kusto_parser import diagnose
from hypothesis import given
from hypothesis import strategies as st
from targets.sentinel_cases import ARGS, NAME, columns, emitted, leaves, query, rows, rule, table, trees

from backends.sentinel import TARGET
from converter.languages.kusto import literal, parse
from converter.languages.kusto.syntax import Name
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import Like, OneOf, Predicate
from converter.model.rule import Match
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.kusto.run import run
from converter.target import Binding, Bound, Options

HOSTILE = (
    'a"b', "a'b", "a\\", '\\"', "a\nb", "a\r\nb", "a\tb", "a|b", "a | project x", "`a`", "```", "// c", "/* c */", "*", "?", "{}",
    "$x$", "[search x]", "|delete", "\x00", "\x07", "\x7f", "\x85", "\u2028", "\u200b", "\ufeff", "\U0001f600", "é", '@"', 'a\\"b',
    "(?i)", "^$", ".*", "(", "[", "\\d", "%", "a--b", "a&&b", "a~~b", 'h"x"', "')]",
)  # fmt: skip
any_text = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
)


@given(any_text)
def test_literal_reads_back(value: str) -> None:
    assert run(f"print x = {literal.text(value)}", {}) == [{"x": value}]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6))
def test_name_is_one_line_and_closed(column: str) -> None:
    written = literal.name(column)
    assert "\n" not in written
    assert parse.expression(written) == Name(column)


@given(any_text, st.sampled_from([NAME, ARGS]), st.sampled_from(Case))
def test_value_matches_itself_only(value: str, field: object, case: Case) -> None:
    events: list[dict[str, object]] = [
        {"process.name": value, "process.args": [value]},
        {"process.name": value + "!", "process.args": value + "!"},
    ]
    assert field in {NAME, ARGS}
    target = NAME if field == NAME else ARGS
    assert rows(query(OneOf(target, (value,), case))[0], events) == [0]
    middle = Like(target, (patterns.of(value[:1], Wild.ANY_RUN, value[1:] or value),), case)
    found = rows(query(middle)[0], [{"process.name": value[:1] + (value[1:] or value), "process.args": None}])
    assert found == ([0] if target is NAME else [])


def test_surrogate_is_escaped() -> None:
    assert literal.text("a\ud800") == '"a\\ud800"'


@given(any_text, any_text)
def test_header_is_all_comment(name: str, author: str) -> None:
    text = emitted(Match(OneOf(NAME, ("a",), Case.SENSITIVE)), author=(author,), rule_id=name).text
    head, _, rest = text.partition("ECS\n")
    assert all(line.startswith("// ") for line in head.splitlines())
    assert rest == "| where ['process.name'] == \"a\"\n"
    assert len(head.split("\n")) == len(head.splitlines()) + 1


def _diagnosed(queries: list[tuple[str, str]]) -> list[object]:
    try:
        found = diagnose(queries, {"ECS": columns()}, sentinel=False)
    except EngineUnavailable as missing:
        pytest.skip(str(missing))
    return [one for several in found.values() for one in several]


def test_parser_accepts_hostile_values() -> None:
    queries = [(str(i), query(OneOf(NAME, (v, "x"), c))[0]) for i, v in enumerate(HOSTILE) for c in Case]
    queries += [
        (f"n{i}", f"{literal.name(v)} | where {literal.name(v)} == 1") for i, v in enumerate(["first", "a b", "where"])
    ]
    found = _diagnosed(queries[:-3])
    assert found == []


_random: list[tuple[str, str]] = []


@given(trees(leaves()))
def _collect(predicate: Predicate) -> None:
    _random.append((str(len(_random)), query(predicate)[0]))


def test_parser_accepts_random_predicates() -> None:
    _collect()
    assert len(_random) >= 50
    assert _diagnosed([q for q in _random if q[1]]) == []


def test_output_is_deterministic_and_input_untouched() -> None:
    detection = Match(OneOf(ARGS, ("b", "a"), Case.INSENSITIVE))
    bound = Bound(rule(detection), (Binding(),))
    assert TARGET.emit(bound, Options()) == TARGET.emit(bound, Options())
    assert bound == Bound(rule(detection), (Binding(),))
    assert table([], columns()).rows == []
