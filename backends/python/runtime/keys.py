"""The values by which events are joined and grouped."""

from __future__ import annotations

import itertools

from backends.python.runtime.reading import read


def key_values(event, path, convert):
    """The values of a field as they are compared, none twice."""
    found = {}
    for raw in read(event, path):
        value = convert(raw)
        if value is not None:
            found[value] = None
    return list(found)


def combinations(event, fields):
    """Every combination of one value a field; a field (path, convert, optional) without value is None if optional."""
    choices = [key_values(event, path, convert) or ([None] if optional else []) for path, convert, optional in fields]
    return list(itertools.product(*choices))
