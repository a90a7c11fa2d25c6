"""What `build`, `status` and `diff` are asked for: the command line, then siemglot.toml, then defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cli.choices import Given, resolve
from converter.cli.console import Console, Verbosity
from converter.cli.inputs import collect
from converter.cli.reading import read_all
from converter.cli.settings import Settings, load
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F020, F021

if TYPE_CHECKING:
    from converter.build.lock import Lock
    from converter.build.plan import Plan
    from converter.build.work import Item
    from converter.cache.shelf import Shelf
    from converter.cli.reading import Entry

OUTPUT = "out"


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line of a command that is about a whole build."""

    given: Given
    paths: tuple[str, ...] = ()
    output: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    check: bool = False
    jobs: int = 0

    @property
    def verbosity(self) -> Verbosity:
        """How much is said."""
        return self.given.verbosity


@dataclass(frozen=True, slots=True)
class Resolved:
    """The same with the settings and defaults: rules, output folder, plan. `single_out`: the settings."""

    settings: Settings
    paths: tuple[str, ...]
    folder: Path
    plan: Plan


def asked(
    paths: Sequence[str] | None,
    to: Sequence[str] | None,
    output: str | None,
    formats: Sequence[str] | None,
    config: str | None,
    mapping: Sequence[str] | None = None,
    *,
    quiet: bool = False,
    verbose: bool = False,
    check: bool = False,
    jobs: int = 0,
    words: Mapping[str, str | None] | None = None,
    flags: Mapping[str, bool | None] | None = None,
    cache: bool = True,
    filters: Mapping[str, Sequence[str] | None] | None = None,
) -> Asked:
    """The command line as values; what was not given is not there."""
    given = Given(
        to=tuple(to or ()),
        formats=tuple(formats or ()),
        mapping=tuple(mapping or ()),
        words={name: word for name, word in (words or {}).items() if word is not None},
        flags={name: flag for name, flag in (flags or {}).items() if flag is not None},
        config=config,
        verbosity=Verbosity.QUIET if quiet else Verbosity.VERBOSE if verbose else Verbosity.NORMAL,
        cache=cache,
    )
    chosen = {name: tuple(found) for name, found in (filters or {}).items() if found}
    return Asked(given, tuple(paths or ()), output, chosen, check, jobs)


def resolved(one: Asked, *, targets: bool = True) -> Resolved:
    """The plan that is meant. `targets`: some must be named. Raises ConverterError for what does not exist."""
    from converter.api import catalogue, check_choices  # imports the stages
    from converter.build.plan import Filter, Plan, products

    settings = load(one.given.config, Path.cwd())
    paths = one.paths or tuple(path.as_posix() for path in settings.rules)
    if not paths:
        hint = 'name rule files or directories, or write rules = ["rules"] into siemglot.toml'
        raise EmitError(Diagnostic(F020, "no rules are named", hint=hint))
    folder = Path(one.output) if one.output else settings.output or Path(OUTPUT)
    if folder.exists() and not folder.is_dir():
        hint = "a build goes to a directory"
        raise EmitError(Diagnostic(F021, f"{folder.as_posix()} is no directory", hint=hint))
    filters = Filter({**settings.filter, **one.filters})
    if not targets and not (one.given.to or settings.targets):
        return Resolved(settings, paths, folder, Plan((), catalogue(one.given.mapping), filter=filters))
    choices = resolve(one.given)
    wanted = products(choices.targets, choices.formats)
    for one_of in wanted:
        check_choices(one_of.target, choices.fields, choices.unmapped, one_of.form, choices.wishes)
    plan = Plan(
        wanted,
        catalogue(choices.mapping),
        choices.fields,
        choices.unmapped,
        choices.source,
        tuple(map(Path, choices.mapping)),
        choices.wishes,
        choices.naming,
        choices.package,
        choices.all_sources,
        filters,
    )
    return Resolved(settings, paths, folder, plan)


def items(
    paths: Sequence[str], console: Console, folder: Path, before: Lock | None, shelf: Shelf | None = None
) -> tuple[list[Item], bool]:
    """The rules that the paths hold, and whether something is wrong with the paths themselves.

    What the last build wrote into `folder` is no rule, even if the folder lies among the rules.
    """
    from converter.cli.reporting import FILES

    inputs = collect(paths)
    console.tell_all(inputs.problems)
    own = {(folder / path).resolve() for path in (*(before.files if before is not None else ()), *FILES.values())}
    rules = [one for one in inputs.rules if one.named or one.path is None or one.path.resolve() not in own]
    reading = read_all(rules, console, shelf=shelf)
    console.tell_all(reading.advice)
    if beside := reading.summary():
        console.line(f"beside rules: {beside}")
    return list(map(_item, reading.entries)), bool(inputs.problems)


def _item(entry: Entry) -> Item:
    from converter.build.record import Built
    from converter.build.work import Item  # as above

    kept = entry.kept.result if entry.kept is not None else None
    built = kept if isinstance(kept, Built) else None
    one = entry.input
    return Item(one.name, one.folder, entry.text, tuple(entry.problems), entry.fault, built, entry.head, entry.key)
