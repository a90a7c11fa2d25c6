"""From the predicates of a class to its index: an anchor for each, a node for each anchor's atom.

Anchors are chosen by a price: how many events of a sample they let through, plus what it costs to look at one more
field. Where many predicates stand behind one atom, its node has an index of its own over the other fields.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from converter.engine.anchors import Anchor, Atom, Held, Leaves, Number, Part, Whole, anchors, cheapest
from converter.engine.finders import finder
from converter.engine.probe import Branch, Branches, Leading, Node, branch
from converter.engine.reading import text
from converter.engine.verify import Test, Verifiers
from converter.model.predicate import Constant, Predicate
from converter.reference.event import Event

_CROWD = 6
_DEEPEST = 3
_FIELD_PRICE = 0.15  # a look at one more field costs about as much as a seventh of a verification
_GUESS = {Whole: 0.01, Part: 0.03, Number: 0.02, Held: 0.4}
_GUESS_WEIGHT = 4
_MOST_TEXTS = 24


@dataclass(slots=True)
class Sample:
    """Events of one class, and how often a text stands in a field of theirs; counted when first asked for."""

    verifiers: Verifiers
    events: Sequence[Event] = ()
    _counts: dict[str, tuple[int, Counter[str], tuple[str, ...]]] = field(default_factory=dict)
    _shares: dict[Atom, float] = field(default_factory=dict)

    def share(self, atom: Atom) -> float:
        """The share of the events that the atom lets through, a guess where the sample is small."""
        found = self._shares.get(atom)
        if found is None:
            found = self._shares[atom] = self._share(atom)
        return found

    def _share(self, atom: Atom) -> float:
        held, counts, texts = self._field(atom.path)
        guess = _GUESS[type(atom)]
        if isinstance(atom, Whole):
            seen = float(counts[atom.text])
        elif isinstance(atom, Held):
            seen = float(held)
        elif isinstance(atom, Number):
            seen = float(counts[str(atom.value)])
        else:
            seen = held * sum(atom.text in one for one in texts) / len(texts) if texts else 0.0
        return (seen + guess * _GUESS_WEIGHT) / (len(self.events) + _GUESS_WEIGHT)

    def _field(self, path: str) -> tuple[int, Counter[str], tuple[str, ...]]:
        found = self._counts.get(path)
        if found is None:
            held, counts = 0, Counter[str]()
            read = self.verifiers.reader(path)
            for event in self.events:
                texts = {shown.lower() for raw in read(event) if (shown := text(raw)) is not None}
                held += bool(texts)
                counts.update(texts)
            found = self._counts[path] = held, counts, tuple(one for one, _ in counts.most_common(_MOST_TEXTS))
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A predicate by its number, and what is left of it in the class."""

    number: int
    where: Predicate


class Shared:
    """What the indexes of all classes share: tests and anchors of one predicate, or of one leaf, are made once."""

    def __init__(self, verifiers: Verifiers) -> None:
        self.leaves = Leaves()
        self._verifiers = verifiers
        self._tests: dict[int, Lazy] = {}

    def test(self, where: Predicate) -> Lazy:
        """The test of a predicate, which it keeps alive."""
        found = self._tests.get(id(where))
        if found is None:
            found = self._tests[id(where)] = Lazy(where, self._verifiers)
        return found


def build(asked: Sequence[Asked], shared: Shared, sample: Sample) -> Node:
    """The index of the predicates."""
    return _Builder(shared, sample).node(asked, 0, frozenset())


class _Builder:
    def __init__(self, shared: Shared, sample: Sample) -> None:
        self._shared = shared
        self._sample = sample
        self._small: dict[tuple[int, ...], Node] = {}  # the texts of one leaf lead to one node

    def node(self, asked: Sequence[Asked], depth: int, avoid: frozenset[str]) -> Node:
        """A node for predicates, of which those without anchor are tests of every event that comes here."""
        if depth and (len(asked) <= _CROWD or depth > _DEEPEST):
            numbers = tuple([one.number for one in asked])
            found = self._small.get(numbers)
            if found is None:
                found = self._small[numbers] = Node(tuple((one.number, self._shared.test(one.where)) for one in asked))
            return found
        behind, rest = self._anchored(asked, avoid)
        tests = tuple((one.number, self._shared.test(one.where)) for one in rest)
        if not behind:
            return Node(tests)
        nodes = {
            atom: self.node(list(members.values()), depth + 1, avoid | {atom.path})
            for atom, members in _shared(behind).items()
        }
        return Node(tests, _branches(nodes))

    def _anchored(
        self, asked: Iterable[Asked], avoid: frozenset[str]
    ) -> tuple[list[tuple[Asked, Anchor]], list[Asked]]:
        """Each predicate with its cheapest anchor, those on few fields first, and those that have none."""
        behind: list[tuple[Asked, Anchor]] = []
        rest: list[Asked] = []
        used: Counter[str] = Counter()

        def price(anchor: Anchor) -> float:
            fields = {atom.path for atom in anchor}
            looks = sum(_FIELD_PRICE / (1 + used[path]) for path in fields)
            return looks + sum(map(self._sample.share, anchor))

        for one in asked:
            if isinstance(one.where, Constant):
                rest.append(one)
                continue
            found = anchors(one.where, price, avoid, self._shared.leaves)
            if not found:
                rest.append(one)
                continue
            chosen = cheapest(found, price)
            behind.append((one, chosen))
            used.update({atom.path for atom in chosen})
        return behind, rest


def _shared(behind: Iterable[tuple[Asked, Anchor]]) -> dict[Atom, dict[int, Asked]]:
    out: defaultdict[Atom, dict[int, Asked]] = defaultdict(dict)
    for one, anchor in behind:
        for atom in anchor:
            out[atom][one.number] = one
    return dict(out)


class Lazy:
    """A test that is compiled when it is first asked for: most predicates of a plan never are."""

    __slots__ = ("_test", "_verifiers", "_where")

    def __init__(self, where: Predicate, verifiers: Verifiers) -> None:
        self._where = where
        self._verifiers = verifiers
        self._test: Test | None = None

    @property
    def where(self) -> Predicate:
        """What is tested."""
        return self._where

    def __call__(self, event: Event, now: int | None) -> bool:
        """Whether it holds."""
        if self._test is None:
            self._test = self._verifiers.compile(self._where)
        return self._test(event, now)


def _branches(nodes: dict[Atom, Node]) -> Branches:
    """The atoms by the names of their paths."""
    leadings: dict[str, Leading] = {}
    parts: defaultdict[str, dict[str, Node]] = defaultdict(dict)
    for atom, node in nodes.items():
        leading = leadings.setdefault(atom.path, Leading())
        if isinstance(atom, Whole):
            leading.whole[atom.text] = node
        elif isinstance(atom, Held):
            leading.held = node
        elif isinstance(atom, Number):
            leading.numbers[atom.value] = node
        else:
            parts[atom.path][atom.text] = node
    for path, texts in parts.items():
        leadings[path].finder, leadings[path].parts = finder(texts), texts
    return _level({tuple(path.split(".")): leading for path, leading in leadings.items()})


def _level(paths: dict[tuple[str, ...], Leading]) -> Branches:
    """One level of names; a path of several names goes on below its first."""
    here: dict[str, Leading] = {}
    below: defaultdict[str, dict[tuple[str, ...], Leading]] = defaultdict(dict)
    dotted: set[str] = set()
    for (name, *rest), leading in paths.items():
        if rest:
            below[name][tuple(rest)] = leading
            dotted |= {".".join((name, *rest[:count])) for count in range(1, len(rest) + 1)}
        else:
            here[name] = leading
    names: list[Branch] = [
        branch(name, here.get(name), _level(below[name]) if name in below else None)
        for name in dict.fromkeys((*here, *below))
    ]
    return Branches(tuple(names), frozenset(dotted))
