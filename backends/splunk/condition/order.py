"""The code point order of text as a regular expression: eval compares number-looking text as numbers.

A text is less than `abc` if it ends inside `abc`, or leaves it at some place with a smaller character.
"""

from __future__ import annotations

from backends.splunk.condition.literal import class_char
from backends.splunk.condition.regex import Written, literal, one_of
from converter.model.pattern import Case
from converter.model.predicate import Comparison

_LAST_BEFORE_SURROGATES, _FIRST_SURROGATE, _FIRST_AFTER_SURROGATES = 0xD7FF, 0xD800, 0xE000


def ordered(comparison: Comparison, text: str) -> Written:
    """What matches every text that stands in the relation to `text`."""
    match comparison:
        case Comparison.LT:
            return _below(text)
        case Comparison.LE:
            return one_of([_below(text), _equal(text)]) if text else _equal(text)
        case Comparison.GT:
            return one_of([*_above(text), Written(f"^{_head(text)}.", dots=True)])
        case Comparison.GE:
            return one_of([*_above(text), Written(f"^{_head(text)}")])
        case Comparison.EQ:
            return _equal(text)


def _head(text: str) -> str:
    return literal(text, Case.SENSITIVE).text


def _equal(text: str) -> Written:
    return Written(f"^{_head(text)}\\z")


def _below(text: str) -> Written:
    """Nothing is below the empty text."""
    return one_of([Written(f"^{_head(text[:i])}(?:\\z{_smaller(c)})") for i, c in enumerate(text)])


def _smaller(char: str) -> str:
    code = ord(char)
    if code == 0:
        return ""
    before = _LAST_BEFORE_SURROGATES if _FIRST_SURROGATE < code <= _FIRST_AFTER_SURROGATES else code - 1
    return f"|[\\x00-{class_char(chr(before))}]"


def _above(text: str) -> list[Written]:
    return [Written(f"^{_head(text[:i])}[^\\x00-{class_char(c)}]") for i, c in enumerate(text)]
