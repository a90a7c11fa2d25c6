"""Sigma rules and correlations, through pySigma."""

from __future__ import annotations

from backends.sigma.target import TARGET

__all__ = ["TARGET"]
