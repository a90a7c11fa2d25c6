r"""Phrases over analysed text as regular expressions over the raw text.

The PowerShell analyzer's tokens are runs of letters, digits, _ and -. The standard analyzer's are the words of
UAX 29, of which this module knows the part that concerns ASCII: letters, digits and _ form a word; a dot, colon or
apostrophe between two letters, and a dot, comma, semicolon or apostrophe between two digits, belong to it; a run of
_ alone is no token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backends.splunk.literal import NEVER, regex_char
from backends.splunk.regex import Written
from converter.model.pattern import Pattern, Wild
from converter.model.predicate import Analyzer

_POWERSHELL_SIGNS = frozenset("_-")
_STANDARD_SIGNS = frozenset("_.:',;")

_INSIDE = r"\w|(?<=[A-Za-z])[.:'](?=[A-Za-z])|(?<=[0-9])[.,;'](?=[0-9])"


@dataclass(frozen=True, slots=True)
class _Rules:
    """How an analyzer cuts: signs of tokens beside letters and digits, any token character, the gap, the borders."""

    signs: frozenset[str]
    inside: str
    gap: str
    left: Callable[[str], str]
    right: Callable[[str], str]


def _standard_left(first: str) -> str:
    if not first or first == "_":
        return r"(?<!\w)" if first else r"(?<!\w)(?<![A-Za-z][.:'])(?<![0-9][.,;'])"
    return r"(?<!\w)(?<![0-9][.,;'])" if first.isdigit() else r"(?<!\w)(?<![A-Za-z][.:'])"


def _standard_right(last: str) -> str:
    if not last:
        return f"(?!{_INSIDE})"
    if last == "_":
        return r"(?!\w)"
    return r"(?!\w|[.,;'][0-9])" if last.isdigit() else r"(?!\w|[.:'][A-Za-z])"


_RULES = {
    Analyzer.POWERSHELL: _Rules(
        _POWERSHELL_SIGNS,
        "[A-Za-z0-9_-]",
        "[^A-Za-z0-9_-]+",
        lambda _: "(?<![A-Za-z0-9_-])",
        lambda _: "(?![A-Za-z0-9_-])",
    ),
    Analyzer.STANDARD: _Rules(
        _STANDARD_SIGNS, f"(?:{_INSIDE})", r"(?:\W+_+(?!\w))*\W+", _standard_left, _standard_right
    ),
}


def phrase(tokens: Sequence[Pattern], analyzer: Analyzer) -> Written:
    """The tokens one after another; of no tokens: what never matches."""
    rules = _RULES[analyzer]
    written = [_token(t, rules) for t in tokens]
    if not tokens or None in written:
        return Written(NEVER)
    out = rules.left(_edge(tokens[0], 0))
    for number, text in enumerate(written):
        last = number == len(tokens) - 1
        between = rules.right(_edge(tokens[number], -1))
        # A gap begins outside the token by itself, but for signs that join a word to what follows.
        out += f"{text}{between}" if last or analyzer is Analyzer.STANDARD else f"{text}"
        out += "" if last else rules.gap
    return Written(out, folds=any(c.isalpha() for t in tokens for p in t.parts if isinstance(p, str) for c in p))


def _edge(token: Pattern, at: int) -> str:
    """The first or last character of a token, "" if a wildcard stands there."""
    part = token.parts[at] if token.parts else ""
    return part[at] if isinstance(part, str) and part else ""


def _token(token: Pattern, rules: _Rules) -> str | None:
    """None if no token can match: a character that the analyzer cuts at, or that is in upper case."""
    out = ""
    for part in token.parts:
        if part is Wild.ANY_RUN:
            out += f"{rules.inside}*"
        elif part is Wild.ANY_ONE:
            out += rules.inside
        elif all(_fits(c, rules) for c in part):
            out += "".join(map(regex_char, part))
        else:
            return None
    return out or None


def _fits(char: str, rules: _Rules) -> bool:
    if not char.isascii():
        return rules.signs is _STANDARD_SIGNS
    return (char.isalnum() and char == char.lower()) or char in rules.signs
