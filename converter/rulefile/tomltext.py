"""TOML text as values, and what is wrong with it in a user's words."""

from __future__ import annotations

import re

import tomli

from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.rulefile.codes import F004, F005

# What tomli says, and what a user is told: a message of our own or tomli's, and a hint.
_SLIPS = (
    (r"Illegal character .\\n", "the string is not closed on its line", "close it, or use ''' for several lines"),
    ("(Expected .*('''|\"\"\")|Unterminated)", "the string that begins here is not closed", ""),
    ("overwrite|twice|Cannot (declare|mutate)", "", "the key or table is already there; keep one of them"),
    ("Invalid value", "", 'text needs quotes: key = "text"'),
    ("Expected '='", "", "a line is key = value, [table] or # comment"),
    ("Unclosed array", "", "a list is opened and not closed with ]"),
)


def document(source: Source) -> dict[str, object]:
    """The values of a TOML text. Raises RuleFileError at the place of a slip."""
    try:
        return tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        raise RuleFileError(_slip(error, source)) from None
    except ValueError as error:  # of Python: a number of more digits than it converts
        long = re.search(r"[0-9_]{4000,}", source.text)
        span = Span(*long.span()) if long else Span(0, 0)
        message = "not valid TOML: a number has too many digits"
        raise RuleFileError(Diagnostic(F004, message, span=span, source=source)) from error
    except RecursionError:
        hint = "a rule needs a few levels of lists and tables"
        span = _deepest(source.text)
        raise RuleFileError(
            Diagnostic(F005, "the TOML is nested too deeply", span=span, source=source, hint=hint)
        ) from None


def _deepest(text: str) -> Span:
    """The bracket that opens the deepest level of a TOML text."""
    depth = most = at = 0
    for found in re.finditer(r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'|#.*|([\[{])|([\]}])""", text):
        if found[1]:
            depth += 1
            if depth > most:
                most, at = depth, found.start()
        elif found[2]:
            depth -= 1
    return Span(at, at + 1)


def _slip(error: tomli.TOMLDecodeError, source: Source) -> Diagnostic:
    """What is wrong with the TOML, at the place where it began if that can be told."""
    message = f"{error.msg[:1].lower()}{error.msg[1:]}"
    start, hint = error.pos, ""
    for pattern, said, advice in _SLIPS:
        if re.search(pattern, error.msg):
            message, hint = said or message, advice
            break
    if quotes := re.search("'''|\"\"\"", error.msg):
        start = max(source.text.rfind(quotes[0]), 0)  # nothing behind it closes it
        span = Span(start, start + 3)
    else:
        span = Span(start, max(start, min(start + 1, len(source.text))))
    return Diagnostic(F004, f"not valid TOML: {message}", span=span, source=source, hint=hint)
