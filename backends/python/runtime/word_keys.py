"""Under which keys an analysed text is looked up among indicators: each of its words."""

from __future__ import annotations

from backends.python.runtime.reading import as_text
from backends.python.runtime.words import standard_words


def word_keys(raw):
    """The words of a JSON value."""
    return tuple(dict.fromkeys(standard_words(as_text(raw))))
