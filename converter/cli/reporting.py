"""Which reports a build writes and where they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from converter.build.changes import Change
from converter.build.files import write
from converter.build.reports import maker
from converter.build.run import Build
from converter.cli import stdout
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.target.codes import T005

STDOUT = "-"
DEFAULT = ("json", "html", "navigator")
FILES: Mapping[str, str] = {
    "json": "report.json",
    "html": "report.html",
    "navigator": "navigator.json",
    "sarif": "report.sarif",
    "junit": "junit.xml",
    "github": STDOUT,
    "markdown": "report.md",
}
"""The kinds of reports and their files in the output folder; GitHub reads annotations from stdout."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report and its file; None = stdout."""

    kind: str
    path: Path | None


def kinds(given: Sequence[str], folder: Path, *, check: bool = False) -> list[Wanted]:
    """The reports that `--report` names: a kind, or KIND=FILE; a check writes none unasked. Raises EmitError."""
    words = [word for text in given for word in text.split(",") if word]
    found = []
    for word in words or (() if check else DEFAULT):
        kind, equals, name = word.partition("=")
        if kind == "none" and not equals:
            continue
        if kind not in FILES or (equals and not name):
            hint = f"use {', '.join(FILES)} or none, or one with its file: sarif=results.sarif"
            raise EmitError(Diagnostic(T005, f"report cannot be {word!r}", hint=hint))
        file = name or FILES[kind]
        found.append(Wanted(kind, None if file == STDOUT else Path(file) if name else folder / file))
    return found


def write_all(wanted: Sequence[Wanted], build: Build, changes: Sequence[Change]) -> Iterator[Path]:
    """Write the reports; the paths of those that are files. Raises EmitError."""
    for one in wanted:
        content = maker(one.kind)(build, changes)
        if one.path is not None:
            write(one.path, content)
            yield one.path
        else:
            stdout.write(content)
