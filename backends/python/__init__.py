"""A standalone Python module, standard library only."""

from __future__ import annotations

from backends.python.target import TARGET

__all__ = ["TARGET"]
