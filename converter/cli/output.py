"""Where artifacts go: stdout, one file, or a tree of files that mirrors the input. Files are written atomically."""

from __future__ import annotations

import os
import sys
from dataclasses import field
from pathlib import Path

from converter.cli.inputs import Input, Inputs
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F021, F022, F023, F024
from converter.target.artifact import Artifact
from converter.target.contract import Target

LICENCES = Path(__file__).parent.parent / "licences"
"""Elastic's licence and notice, which travel with every artifact made from one of Elastic's rules."""


def write(path: Path, text: str) -> None:
    """Replace a file in one step, so that nobody ever reads half of it. Raises EmitError."""
    data = text.encode("utf-8")
    name = os.fspath(path)
    temporary = os.path.join(os.path.dirname(name), f".{path.name[:100]}.{os.getpid()}.tmp")  # noqa: PTH118, PTH120 - hot
    try:
        if not path.is_file() and path.exists() and not path.is_dir():
            path.write_bytes(data)  # a device or pipe, never to be replaced
            return
        try:
            handle = os.open(temporary, _NEW, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(temporary, _NEW, 0o666)
        try:
            with open(handle, "wb") as stream:  # noqa: PTH123 - a handle, not a path
                stream.write(data)
            os.replace(temporary, name)  # noqa: PTH105 - hot
        except OSError:
            os.unlink(temporary)  # noqa: PTH108 - see above
            raise
    except OSError as error:
        message = f"cannot be written: {(error.strerror or 'unknown reason').lower()}"
        raise EmitError(Diagnostic(F022, message, source=Source(path.as_posix(), ""))) from error


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an artifact's place; `stale`: the file there is not what conversion gives."""

    diagnostic: Diagnostic
    stale: bool = False


@dataclass(slots=True)
class Output:
    """The destination of one run. `file` or `folder` is set, or neither for stdout; `dry` writes nothing."""

    file: Path | None = None
    folder: Path | None = None
    dry: bool = False
    headings: bool = False
    written: dict[Path, str] = field(default_factory=dict)
    changed: list[Path] = field(default_factory=list)
    elastic: bool = False

    def path(self, rule: Input, artifact: Artifact) -> Path | None:
        """The file an artifact is written to; None for stdout."""
        if self.file is not None:
            return self.file
        if self.folder is None:
            return None
        return self.folder.joinpath(*rule.folder.parts, artifact.filename)

    def put(self, rule: Input, artifact: Artifact, target: Target, licence: str) -> Problem | None:
        """Write or compare one artifact; what is wrong with the place is returned. Raises EmitError."""
        path = self.path(rule, artifact)
        if path is None:
            self._print(rule, artifact, target)
            return None
        if path in self.written:
            message = f"{self.written[path]} and this rule would be written to the same file"
            hint = "convert the directory they are in: -o mirrors it"
            return Problem(Diagnostic(F023, message, source=Source(rule.name, ""), hint=hint))
        self.written[path] = rule.name
        self.elastic = self.elastic or licence.lower().startswith("elastic")
        if self.dry:
            return self._compare(path, artifact.text)
        write(path, artifact.text)
        return None

    def _print(self, rule: Input, artifact: Artifact, target: Target) -> None:
        if self.dry:
            return
        text = artifact.text
        if self.headings:
            name = f"{rule.name} ({artifact.target})"
            # The name becomes part of a comment in the target's language: it must not be able to end it.
            safe = "".join(c if c.isalnum() or c in " ._-/()<>" else "_" for c in name)
            text = f"{target.heading.format(safe)}\n{text}"
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))  # the same bytes whatever the locale
        sys.stdout.buffer.flush()

    def _compare(self, path: Path, text: str) -> Problem | None:
        try:
            old: str | None = path.read_bytes().decode("utf-8", "replace")
        except OSError:
            old = None
        if old == text:
            return None
        self.changed.append(path)
        what = "is missing" if old is None else "differs from what conversion gives"
        return Problem(Diagnostic(F024, f"the artifact {what}", source=Source(path.as_posix(), "")), stale=True)

    def difference(self, path: Path, text: str) -> str:
        """A unified diff from the file to the text."""
        import difflib  # only --diff needs it

        old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        lines = difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), path.as_posix(), f"{path.as_posix()} (new)"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ no newline at end of file\n" for line in lines)

    def finish(self) -> None:
        """Put Elastic's licence beside the artifacts of Elastic's rules."""
        if self.folder is not None and self.elastic and not self.dry:
            for licence in sorted(LICENCES.glob("*.txt")):
                write(self.folder / licence.name, licence.read_text(encoding="utf-8"))


def choose(argument: str | None, inputs: Inputs, targets: int, *, dry: bool, formatted: bool) -> Output:
    """The destination that `-o` means. Raises EmitError.

    A single rule file for a single target may go to a file: one that exists, or a name with a suffix that is no
    directory. Everything else goes to a directory.
    """
    several = len(inputs.rules) > 1 or targets > 1
    if argument is None or argument == "-":
        if several and formatted and not dry:
            message = "several artifacts in a format other than the target's own cannot share stdout"
            raise EmitError(Diagnostic(F021, message, hint="add -o DIR"))
        return Output(dry=dry, headings=several)
    path = Path(argument)
    is_file = not path.is_dir() and (path.exists() or (path.suffix != "" and not argument.endswith(("/", os.sep))))
    if inputs.single and targets == 1 and is_file:
        return Output(file=path, dry=dry)
    if path.exists() and not path.is_dir():
        hint = "give -o a directory; one rule for one target may go to a file"
        message = "several artifacts cannot be written to one file"
        raise EmitError(Diagnostic(F021, message, source=Source(path.as_posix(), ""), hint=hint))
    return Output(folder=path, dry=dry)
