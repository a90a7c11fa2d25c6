"""Sigma values: which characters are signs, and how a text that holds them is written."""

from __future__ import annotations

from converter.model.pattern import Pattern, Wild

_SIGNS = "*?"


def escaped(text: str, *, sign_follows: bool = False) -> str:
    r"""A text as a Sigma value that stands for exactly this text.

    A backslash is itself unless `*`, `?` or another backslash follows, where it must be doubled
    (Sigma specification, rules, "Escaping"). `sign_follows`: a wildcard is written right behind.
    """
    if "\\" not in text and "*" not in text and "?" not in text:
        return text
    out: list[str] = []
    for index, char in enumerate(text):
        after = text[index + 1 : index + 2] or ("*" if sign_follows else "")
        before = text[index - 1 : index] if index else ""
        if char in _SIGNS:
            out.append("\\" + char)
        elif char == "\\" and (after in ("\\", "*", "?") or before == "\\") and (after or before):
            out.append("\\\\")
        else:
            out.append(char)
    return "".join(out)


def wildcard(pattern: Pattern) -> str:
    """A pattern as a Sigma value."""
    out: list[str] = []
    for index, part in enumerate(pattern.parts):
        if isinstance(part, Wild):
            out.append(part.value)
        else:
            out.append(escaped(part, sign_follows=index + 1 < len(pattern.parts)))
    return "".join(out)
