"""The columns of a place by the names under which a query is read, and the place itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backends.sentinel.condition import tree
from backends.sentinel.condition.column import column
from backends.sentinel.detection import source
from backends.sentinel.detection.key import never_empty
from converter.deferred import dataclass, replace
from converter.languages.kusto import parse
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import Expression, Program, Query, Table
from converter.languages.kusto.walk import replaced
from converter.model.predicate import And, Predicate
from converter.model.value import Field
from converter.readers.kusto import made_by, raised
from converter.readers.kusto.condition import subject
from converter.readers.kusto.lower import Place
from converter.readers.lengths import is_length
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Names:
    """The names in one place: `made` is what its table says that columns are made of."""

    made: Mapping[Expression, Expression]

    def of(self, field: Field) -> Field:
        """The field as it is read."""
        if is_length(field):
            return field
        found = column(field)
        return Field(subject(replaced(found.expression, self.made)), field.kind, found.many)


def names(binding: Binding) -> Names:
    """The names in a place. Raises UnraisedError."""
    rows = _rows(binding)
    return Names(made_by(Program(rows)) if rows.operators else {})


def keys_asked(fields: Iterable[Field]) -> list[Field]:
    """The keys that a query has to ask for: not those that are text in every row."""
    return [one for one in fields if not never_empty(column(one).expression)]


def of_place(binding: Binding) -> Predicate:
    """What the table says of the rows of its place. Raises UnraisedError."""
    rows = _rows(binding)
    return raised(Program(rows)) if rows.operators else And(())


def _rows(binding: Binding) -> Query:
    return source.rows(binding)


def place(binding: Binding) -> Place:
    """The place of a binding; under Elastic's names any table."""
    rows = _rows(binding).source
    tables = frozenset({rows.name}) if isinstance(rows, Table) and binding.dataset is not None else frozenset()
    lists = tuple((flat(tree.path(one.column.split("."))), parse.query(one.query)) for one in binding.lookups)
    return Place(tables, lists)


def apart(own: Place, places: Iterable[Place]) -> Place:
    """The place, with the lists that hold none of its rows."""
    others: Sequence[tuple[str, Query]] = [one for other in places for one in other.lists if one not in own.lists]
    return replace(own, others=tuple(others))
