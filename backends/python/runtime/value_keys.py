"""Under which keys a value is looked up among indicators: its own, as its field reads it."""

from __future__ import annotations


def value_keys(convert):
    """A function from a JSON value to its keys."""

    def keys(raw):
        value = convert(raw)
        return () if value is None else (value,)

    return keys
