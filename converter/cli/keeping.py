"""The cache of `convert`: what was asked for, known again without its tables, and what became of each rule."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from converter.cache import given as given_files
from converter.cache.codec import DIAGNOSTICS, Codec, Kind
from converter.cache.given import Digests
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


Settings: TypeAlias = tuple[str, bytes]
"""The name of a settings file, "" for none, and what it holds."""
CHOICES = Codec((*DIAGNOSTICS, Kind(Known)))
_NAME = "<choices>"
_NOTHING = Source("", "")


class Keeper:
    """The entries of a run of `convert`.

    `asked`: the hash of the program and of all that was asked for; `settings`: what of it stands in a file.
    """

    def __init__(self, root: Path, asked: str, config: str | None, settings: Settings) -> None:
        self._store = Store(root, asked, self._sure)
        self._asked = asked
        self._config, self._settings = config, settings
        self.known = self._recalled()
        self.shelf = self._shelf(self.known.mapping) if self.known is not None else None

    def _sure(self) -> bool:
        """Whether the files that decide are still as they were: a run reads them again when it converts."""
        mapping = self.known.mapping if self.known is not None else ()
        return _settings(self._config) == self._settings and given_files.are(mapping)

    def _recalled(self) -> Known | None:
        """What was understood by an earlier run, if the files that it read are as they were."""
        found = Shelf(self._store, self._asked, ()).value(key((self._asked, _NAME)), CHOICES, _NOTHING)
        return found if isinstance(found, Known) and given_files.are(found.mapping) else None

    def _shelf(self, mapping: Digests) -> Shelf:
        return Shelf(self._store, key((self._asked, *(word for one in mapping for word in one))), KINDS)

    def learn(self, choices: Choices, mapping: Digests | None, said: Iterable[Diagnostic]) -> None:
        """Keep what was asked for, now that it is known to exist; `mapping`: its files as they were before that.

        A target that is not the program's own keeps nothing, nor does a bundle, which is made of more than its rules'
        artifacts.
        """
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


def opened(given: Given, inputs: Sequence[Input]) -> Keeper | None:
    """The cache of a run; None for one that does without: the user says so, or needs what is not kept."""
    if not given.cache or given.report is not None or given.flags.get("verify"):
        return None
    if any(one.path is None for one in inputs):
        return None
    root = folder(os.environ)
    if root is None:
        return None
    settings, program = _settings(given.config), identity(root)
    if settings is None or program is None:
        return None
    return Keeper(root, key((program, "convert", *_words(given), *settings)), given.config, settings)


def _settings(config: str | None) -> Settings | None:
    """The settings of a run; None where they cannot be read."""
    place = settings_file(config, Path.cwd())
    if place is None:
        return "", b""
    held = given_files.held(place)
    return (place.as_posix(), held) if held is not None else None


def _words(given: Given) -> tuple[str, ...]:
    """Everything on the command line that decides what becomes of a rule."""
    lists = (given.to, given.formats, given.mapping)
    return (*map(repr, lists), repr(sorted(given.words.items())), repr(sorted(given.flags.items())))
