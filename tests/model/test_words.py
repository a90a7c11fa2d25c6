"""A leaf in plain words, as people read it in a report."""

from __future__ import annotations
