"""Where a project's settings are."""

from __future__ import annotations

from pathlib import Path

from converter.cli.inputs import SETTINGS


def settings_file(named: str | None, start: Path) -> Path | None:
    """The file `named`, or the nearest `siemglot.toml` at or above `start`; None if there is none."""
    if named is not None:
        return Path(named)
    return next((folder / SETTINGS for folder in (start, *start.parents) if (folder / SETTINGS).is_file()), None)
