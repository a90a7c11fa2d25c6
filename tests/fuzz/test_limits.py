"""Extreme sizes end soon, with a result or an error that has a code and a place."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from functools import partial

import pytest
from fuzz.rule_text import read, rule_text, timed

import converter
from converter.diagnostics import Severity
from converter.diagnostics.errors import ConverterError
from converter.languages.regex.lucene import parse_lucene
from converter.model.rule import Rule
from converter.readers import kuery
from converter.target.artifact import Artifact

TARGETS = ("python", "splunk", "sentinel", "sigma")
SECONDS = 15.0  # several times what the slowest takes, so that a busy machine passes and a square does not


def _field(language: str) -> str:
    return "process.name == " if language == "eql" else "process.name: "


def _query(language: str, condition: str) -> str:
    return f"process where {condition}" if language == "eql" else condition


def _joined(language: str, word: str, terms: list[str]) -> str:
    return f" {word.upper() if language == 'lucene' else word} ".join(terms)


LANGUAGES = ("kuery", "lucene", "eql")
Made = Callable[[str, str], str]

REFUSED: dict[str, Made] = {
    "ten megabytes of text": lambda f, _: f'{f}"{"a" * 10_000_000}"',
    "ten megabytes of parentheses": lambda _f, _: "(" * 10_000_000,
    "ten megabytes of blanks": lambda f, _: f'{f}"a"{" " * 10_000_000}',
    "one megabyte in one value": lambda f, _: f'{f}"{"a" * 1_000_000}"',
    "ten thousand parentheses": lambda f, _: "(" * 10_000 + f'{f}"a"' + ")" * 10_000,
    "ten thousand open parentheses": lambda _f, _: "(" * 10_000,
    "a hundred thousand terms": lambda f, lang: _joined(lang, "or", [f'{f}"a{i}"' for i in range(100_000)]),
}
LARGE: dict[str, Made] = {
    "ten thousand values": lambda f, lang: _joined(lang, "or", [f'{f}"a{i}"' for i in range(10_000)]),
    "ten thousand of one field": lambda f, lang: _joined(lang, "and", [f'{f}"a{i}"' for i in range(10_000)]),
    "five thousand fields": lambda f, lang: _joined(
        lang, "or", [f'{f.replace("name", f"f{i}")}"a{i}"' for i in range(2_000)]
    ),
    "five thousand pairs": lambda f, lang: _joined(
        lang,
        "or",
        [
            "(" + _joined(lang, "and", [f'{f.replace("name", f"f{i % 7}")}"a{i}"', f'{f}"b{i}"']) + ")"
            for i in range(2_000)
        ],
    ),
    "long value": lambda f, _: f'{f}"{"a" * 900_000}"',
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REFUSED)
def test_error_query_without_measure(name: str, language: str) -> None:
    text = rule_text(_query(language, REFUSED[name](_field(language), language)), language)
    assert isinstance(timed(SECONDS, lambda: read(text)), ConverterError)


def complaints(artifact: Artifact) -> set[str]:
    """The codes of what makes an artifact less than exact, but for a search that is too long for Splunk's limits."""
    return {str(d.code) for d in artifact.diagnostics if d.severity in (Severity.ERROR, Severity.WARNING)} - {"T229"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LARGE)
def test_large_query_is_converted_soon(name: str, language: str) -> None:
    rule = timed(SECONDS, lambda: read(rule_text(_query(language, LARGE[name](_field(language), language)), language)))
    assert isinstance(rule, Rule)
    for target in TARGETS:
        artifact = timed(SECONDS, partial(converter.convert, rule, target, fields="ecs", case="exact"))
        assert artifact.text, target
        assert not complaints(artifact), target
    assert converter.evaluate(rule, [{"process.name": "nothing"}]) == [False]


@pytest.mark.parametrize("name", ["five thousand fields", "five thousand pairs"])
def test_a_rule_of_too_many_conditions_is_not_bound(name: str) -> None:
    """Each would be held against each of some forty tables: minutes for the longest query there is."""
    rule = timed(SECONDS, lambda: read(rule_text(f"process.pid: 1 or {LARGE[name]('process.name: ', 'kuery')}")))
    assert isinstance(rule, Rule)
    count = 2_001 if name == "five thousand fields" else 4_001
    for target in ("splunk", "sentinel", "sigma"):
        artifact = timed(1.0, partial(converter.convert, rule, target, fields="native"))
        assert [(d.code, d.severity) for d in artifact.diagnostics if d.severity is Severity.ERROR] == [
            ("M035", Severity.ERROR)
        ]
        assert f"the rule has {count:,} conditions" in artifact.diagnostics[0].message
    assert converter.convert(rule, "python").text


EQL = {
    "runs": "sequence by host.id [process where true] with runs=1000000000 [file where true]",
    "steps": "sequence by host.id " + "[process where true] " * 40_000,
    "running steps": "sequence by host.id " + "[process where true] with runs=100 " * 11,
    "samples": "sample by host.id " + "[process where true] " * 1_001,
    "sums": "process where " + "1 + " * 100_000 + "1 == process.pid",
    "signs": "process where process.pid == " + "- " * 100_000 + "1",
    "functions": "process where " + "length(" * 10_000 + "process.name" + ")" * 10_000 + " > 1",
    "number": "process where process.pid == " + "9" * 100_000,
    "exponent": "process where process.pid == 1e999999",
    "negations": "process where " + "not " * 10_000 + "true",
}


@pytest.mark.parametrize("name", EQL)
def test_error_eql_without_measure(name: str) -> None:
    assert isinstance(timed(SECONDS, lambda: read(rule_text(EQL[name], "eql"))), ConverterError)


def test_error_findings_without_measure() -> None:
    """A hundred errors are told; reading, refusing and drawing them is no square of their number."""
    rule = timed(SECONDS, lambda: read(rule_text("process where true " + "| head 1" * 60_000, "eql")))
    assert isinstance(rule, Rule)
    artifact = timed(SECONDS, lambda: converter.convert(rule, "python"))
    assert artifact.status == "refused"
    assert len(artifact.diagnostics) == 100


@pytest.mark.parametrize("regex", ["((a{1000}){1000}){1000}", "a" + "?" * 9_999, "&".join("a" * 4_000)])
@pytest.mark.parametrize("language", ["eql", "lucene"])
def test_regex_without_measure(regex: str, language: str) -> None:
    query = f'process where process.name regex "{regex}"' if language == "eql" else f"process.name: /{regex}/"
    rule = timed(SECONDS, lambda: read(rule_text(query, language)))
    assert isinstance(rule, Rule)
    for target in TARGETS:
        artifact = timed(SECONDS, partial(converter.convert, rule, target, fields="ecs", case="exact"))
        assert artifact.status in ("refused", "exact")


@pytest.mark.parametrize(("steps", "runs"), [(110, 1), (11, 10), (111, 1), (160, 1), (2, 100)])
def test_the_longest_sequence_is_converted_and_a_longer_one_refused(steps: int, runs: int) -> None:
    """160 steps were a RecursionError of the Splunk target."""
    events = " ".join(f'[process where process.name == "a{i}"] with runs={runs}' for i in range(steps))
    found = read(rule_text(f"sequence by host.id {events}", "eql"))
    assert isinstance(found, Rule) == (steps * runs <= 110)
    if isinstance(found, Rule):
        assert all(converter.convert(found, target, fields="ecs").text for target in TARGETS)
    else:
        assert [d.code for d in found.diagnostics] == ["E003"]


def test_a_machine_of_many_states_is_soon_an_expression() -> None:
    """Lucene's complement and intersection: twice the states, about twice the calls (it was 3.5 times)."""
    calls: list[int] = []
    for length in (60, 120):
        profile = cProfile.Profile()
        profile.runcall(parse_lucene, f"(x|y(ab|c)*){'r' * length}&~z")
        calls.append(sum(entry.callcount for entry in profile.getstats()))
    assert calls[1] < 2.5 * calls[0]


def test_places_are_counted_for_errors_alone() -> None:
    """Where a bracket of kuery stands is asked when it stays open: for each of them it would cost a square."""
    profile = cProfile.Profile()
    profile.runcall(kuery.parse, " or ".join(f"(a: {i} and b: {i})" for i in range(50)))
    assert not [entry for entry in profile.getstats() if "method 'count' of 'str'" in str(entry.code)]


def _filter(clause: str) -> str:
    return f"[[rule.filters]]\nquery = {clause}\n"


@pytest.mark.parametrize("depth", [10, 40, 60, 150, 1_000, 10_000])
def test_filter_of_any_depth(depth: int) -> None:
    clause = "{bool={must=[" * depth + '{term={"a"="b"}}' + "]}}" * depth
    found = timed(SECONDS, lambda: read(rule_text("a: b", extra=_filter(clause))))
    if isinstance(found, Rule):
        status = converter.convert(found, "splunk", fields="ecs").status
        assert status == ("exact" if depth < 50 else "refused")


def test_many_filters_are_converted_soon() -> None:
    clauses = "".join(_filter(f'{{term={{"a"="b{i}"}}}}') for i in range(3_000))
    rule = timed(SECONDS, lambda: read(rule_text("a: *", extra=clauses)))
    assert isinstance(rule, Rule)
    for target in TARGETS:
        artifact = timed(SECONDS, partial(converter.convert, rule, target, fields="ecs", case="exact"))
        assert artifact.text, target
        assert not complaints(artifact), target


TOML = {
    "arrays": "x = " + "[" * 10_000 + "1" + "]" * 10_000,
    "tables": "x = " + "{a=" * 10_000 + "1" + "}" * 10_000,
    "dotted key": "x" + ".a" * 50_000 + " = 1",
    "dotted table": "[rule" + ".a" * 50_000 + "]\nx = 1",
    "digits": "x = " + "9" * 10_000,
    "score": "max_signals = " + "9" * 4_000,
    "interval": 'interval = "' + "9" * 5_000 + 'm"',
    "from": 'from = "now-' + "9" * 5_000 + 'm"',
}


@pytest.mark.parametrize("name", TOML)
def test_error_toml_without_measure(name: str) -> None:
    assert isinstance(timed(SECONDS, lambda: read(rule_text("a: b", extra=TOML[name]))), ConverterError)


MAPPINGS = {
    "aliases": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(9)),
    "aliases in a table": "title: &a0 [x, x]\n"
    + "".join(f"{key}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i, key in enumerate(("selector", "fields"))),
    "itself": "&a title: *a\n",
    "flow": "a: " + "[" * 50_000,
    "maps": "a: " + "{a: " * 50_000,
    "blocks": "".join(" " * i + "a:\n" for i in range(2_000)),
    "call": '!!python/object/apply:os.system ["exit 1"]\n',
}


@pytest.mark.parametrize("name", MAPPINGS)
def test_error_mapping_file_without_measure(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("mapping") / "map.yaml"
    path.write_text(MAPPINGS[name], encoding="utf-8")
    rule = read(rule_text("a: b"))
    assert isinstance(rule, Rule)

    def bind() -> converter.Diagnostic:
        with pytest.raises(ConverterError) as caught:
            converter.convert(rule, "splunk", mapping=path)
        return caught.value.diagnostics[0]

    diagnostic = timed(SECONDS, bind)
    assert diagnostic.span is not None
