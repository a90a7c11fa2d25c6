"""Fields as keys: to group by, to join on, to call new."""

from __future__ import annotations

from dataclasses import dataclass

from backends.sentinel.condition import literal, scope
from backends.sentinel.condition.column import Column, Operand, column, inner_value
from backends.sentinel.condition.finding import note
from backends.sentinel.condition.layout import ATOM, Expr, Leaf
from backends.sentinel.condition.scope import Names
from backends.sentinel.detection.query import where
from converter.model.value import Field, Kind
from converter.target.contract import Notebook

SPELLING = note(
    "T305",
    "addresses are keys by their spelling: two spellings of one IPv6 address are two keys here, in Elasticsearch one",
)


@dataclass(frozen=True, slots=True)
class Key:
    """A column that holds one value of a field a row."""

    name: str
    type: str
    present: Expr
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The operators that make the key columns, and the columns. A row stands once for every combination of values.

    `guards` are the conditions over the table's own columns, for a `where` before the operators.
    """

    guards: tuple[Expr, ...]
    operators: tuple[str, ...]
    columns: tuple[Key, ...]

    @property
    def computed(self) -> tuple[str, ...]:
        """The columns that are not the table's own."""
        return tuple(k.name for k in self.columns if k.computed)

    @property
    def by(self) -> str:
        """The columns for a `by`."""
        return ", ".join(k.name for k in self.columns)


def keys(fields: tuple[Field, ...], optional: tuple[bool, ...], names: Names, notes: Notebook) -> Keys:
    """The fields as columns; a row that lacks one that is not `optional` is gone."""
    operators: list[str] = []
    guards: list[Expr] = []
    made: list[Key] = []
    for field, free in zip(fields, optional, strict=True):
        if field.kind is Kind.IP:
            notes.add(SPELLING)
        found = column(field)
        if found.many:
            steps, key = _spread(found, field, names, optional=free)
            operators += steps
        elif found.type != "dynamic" and literal.is_name(found.text):
            key = Key(found.text, found.type, _present(found.text, found.type))
            guards += [] if free else [key.present]
        else:
            steps, key = _computed(found, field, names)
            operators += [*steps, *([] if free else where(key.present))]
        made.append(key)
    return Keys(tuple(guards), tuple(operators), tuple(made))


def _stem(field: Field) -> str:
    """A name for the key that is no field's name: those have dots, or one word."""
    name = "".join(c if c.isalnum() else "_" for c in field.path).strip("_") or "key"
    return name if "." in field.path else f"{name}_value"


def _present(name: str, kind: str) -> Expr:
    if kind == "string":
        return Leaf(f"isnotempty({name})", f"isempty({name})", ATOM)
    return Leaf(f"isnotnull({name})", f"isnull({name})", ATOM)


def _computed(found: Column, field: Field, names: Names) -> tuple[list[str], Key]:
    """A computed or dynamic value as a new column."""
    name = names.fresh(_stem(field))
    kind = "string" if found.type == "dynamic" else found.type
    value = found.value().as_text() if kind == "string" else found.text
    return [f"| extend {name} = {value}"], Key(name, kind, _present(name, kind), computed=True)


def _spread(found: Column, field: Field, names: Names, *, optional: bool) -> tuple[list[str], Key]:
    """One row for each different value; with `optional` one without a value where there is none."""
    name = names.fresh(_stem(field))
    text = Operand(inner_value("element", found.inner), "dynamic").as_text()
    key = Key(name, "string", _present(name, "string"), computed=True)
    head = scope.walk("| mv-apply", "element", found.array)
    if not optional:
        return [f"{head} on (\n    where isnotempty({text})\n    | summarize by {name} = {text}\n)"], key
    values = names.fresh(f"{name}_values")
    return [
        f"{head} on (\n    summarize {values} = make_set_if({text}, isnotempty({text}))\n)",
        f'| mv-expand {name} = iff(array_length({values}) > 0, {values}, dynamic([""])) to typeof(string)',
        f"| project-away {values}",
    ], key


def joined(columns: tuple[Key, ...]) -> str:
    """Several keys as one text, different for every combination: the JSON text of an array."""
    texts = [Operand(k.name, k.type).as_text() for k in columns]
    return texts[0] if len(texts) == 1 else f"tostring(pack_array({', '.join(texts)}))"
