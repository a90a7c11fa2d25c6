"""What a rule reads in Elastic and its artifact does not: operating systems, and data sets that hold other events."""

from __future__ import annotations

from collections.abc import Iterable

from converter.datasets.choice.attempt import Attempt, systems_of
from converter.datasets.choice.choose import Named, holds, pins_of
from converter.datasets.codes import M024, M026
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.model.rule import Rule
from converter.model.walk import placed


@dataclass(frozen=True, slots=True)
class Tried:
    """Every attempt at each predicate of a rule, and the best ones; None if none serves it."""

    each: tuple[tuple[Attempt, ...], ...]
    best: tuple[Attempt, ...] | None


def lacking_systems(rule: Rule, tried: Tried) -> tuple[str, ...]:
    """The operating systems that a rule which names none watches, if the best places do not hold all of them."""
    assert tried.best is not None  # noqa: S101  # the caller looked
    if any(pins_of(where)["os"] is not None for where in placed(rule.detection)):
        return ()
    chosen = [systems_of(a.site) for a in tried.best]
    if not all(chosen) or any(a.named > Named.BY_INTEGRATION for a in tried.best):
        return ()
    watched = {name for a in _beside(tried) if not a.contradicts for name in systems_of(a.site)}
    held = frozenset.intersection(*chosen)
    return tuple(sorted(watched | held)) if watched - held else ()


def lacking_codes(rule: Rule, tried: Tried) -> tuple[str, ...]:
    """The event ids of which a rule asks for one, if the best place does not record all of them."""
    assert tried.best is not None  # noqa: S101  # the caller looked
    found: set[str] = set()
    for where, attempt in zip(placed(rule.detection), tried.best, strict=True):
        values = pins_of(where)["codes"] or frozenset()
        if not all(holds(attempt.site.table.selector, "codes", value) for value in values):
            found |= values
    return tuple(sorted(found))


def without_codes(tried: Tried, codes: Iterable[str]) -> tuple[Diagnostic, ...]:
    """What is said of the event ids that no place bound to records."""
    assert tried.best is not None  # noqa: S101  # the caller looked
    left = [c for c in codes if not any(holds(a.site.table.selector, "codes", c) for a in tried.best)]
    if not left:
        return ()
    message = f"the artifact lacks the events {', '.join(left)}: the log that it searches does not record them"
    return (Diagnostic(M026, message, Severity.WARNING, hint="--all-sources writes one artifact a data set"),)


def _beside(tried: Tried) -> Iterable[Attempt]:
    """The attempts at places that the rule names as plainly as the ones chosen."""
    assert tried.best is not None  # noqa: S101  # the callers looked
    plain = max(Named.BY_INTEGRATION, *(a.named for a in tried.best))
    return (a for attempts in tried.each for a in attempts if a.named <= plain)


def without_systems(tried: Tried, systems: Iterable[str]) -> tuple[Diagnostic, ...]:
    """What is said of the operating systems that the places bound to do not hold."""
    assert tried.best is not None  # noqa: S101  # the caller looked
    left = sorted(set(systems) - frozenset.intersection(*(systems_of(a.site) for a in tried.best)))
    if not left:
        return ()
    message = f"the rule names no operating system; the artifact lacks the events of {', '.join(left)}"
    return (Diagnostic(M026, message, Severity.WARNING, hint="--all-sources writes one artifact a data set"),)


def other_sets(tried: Tried, used: Iterable[Attempt]) -> tuple[Diagnostic, ...]:
    """The data sets that the rule reads too and that could serve it: another sensor's record, or other events."""
    tables = {a.site.table.name: a.site.table for a in used}
    watched = {table.watches for table in tables.values()}
    others = {a.site.table.name: a.site.table for a in _beside(tried) if not a.refused}
    left = [table for name, table in others.items() if name not in tables]
    if not left or any(a.refused for a in used):
        return ()
    same = all(table.watches in watched for table in left)
    message = f"bound to {', '.join(sorted(tables))}; the rule reads {', '.join(table.name for table in left)} too"
    if same:
        message += ", by which other sensors record the same events"
    hint = "--source NAME binds it to another, --all-sources to each"
    return (Diagnostic(M024, message, Severity.NOTE if same else Severity.WARNING, hint=hint),)
