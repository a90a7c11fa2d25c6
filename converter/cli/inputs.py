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
        return "<stdin>" if self.path is None else self.path.as_posix()


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
    for argument in named:
        found, problem = _found(argument)
        if problem is not None:
            problems.append(problem)
        for rule in found:
            key = STDIN if rule.path is None else os.path.realpath(rule.path)
            if key not in seen:
                seen.add(key)
                rules[rule] = None
    single = len(named) == 1 and (named[0] == STDIN or not Path(named[0]).is_dir())
    return Inputs(tuple(rules), tuple(problems), single)


def _found(argument: str) -> tuple[list[Input], Diagnostic | None]:
    if argument == STDIN:
        return [Input(None)], None
    path = Path(argument)
    source = Source(path.as_posix(), "")
    if path.is_dir():
        found = [Input(p, PurePosixPath(p.parent.relative_to(path).as_posix()), named=False) for p in _walk(path)]
        hint = "give a directory with rule files or an export (.toml, .ndjson, .json, .yml), at any depth"
        problem = Diagnostic(F020, "the directory has no rule files", source=source, hint=hint)
        return found, None if found else problem
    if not path.exists():
        hint = "give rule files, directories, or - for standard input"
        return [], Diagnostic(F001, "there is no such file or directory", source=source, hint=hint)
    return [Input(path)], None


def _walk(folder: Path) -> list[Path]:
    """The rule files below a folder by path; hidden folders are left out, links to folders are not followed."""
    found: list[Path] = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        found += [Path(root, f) for f in files if f.endswith(SUFFIXES) and not f.startswith(".")]
    return sorted(found)


def read_stdin() -> bytes:
    """All of stdin, up to one byte more than an export may have."""
    from converter.rulefile.decoding import LARGEST_EXPORT  # imported late: `--help` needs none of it

    return sys.stdin.buffer.read(LARGEST_EXPORT + 1)
