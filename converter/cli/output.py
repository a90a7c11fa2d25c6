"""Where artifacts go: stdout, one file, or a tree of files that mirrors the input. Files are written atomically."""

from __future__ import annotations

import os
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from converter.build.files import LICENCES, one_name, write
from converter.cli import stdout
from converter.cli.inputs import Input, Inputs, real
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F021, F023, F024
from converter.target.artifact import Artifact, File

if TYPE_CHECKING:
    from converter.cli.choices import Named


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
    written: dict[str, str] = field(default_factory=dict)
    changed: list[Path] = field(default_factory=list)
    elastic: bool = False
    inputs: frozenset[str] = frozenset()
    """The files that are read, which nothing may be written over."""
    folders: dict[str, str] = field(default_factory=dict)
    """The folders that are written to without links, by their names."""

    def path(self, rule: Input, artifact: Artifact) -> Path | None:
        """The file an artifact is written to; None for stdout."""
        if self.file is not None:
            return self.file
        if self.folder is None:
            return None
        return self.folder.joinpath(*rule.folder.parts, artifact.filename)

    def put(self, rule: Input, artifact: Artifact, target: Named, licence: str) -> Problem | None:
        """Write or compare one artifact; what is wrong with the place is returned. Raises EmitError."""
        path = self.path(rule, artifact)
        if path is None:
            self._print(rule, artifact, target)
            return None
        if self.is_input(path):
            message = f"the artifact would be written over {path.as_posix()}, which is read"
            return Problem(Diagnostic(F023, message, source=Source(rule.name, ""), hint="give -o another place"))
        if one_name(path.as_posix()) in self.written:
            message = f"{self.written[one_name(path.as_posix())]} and this rule would be written to the same file"
            hint = "convert the directory they are in: -o mirrors it"
            return Problem(Diagnostic(F023, message, source=Source(rule.name, ""), hint=hint))
        self.licensed(licence)
        return self._place(path, artifact.text.encode("utf-8"), rule.name)

    def put_file(self, file: File, name: str, folder: Path) -> Problem | None:
        """Write or compare one file below a folder, `name` being whose it is. Raises EmitError."""
        path = folder.joinpath(*PurePosixPath(file.path).parts)
        other = self.written.get(one_name(path.as_posix()))
        if other is not None or self.is_input(path):
            message = f"{other or 'a file that is read'} and {name} would be written to the same file"
            return Problem(Diagnostic(F023, message, source=Source(path.as_posix(), "")))
        return self._place(path, file.data, name)

    def is_written(self, path: Path) -> bool:
        """Whether something was written to a place, or to one that some file system takes for it."""
        return one_name(path.as_posix()) in self.written

    def is_input(self, path: Path) -> bool:
        """Whether a place is that of a file that is read."""
        return bool(self.inputs) and real(path, self.folders) in self.inputs

    def licensed(self, licence: str) -> None:
        """Remember that an artifact stands under this licence."""
        self.elastic = self.elastic or licence.lower().startswith("elastic")

    def _place(self, path: Path, data: bytes, name: str) -> Problem | None:
        if self.dry:
            self.written[one_name(path.as_posix())] = name
            return self._compare(path, data)
        write(path, data)
        self.written[one_name(path.as_posix())] = name
        return None

    def _print(self, rule: Input, artifact: Artifact, target: Named) -> None:
        if self.dry:
            return
        text = artifact.text
        if self.headings:
            name = f"{rule.name} ({artifact.target})"
            # The name becomes part of a comment in the target's language: it must not be able to end it.
            safe = "".join(c if c.isalnum() or c in " ._-/()<>" else "_" for c in name)
            text = f"{target.heading.format(safe)}\n{text}"
        stdout.write(text)

    def _compare(self, path: Path, data: bytes) -> Problem | None:
        try:
            old: bytes | None = path.read_bytes()
        except OSError:
            old = None
        if old == data:
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


def choose(
    argument: str | None, inputs: Inputs, targets: int, *, dry: bool, formatted: bool, bundled: str = ""
) -> Output:
    """The destination that `-o` means. Raises EmitError.

    A single rule file for a single target may go to a file: one that exists, or a name with a suffix that is no
    directory. Everything else goes to a directory. `bundled` names a format that is a folder, whatever is converted.
    """
    several = len(inputs.rules) > 1 or targets > 1
    if bundled and (argument is None or argument == "-"):
        raise EmitError(Diagnostic(F021, f"the format {bundled} is a folder of files", hint="add -o DIR"))
    if argument is None or argument == "-":
        if several and formatted and not dry:
            message = "several artifacts in a format other than the target's own cannot share stdout"
            raise EmitError(Diagnostic(F021, message, hint="add -o DIR"))
        return Output(dry=dry, headings=several)
    path = Path(argument)
    folders: dict[str, str] = {}
    read = frozenset(real(rule.path, folders) for rule in inputs.rules if rule.path is not None)
    is_file = not path.is_dir() and (path.exists() or (path.suffix != "" and not argument.endswith(("/", os.sep))))
    if inputs.single and targets == 1 and is_file and not bundled:
        if os.path.realpath(path) in read:
            hint = "give -o another file, or a directory"
            raise EmitError(Diagnostic(F021, "the rule would be overwritten", source=Source(argument, ""), hint=hint))
        return Output(file=path, dry=dry, inputs=read)
    if path.exists() and not path.is_dir():
        hint = "give -o a directory; one rule for one target may go to a file"
        message = "several artifacts cannot be written to one file"
        raise EmitError(Diagnostic(F021, message, source=Source(path.as_posix(), ""), hint=hint))
    return Output(folder=path, dry=dry, inputs=read)
