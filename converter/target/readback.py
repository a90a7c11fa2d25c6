"""What reading an artifact back gives: the same condition, another one, or that this part is not read back yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How the artifact and the bound rule compare."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_READ = "not read back"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """`why` says what is not read back; `bound` and `read` are the two trees where they differ."""

    outcome: Outcome
    why: str = ""
    bound: str = ""
    read: str = ""
