"""A rule that names several kinds of events by value, each served by its own table: one arm a place.

A rule says which events it is about by the values of a selecting field (data set, category, operating system; see
`selectors.yaml`). Where no one place has them all, each value is bound to the place that serves it best, and the
artifact searches all of them. What it lacks is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from converter.datasets.choice.attempt import Attempt, Choice, Option, attempt
from converter.datasets.choice.choose import holds, pinned, pins_of, selector_fields
from converter.datasets.codes import M026, M027
from converter.datasets.rewriting.place import Site
from converter.datasets.rewriting.rewrite import Rewriter
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.model.metadata import Metadata
from converter.model.normalise import normalise
from converter.model.pattern import Case
from converter.model.predicate import And, Constant, OneOf, Or, Predicate
from converter.model.value import Field

_KINDS = ("datasets", "modules", "os", "category")
"""The keys whose values name kinds of events that different places may hold."""

_LISTED = ("datasets", "codes")
"""The keys whose values a table lists in full."""

_MOST = 24
"""More combinations of values than this are no list of data sets."""

Pin = tuple[tuple[str, str], ...]
"""A value for each selecting key of which the rule names several."""


@dataclass(frozen=True, slots=True)
class Union:
    """The arms, and what is to be said about the values that none of them serves."""

    arms: tuple[Attempt, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """A predicate, where it may be bound, and the values that it names."""

    meta: Metadata
    where: Predicate
    choice: Choice
    named: Mapping[str, tuple[str, ...]]

    def pins(self) -> Iterator[Pin]:
        """Every combination of the values."""
        for values in itertools.product(*self.named.values()) if self.named else ():
            yield tuple(zip(self.named, values, strict=True))

    def condition(self, pins: Iterable[Pin]) -> Predicate:
        """That the selecting fields have the values of one of the pins."""
        return Or(tuple(And(tuple(self._leaf(key, value) for key, value in pin)) for pin in pins))

    def _leaf(self, key: str, value: str) -> Predicate:
        fields = selector_fields()[key]
        path = next((f for f in fields if pinned(self.where, (f,)) is not None), fields[0])
        return OneOf(Field(path, many=False), (value,), Case.INSENSITIVE)

    def try_(self, option: Option, pins: Iterable[Pin]) -> Attempt:
        """The predicate bound to a place, for the events of some pins only."""
        return attempt(option, And((self.condition(pins), self.where)), self.choice.unmapped)

    def carries(self, site: Site, pin: Pin) -> bool:
        """Whether a place has events with these values."""
        rewritten = Rewriter(site).predicate(self.condition([pin]))
        bound = normalise(rewritten.predicate)
        strange = any(not holds(site.table.selector, k, v) for k, v in pin if k in _LISTED)
        return not rewritten.refused and not strange and bound != Constant(value=False)


def union(
    meta: Metadata, where: Predicate, choice: Choice, alone: Attempt, kinds: Mapping[str, tuple[str, ...]]
) -> Union | None:
    """The arms of a predicate; None if it names one kind of events only.

    `alone` is the best attempt at one place: it is the only arm if it has all that any place has. `kinds` are values
    of another selecting key that no one place holds: event ids, or the systems of a predicate that names none.
    """
    ask = _Question(meta, where, choice, _named(where) or kinds)
    pins = list(itertools.islice(ask.pins(), _MOST + 1))
    if not 1 < len(pins) <= _MOST:
        return None
    served: dict[Pin, list[Attempt]] = {}
    said: dict[Pin, list[Diagnostic]] = {}
    for pin in pins:
        served[pin], said[pin] = _attempts(ask, pin)
    wanted = [pin for pin in pins if served[pin]]
    found = [d for pin in pins if not served[pin] and not _renamed(pin, wanted, served) for d in said[pin]]
    if not wanted:
        return None
    if not alone.refused and all(any(a.site is alone.site for a in served[pin]) for pin in wanted):
        return Union((alone,), tuple(found))
    arms: dict[Site, list[Pin]] = {}
    options: dict[Site, Option] = {}
    for pin in wanted:
        best = min(served[pin], key=lambda a: (a.score, a.site not in arms))
        arms.setdefault(best.site, []).append(pin)
        options[best.site] = best.option
    return Union(tuple(_arm(ask, options[site], own, pins) for site, own in arms.items()), tuple(found))


def lacking(meta: Metadata, where: Predicate, choice: Choice, bound: Attempt) -> tuple[Diagnostic, ...]:
    """What is said of the kinds of events that a predicate names and the one place it is bound to does not hold.

    For what cannot be bound to several places: rules over several events, and more kinds than `union` takes apart.
    """
    found: dict[Diagnostic, None] = {}
    for key, values in _named(where).items():
        if len(values) > _MOST:
            found[_not_asked(values, bound)] = None
            continue
        ask = _Question(meta, where, choice, {key: values})
        for pin in ask.pins():
            if ask.carries(bound.site, pin) or _renamed(pin, [pin], {pin: [bound]}):
                continue
            served, said = _attempts(ask, pin)
            others = [a for a in served if _tells(a, bound, key)]
            if not served:
                found.update(dict.fromkeys(said))
            elif others:
                found[_elsewhere(pin, bound, min(others, key=lambda a: a.score))] = None
    return tuple(found)


def _tells(other: Attempt, bound: Attempt, key: str) -> bool:
    """Whether another place has events that the one bound to has not: a log of all kinds may hold the same again."""
    table = other.site.table
    return bool(getattr(table.selector, key)) or table.watches != bound.site.table.watches


def _not_asked(values: tuple[str, ...], bound: Attempt) -> Diagnostic:
    shown = ", ".join(values[:3])
    message = f"the rule names {len(values)} kinds of events ({shown}, ...); the artifact searches {_name(bound)} only"
    return Diagnostic(M026, message, Severity.WARNING, hint="--all-sources writes one artifact a data set")


def _name(bound: Attempt) -> str:
    return f"{bound.site.table.name}/{bound.site.place.name}"


def _elsewhere(pin: Pin, bound: Attempt, other: Attempt) -> Diagnostic:
    words = " of ".join(value for _, value in reversed(pin))
    message = f"the artifact lacks the events of {words}: it searches {_name(bound)} only, and {_name(other)} has them"
    return Diagnostic(M026, message, Severity.WARNING, hint="--all-sources writes one artifact a data set")


def _named(where: Predicate) -> dict[str, tuple[str, ...]]:
    """The selecting keys of which a predicate names several values."""
    given = pins_of(where)
    found = ((key, given[key]) for key in _KINDS)
    return {key: tuple(sorted(values)) for key, values in found if values is not None and len(values) > 1}


def _renamed(pin: Pin, wanted: Iterable[Pin], served: Mapping[Pin, list[Attempt]]) -> bool:
    """Whether a pin's data set is another name of one that is served: its events are there too."""
    names = {value for key, value in pin if key == "datasets"}
    return bool(names) and any(
        names <= {name.lower() for name in a.site.table.selector.datasets} for other in wanted for a in served[other]
    )


def _attempts(ask: _Question, pin: Pin) -> tuple[list[Attempt], list[Diagnostic]]:
    """The places that serve the events of a pin; what is to be said if none does."""
    where = And((ask.condition([pin]), ask.where))
    options = [option for option in ask.choice.options(ask.meta, where) if ask.carries(option.site, pin)]
    tries = [ask.try_(option, [pin]) for option in options]
    good = [a for a in tries if not a.refused]
    if good:
        return good, []
    words = " of ".join(value for _, value in reversed(pin))
    never = [a for a in tries if a.never]
    if never:
        lost = [d for d in never[0].diagnostics if d.severity is Severity.WARNING]
        message = f"no event of {words} can match, so that the artifact does not search them"
        return [], [*lost, Diagnostic(M027, message, Severity.NOTE)]
    if not tries:
        why = f"no table of {ask.choice.platform} has them"
    else:
        nearest = min(tries, key=lambda a: a.score)
        why = next(d.message for d in nearest.diagnostics if d.severity is Severity.ERROR)
    message = f"the artifact lacks the events of {words}: {why}"
    return [], [Diagnostic(M026, message, Severity.WARNING, hint="name your own table or field with --mapping FILE")]


def _arm(ask: _Question, option: Option, own: list[Pin], pins: list[Pin]) -> Attempt:
    """The arm of a place. What it has beside its own pins is another arm's, which serves that better."""
    if any(pin not in own and ask.carries(option.site, pin) for pin in pins):
        return ask.try_(option, own)
    plain = attempt(option, ask.where, ask.choice.unmapped)
    return ask.try_(option, own) if plain.refused else plain
