"""Stanzas of Splunk's .conf files."""

from __future__ import annotations

from collections.abc import Mapping


def one_line(text: str) -> str:
    """Text without line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def title(text: str) -> str:
    """Text inside the brackets of a stanza's head."""
    return one_line(text.replace("[", "(").replace("]", ")"))


def value(text: str) -> str:
    """A value: a line break goes on behind a backslash, and no line of its own ends in one."""
    return "\n".join(f"{line} " if line.endswith("\\") else line for line in text.split("\n")).replace("\n", " \\\n")


def stanza(head: str, settings: Mapping[str, str]) -> str:
    """One stanza; settings without value are left out."""
    lines = [f"{key} = {value(text)}" for key, text in settings.items() if text]
    return "\n".join([f"[{title(head)}]", *lines]) + "\n"
