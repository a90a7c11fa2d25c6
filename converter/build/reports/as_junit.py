"""JUnit XML: a suite for each target, a case for each rule, for CI systems that show tests.

There is no one schema; the elements are those that GitLab and Azure DevOps read (testsuites, testsuite, testcase with
failure, error, skipped and system-out).
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.build.changes import Change
from converter.build.record import Built
from converter.build.run import Build, statuses
from converter.diagnostics.xmltext import attribute, content


def report(build: Build, changes: Sequence[Change]) -> str:
    """A refused artifact is a failure, a rule that cannot be read an error, an approximate one passes and says why."""
    worse = {(change.path, turn.target) for change in changes for turn in change.worse}
    suites = [_suite(build, target, worse) for target in build.plan.names]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="siemglot">\n' + "".join(suites) + "</testsuites>\n"
    )


def _suite(build: Build, target: str, worse: set[tuple[str, str]]) -> str:
    cases = [_case(rule, target, (rule.path, target) in worse) for rule in build.rules]
    bad = sum(rule.broken or rule.failed for rule in build.rules)
    refused = build.counts()[target]["refused"] - bad
    head = f'<testsuite name={attribute(target)} tests="{len(cases)}" failures="{refused}" errors="{bad}">\n'
    return head + "".join(cases) + "</testsuite>\n"


def _case(rule: Built, target: str, worse: bool) -> str:  # noqa: FBT001 - one of three facts about the case
    name = rule.facts.name or rule.path
    where = f"classname={attribute(f'{target}.{rule.path}')} name={attribute(name)} file={attribute(rule.path)}"
    head = f"<testcase {where}"
    status = statuses(rule, (target,))[target]
    said = {n for made in rule.artifacts if made.target == target for n in made.said}
    if rule.broken or rule.failed:
        said = set(range(len(rule.messages)))
    bad = [m for n, m in enumerate(rule.messages) if n in said and m.severity in ("error", "warning")]
    text = "\n".join(m.shown or f"{m.severity}[{m.code}]: {m.message}" for m in bad)
    if worse:
        text = f"worse than at the last build\n{text}"
    if not text:
        return f"{head}/>\n"
    first = attribute(f"{bad[0].code}: {bad[0].message}" if bad else status)
    element = "error" if rule.broken or rule.failed else "failure" if status == "refused" else ""
    inside = (
        f"<{element} message={first}>{content(text)}</{element}>"
        if element
        else f"<system-out>{content(text)}</system-out>"
    )
    return f"{head}>{inside}</testcase>\n"
