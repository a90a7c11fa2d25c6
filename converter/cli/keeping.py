"""The cache of `convert`: what was asked for, known again without its tables, and what became of each rule."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cache.codec import DIAGNOSTICS, Codec, Kind
from converter.cache.key import key
from converter.cache.place import folder
from converter.cache.program import identity
from converter.cache.shelf import Shelf
from converter.cache.store import Store
from converter.cli.choices import Choices, Given
from converter.cli.converted import Converted, Part
from converter.cli.exit import Exit
from converter.cli.nearest import settings_file
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.target.artifact import Artifact, File

if TYPE_CHECKING:
    from converter.cli.inputs import Input
    from converter.target.bundle import Bundle
    from converter.target.contract import Target

KINDS = (*DIAGNOSTICS, Kind(File), Kind(Artifact), Kind(Part, {"exit": Exit}), Kind(Converted, {"exit": Exit}))
"""The classes of what became of a rule."""


@dataclass(frozen=True, slots=True)
class Label:
    """A target as far as its artifacts are put somewhere: its name, and the line before each of several on stdout."""

    name: str
    heading: str
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    """None of those that are known so."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was asked for, understood by an earlier run.

    `mapping`: files with tables, each with the hash of its bytes; `said` is what their tables have to say.
    """

    targets: tuple[tuple[str, str], ...]
    formatted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mapping: tuple[tuple[str, str], ...] = ()
    said: tuple[Diagnostic, ...] = ()
    all_sources: bool = False
    strict: bool = False
    strict_schema: bool = False

    def choices(self, given: Given) -> Choices:
        """The choices of a run that converts nothing itself."""
        return Choices(
            targets=(),
            output=given.output,
            formats=dict(self.formatted),
            all_sources=self.all_sources,
            strict=self.strict,
            strict_schema=self.strict_schema,
            check=given.check,
            diff=given.diff,
            jobs=given.jobs,
            verbosity=given.verbosity,
        )

    @property
    def labels(self) -> tuple[Label, ...]:
        """The targets."""
        return tuple(Label(*one) for one in self.targets)


CHOICES = Codec((*DIAGNOSTICS, Kind(Known)))
_NAME = "<choices>"
_NOTHING = Source("", "")


class Keeper:
    """The entries of a run of `convert`. `asked`: the hash of the program and of all that was asked for."""

    def __init__(self, root: Path, asked: str) -> None:
        self._store = Store(root, asked)
        self._asked = asked
        self.known = self._recalled()
        self.shelf = self._shelf(self.known.mapping) if self.known is not None else None

    def _recalled(self) -> Known | None:
        """What was understood by an earlier run, if the files that it read are as they were."""
        found = Shelf(self._store, self._asked, ()).value(key((self._asked, _NAME)), CHOICES, _NOTHING)
        if not isinstance(found, Known) or _digests(name for name, _ in found.mapping) != found.mapping:
            return None
        return found

    def _shelf(self, mapping: Sequence[tuple[str, str]]) -> Shelf:
        return Shelf(self._store, key((self._asked, *(word for one in mapping for word in one))), KINDS)

    def learn(self, choices: Choices, said: Iterable[Diagnostic]) -> None:
        """Keep what was asked for, now that it is known to exist.

        A target that is not the program's own keeps nothing, nor does a bundle, which is made of more than its rules'
        artifacts.
        """
        mapping = _digests(choices.mapping)
        if mapping is None or not all(_is_own(target, choices) for target in choices.targets):
            return
        self.shelf = self._shelf(mapping)
        self.known = Known(
            tuple((target.name, target.heading) for target in choices.targets),
            tuple(choices.formats.items()),
            mapping,
            tuple(said),
            choices.all_sources,
            choices.strict,
            choices.strict_schema,
        )
        whole = Shelf(self._store, self._asked, ())
        whole.put(key((self._asked, _NAME)), CHOICES.written(self.known, _NOTHING))

    def close(self) -> None:
        """Write what is new."""
        self._store.close()


def _is_own(target: Target, choices: Choices) -> bool:
    from converter.target.registry import builtin_names  # the targets come with it

    return target.name in builtin_names() and choices.bundle(target) is None


def _digests(mapping: Iterable[str]) -> tuple[tuple[str, str], ...] | None:
    """Files with the hashes of their bytes; None where one cannot be read."""
    try:
        return tuple((name, key((Path(name).read_bytes(),))) for name in mapping)
    except (OSError, ValueError):
        return None


def opened(given: Given, inputs: Sequence[Input]) -> Keeper | None:
    """The cache of a run; None for one that does without: the user says so, or needs what is not kept."""
    if not given.cache or given.report is not None or given.flags.get("verify"):
        return None
    if any(one.path is None for one in inputs):
        return None
    root = folder(os.environ)
    if root is None:
        return None
    place = settings_file(given.config, Path.cwd())
    try:
        settings = ("", b"") if place is None else (place.as_posix(), place.read_bytes())
    except (OSError, ValueError):
        return None
    program = identity(root)
    return Keeper(root, key((program, "convert", *_words(given), *settings))) if program is not None else None


def _words(given: Given) -> tuple[str, ...]:
    """Everything on the command line that decides what becomes of a rule."""
    lists = (given.to, given.formats, given.mapping)
    return (*map(repr, lists), repr(sorted(given.words.items())), repr(sorted(given.flags.items())))
