"""Binding: a rule in Elastic's fields becomes a rule in the fields of a platform's own tables.

A rule that several data sets can serve is bound to the one that serves it best: fewest refusals, then fewest
approximations, then fewest unverified counterparts, then the table's rank. A rule of single events that names several
by value is bound to as many places as they need (`union`). `source` overrides.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence as Sequence_
from dataclasses import replace
from typing import assert_never

from converter.datasets.choice.account import account
from converter.datasets.choice.attempt import Attempt, Choice, attempt
from converter.datasets.choice.union import union
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.place import Site
from converter.diagnostics import Diagnostic, Severity
from converter.model.rule import (
    AnyOf,
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
from converter.model.walk import placed
from converter.target.account import own_names
from converter.target.contract import Binding, Bound

ECS = "ecs"


def bind(
    rule: Rule,
    platform: str,
    mode: str = "native",
    unmapped: Unmapped = Unmapped.REFUSE,
    source: str | None = None,
    *,
    tables: Catalogue,
) -> Bound:
    """The rule in the fields of `platform`, by the facts of `tables`.

    Problems are ERROR diagnostics in `notes`; nothing is raised for them.

    `mode`: ecs (names stay), native (the platform's own tables) or an alternative that tables offer (cim, asim).
    `source` names a data set or a place (`o365.audit`, `OfficeActivity`, `o365.audit/OfficeActivity`).
    """
    if isinstance(rule.detection, Opaque):
        return Bound.everywhere(rule, Binding(mode))
    if mode == ECS:
        accounts = tuple(own_names(where) for where in placed(rule.detection))
        return replace(Bound.everywhere(rule, Binding(ECS, fields=_shown_ecs(rule, tables))), accounts=accounts)
    choice = Choice(tables, platform, mode, source, unmapped)
    attempts = _best(rule, choice)
    if attempts is None:
        said = (_no_table(rule, platform, mode, source),)
        return replace(Bound.everywhere(rule, Binding(mode), said), unserved=source is None)
    lacking: tuple[Diagnostic, ...] = ()
    if isinstance(rule.detection, Match) and source is None:
        several = union(rule.meta, rule.detection.where, choice, attempts[0])
        if several is not None:
            attempts, lacking = several.arms, several.diagnostics
    notes = tuple(dict.fromkeys([*(d for a in attempts for d in a.diagnostics), *lacking]))
    bound = replace(rule, detection=_rebuild(rule.detection, attempts))
    others = _others(rule, choice, attempts)
    bindings = tuple(replace(a.binding, fields=_shown(rule, a.site)) for a in attempts)
    accounts = tuple(account(a.fates, a.where, a.site.table) for a in attempts)
    return Bound(bound, bindings, (*notes, *others), accounts)


def _shown_ecs(rule: Rule, tables: Catalogue) -> dict[str, Field]:
    """The rule's investigation fields under their own names."""
    return {path: tables.schema.info(path).field() for path in rule.meta.investigation_fields}


def _shown(rule: Rule, site: Site) -> dict[str, Field]:
    """The rule's investigation fields that a place has as they are, by their Elastic name."""
    found = {}
    for path in dict.fromkeys(rule.meta.investigation_fields):
        counterpart = site.find(path)
        if counterpart is None or not counterpart[1].to or counterpart[1].values:
            continue
        field = site.target(site.schema.info(path).field(), counterpart[1], counterpart[2])
        if field is not None:
            found[path] = field
    return found


def sources(rule: Rule, platform: str, mode: str = "native", *, tables: Catalogue) -> tuple[str, ...]:
    """The data sets that a rule can be bound to on a platform, those that it names first."""
    if isinstance(rule.detection, Opaque) or mode == ECS:
        return ()
    choice = Choice(tables, platform, mode, None)
    return tuple(dict.fromkeys(s.table.name for w in placed(rule.detection) for _, s in choice.sites(rule.meta, w)))


def _others(rule: Rule, choice: Choice, attempts: Sequence_[Attempt]) -> tuple[Diagnostic, ...]:
    """A note about the data sets that the rule reads too and this artifact does not."""
    used = {a.site.table.name for a in attempts}
    names = [n for n in sources(rule, choice.platform, choice.mode, tables=choice.tables) if n not in used]
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


def _keys(detection: Detection) -> tuple[tuple[Field, ...], ...]:
    """For each predicate of `placed`: the fields that group or join its events."""
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
        case AnyOf(matches):
            return ((),) * len(matches)
        case _:
            assert_never(detection)


def _best(rule: Rule, choice: Choice) -> tuple[Attempt, ...] | None:
    """The best attempt for each predicate; steps of a sequence stay within one family and key space."""
    wheres, keys = placed(rule.detection), _keys(rule.detection)
    comparable = not isinstance(rule.detection, IndicatorMatch)
    each = [
        [
            attempt(site, where, order, choice.unmapped, fields, for_key=comparable)
            for order, site in choice.sites(rule.meta, where)
        ]
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


def _rebuild(detection: Detection, attempts: Sequence_[Attempt]) -> Detection:
    """The detection with its predicates and keys replaced."""
    first = attempts[0]
    match detection:
        case Match() | AnyOf():
            return AnyOf(tuple(Match(a.where) for a in attempts)) if len(attempts) > 1 else Match(first.where)
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
