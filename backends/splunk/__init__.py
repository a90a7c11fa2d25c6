"""Splunk: searches and saved searches."""

from __future__ import annotations

from backends.splunk.target import TARGET

__all__ = ["TARGET"]
