"""Analysed text: a phrase of tokens as a regular expression over the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.sentinel.condition.regex import Style, literal
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import Analyzer, Phrase


class Inexact(Exception):  # noqa: N818  # not a fault: it ends the emission of one phrase, with its reason
    """The phrase has no exact regular expression; the text says why."""


_Parts = tuple[str, str, str]
"""What stands before the phrase, the phrase, and what stands after it."""


def phrase_regexes(phrases: Sequence[Phrase]) -> list[str]:
    """Expressions of which one matches where one of the phrases does; those with equal borders are put together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for phrase in phrases:
        before, body, after = _parts(phrase.tokens, phrase.analyzer)
        groups.setdefault((before, after), []).append(body)
    return [f"{before}{_any(bodies)}{after}" for (before, after), bodies in groups.items()]


def _any(bodies: list[str]) -> str:
    return bodies[0] if len(bodies) == 1 else f"(?:{'|'.join(dict.fromkeys(bodies))})"


def _parts(tokens: Sequence[Pattern], analyzer: Analyzer) -> _Parts:
    match analyzer:
        case Analyzer.POWERSHELL:
            return _powershell(tokens)
        case Analyzer.STANDARD:
            return _standard(tokens)
        case _:
            assert_never(analyzer)


# POWERSHELL cuts at every run of characters outside [A-Za-z0-9_-] (rule K14).
_POWERSHELL = r"A-Za-z0-9_\-"
_ASCII, _EXACT = Style(Case.INSENSITIVE), Style(Case.SENSITIVE)
_POWERSHELL_SIGNS = {Wild.ANY_RUN: f"[{_POWERSHELL}]*", Wild.ANY_ONE: f"[{_POWERSHELL}]"}


def _powershell(tokens: Sequence[Pattern]) -> _Parts:
    def written(token: Pattern) -> str:
        parts = (_POWERSHELL_SIGNS[p] if isinstance(p, Wild) else literal(p, _ASCII) for p in token.parts)
        return "".join(parts)

    inner = f"[^{_POWERSHELL}]+".join(map(written, tokens))
    return f"(?:^|[^{_POWERSHELL}])", inner, f"(?:[^{_POWERSHELL}]|$)"


# STANDARD cuts by UAX 29 (https://www.unicode.org/reports/tr29/): letters, digits, marks and connectors make words.
# One of . ' : between two letters, and one of . ' , ; between two digits, does not end a word.
_WORD = r"\p{L}\p{Nl}\p{Nd}\p{M}\p{Cf}\p{Pc}"
_LETTER, _DIGIT = r"\p{L}\p{Nl}", r"\p{Nd}"
_BOTH = "'.\u2018\u2019\u2024\ufe52\uff07\uff0e"
_MID_LETTER = _BOTH + ":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a"
_MID_DIGIT = _BOTH + ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"
_EMOJI = r"\x{1F300}-\x{1FAFF}"
_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}" + _EMOJI
"""Characters that are words by themselves, or never join a Latin one."""


def _sides(char: str) -> tuple[str, str]:
    """What may stand between the char and one of its kind without ending the word, and that kind."""
    if char.isdigit():
        return _MID_DIGIT, _DIGIT
    return (_MID_LETTER, _LETTER) if char.isalpha() else ("", "")


def _before(char: str) -> str:
    mid, kind = _sides(char)
    bridge = f"|(?:^|[^{kind}]|[{_ALONE}])[{mid}]" if mid else ""
    return f"(?:^|[^{_WORD}{mid}]|[{_ALONE}]{bridge})"


def _after(char: str) -> str:
    mid, kind = _sides(char)
    bridge = f"|[{mid}](?:[^{kind}]|[{_ALONE}]|$)" if mid else ""
    return f"(?:[^{_WORD}{mid}]|[{_ALONE}]{bridge}|$)"


def _between(left: str, right: str) -> str:
    """What separates two words: nothing of a word, and no single sign that joins them."""
    (mid, kind), (_, other) = _sides(left), _sides(right)
    none = f"[^{_WORD}{_EMOJI}]"
    if not mid or kind != other:
        return f"{none}+"
    return f"(?:[^{_WORD}{_EMOJI}{mid}]{none}*|[{mid}]{none}+)"


def _standard(tokens: Sequence[Pattern]) -> _Parts:
    """Only a wildcard at the outer ends of the phrase is exact: inside, what it may take is no regular class."""
    texts = [_text_of(t, first=i == 0, last=i == len(tokens) - 1) for i, t in enumerate(tokens)]
    body = ""
    for i, text in enumerate(texts):
        body += _between(texts[i - 1][-1], text[0]) if i else ""
        # tokens are compared in lower case, by Unicode; the long s has no other lower case
        body += "".join("(?i-u:s)" if c == "s" else literal(c, _EXACT) for c in text)
    before = "(?i)" if tokens[0].parts[:1] == (Wild.ANY_RUN,) else f"(?i){_before(texts[0][0])}"
    after = "" if tokens[-1].parts[-1:] == (Wild.ANY_RUN,) else _after(texts[-1][-1])
    return before, body, after


def _text_of(token: Pattern, *, first: bool, last: bool) -> str:
    parts = token.parts
    if first and parts[:1] == (Wild.ANY_RUN,):
        parts = parts[1:]
    if last and parts[-1:] == (Wild.ANY_RUN,):
        parts = parts[:-1]
    # A sign joins a word only between two letters or digits: where any text may stand before or after it, an
    # expression over the whole text cannot tell.
    open_first, open_last = first and parts != token.parts, last and token.parts[-1:] == (Wild.ANY_RUN,)
    match parts:
        case (str(text),) if not (open_first and not text[0].isalnum()) and not (open_last and not text[-1].isalnum()):
            return text
        case _:
            raise Inexact("a wildcard inside a phrase of analysed text has no exact form in Kusto")
