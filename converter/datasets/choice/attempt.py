"""One predicate bound to one place, and how well that went."""

from __future__ import annotations

from dataclasses import dataclass

from converter.datasets.choice.choose import candidates
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.rewriting.knowledge import Settler
from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.outcome import Fate
from converter.datasets.rewriting.place import Site
from converter.datasets.rewriting.rewrite import Rewriter
from converter.datasets.rewriting.spelling import with_variants
from converter.diagnostics import Diagnostic, Severity
from converter.model.metadata import Metadata
from converter.model.normalise import normalise
from converter.model.predicate import And, Constant, Predicate
from converter.model.value import Field
from converter.target.contract import Binding

NEVER = "M012"
"""No event of the place can match."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which places may be bound to, and what happens to fields without counterpart."""

    tables: Catalogue
    platform: str
    mode: str
    source: str | None
    unmapped: Unmapped = Unmapped.REFUSE

    def sites(self, meta: Metadata, where: Predicate) -> list[tuple[int, Site]]:
        """The places of the tables that can serve `where`, each with the order of its table among them."""
        listings = [one for one in self.tables.listings if self.platform in one.places]
        found = []
        for order, one in enumerate(candidates(meta, where, listings)):
            for place, mode in one.places[self.platform]:
                names = (one.name, place, f"{one.name}/{place}")
                if mode == self.mode if self.source is None else self.source in names:
                    found.append((order, self.tables.site(one.name, self.platform, place)))
        return found


@dataclass(frozen=True, slots=True)
class Attempt:
    """One predicate (or step) bound to one place, and how well that went."""

    site: Site
    where: Predicate
    keys: tuple[Field | None, ...]
    diagnostics: tuple[Diagnostic, ...]
    order: int
    fates: tuple[Fate, ...] = ()

    @property
    def score(self) -> tuple[int, int, int, int, int]:
        """Smaller is better: refusals, approximations, unverified, order of candidates, rank."""
        approximations = sum(d.severity is Severity.WARNING for d in self.diagnostics)
        guesses = sum(d.code in ("M017", "M023") for d in self.diagnostics)
        return (len(self.errors), approximations, guesses, self.order, self.site.table.rank)

    @property
    def errors(self) -> tuple[str, ...]:
        """The codes of what refuses it."""
        return tuple(d.code for d in self.diagnostics if d.severity is Severity.ERROR)

    @property
    def binding(self) -> Binding:
        """What the emitter is told of the place."""
        site = self.site
        place = site.place
        table = site.table
        return Binding(place.mode, table.name, table.title, place.header, site.columns, place.show, place.lookups)


def attempt(
    site: Site,
    where: Predicate,
    order: int,
    unmapped: Unmapped,
    fields: tuple[Field, ...] = (),
    *,
    for_key: bool = True,
) -> Attempt:
    """Bind a predicate, and the fields that group or join its events, to one place."""
    rewriter = Rewriter(site, unmapped)
    rewritten = rewriter.predicate(where)
    bound = normalise(rewritten.predicate)
    said: dict[Diagnostic, None] = dict.fromkeys(rewritten.findings)
    found: list[Diagnostic] = []
    keys: list[Field | None] = []
    place = f"{site.platform} {site.place.name} ({site.table.name})"
    for field in fields:
        keyed = rewriter.field(field, for_key=for_key)
        target = keyed.target
        said |= dict.fromkeys(keyed.findings)
        if target is None:
            keys.append(None)
            message = f"the field {field.path}, which groups or joins events, has no counterpart in {place}"
            hint = "use --fields ecs if your events keep Elastic's names, or --mapping FILE to name your own field"
            found.append(Diagnostic("M013", message, span=field.span, hint=hint))
        else:
            # A constant: one that every event has parts nothing; one that none has is a missing key.
            keys.append(None if isinstance(target, Constant) else target)
            if isinstance(target, Constant) and not target.value:
                message = f"{field.path}, which groups or joins events, is never set in {site.table.name}"
                found.append(Diagnostic("M013", message, span=field.span))
    refused = any(d.severity is Severity.ERROR for d in (*said, *found))
    if site.place.base:
        bound = And((site.condition(site.place.base, site.place.span), bound))
    settler = Settler(site.implications)
    bound = with_variants(normalise(settler.settled(normalise(bound))), site.place.variants)
    dead = [f"left out what no event of {place} has: {used.text}" for used in settler.used]
    found.extend(Diagnostic("M028", message, Severity.NOTE) for message in dead)
    if bound == Constant(value=False) and not refused:
        message = f"no event of {place} can match this rule"
        found.append(Diagnostic(NEVER, message, hint="use --source to bind the rule to another data set"))
    if site.place.guess:
        message = f"where {site.table.name} is kept on {site.platform} ({site.place.name}) is not verified"
        found.append(Diagnostic("M023", message, Severity.NOTE))
    if site.place.note:
        found.append(Diagnostic("M021", f"{site.place.name}: {site.place.note}", Severity.NOTE))
    return Attempt(site, bound, tuple(keys), (*said, *found), order, rewritten.fates)
