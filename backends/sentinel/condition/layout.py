"""Conditions as a small tree, and how they are laid out: one condition a line where a line gets long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from converter.languages.fragment import ATOM as _ATOM

ATOM = _ATOM
OR = 10
AND = 20
COMPARE = 40
WIDTH = 110
_STEP = "    "


@dataclass(frozen=True, slots=True)
class Leaf:
    """A finished condition that is true or false, never null; `negated` is its own opposite, if it has a short one."""

    text: str
    negated: str = ""
    binds: int = COMPARE


@dataclass(frozen=True, slots=True)
class Listing:
    """A condition over a list: `head (items) tail`; `negated` is the head of its opposite ("": none)."""

    head: str
    items: tuple[str, ...]
    negated: str = ""
    tail: str = ")"
    binds: int = COMPARE


@dataclass(frozen=True, slots=True)
class Chain:
    """Conditions joined by `and` or `or`; at least two."""

    word: Literal["and", "or"]
    terms: tuple[Expr, ...]

    @property
    def binds(self) -> int:
        """The strength of the joining word."""
        return AND if self.word == "and" else OR


@dataclass(frozen=True, slots=True)
class Negation:
    """`not(term)`."""

    term: Expr
    binds: int = ATOM


Expr = Leaf | Listing | Chain | Negation

TRUE = Leaf("true", "false", ATOM)
FALSE = Leaf("false", "true", ATOM)


def chain(word: Literal["and", "or"], terms: Sequence[Expr]) -> Expr:
    """The terms joined; a term that is such a chain itself is merged, one term stays as it is."""
    flat_terms: list[Expr] = []
    for term in terms:
        if isinstance(term, Chain) and term.word == word:
            flat_terms.extend(term.terms)
        else:
            flat_terms.append(term)
    if not flat_terms:
        return TRUE if word == "and" else FALSE
    return flat_terms[0] if len(flat_terms) == 1 else Chain(word, tuple(flat_terms))


def negate(expr: Expr) -> Expr:
    """The opposite, in its short form where there is one."""
    match expr:
        case Leaf(text, negated) if negated:
            return Leaf(negated, text, expr.binds)
        case Listing(head, items, negated) if negated:
            return Listing(negated, items, head, expr.tail, expr.binds)
        case Negation(term):
            return term
        case _:
            return Negation(expr)


def flat(expr: Expr) -> str:
    """The condition on one line."""
    match expr:
        case Leaf():
            return expr.text
        case Listing():
            return f"{expr.head}{', '.join(expr.items)}{expr.tail}"
        case Chain():
            return f" {expr.word} ".join(_flat_within(t) for t in expr.terms)
        case Negation():
            return f"not({flat(expr.term)})"


def _flat_within(expr: Expr) -> str:
    return f"({flat(expr)})" if isinstance(expr, Chain) else flat(expr)


def lay(expr: Expr, indent: str, lead: int = 8) -> str:
    """The condition, broken into lines that start with `indent` if it is longer than a line.

    `lead` characters already stand on its first line beyond the indentation.
    """
    short = flat(expr)
    if len(indent) + lead + len(short) <= WIDTH:
        return short
    inner = indent + _STEP
    match expr:
        case Leaf():
            return short
        case Listing():
            items = f",\n{inner}".join(expr.items)
            return f"{expr.head}\n{inner}{items}\n{indent}{expr.tail}"
        case Chain():
            return f"\n{indent}{expr.word} ".join(_within(t, indent) for t in expr.terms)
        case Negation():
            return f"not(\n{inner}{lay(expr.term, inner, 0)}\n{indent})"


def _within(expr: Expr, indent: str) -> str:
    if not isinstance(expr, Chain):
        return lay(expr, indent, 4)
    short = f"({flat(expr)})"
    if len(indent) + 4 + len(short) <= WIDTH:
        return short
    inner = indent + _STEP
    return f"(\n{inner}{lay(expr, inner, 0)}\n{indent})"


def conditions(expr: Expr, indent: str = _STEP) -> str:
    """The body of a `where`: each term of an `and` on its own line."""
    if isinstance(expr, Chain) and expr.word == "and":
        return f"\n{indent}and ".join(_within(t, indent) for t in expr.terms)
    return lay(expr, indent)
