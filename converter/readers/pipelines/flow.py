"""The steps of a pipeline as they are compared: what columns are made of, which rows stay, groups.

Conditions between two steps that make other rows are one condition, whatever their order and that of the columns: what
a column holds does not depend on which rows stay. A column that holds another one, or a constant, is no step. The order
of rows is one only if a limit follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from converter.deferred import dataclass, replace
from converter.model.normalise import normalise
from converter.model.predicate import And, Compare, Comparison, Constant, Not, Or, Predicate, Present
from converter.model.value import Field, Kind
from converter.model.walk import fields, leaves, map_leaves
from converter.readers.frames import Frame
from converter.readers.pipelines.values import (
    NULL,
    Literal,
    Made,
    Of,
    Presence,
    Stored,
    Value,
    chosen,
    conditions,
    field_of,
    is_many,
    kind_of,
    truth,
    words,
)
from converter.readers.unraised import UnraisedError

KIND = "a pipeline"
ALWAYS = Constant(value=True)


@dataclass(frozen=True, slots=True)
class _Said:
    """A part of what a flow says, in words and with its conditions. `columns`: it is there for these only, if any."""

    what: str
    words: str
    conditions: tuple[Predicate, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def made(self) -> bool:
        """Whether it says what a column of the row is made of, which rows do not depend on."""
        return self.columns == (self.what,)


UNREAD = "unread("
"""What is said of a column that has no words here."""


def unread(why: str) -> Value:
    """A column that has no words here, which matters only if something reads it."""
    return Of("unread", (Literal(why),), Kind.KEYWORD)


def _as_truth(arms: Sequence[tuple[Predicate, Value]], last: Value) -> Value | None:
    """A choice between true, false and null."""
    told = [
        _TRUTHS.get(words(value)) if isinstance(value, Literal) else None for value in (*(v for _, v in arms), last)
    ]
    if any(one is None for one in told) or not set(told) & {"true", "false"}:
        return None
    sides: dict[str, Predicate] = {}
    for side in ("true", "false"):
        found: Predicate = Constant(told[-1] == side)
        for (test, _), one in reversed(list(zip(arms, told[:-1], strict=True))):
            found = Or((test, found)) if one == side else And((Not(test), found))
        sides[side] = found
    return truth(sides["true"], sides["false"])


_TRUTHS: Final = {"true": "true", '"true"': "true", "false": "false", '"false"': "false", "null": "null"}
"""Of constants; a text that says so is a truth where a platform has truths as texts."""


def _settled(where: Predicate) -> Predicate:
    """The condition in normal form; that a truth is false is that it is there and not true."""

    def changed(leaf: Predicate) -> Predicate:
        match leaf:
            case Compare(field, Comparison.EQ, False) if not field.many:
                return And((Present(field), Not(Compare(field, Comparison.EQ, value=True))))
            case _:
                return leaf

    return normalise(map_leaves(where, changed))


def _merged(said: Sequence[_Said]) -> list[_Said]:
    """The parts, with the conditions of rows that no step is between as one."""
    out: list[_Said] = []
    last: int | None = None
    for one in said:
        if one.what != "where":
            last = last if one.made else None
            out.append(one)
            continue
        earlier = () if last is None else out.pop(last).conditions
        last = len(out)
        out.append(replace(one, conditions=(_settled(And((*earlier, *one.conditions))),)))
    return out


_CHOICES: Final = ("choice@", "truth(", "case(", "coalesce(")


def otherwise(wanted: Frame, found: Frame) -> tuple[str, str]:
    """What two flows say otherwise. Raises UnraisedError where that is a choice of values.

    The conditions of a choice can be said in many ways, of which few have one form here.
    """
    mine, theirs = wanted.apart(found)
    if any(word in text for word in _CHOICES for text in (mine, theirs)):
        raise UnraisedError(f"a choice of values that is said otherwise: {theirs}, for {mine}")
    return mine, theirs


class Flow:
    """Collects steps; a rule's pipeline and a reader both write one."""

    def __init__(self) -> None:
        self._said: list[_Said] = []
        self._kept: list[Predicate] = []
        self._made: list[tuple[str, Value]] = []
        self._counts: dict[str, int] = {}
        self._chosen: dict[Value, Made] = {}
        self._presence = Presence()
        self._truths: dict[str, Value] = {}
        self.unordered: set[Value] = set()  # the columns that list values, in no order

    # ---- values

    def define(self, name: str, value: Value) -> Value:
        """The value of a column that a stage makes."""
        if not isinstance(value, Of):
            return value
        made = self._column(name, kind_of(value), many=is_many(value))
        self._made.append((made.name, value))
        self._presence.made[made] = value
        return made

    def _column(self, name: str, kind: Kind, *, many: bool = False) -> Made:
        self._counts[name] = self._counts.get(name, 0) + 1
        return Made(f"{name}@{self._counts[name]}", kind, many)

    def field(self, value: Value) -> Field:
        """The value as a field that a condition asks; a choice between values gets a name of its own."""
        if isinstance(value, Of) and any(True for _ in conditions(value)):
            if value not in self._chosen:
                made = self.define("choice", value)
                assert isinstance(made, Made)  # noqa: S101 - made of a function
                self._chosen[value] = made
            return field_of(self._chosen[value])
        return field_of(value)

    def made_of(self, value: Value) -> Value | None:
        """What a stage made a column of, where that is known."""
        return self._presence.made.get(value) if isinstance(value, Made) else None

    def present(self, value: Value) -> Predicate:
        """The condition that there is a value."""
        return self._presence.of(value)

    def choice(self, arms: Sequence[tuple[Predicate, Value]], last: Value) -> Value:
        """The value of the first condition that is true, else the last; the first value that is there, as such."""
        told = _as_truth(arms, last)
        if told is not None:
            return told
        if all(normalise(test) == normalise(self.present(value)) for test, value in arms):
            values = tuple(value for value in (*(value for _, value in arms), last) if value != NULL)
            return self.first(values)
        return chosen(tuple(arms), last)

    def counted(self, values: Value) -> Value:
        """How many values there are; null for none."""
        if is_many(values):
            return Of("values of", (values,), Kind.LONG)
        return self.choice([(self.present(values), Literal(1))], NULL)

    def truth(self, true: Predicate, false: Predicate) -> Value:
        """A condition as a value; of what a truth is, the truth itself."""
        one, other = normalise(true), normalise(false)
        for leaf in leaves(one):
            value = self._truths.get(leaf.field.path) if isinstance(leaf, Compare) else None
            if value is None or one != normalise(self.told(value, side=True)):
                continue
            if other == normalise(self.told(value, side=False)):
                return value
        return truth(true, false)

    def first(self, values: tuple[Value, ...]) -> Value:
        """The first value that is there."""
        if not values:
            return NULL
        kinds = [kind_of(value) for value in values if value != NULL]
        found = Of("coalesce", values, (kinds or [Kind.KEYWORD])[0], any(map(is_many, values)))
        return values[0] if len(values) == 1 else found

    def told(self, value: Value, *, side: bool) -> Predicate:
        """The condition that a truth is true, or false."""
        match self.made_of(value) or value:
            case Of("truth", _, _, _, (true, false)):
                return true if side else false
            case _:
                field = self.field(value)
                self._truths[field.path] = value
                true = Compare(field, Comparison.EQ, value=True)
                return And((self.present(value), true if side else Not(true)))

    def asking(self, where: Predicate, values: Mapping[str, Value]) -> Predicate:
        """The condition, which none of these values passes by not being there, with what says that they are there."""

        def there(leaf: Predicate) -> Predicate:
            value = values.get(getattr(leaf, "field", Field("")).path)
            if value is not None and isinstance(leaf, Compare) and isinstance(leaf.value, bool):
                return self.told(value, side=leaf.value)
            if value is None or isinstance(value, Stored):
                return leaf
            return self.present(value) if isinstance(leaf, Present) else And((self.present(value), leaf))

        return map_leaves(where, there)

    # ---- steps

    def keep(self, where: Predicate) -> None:
        """The rows for which the condition holds."""
        self._kept.append(where)

    def _aggregated(self, word: str, aggregates: Sequence[tuple[str, Value]]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, value in sorted(aggregates, key=lambda one: one[0]):
            found[name] = made = self._column(name, kind_of(value), many=is_many(value))
            self._say(f"{word} {made.name}", [value], made.name)
            if isinstance(value, Of) and value.word == "values":
                self.unordered.add(made)
        return found

    def group(self, aggregates: Sequence[tuple[str, Value]], keys: Sequence[tuple[str, Value]]) -> dict[str, Value]:
        """Groups of rows, and the columns that they have."""
        self._end()
        found = self._aggregated("group", aggregates)
        for name, value in sorted(keys, key=lambda one: one[0]):
            found[name] = made = self._column(name, kind_of(value))
            self._say(f"group by {made.name}", [value])
        if not keys:
            self._say("group by nothing", [])
        return found

    def beside(self, aggregates: Sequence[tuple[str, Value]], keys: Sequence[Value]) -> dict[str, Value]:
        """Every row with the columns of its group, by keys that stay as they are."""
        if not aggregates:
            return {}
        self._end()
        found = self._aggregated("beside", aggregates)
        self._say(
            "beside by", sorted(keys, key=words), *(made.name for made in found.values() if isinstance(made, Made))
        )
        return found

    def step(self, what: str, values: Iterable[Value] = ()) -> None:
        """Another stage that decides which rows there are."""
        self._end()
        self._say(what, list(values))

    def sort(self, orders: Iterable[tuple[bool, bool]], values: Iterable[Value]) -> None:
        """An order of rows by values: of each whether it descends, and whether null comes first."""
        said = (f"{'desc' if descends else 'asc'} {'first' if first else 'last'}" for descends, first in orders)
        self.step(f"sort {', '.join(said)}", values)

    def expand(self, name: str, value: Value) -> Value:
        """A row for each of several values."""
        self._end()
        made = self._column(name, kind_of(value))
        self._say(f"expand {made.name}", [value])
        return made

    def _end(self) -> None:
        """The columns that were made since the last step, and the condition of the rows."""
        for name, value in self._made:
            self._say(name, [value], name)
        self._said.append(_Said("where", "?", (_settled(And(tuple(self._kept))),)))
        self._made.clear()
        self._kept.clear()

    def _say(self, what: str, values: Sequence[Value], *columns: str) -> None:
        asked = tuple(_settled(one) for value in values for one in conditions(value))
        self._said.append(_Said(what, ", ".join(map(words, values)), asked, columns))

    def frame(self, columns: Iterable[tuple[str, Value]]) -> Frame:
        """The whole, with the columns of its rows at the end. Raises UnraisedError for a column without words."""
        self._end()
        for name, value in sorted(columns, key=lambda one: one[0]):
            self._say(f"column {name}", [value])
        kept = self._used()
        for said in kept:
            if UNREAD in said.words:
                raise UnraisedError(said.words[said.words.index(UNREAD) + len(UNREAD) :].split('"')[1])
        says = tuple((said.what, said.words) for said in kept)
        return Frame(KIND, says, tuple(condition for said in kept for condition in said.conditions))

    def _used(self) -> list[_Said]:
        """What is said, without columns that nothing reads."""
        kept: list[_Said] = []
        text = ""
        for said in reversed(self._said):
            if said.columns and not any(column in text for column in said.columns):
                continue
            kept.append(said)
            paths = (field.path for condition in said.conditions for field in fields(condition))
            text = " ".join((text, said.words, *paths))
        return _merged(kept[::-1])


def aggregated(flow: Flow, word: str, value: Value, where: Predicate = ALWAYS) -> Value:
    """An aggregate over rows: null is no value, so that `f(case(c, v, null))` is `f(v)` where c is true."""
    match value:
        case Of("case", (inner, Literal(None)), _, _, (asked,)):
            return aggregated(flow, word, inner, And((asked, where)))
        case _:
            pass
    kind = kind_of(value) if word in ("min", "max", "values", "sum") else Kind.DOUBLE if word == "avg" else Kind.LONG
    where = normalise(And((where, flow.present(value))))
    asked_all = () if where == ALWAYS else (where,)
    if word == "count" and not is_many(value):
        return Of("count", (), Kind.LONG, asked=asked_all)
    return Of(word, (value,), kind, word == "values", asked_all)
