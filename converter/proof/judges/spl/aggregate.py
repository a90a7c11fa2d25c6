"""The functions of stats, eventstats and streamstats."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from converter.proof.judges.spl.errors import UnknownFunction
from converter.proof.judges.spl.values import Many, Scalar, Stored, many, number, text, tidy

_LIST_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """What one event gives to a function: every value of the field, and when."""

    values: Many
    time: float | None


Fold = Callable[[Iterable[Sample]], Stored | None]


def fold(function: str, at: int) -> Fold:
    """The function by name. Results over no value are None, and then no field is made; a count is 0."""
    if found := _FOLDS.get(function):
        return found
    if percentile := re.fullmatch(r"(?:p|perc|exactperc|upperperc)(\d+(?:\.\d+)?)", function):
        share = float(percentile.group(1)) / 100
        return lambda samples: _percentile(samples, share)
    raise UnknownFunction(f"{function}() is not implemented", at)


def _all(samples: Iterable[Sample]) -> list[Scalar]:
    return [value for sample in samples for value in sample.values]


def _numbers(samples: Iterable[Sample]) -> list[int | float]:
    """Non-numeric values are ignored (9.3, statistical and charting functions)."""
    return [parsed for one in _all(samples) if (parsed := number(one)) is not None]


def _count(samples: Iterable[Sample]) -> Stored:
    return sum(len(sample.values) for sample in samples)


def _distinct(samples: Iterable[Sample]) -> Stored:
    """As strings: "1", "1.0" and "01" are three."""
    return len({text(one) for one in _all(samples)})


def _values(samples: Iterable[Sample]) -> Stored | None:
    return many(sorted({text(one) for one in _all(samples)}))


def _list(samples: Iterable[Sample]) -> Stored | None:
    return many(text(one) for one in _all(samples)[:_LIST_LIMIT])


def _extreme(*, largest: bool) -> Fold:
    def run(samples: Iterable[Sample]) -> Stored | None:
        """As numbers where every value is one, else as strings."""
        found = _all(samples)
        if not found:
            return None
        pick = max if largest else min
        parsed = [number(one) for one in found]
        numeric = [one for one in parsed if one is not None]
        return tidy(pick(numeric)) if len(numeric) == len(found) else pick(text(one) for one in found)

    return run


def _on_numbers(convert: Callable[[list[int | float]], int | float | None], least: int = 1) -> Fold:
    def run(samples: Iterable[Sample]) -> Stored | None:
        found = _numbers(samples)
        result = convert(found) if len(found) >= least else None
        return None if result is None else tidy(result)

    return run


def _variance(found: list[int | float], less: int) -> float:
    mean = sum(found) / len(found)
    return sum((one - mean) ** 2 for one in found) / (len(found) - less) if len(found) > less else 0.0


def _percentile(samples: Iterable[Sample], share: float) -> Stored | None:
    found = sorted(_numbers(samples))
    if not found:
        return None
    place = share * (len(found) - 1)
    low, high = math.floor(place), math.ceil(place)
    return tidy(found[low] + (found[high] - found[low]) * (place - low))


def _mode(samples: Iterable[Sample]) -> Stored | None:
    counted = Counter(text(one) for one in _all(samples))
    return counted.most_common(1)[0][0] if counted else None


def _edge(*, last: bool) -> Fold:
    def run(samples: Iterable[Sample]) -> Stored | None:
        """In search order, not by time."""
        found = [sample.values for sample in samples if sample.values]
        if not found:
            return None
        return found[-1][-1] if last else found[0][0]

    return run


def _timed(*, latest: bool, when: bool) -> Fold:
    def run(samples: Iterable[Sample]) -> Stored | None:
        found = [(sample.time, sample.values[0]) for sample in samples if sample.values and sample.time is not None]
        if not found:
            return None
        moment, value = (max if latest else min)(found, key=lambda one: one[0])
        return tidy(moment) if when else value

    return run


_FOLDS: Final[dict[str, Fold]] = {
    "count": _count,
    "c": _count,
    "dc": _distinct,
    "distinct_count": _distinct,
    "estdc": _distinct,
    "values": _values,
    "list": _list,
    "min": _extreme(largest=False),
    "max": _extreme(largest=True),
    "sum": _on_numbers(sum),
    "sumsq": _on_numbers(lambda found: sum(one * one for one in found)),
    "avg": _on_numbers(lambda found: sum(found) / len(found)),
    "mean": _on_numbers(lambda found: sum(found) / len(found)),
    "range": _on_numbers(lambda found: max(found) - min(found)),
    "var": _on_numbers(lambda found: _variance(found, 1)),
    "varp": _on_numbers(lambda found: _variance(found, 0)),
    "stdev": _on_numbers(lambda found: math.sqrt(_variance(found, 1))),
    "stdevp": _on_numbers(lambda found: math.sqrt(_variance(found, 0))),
    "median": lambda samples: _percentile(samples, 0.5),
    "mode": _mode,
    "first": _edge(last=False),
    "last": _edge(last=True),
    "earliest": _timed(latest=False, when=False),
    "latest": _timed(latest=True, when=False),
    "earliest_time": _timed(latest=False, when=True),
    "latest_time": _timed(latest=True, when=True),
}
COUNTS: Final = frozenset({"count", "c"})
