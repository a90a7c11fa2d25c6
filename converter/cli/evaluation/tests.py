"""`siemglot test` and `siemglot witness`: tests of rules run, and begun."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path

from converter import api
from converter.cli.console import Console, plural
from converter.cli.exit import Exit
from converter.cli.inputs import STDIN, collect
from converter.cli.inspection import show
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import ConverterError
from converter.diagnostics.xmltext import attribute, content
from converter.engine.codes import V007, V009
from converter.engine.testing import Case, judge_case, read_cases, tests_of
from converter.model.rule import Rule
from converter.proof import Scene
from converter.proof.example import iso
from converter.proof.scene import scenes
from converter.reference import evaluate
from converter.target.lines import one_line

_MOST_EVENTS = 12
_MOST_SCENES = 4


@dataclass(slots=True)
class Suite:
    """The tests of one rule file: each with its seconds and what failed; `broken`: why none could be run."""

    name: str
    results: list[tuple[str, float, tuple[str, ...]]] = field(default_factory=list)
    broken: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(bool(failures) for _, _, failures in self.results) + bool(self.broken)


def test_rules(paths: Sequence[str], junit: str, console: Console) -> Exit:
    """Run the tests that stand beside the rules."""
    inputs = collect(paths)
    console.tell_all(inputs.problems)
    suites: list[Suite] = []
    without = 0
    for one in inputs.rules:
        tests = None if one.path is None else tests_of(one.path)
        if one.path is None or tests is None:
            without += one.path is None or one.path.suffix == ".toml"
            continue
        suites.append(_suite(one.path, tests, console))
    if junit:
        try:
            Path(junit).write_text("".join(_junit(suites)), encoding="utf-8")
        except OSError as error:
            message = f"the report cannot be written: {(error.strerror or str(error)).lower()}"
            console.tell(Diagnostic(V007, message, source=Source(junit, "")))
            return Exit.REFUSED
    count, failed = sum(len(suite.results) for suite in suites), sum(suite.failed for suite in suites)
    if not count and not failed:
        hint = "`siemglot witness RULE -o tests/RULE.yml` writes tests to start from"
        console.tell(Diagnostic(V009, "none of the rules has tests", hint=hint))
        return Exit.REFUSED
    rest = f"; {plural(without, 'rule')} without tests" if without else ""
    console.line(f"{plural(count, 'test')} of {plural(len(suites), 'rule')}, {failed} failed{rest}")
    return Exit.USAGE if inputs.problems else Exit.REFUSED if failed else Exit.CONVERTED


def _suite(path: Path, tests: Path, console: Console) -> Suite:
    suite = Suite(path.as_posix())
    try:
        rule, cases = _read(path), read_cases(tests)
    except ConverterError as error:
        suite.broken = error.diagnostics
        console.tell_all(error.diagnostics)
        return suite
    for case in cases:
        started = time.perf_counter()
        failures = tuple(_failures(rule, case))
        suite.results.append((case.name, time.perf_counter() - started, failures))
        show([f"{'FAIL' if failures else 'ok  '} {path.as_posix()}: {case.name}", *(f"     {one}" for one in failures)])
    return suite


def _read(path: Path | str) -> Rule:
    """The rule of a file. Raises ConverterError, also for one that means nothing."""
    rule = api.read_rule(path)
    if errors := api.errors_of(rule):
        raise ConverterError(errors)
    return rule


def _failures(rule: Rule, case: Case) -> Iterator[str]:
    for failure in judge_case(rule, case):
        said = "must be found and is not" if failure.wanted else "must not be found and is"
        yield f"event {failure.number} {said}: {json.dumps(case.events[failure.number - 1], default=str)[:300]}"


def _junit(suites: Iterable[Suite]) -> Iterator[str]:
    """The report as CI servers read it."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for suite in suites:
        count = len(suite.results) + bool(suite.broken)
        yield f'<testsuite name={attribute(suite.name)} tests="{count}" failures="{suite.failed}">\n'
        for name, seconds, failures in suite.results:
            yield f'<testcase classname={attribute(suite.name)} name={attribute(name)} time="{seconds:.3f}"'
            yield from _failure(failures)
        if suite.broken:
            yield f'<testcase classname={attribute(suite.name)} name="reading"'
            yield from _failure([str(ConverterError(suite.broken))])
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _failure(said: Sequence[str]) -> Iterator[str]:
    if said:
        yield f"><failure message={attribute(said[0])}>{content(chr(10).join(said))}</failure></testcase>\n"
    else:
        yield "/>\n"


def witness(path: str, output: str, console: Console) -> Exit:
    """Write tests to start from: events just on either side of what the rule asks, with what it says of them now."""
    try:
        rule = _read(path)
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.REFUSED
    lines = list(_witnessed(rule))
    if not output or output == STDIN:
        show(lines)
        return Exit.CONVERTED
    target = Path(output)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
    except OSError as error:
        reason = "it is there already" if isinstance(error, FileExistsError) else (error.strerror or "").lower()
        console.tell(Diagnostic(V007, f"the tests cannot be written: {reason}", source=Source(output, "")))
        return Exit.REFUSED
    return Exit.CONVERTED


def _witnessed(rule: Rule) -> Iterator[str]:
    yield f"# Tests of {one_line(rule.meta.name)}, made from the rule: they say what it does, not what it should do."
    yield "# Read them, keep those that tell something, and add events of your own. `siemglot test` runs them."
    yield "tests:"
    window = rule.meta.window
    made = scenes(rule.detection, window_ms=window.from_ms - window.to_ms)
    judged = [(scene, evaluate(rule, scene.events, scene.now, scene.indicators)) for scene in made]
    for scene, found in _telling(judged):
        yield f"  - name: {json.dumps(scene.name)}"
        if scene.now is not None:
            yield f"    now: {iso(scene.now)}"
        if scene.indicators:
            yield "    indicators:"
            yield from (f"      - {_flow(one)}" for one in scene.indicators)
        yield "    events:"
        for event, is_found in _some(scene, found):
            yield f"      - {{found: {'true' if is_found else 'false'}, event: {_flow(event)}}}"


def _telling(judged: Sequence[tuple[Scene, list[bool]]]) -> list[tuple[Scene, list[bool]]]:
    """Some scenes with an alert and some without."""
    half = _MOST_SCENES // 2
    hits = [one for one in judged if any(one[1])][:half]
    return [*hits, *[one for one in judged if not any(one[1]) and one[0].events][:half]]


def _some(scene: Scene, found: list[bool]) -> list[tuple[object, bool]]:
    """All events of a small scene; of many single events a few of either kind, in their order."""
    pairs: list[tuple[object, bool]] = list(zip(scene.events, found, strict=True))
    if len(pairs) <= _MOST_EVENTS:
        return pairs
    half = _MOST_EVENTS // 2
    kept = {id(pair) for kind in (True, False) for pair in [p for p in pairs if p[1] is kind][:half]}
    return [pair for pair in pairs if id(pair) in kept]


def _flow(value: object) -> str:
    """JSON that YAML reads the same: characters beyond the first plane have a form of their own."""

    def whole(found: re.Match[str]) -> str:
        high, low = int(found[1], 16), int(found[2], 16)
        return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"

    return re.sub(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", whole, json.dumps(value))
