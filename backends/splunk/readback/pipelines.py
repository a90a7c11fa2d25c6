"""A search that was made of a pipeline, and the pipeline itself, as the same steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from backends.splunk.condition.rowvalue import spelled
from backends.splunk.readback.names import named
from converter.deferred import replace
from converter.languages.spl.syntax import Pipeline as Search
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Pipeline, Type, type_of
from converter.model.predicate import Predicate
from converter.model.references import made_names, stored_fields
from converter.model.value import Field
from converter.model.walk import fields
from converter.readers.frames import Frame
from converter.readers.pipelines.planned import Manner, planned, shown
from converter.readers.spl.lower import Place
from converter.readers.spl.rows import flowing

_WHOLE: Final = (Type.INTEGER, Type.LONG)
_TEXTS: Final = (Type.KEYWORD, Type.TEXT, Type.UNKNOWN, Type.BOOLEAN, Type.IP, Type.NULL)


def wanted(detection: Pipeline, asked: Callable[[Predicate], Predicate]) -> Frame:
    """The steps of a rule. Raises UnraisedError."""
    return planned(detection, Manner(named, spelled, asked, _is_same))


def found(search: Search, detection: Pipeline, place: Place) -> Frame:
    """The steps of a search. Raises UnraisedError."""
    names = {spelled(name) for name in made_names(detection)}
    return flowing(search, columns(detection), place, names, [spelled(name) for name, _ in shown(detection)])


def columns(detection: Pipeline) -> dict[str, Field]:
    """The fields of the event that a pipeline reads, by the names under which a search is read."""
    read = [named(field) for field in (*fields(detection.where), *stored_fields(detection))]
    kinds = {field.path: field for field in read}
    for column in detection.columns:
        if column.field is not None:
            field = named(column.field)
            kinds.setdefault(field.path, field)
    return {path: replace(field, span=None) for path, field in kinds.items()}


def _is_same(node: Apply) -> bool:
    """Conversions that SPL does not tell from their argument: a text is a text, a number a number."""
    source = type_of(node.arguments[0]) if node.arguments else Type.NULL
    match node.operation:
        case Operation.TO_STRING:
            return source in _TEXTS
        case Operation.TO_DOUBLE | Operation.TO_LONG if source in (*_WHOLE, Type.DATE):
            return True
        case Operation.TO_DOUBLE:
            return source is Type.DOUBLE
        case _:
            return False
