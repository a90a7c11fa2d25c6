"""The fields of a bound rule by the names under which a search is read."""

from __future__ import annotations

from converter.languages.spl.parse import expression
from converter.model.value import Computed, Field
from converter.readers.lengths import is_length
from converter.readers.spl.columns import subject


def named(field: Field) -> Field:
    """The field as the reader names it."""
    if is_length(field):
        return field
    way = field.way
    if isinstance(way, Computed):
        return Field(subject(expression(way.text)), field.kind, field.many)
    return Field(way.text if way is not None else field.path, field.kind, field.many)
