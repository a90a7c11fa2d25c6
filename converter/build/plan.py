"""What a build is to make: targets in their formats, under which choices, of which rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path

from converter import __version__
from converter.api import Chosen, chosen
from converter.build.record import Facts
from converter.datasets.reading.catalogue import Catalogue
from converter.deferred import dataclass
from converter.target.bundle import Bundle, Package
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
class Product:
    """A target in one format ("" = its own). `name` is what reports, locks and artifacts' records call it.

    It is the target's, or `splunk=app` if the target is built in several formats.
    """

    target: Target
    form: str
    name: str

    @property
    def folder(self) -> str:
        """Below the output folder: that of the target, in it one for each format if there are several."""
        own = _safe(self.target.name)
        return own if self.name == self.target.name else f"{own}/{_safe(self.form) or 'own'}"

    @property
    def bundle(self) -> Bundle | None:
        """What puts the artifacts together, None for a format of one file a rule."""
        return self.target.bundles.get(self.form)


def _safe(name: str) -> str:
    """What of a name every file system takes (`sigma:splunk`, `own/target.py`)."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name)


def products(targets: Iterable[Target], formats: Mapping[str, Sequence[str]]) -> tuple[Product, ...]:
    """The targets in their formats; a target that `formats` does not have, in its own."""
    return tuple(
        Product(target, form, f"{target.name}={form}" if len(forms) > 1 else target.name)
        for target in targets
        for forms in (formats.get(target.name) or ("",),)
        for form in forms
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that artifacts depend on beside the rules."""

    products: tuple[Product, ...]
    known: Catalogue
    fields: str | None = None
    unmapped: str = "refuse"
    source: str | None = None
    mapping: tuple[Path, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)
    naming: Naming = field(default_factory=Naming)
    package: Package = field(default_factory=Package)
    all_sources: bool = False
    filter: Filter = field(default_factory=Filter)

    def chosen(self, form: str) -> Chosen:
        """The choices as the library takes them."""
        return chosen(self.wishes, self.naming, self.known, unmapped=self.unmapped, form=form)

    @property
    def names(self) -> tuple[str, ...]:
        """What the products are called, each once."""
        return tuple(product.name for product in self.products)

    def digests(self) -> dict[str, str]:
        """What a lock remembers of a plan: the tool, the facts it knows, and the choices."""
        return {"siemglot": __version__, "facts": self._facts(), "choices": self._choices()}

    def _facts(self) -> str:
        """The hash of all tables, the user's own too."""
        paths = [*sorted((_DATA / "datasets" / "tables").glob("*.yaml")), _DATA / "fields" / "ecs" / "fields.tsv"]
        found = hashlib.sha256()
        for path in [*paths, *self.mapping]:
            found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()

    def _choices(self) -> str:
        """The hash of everything that was chosen, which rules excepted: those that are not are not in the lock."""
        choices = {
            "targets": [[one.target.name, one.form] for one in self.products],
            "fields": self.fields,
            "unmapped": self.unmapped,
            "source": self.source,
            "wishes": repr(self.wishes),
            "naming": [sorted(self.naming.indexes.items()), sorted(self.naming.macros.items())],
            "package": repr(self.package),
            "all": self.all_sources,
        }
        return hashlib.sha256(json.dumps(choices, sort_keys=True).encode()).hexdigest()
