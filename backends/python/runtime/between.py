"""Values between two ends."""

from __future__ import annotations

from backends.python.runtime.numeric import _RELATIONS, numbers


def lies_between(event, path, convert, above, low, below, high):
    """Some one value of the field stands in both relations."""
    is_above = _RELATIONS[above]
    is_below = _RELATIONS[below]
    return any(is_above(value, low) and is_below(value, high) for value in numbers(event, path, convert))
