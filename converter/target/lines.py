"""Texts of a rule inside comments and settings, which end with the line."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with blanks for line breaks and whatever cannot be seen, never two of them together."""
    shown = " ".join(text.split())
    if shown.isprintable():
        return shown
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())
