"""Binding: a rule in Elastic's fields becomes a rule in the fields of a platform's own tables.

A rule that several data sets can serve is bound to the one that serves it best: first those that hold what it asks for
and that it names most plainly, then by refusals, approximations, unverified counterparts and the table's rank
(`attempt`). A rule of single events that is about several kinds of events is bound to as many places as they need
(`union`); what is left out is said (`coverage`). `source` overrides.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from collections.abc import Sequence as Sequence_
from typing import assert_never

from converter.datasets.choice.account import account
from converter.datasets.choice.attempt import Attempt, Choice, attempt_all, best_of
from converter.datasets.choice.choose import Named, contradicted
from converter.datasets.choice.coverage import (
    Tried,
    lacking_codes,
    lacking_systems,
    other_sets,
    without_codes,
    without_systems,
)
from converter.datasets.choice.own import is_own, not_elastics, own_attempts
from converter.datasets.choice.union import lacking, union
from converter.datasets.codes import M010, M012, M030, M035
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.place import Site
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q044
from converter.model.pipeline import Pipeline
from converter.model.recognition import as_match, as_threshold
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
from converter.model.value import Field, Kind
from converter.model.walk import leaves, placed
from converter.plan.asked import asked
from converter.target.account import own_names
from converter.target.contract import Binding, Bound

ECS = "ecs"
MOST_CONDITIONS = 2_000
"""Of a rule that is bound: several times what the largest rules have, and seconds for one target, not minutes."""


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
        found = Bound.everywhere(rule, Binding(ECS, fields=_shown_ecs(rule, tables)), not_elastics(rule, tables.schema))
        return replace(found, accounts=accounts)
    if (many := _too_many(rule)) is not None and not is_own(rule, platform, mode, source):
        return Bound.everywhere(rule, Binding(mode), (many,))
    tables.forget()
    choice = Choice(tables, platform, mode, source, unmapped)
    if (own := _own_alerts(rule, choice)) is not None:
        return Bound.everywhere(rule, Binding(mode), (own,))
    if isinstance(rule.detection, Pipeline):
        return _pipeline(rule, rule.detection, choice)
    if is_own(rule, platform, mode, source):
        return _own(rule, mode, tables)
    return _offering(_of_events(rule, choice), choice)


def _too_many(rule: Rule) -> Diagnostic | None:
    count = sum(1 for where in placed(rule.detection) for _ in leaves(where))
    if count <= MOST_CONDITIONS:
        return None
    return Diagnostic(
        M035, f"the rule has {count:,} conditions, and one of over {MOST_CONDITIONS:,} is not bound to tables"
    )


def _of_events(rule: Rule, choice: Choice) -> Bound:
    """A rule of single events, groups or steps in the fields of the places that serve it best."""
    mode, source = choice.mode, choice.source
    tried = _tried(rule, choice)
    if tried.best is None:
        said = _contradiction(rule, choice)
        unserved = said is None and source is None
        return replace(Bound.everywhere(rule, Binding(mode), (said or _no_table(rule, choice),)), unserved=unserved)
    return _bound(rule, *_with_others(rule, choice, tried))


def _bound(rule: Rule, attempts: tuple[Attempt, ...], lacking: tuple[Diagnostic, ...]) -> Bound:
    """The rule in the words of the places of its predicates."""
    notes = tuple(dict.fromkeys([*(d for a in attempts for d in a.diagnostics), *lacking]))
    bound = replace(rule, detection=_rebuild(rule.detection, attempts))
    bindings = tuple(replace(a.binding, fields=_shown(rule, a.site)) for a in attempts)
    accounts = tuple(account(a.fates, a.where, a.site.table) for a in attempts)
    return Bound(bound, bindings, notes, accounts)


def _own(rule: Rule, mode: str, tables: Catalogue) -> Bound:
    """A rule of Sigma's in the names that it was written in."""
    attempts = own_attempts(rule, placed(rule.detection), _keys(rule.detection), tables)
    if isinstance(attempts, Diagnostic):
        return Bound.everywhere(rule, Binding(mode), (attempts,))
    return _bound(rule, attempts, ())


_ALERTS = (".alerts-", ".internal.alerts-")
_NO_ALERTS = "the rule reads Elastic's own alerts, which the platform's tables of events do not hold"


def _own_alerts(rule: Rule, choice: Choice) -> Diagnostic | None:
    """That a rule reads Elastic's own alerts; None if a named source has other events in the stead of all it reads."""
    if not any(name.startswith(_ALERTS) for name in rule.meta.index):
        return None
    options = [o for where in placed(rule.detection) for o in choice.options(rule.meta, where)]
    if options and all(o.site.place.instead for o in options):
        others = [name for name in rule.meta.index if not name.startswith((*_ALERTS, "-"))]
        message = f"the rule reads {', '.join(others)} beside Elastic's own alerts, and no place holds both"
        return Diagnostic(Q044, message, hint="use --fields ecs for a store with Elastic's names") if others else None
    if rule.meta.type != "esql":
        return None
    hint = "; ".join([*_offers(rule, choice), "--fields ecs is for a store with Elastic's names"])
    return Diagnostic(Q044, _NO_ALERTS, hint=hint)


def _offers(rule: Rule, choice: Choice) -> list[str]:
    """What to do with a rule over Elastic's alerts on a platform that has alerts of its own."""
    names = {name for where in placed(rule.detection) for name in choice.substitutes(rule.meta, where)}
    return [f"--source {name} writes an approximate form over the platform's own alerts" for name in sorted(names)]


def _offering(bound: Bound, choice: Choice) -> Bound:
    """A rule over alerts alone that no place of events serves, with a note of the source that holds others."""
    alone = bool(bound.rule.meta.index) and all(name.startswith((*_ALERTS, "-")) for name in bound.rule.meta.index)
    refused = any(d.severity is Severity.ERROR for d in bound.notes)
    offers = _offers(bound.rule, choice) if alone and refused and choice.source is None else []
    if not offers:
        return bound
    return replace(bound, notes=(*bound.notes, Diagnostic(Q044, _NO_ALERTS, Severity.NOTE, hint="; ".join(offers))))


def _pipeline(rule: Rule, pipeline: Pipeline, choice: Choice) -> Bound:
    """A pipeline in a place's fields; where it is but a filter or a count there, it is said as one."""
    from converter.datasets.choice.pipeline import bound_pipeline  # only pipelines need it

    found = bound_pipeline(rule, pipeline, choice)
    if found is None:
        unserved = choice.source is None
        return replace(Bound.everywhere(rule, Binding(choice.mode), (_no_table(rule, choice),)), unserved=unserved)
    done, best, tried = found
    detection = as_match(done)[0] or as_threshold(done)[0] or done
    binding = replace(best.binding, fields=_shown(rule, best.site))
    accounts = (account(best.fates, best.where, best.site.table),)
    notes = (*best.diagnostics, *_left_out(rule, choice, tried))
    return Bound(replace(rule, detection=detection), (binding,), notes, accounts)


def _with_others(rule: Rule, choice: Choice, tried: Tried) -> tuple[tuple[Attempt, ...], tuple[Diagnostic, ...]]:
    """The attempts to bind to, for all kinds of events that the rule names, and what is said of those left out."""
    assert tried.best is not None  # noqa: S101  # the caller looked
    if choice.source is not None:
        return tried.best, ()
    if isinstance(rule.detection, Match):
        codes = lacking_codes(rule, tried)
        systems = lacking_systems(rule, tried)
        kinds = {"codes": codes} if codes else {"os": systems} if systems else {}
        several = union(rule.meta, rule.detection.where, choice, tried.best[0], kinds)
        if several is not None:
            return several.arms, (*several.diagnostics, *other_sets(tried, several.arms))
    return tried.best, _left_out(rule, choice, tried)


def _left_out(rule: Rule, choice: Choice, tried: Tried) -> tuple[Diagnostic, ...]:
    """What is said of the events that a rule watches and the places bound to do not hold."""
    if choice.source is not None or tried.best is None:
        return ()
    said: list[Diagnostic] = []
    if not any(a.refused for a in tried.best):
        for where, bound in zip(placed(rule.detection), tried.best, strict=True):
            said += lacking(rule.meta, where, choice, bound)
        said += () if said else without_systems(tried, lacking_systems(rule, tried))
        said += without_codes(tried, lacking_codes(rule, tried))
    return (*said, *other_sets(tried, tried.best))


def _shown_ecs(rule: Rule, tables: Catalogue) -> dict[str, Field]:
    """The fields that the rule asks to see under their own names."""
    return {path: tables.schema.info(path).field() for path in asked(rule.meta)}


def _shown(rule: Rule, site: Site) -> dict[str, Field]:
    """The fields that the rule asks to see and a place has as they are, by their Elastic name."""
    found = {}
    for path in asked(rule.meta):
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
    options = (o for where in placed(rule.detection) for o in choice.options(rule.meta, where))
    return tuple(dict.fromkeys(o.site.table.name for o in sorted(options, key=lambda o: o.named)))


def _contradiction(rule: Rule, choice: Choice) -> Diagnostic | None:
    """That the data sets which the rule reads do not hold what it asks for; None if it reads others, or they do."""
    listings = choice.tables.served(choice.platform)
    for where in placed(rule.detection) if choice.source is None else ():
        if strange := contradicted(rule.meta, where, listings):
            names = ", ".join(one.name for one in strange)
            message = f"{names} does not hold the events that the rule asks for by id, channel or provider"
            return Diagnostic(M012, message, hint="check the rule's index patterns against what it asks for")
    return None


def _no_table(rule: Rule, choice: Choice) -> Diagnostic:
    if choice.source is not None:
        message = f"no data set table or place named {choice.source!r} serves this rule on {choice.platform}"
        hint = "`siemglot fields` lists the data sets and their places"
        return Diagnostic(M030, message, hint=hint)
    names = ", ".join(rule.meta.index[:4]) or ", ".join(rule.meta.integration) or "none named"
    message = f"no data set table for {choice.platform} ({choice.mode}) serves this rule (index: {names})"
    return Diagnostic(M010, message, hint="use --fields ecs if your events keep Elastic's names, or --mapping FILE")


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
        case Match() | Pipeline() | Opaque():
            return ((),)
        case AnyOf(matches):
            return ((),) * len(matches)
        case _:
            assert_never(detection)


def _tried(rule: Rule, choice: Choice) -> Tried:
    """Every attempt, and the best for each predicate.

    Steps of a sequence stay within one family and key space, unless all that joins them is the same everywhere.
    """
    wheres, keys = placed(rule.detection), _keys(rule.detection)
    told = rule.detection
    comparable = not isinstance(told, IndicatorMatch)
    alone = isinstance(told, IndicatorMatch) and all(len(pairs) == 1 for pairs in told.any_of)
    each = []
    for where, fields in zip(wheres, keys, strict=True):
        options = choice.options(rule.meta, where)
        single = len(wheres) == 1
        each.append(
            attempt_all(options, where, choice.unmapped, fields, for_key=comparable, any_key=alone, alone=single)
        )
    anywhere = all(field.kind in _ANYWHERE for fields in keys for field in fields) and all(keys)
    chosen = _chain(each, anywhere=anywhere) if len(each) > 1 else _alone(each[0])
    strange = chosen is not None and all(a.refused and a.named is Named.BY_WIDE_PATTERN for a in chosen)
    return Tried(tuple(each), None if strange and choice.source is None else chosen)


def _alone(attempts: tuple[Attempt, ...]) -> tuple[Attempt] | None:
    best = best_of(attempts)
    return None if best is None else (best,)


_ANYWHERE = frozenset({Kind.IP, Kind.LONG})
"""Kinds of values that every sensor writes alike: addresses and numbers, as ports."""


def _chain(each: Sequence_[tuple[Attempt, ...]], *, anywhere: bool) -> tuple[Attempt, ...] | None:
    """The best place for each step. `anywhere`: the steps may be of different families where none has them all."""
    chains = []
    spaces = {(a.site.table.family, a.site.place.space) for attempts in each for a in attempts}
    for space in sorted(spaces):
        inside = [[a for a in attempts if (a.site.table.family, a.site.place.space) == space] for attempts in each]
        if all(inside):
            chains.append(_bests(inside))
    if not chains and anywhere and all(each):
        return _bests(each)
    return min(chains, key=lambda c: tuple(sum(col) for col in zip(*(a.score for a in c), strict=True)), default=None)


def _bests(each: Iterable[Sequence_[Attempt]]) -> tuple[Attempt, ...]:
    return tuple(best for attempts in each if (best := best_of(attempts)) is not None)


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
        case Pipeline() | Opaque():
            return detection
        case _:
            assert_never(detection)


def _step(step: Step, attempt: Attempt) -> Step:
    by = tuple(Key(f, k.optional) for k, f in zip(step.by, attempt.keys, strict=True) if f is not None)
    return replace(step, where=attempt.where, by=by)
