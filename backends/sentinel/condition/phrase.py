"""Phrases of PowerShell text as parts of its words, which stand between single blanks.

The words of that analyzer are the runs of letters, digits, _ and - of ASCII (rule K14): everything else becomes one
blank, with a blank at both ends, so that a phrase is a part of the text that begins and ends at blanks.
"""

from __future__ import annotations

from collections.abc import Iterable

from backends.sentinel.condition import tree
from converter.languages.kusto.syntax import Expression, Text
from converter.model.pattern import Pattern, Wild
from converter.model.predicate import Analyzer, Phrase

NAME = "Words"
_INSIDE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_BLANK = Text(" ")


def words(text: Expression) -> Expression:
    """The words of a text, a blank before and behind each."""
    return tree.call("strcat", _BLANK, tree.call("replace_regex", text, Text(r"[^A-Za-z0-9_\-]+"), _BLANK), _BLANK)


def part(phrase: Phrase) -> str | None:
    """What the words hold where the text has the phrase; None if that is no one text, or of another analyzer."""
    if phrase.analyzer is not Analyzer.POWERSHELL or not phrase.tokens:
        return None
    last = len(phrase.tokens) - 1
    found = [_token(token, opens=n == 0, closes=n == last) for n, token in enumerate(phrase.tokens)]
    if any(f is None for f in found):
        return None
    return " ".join(f for f in found if f is not None)


def apart(phrases: Iterable[Phrase]) -> tuple[list[str], list[Phrase]]:
    """What the words of a text hold, and the phrases that they cannot tell."""
    plain: list[str] = []
    rest: list[Phrase] = []
    for phrase in phrases:
        text = part(phrase)
        if text is None:
            rest.append(phrase)
        else:
            plain.append(text)
    return plain, rest


def _token(token: Pattern, *, opens: bool, closes: bool) -> str | None:
    """A word with its blanks; a run of any characters stands only where the phrase begins or ends."""
    parts = list(token.parts)
    head, tail = opens and parts[:1] == [Wild.ANY_RUN], closes and parts[-1:] == [Wild.ANY_RUN]
    match parts[1 if head else 0 : len(parts) - 1 if tail else len(parts)]:
        case [str(text)] if _INSIDE.issuperset(text):
            return ("" if head or not opens else " ") + text + ("" if tail or not closes else " ")
        case _:
            return None
