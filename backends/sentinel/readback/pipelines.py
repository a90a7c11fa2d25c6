"""A query that was made of a pipeline, and the pipeline itself, as the same steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from backends.sentinel.condition.rowpart import spelled
from backends.sentinel.readback.names import Names
from converter.languages.kusto.syntax import Program
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Pipeline, Type, type_of
from converter.model.predicate import Predicate
from converter.model.references import made_names, stored_fields
from converter.model.value import Field
from converter.model.walk import fields
from converter.readers.frames import Frame
from converter.readers.kusto.lower import Place
from converter.readers.kusto.rows import flowing
from converter.readers.pipelines.planned import Manner, planned, shown
from converter.readers.pipelines.planned import narrowed as narrowed

_WHOLE: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG)
_TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.IP, Type.NULL)


def wanted(detection: Pipeline, names: Names, asked: Callable[[Predicate], Predicate]) -> Frame:
    """The steps of a rule. Raises UnraisedError."""
    return planned(detection, Manner(names.of, spelled, asked, _is_same, empties=False))


def found(program: Program, detection: Pipeline, names: Names, place: Place) -> Frame:
    """The steps of a query. Raises UnraisedError."""
    made = {spelled(name) for name in made_names(detection)}
    listed = [spelled(name) for name, _ in shown(detection)]
    return flowing(program, columns(detection, names), place, made, listed)


def columns(detection: Pipeline, names: Names) -> dict[str, Field]:
    """The columns of the event that a pipeline reads, by the names under which a query is read."""
    held = [column.field for column in detection.columns if column.field is not None]
    read = (*fields(detection.where), *stored_fields(detection), *held)
    return {field.path: field for field in map(names.of, read)}


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
