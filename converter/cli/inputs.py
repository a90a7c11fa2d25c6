"""Which files the arguments name: files, directories to walk, and `-` for stdin. What they hold is read later."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.rulefile.codes import F001, F020

STDIN = "-"
SETTINGS = "siemglot.toml"
SUFFIXES = (".toml", ".ndjson", ".json", ".yml", ".yaml")
"""Endings of files that may hold rules. What a file holds is told by its content."""
_TOP = PurePosixPath()


@dataclass(frozen=True, slots=True)
class Input:
    """A file that may hold rules: its path (None = stdin), and the folder that artifacts go to below the output.

    `named`: the user named this very file; one found in a directory may hold something else.
    """

    path: Path | None
    folder: PurePosixPath = _TOP
    named: bool = True

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.path is None:
            return "<stdin>"
        return str(self.path) if os.sep == "/" else self.path.as_posix()  # the same, without a copy


@dataclass(frozen=True, slots=True)
class Inputs:
    """The rules found, what was wrong with the arguments, and whether one file alone was named."""

    rules: tuple[Input, ...]
    problems: tuple[Diagnostic, ...]
    single: bool


def collect(arguments: Iterable[str]) -> Inputs:
    """The rules that the arguments name, in a stable order, each once."""
    rules: dict[Input, None] = {}
    problems: list[Diagnostic] = []
    named = list(arguments)
    seen: set[str] = set()
    folders: dict[str, str] = {}
    for argument in named:
        found, slips = _found(argument)
        problems += slips
        for rule in found:
            key = STDIN if rule.path is None else real(rule.path, folders)
            if key not in seen:
                seen.add(key)
                rules[rule] = None
    single = len(named) == 1 and (named[0] == STDIN or not Path(named[0]).is_dir())
    return Inputs(tuple(rules), tuple(problems), single)


def real(path: Path, folders: dict[str, str]) -> str:
    """The place of a file without links; `folders` keeps those of folders, in each of which may be many files."""
    if os.path.islink(path):  # noqa: PTH114 - hot
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)  # noqa: PTH118 - hot


def _found(argument: str) -> tuple[list[Input], list[Diagnostic]]:
    if argument == STDIN:
        return [Input(None)], []
    path = Path(argument)
    source = Source(path.as_posix(), "")
    if path.is_dir():
        files, problems = _walk(path)
        found = [Input(p, PurePosixPath(p.parent.relative_to(path).as_posix()), named=False) for p in files]
        if not found and not problems:
            hint = "give a directory with rule files or an export (.toml, .ndjson, .json, .yml), at any depth"
            problems.append(Diagnostic(F020, "the directory has no rule files", source=source, hint=hint))
        return found, problems
    if not path.exists():
        hint = "give rule files, directories, or - for standard input"
        return [], [Diagnostic(F001, "there is no such file or directory", source=source, hint=hint)]
    return [Input(path)], []


def _walk(folder: Path) -> tuple[list[Path], list[Diagnostic]]:
    """The rule files below a folder by path, and the folders that cannot be read.

    Hidden folders are left out, links to folders are not followed.
    """
    found: list[Path] = []
    problems: list[Diagnostic] = []

    def unread(error: OSError) -> None:
        name = Path(os.fsdecode(error.filename or folder)).as_posix()
        message = f"the directory cannot be read: {(error.strerror or 'unknown reason').lower()}"
        problems.append(Diagnostic(F001, message, source=Source(name, "")))

    for root, folders, files in os.walk(folder, onerror=unread):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        found += [Path(root, f) for f in files if f.endswith(SUFFIXES) and not f.startswith(".") and f != SETTINGS]
    return sorted(found), problems


def read_stdin() -> bytes:
    """All of stdin, up to one byte more than an export may have. Raises RuleFileError where it is closed."""
    # imported late: `--help` needs none of it
    from converter.diagnostics.errors import RuleFileError
    from converter.rulefile.decoding import LARGEST_EXPORT

    if sys.stdin is None:  # closed by who called us
        raise RuleFileError(Diagnostic(F001, "standard input is closed", source=Source("<stdin>", "")))
    return sys.stdin.buffer.read(LARGEST_EXPORT + 1)
