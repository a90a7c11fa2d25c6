"""Fields as keys: to group by, to join on, to call new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from backends.sentinel.codes import T305
from backends.sentinel.condition import escaped, tree
from backends.sentinel.condition.column import Column, Operand, column, inner_value
from backends.sentinel.condition.finding import note
from backends.sentinel.condition.names import Names
from backends.sentinel.condition.place import Place, stem
from backends.sentinel.condition.test import expansion
from backends.sentinel.detection import source
from converter.deferred import dataclass
from converter.forms import Ledger
from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Columns,
    Expansion,
    Expression,
    Extend,
    Item,
    MvApply,
    MvExpand,
    Name,
    Number,
    Operator,
    Summarize,
    Text,
)
from converter.languages.kusto.walk import replaced, walk
from converter.model.fact import Fact
from converter.model.value import Field, Kind

SPELLING = note(
    T305,
    "addresses are keys by their spelling: two spellings of one IPv6 address are two keys here, in Elasticsearch one",
)


@dataclass(frozen=True, slots=True)
class Key:
    """A column that holds one value of a field a row."""

    name: str
    type: str
    field: Field
    computed: bool = False

    @property
    def present(self) -> Expression:
        """The row has a value."""
        return tree.call("isnotempty" if self.type == "string" else "isnotnull", Name(self.name))


@dataclass(frozen=True, slots=True)
class Keys:
    """The operators that make the key columns, and the columns. A row stands once for every combination of values.

    `named` are the values that the operators name.
    `guards` are the conditions over the table's own columns, for a `where` before the operators.
    """

    guards: tuple[Expression, ...]
    operators: tuple[Operator, ...]
    columns: tuple[Key, ...]
    named: Mapping[Expression, Name] = field(default_factory=dict)

    @property
    def computed(self) -> tuple[str, ...]:
        """The columns that are not the table's own."""
        return tuple(k.name for k in self.columns if k.computed)

    @property
    def by(self) -> tuple[Item, ...]:
        """The columns for a `by`."""
        return tuple(dict.fromkeys(Item(Name(k.name)) for k in self.columns))


def keys(fields: tuple[Field, ...], optional: tuple[bool, ...], place: Place) -> Keys:
    """The fields as columns; a row that lacks one that is not `optional` is gone."""
    operators: list[Operator] = []
    guards: list[Expression] = []
    made: list[Key] = []
    named: dict[Expression, Name] = {}
    for one, free in zip(fields, optional, strict=True):
        if one.kind is Kind.IP:
            place.notes.add(SPELLING)
        found = column(one)
        known = free or _always(one, place.ledger)
        if found.many:
            steps, key = _spread(found, one, place.names, optional=free)
            operators += steps
        elif found.type != "dynamic" and isinstance(found.expression, Name):
            key = Key(found.expression.name, found.type, one)
            guards += [] if known else [key.present]
        else:
            value = Operand(found.expression, found.type)
            made_of = value.as_text() if found.type == "dynamic" else found.expression
            kind = "string" if found.type == "dynamic" else found.type
            # a value that a condition compares too has one name
            key = Key(place.names.of(made_of, stem(one)), kind, one, computed=True)
            named[made_of] = Name(key.name)
            found_in = [(p, n) for p, n in escaped.members(made_of) if p != made_of]
            parts = {p: Name(place.names.of(p, n)) for p, n in found_in if not _inside(p, [o for o, _ in found_in])}
            operators += [Extend((Item(p, n.name),)) for p, n in parts.items()]
            operators.append(Extend((Item(replaced(made_of, parts), key.name),)))
            operators += [] if known or never_empty(made_of) else source.where(key.present)
        made.append(key)
    return Keys(tuple(guards), tuple(operators), tuple(made), named)


def _inside(part: Expression, parts: Sequence[Expression]) -> bool:
    """Whether it is a part of another one."""
    return any(part in walk(other) for other in parts if other != part)


def never_empty(value: Expression) -> bool:
    """Whether a value is a text that no row lacks: parts with a sign between them, an identity of several columns."""
    match value:
        case Call("strcat", parts):
            return any(isinstance(part, Text) and part.value for part in parts)
        case _:
            return False


def _always(field: Field, ledger: Ledger) -> bool:
    """Whether every event of the place has the key."""
    if not ledger.holds(Fact.ALWAYS, field):
        return False
    ledger.use(Fact.ALWAYS, field)
    return True


def _spread(found: Column, field: Field, names: Names, *, optional: bool) -> tuple[list[Operator], Key]:
    """One row for each different value; with `optional` one without a value where there is none."""
    name = names.fresh(stem(field))
    text = Operand(inner_value(Name("element"), found.inner), "dynamic").as_text()
    some = tree.call("isnotempty", text)
    key = Key(name, "string", field, computed=True)
    walked = (expansion(found.values, "element"),)
    if not optional:
        each = (*source.where(some), Summarize((), (Item(text, name),)))
        return [MvApply(walked, each)], key
    values = names.fresh(f"{name}Values")
    several = Binary(">", tree.call("array_length", Name(values)), Number(0))
    spread = Expansion(tree.call("iff", several, Name(values), tree.array([""])), name, "string")
    return [
        MvApply(walked, (Summarize((Item(tree.call("make_set_if", text, some), values),)),)),
        MvExpand((spread,)),
        Columns("away", (values,)),
    ], key


def joined(columns: tuple[Key, ...]) -> Expression:
    """Several keys as one text, different for every combination: the JSON text of an array."""
    texts = [Operand(Name(k.name), k.type).as_text() for k in columns]
    return texts[0] if len(texts) == 1 else tree.call("tostring", tree.call("pack_array", *texts))
