"""Phrases of PowerShell text as wildcards over its words, which stand between single blanks.

The words of that analyzer are the runs of letters, digits, _ and - (rule K14): everything else becomes one blank, with
a blank at both ends, so that a phrase is a part of the text that begins and ends at blanks.
"""

from __future__ import annotations

from converter.languages.spl.shorthand import call, concat
from converter.languages.spl.syntax import Expression, Parameter, Text, Word
from converter.languages.spl.syntax import Macro as Called
from converter.languages.spl.write import expression
from converter.model.pattern import Pattern, Wild
from converter.model.predicate import Phrase
from converter.model.value import Macro

_BLANK = Text(" ")
_INSIDE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


def words(text: Expression) -> Expression:
    """The words of a text, a blank before and behind each."""
    return concat(_BLANK, call("replace", text, Text("[^A-Za-z0-9_-]+"), _BLANK), _BLANK)


MACRO = Macro(
    "powershell_words",
    ("text",),
    "`powershell_words($text$)`",
    expression(words(Parameter("text"))),
    "the words of a PowerShell script, a blank before and behind each",
)


def called(text: Expression) -> Expression:
    """The same by the macro's name."""
    return Called(MACRO.name, (text,))


def word(phrase: Phrase) -> Word | None:
    """The phrase as a value of `search` over `words`; None if a wildcard could run over a word's end."""
    last = len(phrase.tokens) - 1
    shown = [_token(token, opens=number == 0, closes=number == last) for number, token in enumerate(phrase.tokens)]
    if not shown or any(s is None for s in shown):
        return None
    text = " ".join(s for s in shown if s is not None)
    head = "" if text.startswith("*") else "* "
    tail = "" if text.endswith("*") else " *"
    return Word(f"{head}{text}{tail}")


def _token(token: Pattern, *, opens: bool, closes: bool) -> str | None:
    """A word; a run of any characters only where the text before or behind the phrase may go on."""
    out = ""
    for number, part in enumerate(token.parts):
        first, last = number == 0, number == len(token.parts) - 1
        if isinstance(part, str) and _INSIDE.issuperset(part):
            out += part
        elif part is Wild.ANY_RUN and ((first and opens) or (last and closes)) and len(token.parts) > 1:
            out += "*"
        else:
            return None
    return out or None
