"""Sequences and samples: the part of EQL's grammar that joins events."""

from __future__ import annotations

from converter.diagnostics import Span
from converter.languages.eql.codes import E001, E003, E010, E013, E014, E015, E016, E017, E018
from converter.languages.eql.parser import Parser
from converter.languages.eql.syntax import Name, Sample, Sequence, Step
from converter.languages.eql.tokens import END, NUMBER, QUOTED, WORD, fail
from converter.model.duration import SIZES

_UNITS = {sign: size for size, sign in SIZES}
MOST_RUNS = 100
MOST_STEPS = 110
"""Events of a sequence or sample, each counted as often as it runs."""
_FEWEST_STEPS = 2


def compound(parser: Parser) -> Sequence | Sample | None:
    """The sequence or sample that starts here, or None."""
    if parser.kind != WORD or parser.following() == "where":
        return None
    if parser.text == "join":
        hint = "Write sample by for any order, or sequence by for a fixed one."
        fail(E010, "Elasticsearch has no join", parser.here, hint)
    if parser.text == "sequence":
        return _sequence(parser)
    return _sample(parser) if parser.text == "sample" else None


def _sequence(parser: Parser) -> Sequence:
    """sequence: "sequence" ["by" keys] ["with" "maxspan" "=" time] step+ ["until" step]"""
    start = parser.start
    parser.advance()
    by = _keys(parser)
    maxspan = _maxspan(parser) if parser.take("with") else None
    if maxspan is not None and parser.text == "by":
        fail(E018, "by stands before with", parser.here, "Write sequence by key with maxspan=time.")
    steps = []
    while parser.text in ("[", "!["):
        steps.append(_step(parser))
        _check_number(steps)
    if not steps:
        parser.expected("an event in [ ]")
    until = None
    if parser.text == "until" and parser.kind == WORD:
        place = parser.here
        parser.advance()
        if parser.text not in ("[", "!["):
            parser.expected("an event in [ ] after until")
        until = _step(parser)
        if until.missing or until.runs > 1:
            fail(E018, "until takes one plain event", place, "Write until [ category where condition ].")
    span = parser.span(start)
    _check_sequence(steps, maxspan, span)
    _check_keys([*steps, until] if until else steps)
    return Sequence(tuple(steps), by, maxspan, until, span)


def _sample(parser: Parser) -> Sample:
    """sample: "sample" ["by" keys] step+"""
    start = parser.start
    parser.advance()
    by = _keys(parser)
    if parser.text == "with":
        fail(E018, "a sample has no maxspan", parser.here, "Remove it, or write sequence by.")
    steps = []
    while parser.text in ("[", "!["):
        place = parser.here
        step = _step(parser)
        if step.missing or step.runs > 1:
            fail(E018, "a sample has plain events only: no ![ and no runs", place)
        steps.append(step)
        _check_number(steps)
    if not steps:
        parser.expected("an event in [ ]")
    if parser.text == "until":
        fail(E018, "a sample has no until", parser.here, "Remove it, or write sequence by.")
    span = parser.span(start)
    if len(steps) < _FEWEST_STEPS:
        fail(E017, "a sample needs two events at least", span)
    _check_keys(steps)
    if not by and not steps[0].by:
        fail(
            E016,
            "a sample needs a key that its events share",
            Span(start, start + len("sample")),
            "Write sample by key.",
        )
    return Sample(tuple(steps), by, span)


def _step(parser: Parser) -> Step:
    """step: ("[" | "![") event "]" ["by" keys] ["with" "runs" "=" number]"""
    start, opened = parser.start, parser.here
    missing = parser.text == "!["
    parser.advance()
    event = parser.event()
    if not parser.take("]"):
        if parser.kind == END:
            fail(E001, "this [ is never closed", opened, "Add the missing ].")
        parser.expected("and, or, or ]", "Join conditions with and or or; keywords are lower case.")
    by = _keys(parser)
    runs = _runs(parser) if parser.text == "with" and parser.kind == WORD else 1
    if parser.text == "by" and parser.kind == WORD:
        fail(E018, "by stands before with runs", parser.here, "Write [ ... ] by key with runs=n.")
    if parser.text == "fork":
        fail(E018, "Elasticsearch has no fork", parser.here, "Remove it.")
    return Step(event, by, missing, runs, parser.span(start))


def _keys(parser: Parser) -> tuple[Name, ...]:
    """keys: "by" name ("," name)*"""
    if parser.text != "by" or parser.kind != WORD:
        return ()
    parser.advance()
    keys = []
    while True:
        if parser.kind not in (WORD, QUOTED) and parser.text != "?":
            parser.expected("a field to join by")
        if parser.following() == "(":
            fail(E016, "a key is a field, not a function", parser.here, "Join by a field that holds the value.")
        keys.append(parser.name("a field to join by"))
        if not parser.take(","):
            return tuple(keys)


def _maxspan(parser: Parser) -> int:
    """maxspan: "maxspan" "=" digits unit"""
    if parser.text == "runs":
        fail(E018, "runs belongs to one event", parser.here, "Write it behind the event: [ ... ] with runs=3")
    parser.expect("maxspan", "maxspan after with", "Write with maxspan=5m.")
    parser.expect("=", "= after maxspan", "Write with maxspan=5m.")
    start, text, kind = parser.start, parser.text, parser.kind
    if kind != NUMBER:
        fail(E013, "maxspan is a positive whole number with a unit", parser.here, "Write 30s, 5m, 1h or 1d.")
    parser.advance()
    unit = parser.text if parser.kind == WORD and parser.start == parser.span(start).end else ""
    number = Span(start, start + len(text))
    if not text.isdigit() or int(text) == 0:
        fail(E013, f"maxspan is a positive whole number, not {text}", number, "Use a smaller unit: 90s for 1.5m.")
    if unit not in _UNITS:
        place = parser.here if unit else number
        problem = f"{unit} is no unit of time" if unit else f"maxspan={text} has no unit"
        fail(E013, problem, place, "The units are ms, s, m, h and d: maxspan=5m.")
    parser.advance()
    return int(text) * _UNITS[unit]


def _runs(parser: Parser) -> int:
    """runs: "with" "runs" "=" digits"""
    parser.advance()
    if parser.text != "runs":
        hint = "Write with maxspan before the first event." if parser.text == "maxspan" else "Write with runs=3."
        parser.expected("runs after with", hint)
    parser.advance()
    parser.expect("=", "= after runs", "Write with runs=3.")
    negative = parser.text == "-"
    start = parser.start
    if negative:
        parser.advance()
    text = parser.text
    if parser.kind != NUMBER:
        parser.expected(f"a number from 1 to {MOST_RUNS} after runs=")
    parser.advance()
    if negative or not text.isdigit() or len(text) > len(str(MOST_RUNS)) + 5 or not 1 <= int(text) <= MOST_RUNS:
        fail(
            E015,
            f"runs is a whole number from 1 to {MOST_RUNS}",
            parser.span(start),
            "Split a longer run into steps.",
        )
    return int(text)


def _check_number(steps: list[Step]) -> None:
    if len(steps) > MOST_STEPS // MOST_RUNS and sum(s.runs for s in steps) > MOST_STEPS:
        fail(E003, f"more than {MOST_STEPS:,} events to join", steps[-1].span, "Split the rule.")


def _check_sequence(steps: list[Step], maxspan: int | None, span: Span) -> None:
    if sum(s.runs for s in steps) < _FEWEST_STEPS:
        fail(E017, "a sequence needs two events at least", span, "Write a plain event query, or add a step.")
    first_missing = next((s for s in steps if s.missing), None)
    if first_missing is None:
        return
    if all(s.missing for s in steps):
        fail(E017, "a sequence needs one event that is not missing", span)
    if maxspan is None:
        hint = "Write sequence ... with maxspan=5m: an event can only be missing within a time."
        fail(E014, "a missing event needs a maxspan", first_missing.span, hint)


def _check_keys(steps: list[Step]) -> None:
    expected = len(steps[0].by)
    for step in steps[1:]:
        if len(step.by) != expected:
            place = step.by[0].span.to(step.by[-1].span) if step.by else step.span
            message = f"this event has {_count(len(step.by))}, the first one has {_count(expected)}"
            fail(E016, message, place, "Keys are compared by position: every event needs as many as the first.")


def _count(number: int) -> str:
    return {0: "no key of its own", 1: "1 key of its own"}.get(number, f"{number} keys of its own")
