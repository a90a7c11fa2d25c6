"""What a build is to make: targets in their formats, under which choices, of which rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path

from converter import __version__
from converter.api import Chosen, chosen
from converter.build.record import Facts
from converter.datasets.reading.catalogue import Catalogue
from converter.deferred import dataclass
from converter.target.bundle import Package
from converter.target.contract import Target
from converter.target.naming import Naming
from converter.target.options import Wishes

_DATA = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rules are built: for each of `FILTERS` that is there, one of its words has to fit, and none with `!`."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def takes(self, facts: Facts) -> bool:
        """Whether a rule is chosen."""
        has = {
            "tag": facts.tags,
            "severity": (facts.severity,),
            "dataset": facts.datasets,
            "type": (facts.type,),
            "maturity": (facts.maturity,),
        }
        return all(_fits(words, has[name]) for name, words in self.words.items())


def _fits(words: Iterable[str], values: Iterable[str]) -> bool:
    """Letters' case does not matter."""
    lowered = [value.lower() for value in values]
    wanted = [word.lower() for word in words if not word.startswith("!")]
    unwanted = [word[1:].lower() for word in words if word.startswith("!")]

    def any_fits(patterns: list[str]) -> bool:
        return any(fnmatchcase(value, pattern) for value in lowered for pattern in patterns)

    return (not wanted or any_fits(wanted)) and not any_fits(unwanted)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that artifacts depend on beside the rules. `formats` by target, "" or absent = the target's own."""

    targets: tuple[Target, ...]
    known: Catalogue
    formats: Mapping[str, str] = field(default_factory=dict)
    fields: str | None = None
    unmapped: str = "refuse"
    source: str | None = None
    mapping: Path | None = None
    wishes: Wishes = field(default_factory=Wishes)
    naming: Naming = field(default_factory=Naming)
    package: Package = field(default_factory=Package)
    all_sources: bool = False
    filter: Filter = field(default_factory=Filter)

    def chosen(self, target: Target) -> Chosen:
        """The choices as the library takes them."""
        form = self.formats.get(target.name, "")
        return chosen(self.wishes, self.naming, self.known, unmapped=self.unmapped, form=form)

    def bundled(self, target: Target) -> bool:
        """Whether a target's artifacts become one folder."""
        return self.formats.get(target.name, "") in target.bundles

    @property
    def names(self) -> tuple[str, ...]:
        """The targets' names."""
        return tuple(target.name for target in self.targets)

    def digests(self) -> dict[str, str]:
        """What a lock remembers of a plan: the tool, the facts it knows, and the choices."""
        return {"siemglot": __version__, "facts": self._facts(), "choices": self._choices()}

    def _facts(self) -> str:
        """The hash of all tables, the user's own too."""
        paths = [*sorted((_DATA / "datasets" / "tables").glob("*.yaml")), _DATA / "fields" / "ecs" / "fields.tsv"]
        found = hashlib.sha256()
        for path in [*paths, *([self.mapping] if self.mapping is not None else [])]:
            found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()

    def _choices(self) -> str:
        """The hash of everything that was chosen, which rules excepted: those that are not are not in the lock."""
        choices = {
            "targets": [[t.name, self.formats.get(t.name, "")] for t in self.targets],
            "fields": self.fields,
            "unmapped": self.unmapped,
            "source": self.source,
            "wishes": repr(self.wishes),
            "naming": [sorted(self.naming.indexes.items()), sorted(self.naming.macros.items())],
            "package": repr(self.package),
            "all": self.all_sources,
        }
        return hashlib.sha256(json.dumps(choices, sort_keys=True).encode()).hexdigest()
