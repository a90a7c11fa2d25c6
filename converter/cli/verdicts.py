"""Verdicts as an HTML page for people and as JUnit's XML for build servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from html import escape
from typing import TYPE_CHECKING

from converter import __version__
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, render
from converter.diagnostics.page import STYLE, diagnostics_html
from converter.diagnostics.xmltext import attribute, content

if TYPE_CHECKING:
    from converter.proof import Verdicts


@dataclass(slots=True)
class Verified:
    """One rule: its verdicts, or why there are none. `silent`: an artifact of the user that no judge could run."""

    name: str
    verdicts: Verdicts | None = None
    problems: list[Diagnostic] = field(default_factory=list)
    silent: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the run is not to be called good because of it."""
        return self.verdicts is None or not self.verdicts.agree or bool(self.silent)


def as_html(done: Sequence[Verified]) -> str:
    """One page without anything outside it: a table of events against engines for each rule."""
    parts = "".join(f"<section>{_section(one)}</section>" for one in done)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>siemglot verdicts</title>'
        f"<style>{STYLE}</style></head><body><h1>Verdicts</h1>{parts}"
        f"<p>siemglot {escape(__version__)}</p></body></html>\n"
    )


def _section(one: Verified) -> str:
    head = f"<h2><code>{escape(one.name)}</code></h2>{diagnostics_html(one.problems)}"
    if one.verdicts is None:
        return head
    said = "".join(f"<li>{escape(line)}</li>" for line in (*_unjudged(one.verdicts), *map(_mute, one.silent)))
    return f"{head}{one.verdicts._repr_html_()}{f'<ul>{said}</ul>' if said else ''}"


def _unjudged(verdicts: Verdicts) -> Iterable[str]:
    return (f"{name} did not judge {count}: {why}" for (name, why), count in verdicts.skipped.items())


def _mute(target: str) -> str:
    return f"no judge could run the {target} artifact"


def as_junit(done: Sequence[Verified]) -> str:
    """A test suite a rule, a test case an engine: failed where it differs, skipped where it judged nothing."""
    suites = "\n".join(map(_suite, done))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="siemglot verify">\n{suites}\n</testsuites>'


def _suite(one: Verified) -> str:
    cases = [*_cases(one)]
    failures = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    errors = sum("<error" in case for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    return f"<testsuite name={attribute(one.name)} {counts}>\n" + "\n".join(cases) + "\n</testsuite>"


def _cases(one: Verified) -> Iterable[str]:
    if one.verdicts is None:
        text = "\n".join(render(problem) for problem in one.problems)
        yield _case(one, "reading", f"<error message={attribute('the rule cannot be judged')}>{content(text)}</error>")
        return
    for number, engine in enumerate(one.verdicts.engines):
        if number:
            yield _case(one, engine, _outcome(one.verdicts, number))
    for target in one.silent:
        yield _case(one, f"{target} artifact", f"<error message={attribute(_mute(target))}/>")


def _outcome(verdicts: Verdicts, number: int) -> str:
    """What stands in a test case: nothing if the engine agrees with the reference wherever both judged."""
    engine = verdicts.engines[number]
    judged = [row for row in verdicts.rows if row.verdicts[number] is not None and row.verdicts[0] is not None]
    differing = [row for row in judged if row.verdicts[number] is not row.verdicts[0]]
    if differing:
        message = f"differs from {verdicts.engines[0]} on {len(differing)} of {len(judged)} events"
        return f"<failure message={attribute(message)}>{content(str(verdicts))}</failure>"
    if not judged:
        reasons = "; ".join(why for (name, why), _ in verdicts.skipped.items() if name == engine)
        return f"<skipped message={attribute(reasons or 'no event that it can judge')}/>"
    return ""


def _case(one: Verified, engine: str, inside: str) -> str:
    head = f"<testcase classname={attribute(one.name)} name={attribute(engine)}"
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"
