"""All predicates at once: which of them hold of an event.

The first event of a class makes the class' index. After a sample of events the indexes are made anew, with anchors that
let few of them through. What is found does not depend on it: an index says what to verify, the verification is exact.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from converter.engine.classes import MOST_CLASSES, ClassKey, Keys, Residues, class_fields, is_reasonable
from converter.engine.narrow import Narrow, narrow
from converter.engine.plan import Asked, Sample, Shared, build
from converter.engine.probe import Node, reached
from converter.engine.sources.decode import decode
from converter.engine.verify import Verifiers
from converter.model.predicate import Constant, Element, Predicate
from converter.model.walk import fields, walk
from converter.reference.event import Event

SAMPLE = 1000
"""After so many events the indexes are made anew."""
WORTH_AN_INDEX = 8
"""So many events of a class make it an index of its own; making one takes as long as verifying some hundred events."""
EVENTS_A_CLASS = 8
"""Fields whose values make more classes than one for so many events of the sample make no classes."""
_MOST_SIGHTINGS = 10_000
_MOST_LOOKED_AT = 100  # events of a sample that prices are made of


class Matcher:
    """Predicates over events, planned once. Threads may share one, and a forked process may go on with its copy."""

    def __init__(self, wheres: Sequence[Predicate], sample: int = SAMPLE) -> None:
        self._wheres = tuple(wheres)
        self._verifiers = Verifiers()
        self._lock = threading.Lock()
        self._left = sample
        self._narrow: Narrow | None = None
        self._seen: list[Event] = []
        self._samples: dict[ClassKey, Sample] = {}
        self._sample = Sample(self._verifiers)
        self._plan(class_fields(self._wheres))
        _ALIVE.add(self)

    def _plan(self, paths: tuple[str, ...]) -> None:
        keys = Keys(paths)
        self._paths = keys.paths
        self._residues = Residues(keys.paths)
        self._shared = Shared(self._verifiers)
        self._sightings: Counter[ClassKey] = Counter()
        self._any: Node | None = None
        self._state: tuple[Keys, dict[ClassKey, Node]] = keys, {}

    @property
    def class_paths(self) -> tuple[str, ...]:
        """The fields that make the classes."""
        return self._paths

    @property
    def classes(self) -> dict[ClassKey, Node]:
        """The classes seen, each with its index."""
        return dict(self._state[1])

    @property
    def for_any(self) -> Node | None:
        """The index for events of classes that have none of their own, if it was asked for."""
        return self._any

    @property
    def wheres(self) -> tuple[Predicate, ...]:
        """The predicates, by number."""
        return self._wheres

    @property
    def has_sampled(self) -> bool:
        """Whether the sample is behind it: indexes that are made now are kept."""
        return not self._left

    def match(self, event: Event, now: int | None = None) -> list[int]:
        """The numbers of the predicates that hold of the event, in order; `now` is the moment of date math in ms."""
        keys, nodes = self._state
        key = keys.of(event)
        node = nodes.get(key) or self._index(event)
        if self._left:
            self._note(event)
        return _verified(reached(node, event), event, now)

    def match_line(self, line: bytes, now: int | None = None) -> tuple[list[int], Event | None]:
        """The same for an event as a line of JSON, and the event if all of it was parsed. Raises BrokenEventError.

        Where msgspec is installed, once the sample has been seen, only what predicates ask for is parsed.
        """
        if self._narrow is not None and (event := self._narrow(line)) is not None:
            keys, nodes = self._state
            node = nodes.get(keys.of(event, plain=True)) or self._index(event)
            return _verified(reached(node, event, plain=True), event, now), None
        event = decode(line)
        return self.match(event, now), event

    def _note(self, event: Event) -> None:
        """Keep one more event of the sample; the last one makes the indexes anew."""
        with self._lock:
            if not self._left:
                return
            self._left -= 1
            self._seen.append(event)
            if self._left:
                return
            self._drop_diverse()
            keys = self._state[0]
            groups: defaultdict[ClassKey, list[Event]] = defaultdict(list)
            for one in self._seen:
                groups[keys.of(one)].append(one)
            self._samples = {
                key: Sample(self._verifiers, tuple(events[:_MOST_LOOKED_AT])) for key, events in groups.items()
            }
            step = max(1, len(self._seen) // _MOST_LOOKED_AT)
            self._sample = Sample(self._verifiers, tuple(self._seen[::step]))
            self._narrow = narrow(_asked(self._wheres), self._seen[:_MOST_LOOKED_AT])
            self._seen, self._any = [], None
            self._state = keys, {}

    def _index(self, event: Event) -> Node:
        """The index of the event's class, made if it is not there yet."""
        with self._lock:
            keys, nodes = self._state
            key = keys.of(event)
            if (node := nodes.get(key)) is not None:
                return node
            if self._is_rare(key):
                return self._for_any()
            if len(nodes) >= MOST_CLASSES:
                self._plan(_without_the_most_diverse(self._paths, list(nodes)))
                keys, nodes = self._state
                key = keys.of(event)
            asked = []
            for number, where in enumerate(self._wheres):
                left = self._residues.residue(where, key, event)
                if not isinstance(left, Constant) or left.value:
                    asked.append(Asked(number, left))
            sample = self._samples.pop(key, None) or Sample(self._verifiers)
            node = nodes[key] = build(asked, self._shared, sample)
            return node

    def _is_rare(self, key: ClassKey) -> bool:
        """Whether events of this class are too few as yet to be worth an index of their own."""
        if not is_reasonable(key):
            return True
        if len(self._sightings) > _MOST_SIGHTINGS:
            self._sightings.clear()
        self._sightings[key] += 1
        return self._sightings[key] < WORTH_AN_INDEX

    def _for_any(self) -> Node:
        """The index for events of any class."""
        if self._any is None:
            asked = [Asked(number, where) for number, where in enumerate(self._wheres)]
            self._any = build(asked, self._shared, self._sample)
        return self._any

    def _drop_diverse(self) -> None:
        """Leave out class fields in which nearly every event of the sample differs."""
        paths = self._paths
        while paths:
            keys = Keys(paths)
            found = list({keys.of(event) for event in self._seen})
            if len(found) <= len(self._seen) // EVENTS_A_CLASS:
                break
            paths = _without_the_most_diverse(keys.paths, found)
        self._plan(paths)

    def _after_fork(self) -> None:
        """A thread of the parent may have held the lock; it is not there to give it back."""
        self._lock = threading.Lock()


def _verified(nodes: Iterable[Node], event: Event, now: int | None) -> list[int]:
    hits: list[int] = []
    for one in nodes:
        if one.tests:
            hits += [number for number, test in one.tests if test(event, now)]
    if len(hits) > 1:
        return sorted(set(hits))
    return hits


def _asked(wheres: Iterable[Predicate]) -> set[str]:
    """The paths that predicates look at, those of nested arrays included."""
    nested = {node.path for where in wheres for node in walk(where) if isinstance(node, Element)}
    return nested | {field.path for where in wheres for field in fields(where)}


def _without_the_most_diverse(paths: tuple[str, ...], keys: Sequence[ClassKey]) -> tuple[str, ...]:
    """The class fields but for the one that makes the most classes."""
    diversity = Counter({path: len({key[place] for key in keys}) for place, path in enumerate(paths)})
    ((most, _),) = diversity.most_common(1)
    return tuple(path for path in paths if path != most)


_ALIVE: weakref.WeakSet[Matcher] = weakref.WeakSet()


def _renew_locks() -> None:
    for matcher in _alive():
        matcher._after_fork()  # noqa: SLF001 - this module's own


def _alive() -> Iterator[Matcher]:
    yield from list(_ALIVE)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)
