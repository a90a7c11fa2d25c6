"""Annotations for GitHub Actions: workflow commands on stdout.

`%`, line breaks, and in properties `:` and `,` are escaped
(https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions). GitHub shows ten of a kind for a
step, so that what matters most comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.build.changes import Change
from converter.build.codes import B006
from converter.build.record import Built, Message
from converter.build.reports.findings import concerned
from converter.build.run import Build

_COMMANDS = {"error": "error", "warning": "warning"}


def report(build: Build, changes: Sequence[Change]) -> str:
    """Rules that cannot be read, then those with a worse status than at the last build, then what else is to be said.

    Where there was a build before, only rules that differ are spoken of: the others were so before the change.
    """
    changed = {change.path for change in changes}
    rules = [rule for rule in build.rules if not changes or rule.path in changed or rule.broken or rule.failed]
    lines = [line for rule in rules if rule.broken or rule.failed for line in _messages(rule, build)]
    for change in changes:
        lines += [
            _command("warning", change.path, None, str(B006), f"{turn.target}: {turn.before} before, {turn.after} now")
            for turn in change.worse
        ]
    lines += [line for rule in rules if not (rule.broken or rule.failed) for line in _messages(rule, build)]
    return "".join(f"{line}\n" for line in lines)


def _messages(rule: Built, build: Build) -> Iterator[str]:
    """The errors and warnings of a rule. One that a target refuses is no fault of the change: it is a warning."""
    broken = rule.broken or rule.failed
    for number, message in enumerate(rule.messages):
        if message.severity not in _COMMANDS:
            continue
        names = concerned(rule, number, len(build.plan.products))
        text = f"{message.message} [{', '.join(names)}]" if names else message.message
        text = f"{text}\nhint: {message.hint}" if message.hint else text
        yield _command(
            _COMMANDS[message.severity] if broken else "warning", message.file or rule.path, message, message.code, text
        )


def _command(name: str, path: str, message: Message | None, title: str, text: str) -> str:
    """`::error file=...,line=...,title=...::text`; columns only where a place is on one line."""
    found = {"file": path}
    if message is not None and message.place.line:
        place = message.place
        found |= {"line": str(place.line), "endLine": str(place.end_line)}
        if place.line == place.end_line:
            found |= {"col": str(place.column), "endColumn": str(place.end_column)}
    found["title"] = title
    properties = ",".join(f"{key}={_property(value)}" for key, value in found.items())
    return f"::{name} {properties}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
