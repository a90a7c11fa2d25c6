"""What an analyst sees: the columns that a query returns of each event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import Operand, column
from backends.sentinel.condition.names import Names
from backends.sentinel.detection import source
from backends.sentinel.detection.identity import telling_columns, telling_fields
from converter.deferred import dataclass
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Expression,
    Item,
    Name,
    Number,
    Project,
    Query,
    Text,
    Truth,
    Where,
)
from converter.languages.kusto.walk import names as mentioned
from converter.languages.kusto.walk import queries, walk
from converter.model.value import Column, Field
from converter.target.contract import Binding

_LONGEST = 80
"""Characters of a value that is made to be shown."""
MOST, _MOST_ASKED = 16, 24
"""Columns that one row shows; and with those that the rule asks to see."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns in their order. `of` is the column that holds an Elastic field, by its name."""

    items: tuple[Item, ...]
    of: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name_of(item) for item in self.items)

    @property
    def stored(self) -> Shown:
        """Those that the table has itself, for a query that shows whole rows."""
        items = tuple(i for i in self.items if not i.name)
        names = {name_of(i) for i in items}
        return Shown(items, tuple((path, name) for path, name in self.of if name in names))

    @property
    def project(self) -> Project:
        """The operator that keeps them."""
        return Project(self.items)


def together(each: Sequence[tuple[Shown, Mapping[str, str]]]) -> Shown:
    """The columns that rows of several kinds have as one table; with each, the types of what its place stores.

    A column that two of them make in different ways, or of different types, is left out: a union renames it.
    """
    found: dict[str, set[tuple[Expression, str]]] = {}
    held: dict[str, set[str]] = {}
    for shown_, types in each:
        for item in shown_.items:
            found.setdefault(name_of(item), set()).add((item.expression, types.get(name_of(item), "")))
        for path, name in shown_.of:
            held.setdefault(path, set()).add(name)
    alike = {name for name, made in found.items() if len(made) == 1}
    of = ((path, next(iter(names))) for path, names in held.items() if len(names) == 1)
    return Shown(tuple(Item(Name(n)) for n in found if n in alike), tuple((p, n) for p, n in of if n in alike))


def name_of(item: Item) -> str:
    """The name of the column that an item makes."""
    return item.name or (item.expression.name if isinstance(item.expression, Name) else "")


def shown(
    binding: Binding,
    fields: Iterable[Field],
    names: Names,
    named: Mapping[Expression, Expression] | None = None,
    keys: Sequence[str] = (),
    pinned: AbstractSet[str] = frozenset(),
) -> Shown:
    """The columns of an event: its time, keys, what the place shows, what the rule compares and asks to see.

    `named` are the values that the query has given names. `pinned` are the columns that have one value in all rows:
    they tell nothing, unless they identify an entity or the rule asks to see them.
    """
    known = named or {}
    found: dict[Expression, Item] = {}
    held: dict[str, str] = {}

    silent = pinned - telling_columns(binding.header.get("table", ""))

    def add(item: Item, *, asked: bool = False) -> str:
        if not asked and name_of(item) in silent:
            return ""
        kept = found.get(item.expression)
        if kept is None and len(found) >= (_MOST_ASKED if asked else MOST):
            return ""
        return name_of(found.setdefault(item.expression, item))

    add(Item(source.time(binding)))
    for key in keys:
        add(Item(Name(key)), asked=True)
    for name in binding.show:
        for item in _column(name, binding, names):
            add(item)
    for path, field in binding.fields.items():
        for item in _field(field, names, known):
            held.setdefault(path, add(item, asked=True))
    for field in fields:
        stored = isinstance(field.way, Column) or field.way is None
        made = _field(field, names, known) if stored else _known(field, known)
        for item in made:
            held.setdefault(field.path, add(item, asked=field.path in telling_fields()))
        if not made and not stored:
            told = {name for expression in found for name in mentioned(expression)}
            for root in dict.fromkeys(mentioned(column(field).expression)):
                if root in binding.columns and root not in told:
                    add(Item(Name(root)))
    return Shown(tuple(found.values()), tuple((path, name) for path, name in held.items() if name))


def _column(text: str, binding: Binding, names: Names) -> list[Item]:
    """A column by its name, or a member of a dynamic one as a column of its own."""
    field = Field(text, way=Column(text, binding.columns.get(text, "") or "dynamic"))
    expression = column(field).expression
    if isinstance(expression, Name):
        return [Item(expression)] if not binding.columns or text in binding.columns else []
    value = tree.call("tostring", expression)
    return [Item(value, names.of(("shown", value), _last(text)))]


def _last(text: str) -> str:
    return tree.pascal(text.rsplit(".", 1)[-1])


_SIMPLE = frozenset({"tostring", "strcat", "coalesce", "tolower", "toupper", "iff", "case", "tolong", "toint"})


def _simple(node: Expression) -> bool:
    """Whether a value is worth a column of its own: nothing is looked up or taken apart for it."""
    parts = list(walk(node))
    taken = any(isinstance(p, Binary) and p.operator == "matches regex" for p in parts)
    known = all(p.function in _SIMPLE for p in parts if isinstance(p, Call))
    return known and not taken and not queries(node) and len(flat(node)) <= _LONGEST


def _field(field: Field, names: Names, named: Mapping[Expression, Expression]) -> list[Item]:
    """A field as a column: the table's own, one that the query has made, or one that is made now."""
    place = column(field)
    if isinstance(place.expression, Name):
        return [Item(place.expression)]
    if place.inner:
        return []
    known = _known(field, named)
    if known:
        return known
    if not _simple(place.expression):
        return []
    value = place.expression if place.many else Operand(place.expression, place.type).as_text()
    stem = _last(field.way.text) if isinstance(field.way, Column) else tree.pascal(field.path)
    return [Item(value, names.of(("shown", value), stem))]


def _known(field: Field, named: Mapping[Expression, Expression]) -> list[Item]:
    """The column that the query has made of a field."""
    place = column(field)
    value = place.value()
    forms = (place.expression,) if place.many else (place.expression, value.of(field.kind), value.as_text())
    return [Item(named[form]) for form in forms if form in named][:1]


def pins(query: Query) -> AbstractSet[str]:
    """The columns that have one value, or none, in all rows that a query keeps."""
    stated = (c for o in query.operators if isinstance(o, Where) for c in tree.conjuncts(o.condition))
    return {name for condition in stated for name in _pin(condition)}


def _pin(condition: Expression) -> Iterable[str]:
    match condition:
        case Binary("==", Name(name), Text() | Number() | Truth()) | Call("isempty" | "isnull", (Name(name),)):
            return (name,)
        case _:
            return ()
