"""Comparing text: whole values and wildcards. Case folding takes A to Z only."""

from __future__ import annotations

from backends.python.runtime.reading import texts

ANY_RUN = object()
ANY_ONE = object()
_FOLDED = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def folded(text):
    """The text with A to Z in lower case and nothing else changed."""
    return text.translate(_FOLDED)


def is_one_of(event, path, wanted):
    """Some value is one of the wanted ones."""
    return any(text in wanted for text in texts(event, path))


def is_one_of_any_case(event, path, wanted):
    """Some value is one of the wanted ones (given in lower case), whatever its case."""
    return any(folded(text) in wanted for text in texts(event, path))


def is_like(event, path, *patterns):
    """Some value matches one of the patterns as a whole."""
    return any(like(text, pattern) for text in texts(event, path) for pattern in patterns)


def is_like_any_case(event, path, *patterns):
    """Some value matches one of the patterns (given in lower case), whatever its case."""
    return any(like(folded(text), pattern) for text in texts(event, path) for pattern in patterns)


def like(text, pattern):
    """Whether a text matches a pattern: literal texts, ANY_RUN and ANY_ONE."""
    signs = []
    for part in pattern:
        signs.extend(part if isinstance(part, str) else (part,))
    at = 0
    here = 0
    back_to = None
    while here < len(text):
        sign = signs[at] if at < len(signs) else None
        if sign is ANY_RUN:
            at += 1
            back_to = (at, here)
        elif sign is ANY_ONE or sign == text[here]:
            at += 1
            here += 1
        elif back_to is not None:
            back_to = (back_to[0], back_to[1] + 1)
            at, here = back_to
        else:
            return False
    return all(sign is ANY_RUN for sign in signs[at:])
