"""What a script's expression comes to: a text or number that may be null, or a truth."""

from __future__ import annotations

from typing import Literal as Word

from backends.sentinel.condition import tree
from converter.deferred import dataclass
from converter.languages.kusto.syntax import Expression, Typed


class Unsayable(Exception):  # noqa: N818  # not a fault: it ends the emission of one script, with its reason
    """A call that has no exact form in Kusto; the text says why."""


@dataclass(frozen=True, slots=True)
class Term:
    """An expression of a type, and the conditions that hold exactly where it is not null.

    `constant` is the value of a literal. A term of type bool is the text of a truth.
    """

    expression: Expression
    type: Word["string", "long", "real", "bool", "null"]
    guards: tuple[Expression, ...] = ()
    constant: str | int | float | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.type in {"long", "real"}


NULL = Term(Typed("long", "null"), "null", (tree.FALSE,))


@dataclass(frozen=True, slots=True)
class Truth:
    """The conditions under which it is true and false; where neither holds it is null."""

    true: Expression
    false: Expression


UNKNOWN = Truth(tree.FALSE, tree.FALSE)


def not_null(value: Expression) -> Expression:
    """The number or time is not null."""
    return tree.call("isnotnull", value)


def guards(*terms: Term) -> tuple[Expression, ...]:
    """The guards of all terms, each once."""
    return tuple(dict.fromkeys(g for t in terms for g in t.guards))
