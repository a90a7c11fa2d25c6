"""Microsoft Sentinel: Kusto queries and analytics rules."""

from __future__ import annotations

from backends.sentinel.target import TARGET

__all__ = ["TARGET"]
