"""The folder of the cache: the user's own, or none."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "SIEMGLOT_CACHE"
OFF = "off"
_NAME = "siemglot"
_OTHERS_WRITE = 0o002


def folder(environment: Mapping[str, str]) -> Path | None:
    """Where entries are: `$SIEMGLOT_CACHE` ("off" for nowhere), `$XDG_CACHE_HOME/siemglot`, or `~/.cache/siemglot`.

    None where there is no such place, or where somebody else may have written what is there.
    """
    found = _named(environment)
    return found if found is not None and _is_own(found) else None


def _named(environment: Mapping[str, str]) -> Path | None:
    own = environment.get(VARIABLE, "")
    if own:
        return None if own == OFF else Path(own)
    shared = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):  # noqa: PTH117 - as the specification says: a relative one is none
        return Path(shared, _NAME)
    home = environment.get("HOME") or environment.get("USERPROFILE") or ""
    return Path(home, ".cache", _NAME) if os.path.isabs(home) else None  # noqa: PTH117 - as above


def _is_own(path: Path) -> bool:
    """Whether only this user writes there; a folder that is not there yet is made by this user alone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "geteuid"):  # systems on which a user's folders are the user's
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE
