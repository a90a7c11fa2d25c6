"""What an artifact asks of several events, where it is read back: a frame in words, and the conditions in it.

A rule's plan and a reader make frames by the same functions, each from what it knows: two are compared by their words,
and then condition by condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from converter.deferred import dataclass, replace
from converter.model.predicate import And, Predicate, Present
from converter.model.value import Field
from converter.readers.unraised import UnraisedError


@dataclass(frozen=True, slots=True)
class Frame:
    """The `kind` of a detection, what it `says` beside its conditions, and these, in the order that the kind has."""

    kind: str
    says: tuple[tuple[str, str], ...]
    conditions: tuple[Predicate, ...]

    def __str__(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self.says)
        return f"{self.kind} ({said})" if said else self.kind

    def alike(self, other: Frame) -> bool:
        """Whether both ask the same but for their conditions."""
        return (self.kind, self.says, len(self.conditions)) == (other.kind, other.says, len(other.conditions))

    def apart(self, other: Frame) -> tuple[str, str]:
        """Both in words, without what they have in common."""
        mine, theirs = (
            replace(one, says=tuple(said for said in one.says if said not in another.says))
            for one, another in ((self, other), (other, self))
        )
        if not mine.says and not theirs.says:
            return str(self), str(other)  # in another order
        return str(mine), str(theirs)


@dataclass(frozen=True, slots=True)
class Keyed:
    """The events of one stage: their condition, and the names of their join keys, `?` before one that may lack."""

    where: Predicate
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A sequence as it is read: `stages` by number, as in `converter.plan.sequence`. `maxspan_ms` None: unbounded.

    `gaps`: the stages that must be missing behind a stage, 0 = before the first. `order`: what orders its events.
    """

    stages: Mapping[int, Keyed]
    last: int
    gaps: Mapping[int, tuple[int, ...]]
    maxspan_ms: int | None
    order: str = ""


def chain(found: Chain) -> Frame:
    """The frame of a sequence; Raises UnraisedError for a stage without events."""
    order = numbers(found)
    if set(order) != set(found.stages):
        raise UnraisedError("a step whose events are not found")
    keys = " / ".join(",".join(found.stages[number].keys) for number in order)
    gaps = "; ".join(f"{after}: {','.join(map(str, found.gaps[after]))}" for after in sorted(found.gaps))
    says = (
        ("stages", str(found.last)),
        ("missing", gaps or "none"),
        ("until", "yes" if 0 in found.stages else "no"),
        ("keys", keys),
        ("maxspan", str(found.maxspan_ms)),
        *((("order", found.order),) if found.order else ()),
    )
    return Frame("a sequence", says, tuple(found.stages[number].where for number in order))


def numbers(found: Chain) -> tuple[int, ...]:
    """The stages of a sequence in the order of its frame's conditions."""
    missing = (stage for after in sorted(found.gaps) for stage in found.gaps[after])
    return (*range(1, found.last + 1), *missing, *((0,) if 0 in found.stages else ()))


def sample(stages: Mapping[int, Keyed], count: int, demands: Mapping[frozenset[int], int] | None = None) -> Frame:
    """The frame of a sample; its stages are numbered from 1. Raises KeyError.

    `demands`: how many different events sets of stages have at least, where that is said.
    """
    each = [stages[number] for number in range(1, count + 1)]
    keys = " / ".join(",".join(one.keys) for one in each)
    asked = sorted((sorted(some), least) for some, least in (demands or {}).items())
    said = "; ".join(f"{least} of {','.join(map(str, some))}" for some, least in asked)
    says = (("stages", str(count)), ("keys", keys), *((("events", said),) if said else ()))
    return Frame("a sample", says, tuple(one.where for one in each))


def new_terms(where: Predicate, terms: Iterable[str], history_ms: int, window: str = "") -> Frame:
    """The frame of new terms: the combinations of values that are new, and since when."""
    names = ", ".join(sorted(set(terms)))
    says = (("of", names), ("history", str(history_ms)), *((("window", window),) if window else ()))
    return Frame("new terms", says, (where,))


def looked_up(where: Predicate, indicators: Predicate | None, pairs: Sequence[Sequence[str]]) -> Frame:
    """The frame of an indicator match: an or of ands of comparisons. None: the choice of indicators is not said."""
    each = sorted(" and ".join(sorted(arm)) for arm in pairs)
    return Frame("indicators", (("by", "; ".join(each)),), (where, *(() if indicators is None else (indicators,))))


def with_all(where: Predicate, fields: Iterable[Field]) -> Predicate:
    """The events that also have a value of each field."""
    return And((where, *(Present(field) for field in dict.fromkeys(fields))))
