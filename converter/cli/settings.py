"""What a project has written down once: `siemglot.toml`, found in the working directory or the nearest one above it.

The command line wins over it. Paths in it count from the file's own directory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from converter.build.record import FILTERS
from converter.cli.nearest import settings_file
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import RuleFileError
from converter.rulefile import read_bounded, tomltext
from converter.rulefile.codes import F041
from converter.rulefile.table import Findings, Table
from converter.target.codes import T003, T008

WORDS: Mapping[str, tuple[str, ...]] = {
    "fields": (),  # each target has its own
    "unmapped": ("refuse", "keep", "drop"),
    "source": (),
    "facts": ("declared", "strict"),
    "args": ("exact", "words"),
    "sigma-case": ("insensitive", "exact"),
    "new-terms": ("search", "lookup"),
}
"""The settings with one word, and those words where they are the same for all targets."""

PACKAGE = ("name", "title", "version", "author")
FAIL_ON = ("never", "broken", "worse", "refused", "approximate")
"""What makes a build fail: each word has those before it. `worse` is worse than at the last build."""
FLAGS = ("bare", "inline-macros", "tstats", "all-sources", "strict")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a project; what it does not say is not there. `index` and `macros`: names of its own.

    `package` has keys of `PACKAGE`: what an app or a content pack calls itself. For builds: `rules` and `output` are
    paths, `filter` has words by the names of `plan.FILTERS`.
    """

    path: Path | None = None
    targets: tuple[str, ...] = ()
    mapping: tuple[Path, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)
    package: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Path, ...] = ()
    output: Path | None = None
    fail_on: str = ""
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load(named: str | None, start: Path) -> Settings:
    """The settings in the file `named`, or in the nearest one at or above `start`. Raises RuleFileError."""
    place = settings_file(named, start)
    if place is None:
        return Settings()
    found = read(place)
    if named is None:
        _no_code(found)
    return found


def _no_code(settings: Settings) -> None:
    """Settings that nobody named run no code. Raises RuleFileError."""
    named = [target for target in settings.targets if target.endswith(".py")]
    if named and settings.path is not None:
        message = f"the settings name the Python file {named[0]}, which would be run"
        source = Source(settings.path.as_posix(), "")
        raise RuleFileError(Diagnostic(T008, message, source=source, hint=f"--to {named[0]} if you trust it"))


def read(path: Path) -> Settings:
    """The settings in a file; every mistake in it is an error at its place. Raises RuleFileError."""
    source = Source(path.as_posix(), read_bounded(path).replace("\r\n", "\n"))
    findings = Findings(source)
    table = Table(tomltext.document(source), (), findings)
    settings = Settings(
        path,
        table.texts("targets", single=True),
        tuple(path.parent / name for name in table.texts("mapping", single=True)),
        {name: word for name, known in WORDS.items() if (word := table.text(name, choices=known))},
        {name: value for name in FLAGS if (value := table.boolean(name)) is not None},
        _formats(table),
        _names(table, "index"),
        _names(table, "macros"),
        _names(table, "package"),
        tuple(_here(path, name) for name in table.texts("rules", single=True)),
        _here(path, output) if (output := table.text("output")) else None,
        table.text("fail-on", choices=FAIL_ON),
        _filter(table),
    )
    _close(table)
    if findings.errors:
        raise RuleFileError(findings.errors)
    return settings


def _names(parent: Table, key: str) -> dict[str, str]:
    """A table of names, as `[macros]` is."""
    table = parent.table(key)
    return {name: text for name in table.names() if (text := table.text(name))} if table is not None else {}


def _formats(parent: Table) -> dict[str, tuple[str, ...]]:
    """A target's format, or a list of them."""
    table = parent.table("formats")
    if table is None:
        return {}
    return {name: tuple(dict.fromkeys(forms)) for name in table.names() if (forms := table.texts(name, single=True))}


def _here(path: Path, name: str) -> Path:
    """A path that counts from the settings' folder, as one from the working directory: locks and messages name it."""
    try:
        return Path(os.path.relpath(path.parent / name))
    except ValueError:  # another drive
        return path.parent / name


def _filter(parent: Table) -> dict[str, tuple[str, ...]]:
    table = parent.table("filter")
    if table is None:
        return {}
    return {name: words for name in FILTERS if (words := table.texts(name, single=True))}


def _close(table: Table) -> None:
    """An error for every key that no setting has."""
    import difflib  # only for a mistake

    tables = {"formats": None, "index": None, "macros": None, "package": PACKAGE, "filter": FILTERS}
    known = ("targets", "mapping", *WORDS, *FLAGS, "rules", "output", "fail-on", *tables)
    own = [
        ((name, key), names)
        for name, names in tables.items()
        if names is not None and (inner := table.table(name)) is not None
        for key in inner.names()
    ]
    for path, names in (*(((key,), known) for key in table.names()), *own):
        if path[-1] not in names:
            near = difflib.get_close_matches(path[-1], names, 1)
            hint = f"did you mean {near[0]}?" if near else f"settings: {', '.join(names)}"
            table.findings.say(F041, f"{'.'.join(path)} is no setting", path, hint=hint)


def formats(arguments: tuple[str, ...], settings: Settings, targets: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each target's formats: `splunk=app,splunk=contentctl,sentinel=yaml`, or names for all targets.

    The command line takes the place of what the settings say of a target. Raises RuleFileError.
    """
    found = {name: forms for name, forms in settings.formats.items() if name in targets}
    given: dict[str, dict[str, None]] = {}
    for argument in (one for text in arguments for one in text.split(",") if one):
        name, equals, form = argument.partition("=")
        if equals and name not in targets:
            message = f"{argument!r} names a format of {name}, which is not among the targets"
            raise RuleFileError(Diagnostic(T003, message, hint=f"targets: {', '.join(targets)}"))
        for target in [name] if equals else targets:
            given.setdefault(target, {})[form if equals else name] = None
    return found | {name: tuple(forms) for name, forms in given.items()}
