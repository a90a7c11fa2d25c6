"""Macros that a search calls, as stanzas of macros.conf."""

from __future__ import annotations

from converter.model.value import Macro


def macro_stanza(macro: Macro) -> list[str]:
    """The lines of a stanza: its head counts the arguments, and none of them is no line."""
    count = f"({len(macro.parameters)})" if macro.parameters else ""
    arguments = [f"args = {', '.join(macro.parameters)}"] if macro.parameters else []
    return [f"[{macro.name}{count}]", *arguments, f"definition = {macro.definition}"]


def macro_name(macro: Macro) -> str:
    """The name as a sentence gives it."""
    return f"{macro.name}({len(macro.parameters)})" if macro.parameters else macro.name
