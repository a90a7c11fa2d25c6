"""Elastic as a target: kuery, EQL or ES|QL in a rule file of Elastic's repository or an export for Kibana."""

from __future__ import annotations

from backends.elastic.target import TARGET

__all__ = ["TARGET"]
