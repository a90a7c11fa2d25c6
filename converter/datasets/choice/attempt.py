"""One predicate bound to one place, and how well that went."""

from __future__ import annotations

from collections.abc import Iterable

from converter.datasets.choice.choose import Candidate, Named, candidates, shared_fields
from converter.datasets.codes import M012, M013, M021, M023, M026, M028, M034
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.reading.table import Known, Status
from converter.datasets.rewriting.knowledge import Settler
from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.outcome import Emitted, Fate, GivenUp
from converter.datasets.rewriting.place import Site
from converter.datasets.rewriting.rewrite import Rewriter
from converter.datasets.rewriting.spelling import with_variants
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity
from converter.fields.schema import is_in_ecs
from converter.model.metadata import Metadata
from converter.model.normalise import normalise
from converter.model.predicate import And, Constant, Leaf, Like, Not, OneOf, Predicate
from converter.model.value import Field
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Option:
    """A place that may be bound to. `order` is that of its table among the candidates."""

    site: Site
    named: Named
    order: int

    @property
    def holds(self) -> tuple[str, str, frozenset[str]]:
        """What tells the events of the place from those of others: its table, its space of keys, its systems."""
        return self.site.table.name, self.site.place.space, systems_of(self.site)


def systems_of(site: Site) -> frozenset[str]:
    """The operating systems whose events a place holds; none stands for any."""
    return frozenset(site.place.os or site.table.selector.os)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which places may be bound to, and what happens to fields without counterpart."""

    tables: Catalogue
    platform: str
    mode: str
    source: str | None
    unmapped: Unmapped = Unmapped.REFUSE

    def options(self, meta: Metadata, where: Predicate) -> list[Option]:
        """The places of the tables that can serve `where`."""
        found = []
        for order, candidate in enumerate(self._candidates(meta, where)):
            name = candidate.listing.name
            for place, mode in candidate.listing.places[self.platform]:
                names = (name, place, f"{name}/{place}")
                if mode == self.mode if self.source is None else self.source in names:
                    found.append(Option(self.tables.site(name, self.platform, place), candidate.named, order))
        return found

    def substitutes(self, meta: Metadata, where: Predicate) -> tuple[str, ...]:
        """The data sets that hold other events for what `where` asks for, which only a named source binds to."""
        return tuple(
            candidate.listing.name
            for candidate in self._candidates(meta, where)
            if any(not mode for _, mode in candidate.listing.places[self.platform])
        )

    def _candidates(self, meta: Metadata, where: Predicate) -> list[Candidate]:
        """The tables that can serve `where` and have places on the platform."""
        found = candidates(meta, where, self.tables.listings)
        return [candidate for candidate in found if self.platform in candidate.listing.places]


Score = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One predicate (or step) bound to one place, and how well that went.

    `asked` is the predicate in Elastic's fields. `never`: no event of the place can match it, and that is all that is
    wrong with it.
    """

    option: Option
    asked: Predicate
    where: Predicate
    keys: tuple[Field | None, ...]
    diagnostics: tuple[Diagnostic, ...]
    fates: tuple[Fate, ...] = ()
    never: bool = False

    @property
    def site(self) -> Site:
        """The place."""
        return self.option.site

    @property
    def refused(self) -> bool:
        """Whether something refuses it."""
        return _refuses(self.diagnostics)

    @property
    def contradicts(self) -> bool:
        """Whether the place holds no event that the rest of the predicate asks for, whatever else is refused.

        Of a refused attempt that is asked only where none serves: it takes as long as the attempt.
        """
        return self.never or (self.refused and _contradicts(self.site, self.asked))

    @property
    def named(self) -> Named:
        """By what the rule names the data set: words of its own do where no index pattern does."""
        wide = self.option.named is Named.BY_WIDE_PATTERN
        return Named.BY_WORDS if wide and any(map(_is_own_word, self.fates)) else self.option.named

    @property
    def score(self) -> Score:
        """Smaller is better.

        Refused or not; a place that cannot hold the events; how plainly the rule names the data set; then refusals,
        approximations, guesses, the order of the candidates and the table's rank.
        """
        severities = [d.severity for d in self.diagnostics]
        errors, none = severities.count(Severity.ERROR), self.contradicts
        doubts = (0, 0) if none else self._doubts(severities.count(Severity.WARNING))  # of no event nothing is told
        return (int(errors > 0), int(none), self.named, errors, *doubts, self.option.order, self.site.table.rank)

    def _doubts(self, warnings: int) -> tuple[int, int]:
        """Approximations, leaves given up and events that are lost beside them; guesses."""
        grounds = [ground for fate in self.fates for ground in fate.ending.grounds]
        given_up = [type(fate.ending) for fate in self.fates].count(GivenUp)
        approximations = len({g.entry.path for g in grounds if g.part.status is Status.APPROX})
        guesses = len({g.entry.path for g in grounds if g.part.known is Known.GUESS})
        # Warnings that no counterpart and no leaf given up accounts for: events that the place does not record.
        lost = max(0, warnings - given_up)
        return approximations + given_up + lost, guesses + self.site.place.guess

    @property
    def flawless(self) -> bool:
        """Whether nothing is wrong with it, so that none which is as plainly named and comes later is better."""
        return not any(self.score[:2]) and not any(self.score[3:6]) and self.named <= Named.BY_WORDS

    @property
    def binding(self) -> Binding:
        """What the emitter is told of the place."""
        site = self.site
        place = site.place
        table = site.table
        tables = (place.lookups, place.beside)
        return Binding(place.mode, table.name, table.title, place.header, site.columns, place.show, *tables)


def _refuses(found: Iterable[Diagnostic]) -> bool:
    return Severity.ERROR in [one.severity for one in found]


def _is_own_word(fate: Fate) -> bool:
    """Whether a leaf names its data set: by a field that ECS does not have, or a value that the table lists."""
    if isinstance(fate.ending, GivenUp):
        return False
    texts = set(_texts(fate.leaf))
    return any(
        g.entry.path not in shared_fields()
        and g.part.status is not Status.ABSENT
        and (not is_in_ecs(g.entry.path) or bool(texts & set(g.part.values)))
        for g in fate.ending.grounds
    )


def _texts(leaf: Leaf) -> Iterable[str]:
    """The texts that a leaf compares with as they are."""
    if isinstance(leaf, OneOf):
        return leaf.values
    return [p.literal for p in leaf.patterns if p.literal is not None] if isinstance(leaf, Like) else ()


def best_of(attempts: Iterable[Attempt]) -> Attempt | None:
    """The attempt of the smallest score; None if there is none."""
    tries = tuple(attempts)
    served = [a for a in tries if not a.refused]
    return min(served or tries, key=lambda a: a.score, default=None)


def attempt_all(
    options: Iterable[Option],
    where: Predicate,
    unmapped: Unmapped,
    fields: tuple[Field, ...] = (),
    *,
    for_key: bool = True,
    any_key: bool = False,
    alone: bool = True,
) -> tuple[Attempt, ...]:
    """The attempts at places, those that the rule names plainly first; see `attempt`.

    `alone`: the predicate is bound by itself, so that what cannot win is not tried to the end: places that only a wide
    pattern names after one that the rule names plainly serves it, and, after one without a flaw, those that hold no
    other events than a place that serves it.
    """
    tries: list[Attempt] = []
    held: set[object] = set()
    named, flawless = False, False
    for option in options:
        if alone and named and option.named is Named.BY_WIDE_PATTERN:
            break
        if alone and flawless and option.holds in held:
            continue
        served = alone and bool(held)
        one = attempt(option, where, unmapped, fields, for_key=for_key, any_key=any_key, served=served)
        tries.append(one)
        if not one.refused:
            held.add(option.holds)
            named = named or option.named <= Named.BY_INTEGRATION
            flawless = flawless or one.flawless
    return tuple(tries)


def attempt(
    option: Option,
    where: Predicate,
    unmapped: Unmapped,
    fields: tuple[Field, ...] = (),
    *,
    for_key: bool = True,
    any_key: bool = False,
    served: bool = False,
) -> Attempt:
    """Bind a predicate, and the fields that group or join its events, to one place.

    `any_key`: each field joins by itself, so that one that is never set joins nothing and may be left out.
    `served`: another place serves it, so that of a refused attempt no more is wanted than that.
    """
    site = option.site
    rewriter = Rewriter(site, unmapped)
    rewritten = rewriter.refused_or_whole(where) if served else rewriter.predicate(where)
    keys, unkeyed = _keys(rewriter, fields, for_key=for_key, any_key=any_key)
    said = dict.fromkeys((*rewritten.findings, *unkeyed))
    refused = _refuses(said)
    if refused and served:
        return Attempt(option, where, rewritten.predicate, keys, tuple(said), rewritten.fates)
    place = f"{site.platform} {site.place.name} ({site.table.name})"
    found: list[Diagnostic] = []
    settler = Settler(site.implications)
    bound = _at(site, settler, rewritten.predicate)
    dead = [f"left out what no event of {place} has: {used.text}" for used in settler.used]
    found.extend(Diagnostic(M028, message, Severity.NOTE) for message in dead)
    if site.place.lacks and _only_of(bound, site.condition(site.place.lacks, site.place.span)):
        bound = Constant(value=False)
    never = not refused and bound == Constant(value=False)
    if never:
        message = f"no event of {place} can match this rule"
        found.append(Diagnostic(M012, message, hint="use --source to bind the rule to another data set"))
    if site.place.guess:
        message = f"where {site.table.name} is kept on {site.platform} ({site.place.name}) is not verified"
        found.append(Diagnostic(M023, message, Severity.WARNING))
    if site.place.instead:
        found.append(Diagnostic(M034, f"{place}: {site.place.instead}", Severity.WARNING))
    if site.place.note:
        found.append(Diagnostic(M021, f"{site.place.name}: {site.place.note}", Severity.NOTE))
    fates = rewritten.fates
    if site.place.variants:
        fates = tuple(_as_spelled(fate, site) for fate in fates)
    return Attempt(option, where, bound, keys, (*said, *found), fates, never)


def _at(site: Site, settler: Settler, predicate: Predicate) -> Predicate:
    """The predicate beside what picks the place's events, without what that decides."""
    base = (site.condition(site.place.base, site.place.span),) if site.place.base else ()
    return with_variants(normalise(settler.settled(normalise(And((*base, predicate))))), site.place.variants)


def _contradicts(site: Site, where: Predicate) -> bool:
    """Whether those conditions of a refused predicate that have counterparts rule out every event of the place."""
    terms = where.terms if isinstance(where, And) else (where,)
    rewritten = list(map(Rewriter(site).predicate, terms))
    told = And(tuple(r.predicate for r in rewritten if not r.refused))
    return _at(site, Settler(site.implications), told) == Constant(value=False)


def _keys(
    rewriter: Rewriter, fields: tuple[Field, ...], *, for_key: bool, any_key: bool
) -> tuple[tuple[Field | None, ...], tuple[Diagnostic, ...]]:
    """The fields that group or join events at a place, and what is to be said of them.

    A constant is no key: one that every event has parts nothing; one that none has is a missing key.
    """
    if not fields:
        return (), ()
    site = rewriter.site
    place = f"{site.platform} {site.place.name} ({site.table.name})"
    keyed = [rewriter.field(field, for_key=for_key) for field in fields]
    keys = tuple(None if isinstance(k.target, Constant) else k.target for k in keyed)
    found: list[Diagnostic] = []
    for field, one in zip(fields, keyed, strict=True):
        found.extend(one.findings)
        if one.target is None:
            message = f"the field {field.path}, which groups or joins events, has no counterpart in {place}"
            hint = "use --fields ecs if your events keep Elastic's names, or --mapping FILE to name your own field"
            found.append(Diagnostic(M013, message, span=field.span, hint=hint))
        elif isinstance(one.target, Constant) and not one.target.value:
            message = f"{field.path}, which groups or joins events, is never set in {site.table.name}"
            if any_key and any(keys):  # the events of other data sets that have it are not searched
                found.append(Diagnostic(M026, f"{message}: not looked at", Severity.WARNING, field.span))
            else:
                found.append(Diagnostic(M013, message, span=field.span))
    return keys, tuple(found)


def _as_spelled(fate: Fate, site: Site) -> Fate:
    """The fate with its bound term as it stands in the predicate."""
    if not isinstance(fate.ending, Emitted):
        return fate
    return replace(fate, ending=replace(fate.ending, bound=with_variants(fate.ending.bound, site.place.variants)))


def _only_of(bound: Predicate, lacking: Predicate) -> bool:
    """Whether every match of a predicate is among the events that the place lacks."""
    others = Settler().settled(normalise(And((bound, Not(lacking)))))
    return normalise(others) == Constant(value=False)
