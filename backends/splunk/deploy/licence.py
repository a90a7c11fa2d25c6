"""The licences that travel with a package of converted rules."""

from __future__ import annotations

from importlib.resources import files


def licence_files(*, elastic: bool) -> dict[str, str]:
    """The files by name; `elastic`: a rule of Elastic's is among those converted, and its licence asks for it."""
    if not elastic:
        return {}
    folder = files("converter") / "licences"
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda one: one.name)
        if entry.name.endswith(".txt")
    }
