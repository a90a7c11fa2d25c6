"""What a run of `convert` was asked for: the command line, and where it is silent the settings, and then defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from converter.cli.console import Verbosity
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.target.bundle import Bundle, Package
from converter.target.codes import T001
from converter.target.naming import Naming
from converter.target.options import Wishes

if TYPE_CHECKING:
    from converter.target.contract import Target


@dataclass(frozen=True, slots=True)
class Given:
    """The command line: `words` and `flags` by their option's name without dashes, without those not given."""

    to: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    mapping: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    output: str | None = None
    check: bool = False
    diff: bool = False
    report: str | None = None
    jobs: int = 0
    config: str | None = None
    verbosity: Verbosity = Verbosity.NORMAL
    cache: bool = True


class Named(Protocol):
    """A target as far as its artifacts are put somewhere."""

    @property
    def name(self) -> str:
        """What reports and messages call it."""

    @property
    def heading(self) -> str:
        """The line before each of several artifacts on stdout."""

    @property
    def bundles(self) -> Mapping[str, Bundle]:
        """Its formats that are one folder."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What is done. `formats` is by target."""

    targets: tuple[Target, ...]
    output: str | None = None
    fields: str | None = None
    unmapped: str = "refuse"
    source: str | None = None
    mapping: tuple[str, ...] = ()
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    naming: Naming = field(default_factory=Naming)
    all_sources: bool = False
    strict: bool = False
    strict_schema: bool = False
    verify: bool = False
    check: bool = False
    diff: bool = False
    report: str | None = None
    jobs: int = 0
    verbosity: Verbosity = Verbosity.NORMAL
    package: Package = field(default_factory=Package)

    def form(self, target: Named) -> str:
        """The format of a target of which one was asked for; "" = its own."""
        return next(iter(self.formats.get(target.name, ())), "")

    def bundle(self, target: Named) -> Bundle | None:
        """What puts the target's artifacts together, None for a format of one file a rule."""
        return target.bundles.get(self.form(target))


def resolve(given: Given) -> Choices:
    """The choices of a run. Raises ConverterError for what does not exist."""
    from converter.cli.settings import formats, load  # reads TOML

    settings = load(given.config, Path.cwd())
    chosen = targets(given.to or settings.targets)
    words = {**settings.words, **given.words}
    flags = {**settings.flags, **given.flags}
    mapping = given.mapping or tuple(path.as_posix() for path in settings.mapping)
    return Choices(
        targets=chosen,
        output=given.output,
        fields=words.get("fields"),
        unmapped=words.get("unmapped", "refuse"),
        source=words.get("source"),
        mapping=mapping,
        formats=formats(given.formats, settings, tuple(t.name for t in chosen)),
        wishes=_wishes(words, flags),
        naming=Naming(settings.indexes, settings.macros),
        all_sources=flags.get("all-sources", False),
        strict=flags.get("strict", False),
        strict_schema=flags.get("strict-schema", False),
        verify=flags.get("verify", False),
        check=given.check,
        diff=given.diff,
        report=given.report,
        jobs=given.jobs,
        verbosity=given.verbosity,
        package=Package(**settings.package),
    )


def _wishes(words: Mapping[str, str], flags: Mapping[str, bool]) -> Wishes:
    return Wishes(
        new_terms=words.get("new-terms", "search"),
        facts=words.get("facts", "declared"),
        bare=flags.get("bare", False),
        args=words.get("args", "exact"),
        case=words.get("sigma-case", "insensitive"),
        inline_macros=flags.get("inline-macros", False),
        tstats=flags.get("tstats", False),
    )


def targets(named: tuple[str, ...]) -> tuple[Target, ...]:
    """The targets asked for, each once; every one that is unknown is told."""
    from converter.target import registry  # imports targets

    if not named:
        known = ", ".join(registry.names())
        raise EmitError(Diagnostic(T001, "no target is named", hint=f"add --to TARGET (one of {known}) or --to all"))
    names = [n for part in named for n in part.split(",") if n]
    wanted = dict.fromkeys(n for name in names for n in (registry.names() if name == "all" else (name,)))
    found: list[Target] = []
    problems: list[Diagnostic] = []
    for name in wanted:
        try:
            found.append(registry.load(name))
        except EmitError as error:
            problems += error.diagnostics
    if problems:
        raise EmitError(problems)
    return tuple({t.name: t for t in found}.values())
