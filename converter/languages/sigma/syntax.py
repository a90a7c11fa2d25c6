"""The trees of a Sigma detection: what it searches for, and the condition over the searches."""

from __future__ import annotations

from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Span

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of an item, as YAML has it."""

    value: Scalar
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """`key: values`. `name` is the field, "" for a search in the whole event; `modifiers` stand as written."""

    name: str
    modifiers: tuple[str, ...]
    entries: tuple[Entry, ...]
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> str:
        """The key as written."""
        return "|".join((self.name, *self.modifiers))


@dataclass(frozen=True, slots=True)
class Every:
    """A map: each of its parts must hold."""

    parts: tuple[Search, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """A list: one of its parts must hold."""

    parts: tuple[Search, ...]


Search = Item | Every | Some


@dataclass(frozen=True, slots=True)
class Named:
    """A search by its name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Picked:
    """`1 of pattern`, `all of pattern`: searches whose names match; `pattern` None is `them`."""

    every: bool
    pattern: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold."""

    term: Condition


@dataclass(frozen=True, slots=True)
class And:
    """Every term holds."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some term holds."""

    terms: tuple[Condition, ...]


Condition = Named | Picked | Not | And | Or
