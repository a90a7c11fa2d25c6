"""What every judging engine may say instead of a verdict."""

from __future__ import annotations


class EngineUnavailable(Exception):  # noqa: N818 (a state of this machine, not an error)
    """The engine is not installed here; tests skip with this reason."""


class Unsupported(Exception):  # noqa: N818 (an answer of the engine, not an error)
    """The engine cannot judge this input; `operator` names the piece, so that skips can be counted."""

    def __init__(self, operator: str) -> None:
        super().__init__(operator)
        self.operator = operator
