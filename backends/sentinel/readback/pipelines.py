"""A query that was made of a pipeline, and the pipeline itself, as the same steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from backends.sentinel.condition.rowpart import spelled
from backends.sentinel.detection import source
from backends.sentinel.readback.names import names, of_place, place
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import Program
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Pipeline, Type, type_of
from converter.model.predicate import Predicate
from converter.model.references import made_names, stored_fields
from converter.model.value import Field, Kind
from converter.model.walk import fields
from converter.readers.frames import Frame
from converter.readers.kusto.rows import flowing
from converter.readers.pipelines.planned import Manner, planned, shown
from converter.target.contract import Binding

_TIME: Final = "@timestamp"
_WHOLE: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG)
_TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.IP, Type.NULL)


class Placed:
    """A pipeline in the names of its place; the time of an event is what the place has for it."""

    def __init__(self, detection: Pipeline, binding: Binding) -> None:
        self._detection = detection
        self._names = names(binding)
        self._time = Field(flat(source.time(binding)), Kind.DATE, many=False)
        self._place = place(binding)
        self._rows = of_place(binding)

    def named(self, field: Field) -> Field:
        """A field by the name under which a query is read."""
        return self._time if field.path == _TIME and field.way is None else self._names.of(field)

    def wanted(self, asked: Callable[[Predicate], Predicate]) -> Frame:
        """The steps of the rule. Raises UnraisedError."""
        return planned(self._detection, Manner(self.named, spelled, asked, _is_same, empties=False), self._rows)

    def found(self, program: Program) -> Frame:
        """The steps of a query. Raises UnraisedError."""
        made = {spelled(name) for name in made_names(self._detection)}
        listed = [spelled(name) for name, _ in shown(self._detection)]
        return flowing(program, self._columns(), self._place, made, listed)

    def _columns(self) -> dict[str, Field]:
        """The columns of the event that the pipeline reads, by the names under which a query is read."""
        detection = self._detection
        held = [column.field for column in detection.columns if column.field is not None]
        read = (*fields(detection.where), *stored_fields(detection), *held)
        return {field.path: field for field in (*fields(self._rows), *map(self.named, read))}


def _is_same(node: Apply) -> bool:
    """Conversions that Kusto does not tell from their argument."""
    source = type_of(node.arguments[0]) if node.arguments else Type.NULL
    match node.operation:
        case Operation.TO_STRING:
            return source in _TEXTS
        case Operation.TO_LONG:
            return source in _WHOLE
        case Operation.TO_DOUBLE:
            return source in (*_WHOLE, Type.DOUBLE)
        case Operation.TO_IP:
            return source is Type.IP
        case Operation.ROUND | Operation.FLOOR | Operation.CEIL:
            return node.type in _WHOLE and len(node.arguments) == 1
        case _:
            return False
