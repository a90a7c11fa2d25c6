"""What a target says of each node of the model: that it writes it, how far, or why not.

The table is total: `NODES` is derived from the model's unions, and a target that engines judge names every node, so
that a new node of the model is a question that each target has to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import get_args

from converter.deferred import dataclass
from converter.diagnostics.code import Code
from converter.model.predicate import Predicate
from converter.model.rule import Detection, Opaque


def _members(union: object) -> tuple[type, ...]:
    return tuple(member for member in get_args(union) if isinstance(member, type))


PREDICATES: tuple[type, ...] = _members(Predicate)
"""The node types of a predicate."""

DETECTIONS: tuple[type, ...] = tuple(kind for kind in _members(Detection) if kind is not Opaque)
"""The rule types. A detection without meaning is refused before a target sees it."""

NODES: tuple[type, ...] = (*PREDICATES, *DETECTIONS)
"""Everything a target has to say something of."""


class Gap(Enum):
    """Why a target lacks something."""

    NOT_YET = "we have not written it yet"
    PLATFORM = "the platform has no way to say it"
    NEVER = "it would mislead"


@dataclass(frozen=True, slots=True)
class Supported:
    """The node is written, whatever it holds."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The node is written in some cases and refused, with one of `codes`, in others. `sentence` says which."""

    codes: tuple[Code, ...]
    gap: Gap
    sentence: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A node type that a target never emits: the code, why, and the sentence for the user."""

    code: Code
    gap: Gap
    sentence: str


SUPPORTED = Supported()

Answer = Supported | Partial | Refusal
Support = Mapping[type, Answer]


class Level(Enum):
    """How far a target is trusted."""

    NASCENT = "nascent"
    """No engine judges what it writes: nothing it writes is called exact."""

    JUDGED = "judged"
    """Engines run what it writes, and its verdicts are compared with the model's."""


def unanswered(support: Support) -> tuple[type, ...]:
    """The nodes that a table says nothing of."""
    return tuple(node for node in NODES if node not in support)
