"""Binding: a rule in Elastic's fields becomes a rule in the fields of a platform's own tables.

A rule that several data sets can serve is bound to the one that serves it best: fewest refusals, then fewest
approximations, then fewest unverified counterparts, then the table's rank. `source` overrides.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass, replace
from typing import assert_never

from converter.datasets.catalogue import Catalogue, builtin
from converter.datasets.choose import candidates
from converter.datasets.place import Site
from converter.datasets.rewrite import Rewriter
from converter.diagnostics import Diagnostic, Severity
from converter.model.predicate import And, Constant, Predicate
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Pair,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Field
from converter.normalise import normalise
from converter.target import Binding, Bound

ECS = "ecs"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One predicate (or step) bound to one place, and how well that went."""

    site: Site
    where: Predicate
    keys: tuple[Field | None, ...]
    diagnostics: tuple[Diagnostic, ...]
    order: int

    @property
    def score(self) -> tuple[int, int, int, int, int]:
        """Smaller is better: refusals, approximations, unverified, order of candidates, rank."""
        errors = sum(d.severity is Severity.ERROR for d in self.diagnostics)
        approximations = sum(d.severity is Severity.WARNING for d in self.diagnostics)
        guesses = sum(d.code in ("M017", "M023") for d in self.diagnostics)
        return (errors, approximations, guesses, self.order, self.site.table.rank)

    @property
    def binding(self) -> Binding:
        """What the emitter is told of the place."""
        site = self.site
        return Binding(site.place.mode, site.table.name, site.table.title, site.place.header, site.columns)


def bind(
    rule: Rule,
    platform: str,
    mode: str = "native",
    unmapped: str = "refuse",
    source: str | None = None,
    tables: Catalogue | None = None,
) -> Bound:
    """The rule in the fields of `platform`. Problems are ERROR diagnostics in `notes`; nothing is raised for them.

    `mode`: ecs (names stay), native (the platform's own tables) or an alternative that tables offer (cim, asim).
    `source` names a data set or a place (`o365.audit`, `OfficeActivity`, `o365.audit/OfficeActivity`).
    """
    if isinstance(rule.detection, Opaque):
        return Bound(rule, (Binding(mode),))
    if mode == ECS:
        return Bound(rule, (Binding(ECS),) * len(_wheres(rule.detection)))
    choice = _Choice(tables or builtin(), platform, mode, source)
    attempts = _best(rule, choice, unmapped)
    if attempts is None:
        return Bound(rule, (Binding(mode),), (_no_table(rule, platform, mode, source),))
    notes = tuple(dict.fromkeys(d for a in attempts for d in a.diagnostics))
    bound = replace(rule, detection=_rebuild(rule.detection, attempts))
    others = _others(rule, choice, attempts)
    return Bound(bound, tuple(a.binding for a in attempts), (*notes, *others))


def sources(rule: Rule, platform: str, mode: str = "native", tables: Catalogue | None = None) -> tuple[str, ...]:
    """The data sets that a rule can be bound to on a platform, those that it names first."""
    if isinstance(rule.detection, Opaque) or mode == ECS:
        return ()
    choice = _Choice(tables or builtin(), platform, mode, None)
    return tuple(dict.fromkeys(s.table.name for w in _wheres(rule.detection) for _, s in choice.sites(rule, w)))


def _others(rule: Rule, choice: _Choice, attempts: Sequence_[Attempt]) -> tuple[Diagnostic, ...]:
    """A note about the data sets that the rule reads too and this artifact does not."""
    used = {a.site.table.name for a in attempts}
    names = [n for n in sources(rule, choice.platform, choice.mode, choice.tables) if n not in used]
    if not names or choice.source is not None:
        return ()
    message = f"bound to {', '.join(sorted(used))}; the rule's index also names {', '.join(names)}"
    return (
        Diagnostic("M024", message, Severity.NOTE, hint="--source NAME binds it to another, --all-sources to each"),
    )


def _no_table(rule: Rule, platform: str, mode: str, source: str | None) -> Diagnostic:
    if source is not None:
        message = f"no data set table or place named {source!r} serves this rule on {platform}"
        hint = "`siemglot fields` lists the data sets and their places"
        return Diagnostic("M030", message, hint=hint)
    names = ", ".join(rule.meta.index[:4]) or ", ".join(rule.meta.integration) or "none named"
    message = f"no data set table for {platform} ({mode}) serves this rule (index: {names})"
    return Diagnostic("M010", message, hint="use --fields ecs if your events keep Elastic's names, or --mapping FILE")


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which places may be bound to."""

    tables: Catalogue
    platform: str
    mode: str
    source: str | None

    def sites(self, rule: Rule, where: Predicate) -> list[tuple[int, Site]]:
        """The places of the tables that can serve `where`, each with the order of its table among them."""
        listings = [one for one in self.tables.listings if self.platform in one.places]
        found = []
        for order, one in enumerate(candidates(rule.meta, where, listings)):
            for place, mode in one.places[self.platform]:
                names = (one.name, place, f"{one.name}/{place}")
                if mode == self.mode if self.source is None else self.source in names:
                    found.append((order, self.tables.site(one.name, self.platform, place)))
        return found


def _wheres(detection: Detection) -> tuple[Predicate, ...]:
    """The predicates that need a place each: one a step, else one."""
    match detection:
        case Sequence(steps, _, until):
            return (*(s.where for s in steps), *((until.where,) if until else ()))
        case Sample(steps):
            return tuple(s.where for s in steps)
        case Match(where) | Threshold(where) | NewTerms(where) | IndicatorMatch(where):
            return (where,)
        case Opaque():
            return (Constant(value=False),)
        case _:
            assert_never(detection)


def _keys(detection: Detection) -> tuple[tuple[Field, ...], ...]:
    """For each predicate of `_wheres`: the fields that group or join its events."""
    match detection:
        case Sequence(steps, _, until):
            return tuple(tuple(k.field for k in s.by) for s in (*steps, *((until,) if until else ())))
        case Sample(steps):
            return tuple(tuple(k.field for k in s.by) for s in steps)
        case Threshold(_, group_by, _, distinct):
            return ((*group_by, *((distinct.field,) if distinct else ())),)
        case NewTerms(_, fields):
            return (fields,)
        case IndicatorMatch(_, _, _, any_of):
            return (tuple(p.field for pairs in any_of for p in pairs),)
        case Match() | Opaque():
            return ((),)
        case _:
            assert_never(detection)


def _best(rule: Rule, choice: _Choice, unmapped: str) -> tuple[Attempt, ...] | None:
    """The best attempt for each predicate; steps of a sequence stay within one family and key space."""
    wheres, keys = _wheres(rule.detection), _keys(rule.detection)
    comparable = not isinstance(rule.detection, IndicatorMatch)
    each = [
        [_attempt(s, where, fields, unmapped, order, for_key=comparable) for order, s in choice.sites(rule, where)]
        for where, fields in zip(wheres, keys, strict=True)
    ]
    if len(each) == 1:
        return (min(each[0], key=lambda a: a.score),) if each[0] else None
    chains = []
    spaces = {(a.site.table.family, a.site.place.space) for attempts in each for a in attempts}
    for space in sorted(spaces):
        inside = [[a for a in attempts if (a.site.table.family, a.site.place.space) == space] for attempts in each]
        if all(inside):
            chains.append(tuple(min(attempts, key=lambda a: a.score) for attempts in inside))
    return min(chains, key=lambda c: tuple(sum(col) for col in zip(*(a.score for a in c), strict=True)), default=None)


def _attempt(
    site: Site, where: Predicate, fields: tuple[Field, ...], unmapped: str, order: int, *, for_key: bool
) -> Attempt:
    rewriter = Rewriter(site, unmapped)
    bound = normalise(rewriter.predicate(where))
    found: list[Diagnostic] = []
    keys: list[Field | None] = []
    for field in fields:
        target = rewriter.field(field, for_key=for_key)
        if target is None:
            keys.append(None)
            place = f"{site.platform} {site.place.name} ({site.table.name})"
            message = f"the field {field.path}, which groups or joins events, has no counterpart in {place}"
            hint = "use --fields ecs if your events keep Elastic's names, or --mapping FILE to name your own field"
            found.append(Diagnostic("M013", message, span=field.span, hint=hint))
        else:
            # A constant: one that every event has parts nothing; one that none has is a missing key.
            keys.append(None if isinstance(target, Constant) else target)
            if isinstance(target, Constant) and not target.value:
                message = f"{field.path}, which groups or joins events, is never set in {site.table.name}"
                found.append(Diagnostic("M013", message, span=field.span))
    refused = any(d.severity is Severity.ERROR for d in (*rewriter.diagnostics, *found))
    if bound == Constant(value=False) and not refused:
        message = f"no event of {site.platform} {site.place.name} ({site.table.name}) can match this rule"
        found.append(Diagnostic("M012", message, hint="use --source to bind the rule to another data set"))
    if site.place.base:
        bound = normalise(And((site.condition(site.place.base, site.place.span), bound)))
    if site.place.guess:
        message = f"where {site.table.name} is kept on {site.platform} ({site.place.name}) is not verified"
        found.append(Diagnostic("M023", message, Severity.NOTE))
    if site.place.note:
        found.append(Diagnostic("M021", f"{site.place.name}: {site.place.note}", Severity.NOTE))
    return Attempt(site, bound, tuple(keys), (*rewriter.diagnostics, *found), order)


def _rebuild(detection: Detection, attempts: Sequence_[Attempt]) -> Detection:
    """The detection with its predicates and keys replaced."""
    first = attempts[0]
    match detection:
        case Match():
            return Match(first.where)
        case Sequence(steps, maxspan_ms, until):
            bound = [
                _step(s, a) for s, a in zip(itertools.chain(steps, [until] if until else []), attempts, strict=True)
            ]
            return Sequence(tuple(bound[: len(steps)]), maxspan_ms, bound[-1] if until else None)
        case Sample(steps):
            return Sample(tuple(_step(s, a) for s, a in zip(steps, attempts, strict=True)))
        case Threshold(_, group_by, at_least, distinct):
            groups = tuple(k for k in first.keys[: len(group_by)] if k is not None)
            counted = first.keys[-1] if distinct else None
            told = Distinct(counted, distinct.at_least) if distinct and counted else None
            return Threshold(first.where, groups, at_least, told)
        case NewTerms(_, _, history_ms):
            return NewTerms(first.where, tuple(k for k in first.keys if k is not None), history_ms)
        case IndicatorMatch(_, indicators, index, any_of):
            keys = iter(first.keys)
            pairs = tuple(tuple((p, next(keys)) for p in pairs) for pairs in any_of)
            told_pairs = tuple(tuple(Pair(k, p.indicator) for p, k in ps if k is not None) for ps in pairs)
            return IndicatorMatch(first.where, indicators, index, tuple(p for p in told_pairs if p))
        case Opaque():
            return detection
        case _:
            assert_never(detection)


def _step(step: Step, attempt: Attempt) -> Step:
    by = tuple(Key(f, k.optional) for k, f in zip(step.by, attempt.keys, strict=True) if f is not None)
    return replace(step, where=attempt.where, by=by)
