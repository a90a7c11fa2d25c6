"""Macros that a search calls, as stanzas of macros.conf."""

from __future__ import annotations

from backends.splunk.deploy.conf import Stanza, stanza
from converter.model.value import Macro


def macro_stanza(macro: Macro) -> Stanza:
    """The stanza: its head counts the arguments, and none of them is no line."""
    count = f"({len(macro.parameters)})" if macro.parameters else ""
    settings = {"args": ", ".join(macro.parameters), "definition": macro.definition}
    return stanza(f"{macro.name}{count}", settings)


def macro_name(macro: Macro) -> str:
    """The name as a sentence gives it."""
    return f"{macro.name}({len(macro.parameters)})" if macro.parameters else macro.name
