"""Detections that a single event decides, by more than a predicate: indicators, and pipelines that keep rows apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import assert_never

from converter.engine.stateful.shelf import Shelf
from converter.engine.stateful.stages import APART, Alone, asks_for_now, predicate_asks_for_now
from converter.engine.stateful.tracker import Found, Item, Saved
from converter.engine.verify import Verifiers
from converter.fields import analysis
from converter.model.pipeline import Pipeline, Rows
from converter.model.predicate import Analyzer, Predicate
from converter.model.rule import IndicatorMatch
from converter.plan.indicator import Compared, Comparison, Lookup, plan_indicator
from converter.reference.detection import meets
from converter.reference.esql.run import metadata, run
from converter.reference.esql.value import EVENT, ORIGIN
from converter.reference.event import Event, coerce, network, raw_values, values


class _Forgetful:
    """A tracker that waits for nothing and remembers nothing: what it needs is given anew."""

    def advance(self, time: int) -> list[Found]:
        """Nothing waits."""
        del time
        return []

    def flush(self) -> list[Found]:
        """Nothing waits."""
        return []

    def save(self) -> Saved:
        """Nothing is remembered."""
        return None

    def restore(self, saved: Saved, shelf: Shelf) -> None:
        """Nothing is remembered."""

    @property
    def size(self) -> int:
        """Nothing is remembered."""
        return 0


class IndicatorTracker(_Forgetful):
    """Events that share values with an indicator document; documents are found by their first compared value."""

    def __init__(self, detection: IndicatorMatch, documents: Iterable[Event], now: int | None = None) -> None:
        self._plan = plan_indicator(detection)
        takes = Verifiers().compile(self._plan.indicators)
        kept = [document for document in documents if takes(document, now)]
        self._lookups = tuple(_Indexed(lookup, kept) for lookup in self._plan.lookups)

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """That of the events."""
        return (self._plan.where,)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """The event, if it is an alert."""
        del met
        hit = any(lookup.holds(item.event) for lookup in self._lookups)
        return [Found((item.kept(),), (), item.time)] if hit else []

    @property
    def size(self) -> int:
        """The documents that can be found."""
        return sum(lookup.size for lookup in self._lookups)


class _Indexed:
    """The documents of one look-up by the value that its first comparison asks for; networks stand in a list."""

    def __init__(self, lookup: Lookup, documents: Sequence[Event]) -> None:
        self._lookup = lookup
        self._first = lookup.comparisons[0]
        self._known: defaultdict[object, list[Event]] = defaultdict(list)
        self._networks: list[tuple[range, Event]] = []
        for document in documents:
            wanted = tuple(raw_values(document, self._first.indicator.path))
            if len(wanted) == 1:
                self._add(wanted[0], document)

    def _add(self, wanted: object, document: Event) -> None:
        match self._first.compared:
            case Compared.TEXT | Compared.NUMBER | Compared.TRUTH | Compared.MOMENT:
                self._known[coerce(wanted, self._first.field.kind)].append(document)
            case Compared.ADDRESS:
                found = network(wanted) if isinstance(wanted, str) else None
                if found is not None and found.stop - found.start == 1:  # len() has no room for IPv6
                    self._known[found.start].append(document)
                elif found is not None:
                    self._networks.append((found, document))
            case Compared.WORDS:
                for word in dict.fromkeys(analysis.tokens(str(wanted), Analyzer.STANDARD)):
                    self._known[word].append(document)
            case _:
                assert_never(self._first.compared)

    def holds(self, event: Event) -> bool:
        """Whether some document meets every comparison; the reference decides of those that may."""
        return any(
            all(meets(event, one, document) for one in self._lookup.comparisons) for document in self._candidates(event)
        )

    def _candidates(self, event: Event) -> Iterable[Event]:
        for value in _asked(self._first, event):
            yield from self._known.get(value, ())
            if isinstance(value, int):
                yield from (document for found, document in self._networks if value in found)

    @property
    def size(self) -> int:
        """How many documents there are."""
        return sum(map(len, self._known.values())) + len(self._networks)


def _asked(comparison: Comparison, event: Event) -> Iterable[object]:
    """The values of the event as the index has them."""
    found = values(event, comparison.field)
    if comparison.compared is Compared.WORDS:
        return {word for value in found for word in analysis.tokens(str(value), Analyzer.STANDARD)}
    return found


def keeps_rows_apart(pipeline: Pipeline) -> bool:
    """Whether what becomes of a row does not depend on other rows."""
    return not isinstance(pipeline.source, Rows) and all(isinstance(stage, APART) for stage in pipeline.stages)


class RowTracker(_Forgetful):
    """A pipeline that keeps rows apart: each event runs through it by itself."""

    def __init__(self, detection: Pipeline, now: int | None = None) -> None:
        self._detection = detection
        self._now = now
        at_any_time = not asks_for_now(detection.stages) and not predicate_asks_for_now(detection.where)
        self._alone = Alone(detection, detection.stages, ()) if at_any_time else None

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """That of the source."""
        return (self._detection.where,)

    def feed(self, item: Item, met: Collection[int]) -> list[Found]:
        """An alert a row that comes out."""
        del met
        if self._alone is not None:
            rows = self._alone.rows(item, item.number)  # that the source takes the event is why it comes here
        else:
            origin = {EVENT: item.event, ORIGIN: frozenset({item.number})}
            row = origin | metadata(self._detection, item.event, item.number)
            rows = run(self._detection, [row], item.time if self._now is None else self._now)
        return [Found((item.kept(),), (), item.time) for _ in rows]
