r"""Phrases over analysed text as regular expressions over the raw text.

The PowerShell analyzer's tokens are runs of letters, digits, _ and -. The standard analyzer's are the words of
UAX 29, of which this module knows the part that concerns ASCII: letters, digits and _ form a word; a dot, colon or
apostrophe between two letters, and a dot, comma, semicolon or apostrophe between two digits, belong to it; a run of
_ alone is no token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backends.splunk.condition.literal import regex_char
from backends.splunk.condition.regex import Written, one_of
from converter.deferred import dataclass
from converter.fields.analysis import spelled
from converter.model.pattern import Pattern, Wild
from converter.model.predicate import Analyzer

_POWERSHELL_SIGNS = frozenset("_-")
_STANDARD_SIGNS = frozenset("_.:',;")

_INSIDE = r"\w|(?<=[A-Za-z])[.:'](?=[A-Za-z])|(?<=[0-9])[.,;'](?=[0-9])"


@dataclass(frozen=True, slots=True)
class _Rules:
    """How an analyzer cuts.

    Signs of tokens beside letters and digits, any token character, the gap, and the borders: before a first
    character, after a last one, and after it where a gap follows.
    """

    signs: frozenset[str]
    inside: str
    gap: str
    left: Callable[[str], str]
    right: Callable[[str], str]
    between: Callable[[str], str]


def _standard_left(first: str) -> str:
    if first == "_":
        return r"(?<!\w)"
    if not first:
        return r"(?<!\w)(?!(?<=[A-Za-z][.:'])[A-Za-z]|(?<=[0-9][.,;'])[0-9])"
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
        lambda _: "",
    ),
    Analyzer.STANDARD: _Rules(
        _STANDARD_SIGNS, f"(?:{_INSIDE})", r"(?:\W+_+(?!\w))*\W+", _standard_left, _standard_right, _standard_right
    ),
}


def phrases(options: Sequence[Sequence[Pattern]], analyzer: Analyzer) -> Written:
    """Any of the phrases; those with the same borders share them."""
    rules = _RULES[analyzer]
    groups: dict[tuple[str, str], list[str]] = {}
    for tokens in options:
        body = _body(tokens, rules)
        if body is not None:
            borders = rules.left(_edge(tokens[0], 0)), rules.right(_edge(tokens[-1], -1))
            groups.setdefault(borders, []).append(body)
    letters = any(c.isalpha() for o in options for t in o for p in t.parts if isinstance(p, str) for c in p)
    written = []
    for (left, right), bodies in groups.items():
        inner = bodies[0] if len(bodies) == 1 else f"(?:{'|'.join(dict.fromkeys(bodies))})"
        written.append(Written(f"{left}{inner}{right}", folds=letters))
    return one_of(written)


def _body(tokens: Sequence[Pattern], rules: _Rules) -> str | None:
    """The tokens with their gaps, without the borders at the ends; None if nothing can match, as for no tokens."""
    out = []
    for number, token in enumerate(tokens):
        text = _token(token, rules)
        if text is None:
            return None
        last = number == len(tokens) - 1
        out.append(text if last else f"{text}{rules.between(_edge(token, -1))}{rules.gap}")
    return "".join(out) or None


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
            out += "".join(map(_letter, part))
        else:
            return None
    return out or None


def _letter(char: str) -> str:
    """A character of a token; beyond ASCII every spelling that the analyzer lower-cases to it.

    Splunk documents no folding beyond ASCII, so none is asked for.
    """
    spellings = spelled(char)
    if char.isascii() or spellings == (char,):
        return regex_char(char)
    return f"(?:{'|'.join(map(regex_char, spellings))})"


def _fits(char: str, rules: _Rules) -> bool:
    if not char.isascii():
        return rules.signs is _STANDARD_SIGNS
    return (char.isalnum() and char == char.lower()) or char in rules.signs
