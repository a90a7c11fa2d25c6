"""What a package keeps of one rule, and what the rules of a package need in common."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from backends.splunk.codes import T231, T235
from backends.splunk.deploy.place import Source
from backends.splunk.deploy.savedsearch import Saved
from backends.splunk.detection.table import Table
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics import Source as Text
from converter.model.metadata import Metadata
from converter.model.value import Macro
from converter.plan.credit import credit
from converter.target.artifact import Artifact

Value = TypeVar("Value")
_DIGEST = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One rule: what its file says beside the query, its stanzas, its sources and macros; `file` names it."""

    meta: Metadata
    saved: Saved
    sources: tuple[Source, ...]
    called: tuple[Macro, ...]
    file: str

    @property
    def macros(self) -> tuple[Macro, ...]:
        """Every macro that the searches call and the package has to define."""
        return (*(macro for source in self.sources for macro in source.macros), *self.called)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The lookups that the searches read."""
        return tuple(table for table, _ in self.saved.fillings)

    def said(self, diagnostic: Diagnostic) -> Diagnostic:
        """The finding, of this rule's file."""
        return replace(diagnostic, source=Text(self.file, ""))


class Parts:
    """The rules of one package. What there is to say of each is kept by its number."""

    def __init__(self, artifacts: Sequence[Artifact]) -> None:
        self._artifacts = artifacts
        self._found: dict[int, list[Diagnostic]] = {}
        self.all = [part for a in artifacts if isinstance(part := a.part, Part)]
        if len(self.all) != len(artifacts):
            raise TypeError("artifacts of another format cannot be put into this package")

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The artifacts with what was said of them."""
        return tuple(
            replace(one, diagnostics=(*one.diagnostics, *self._found[number])) if number in self._found else one
            for number, one in enumerate(self._artifacts)
        )

    def say(self, number: int, diagnostic: Diagnostic) -> None:
        """Keep a finding about a rule."""
        self._found.setdefault(number, []).append(self.all[number].said(diagnostic))

    def names(self, of: Callable[[Part], str], longest: int, others: Iterable[str] = ()) -> list[str]:
        """A name for each rule, a digest telling apart those that came to one, or to that of something else."""
        taken = {name.lower() for name in others}
        out = []
        for number, part in enumerate(self.all):
            name = of(part)
            if name.lower() in taken:
                own = hashlib.sha256(part.meta.identity.encode("utf-8", "replace")).hexdigest()[:_DIGEST]
                name = f"{name[: longest - _DIGEST - 1].rstrip()} {own}"
                self.say(
                    number, Diagnostic(T231, f"something else came to this name: it is called {name}", Severity.NOTE)
                )
            taken.add(name.lower())
            out.append(name)
        return out

    def macros(self) -> list[Macro]:
        """Every macro once, those that say where sources are first, then by name."""
        places = {macro.name for source in self.sources() for macro in source.macros}
        found = self._shared(lambda part: [(macro.name, macro) for macro in part.macros], "macro")
        return sorted(found, key=lambda macro: macro.name not in places)

    def tables(self) -> list[Table]:
        """Every lookup once, by name."""
        return self._shared(lambda part: [(table.name, table) for table in part.tables], "lookup")

    def sources(self) -> list[Source]:
        """Every source once, by its macro."""
        found = dict.fromkeys(source for part in self.all for source in part.sources)
        return sorted(found, key=lambda source: (source.macro, source.terms))

    def _shared(self, of: Callable[[Part], Iterable[tuple[str, Value]]], what: str) -> list[Value]:
        found: dict[str, Value] = {}
        for number, part in enumerate(self.all):
            for name, value in of(part):
                if found.setdefault(name, value) != value:
                    message = f"another rule or place of the package needs another {what} of the name {name}"
                    self.say(number, Diagnostic(T235, message, Severity.WARNING))
        return [found[name] for name in sorted(found)]


def licensed(parts: Iterable[Part]) -> bool:
    """Whether a rule among them is Elastic's."""
    return any(credit(part.meta).elastic for part in parts)
