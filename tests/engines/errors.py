"""What every judging engine may say instead of a verdict."""

from __future__ import annotations


class EngineUnavailable(Exception):
    """The engine is not installed here; tests skip with this reason."""


class Unsupported(Exception):
    """The engine cannot judge this input; `operator` names the piece, so that skips can be counted."""

    def __init__(self, operator: str) -> None:
        super().__init__(operator)
        self.operator = operator
