"""Conditions as trees of joined lines: parentheses and line breaks are decided here only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Join(Enum):
    """How parts are joined. In `search`, AND is a blank and OR binds tighter, so that a mix is always parenthesised."""

    AND = "AND"
    OR = "OR"
    BLANK = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A condition that is never broken."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by one operator, at least two."""

    join: Join
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """NOT of a condition that is never NULL."""

    part: Condition


Condition = Line | Group | Negated

_WIDTH = 100
_INDENT = "    "


def joined(join: Join, parts: Sequence[Condition]) -> Condition:
    """The parts joined; one part stays as it is, a part joined the same way is taken in."""
    flat: list[Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.join is join else (part,)
    return flat[0] if len(flat) == 1 else Group(join, tuple(flat))


def inline(condition: Condition) -> str:
    """The condition on one line."""
    match condition:
        case Line(text):
            return text
        case Negated(part):
            return f"NOT {_bracketed(part)}" if isinstance(part, Group) else f"NOT ({inline(part)})"
        case Group(join, parts):
            sign = f" {join.value} " if join.value else " "
            return sign.join(_bracketed(p) for p in parts)


def _bracketed(condition: Condition) -> str:
    return f"({inline(condition)})" if isinstance(condition, Group) else inline(condition)


def lines(condition: Condition, indent: str = "") -> list[str]:
    """The condition broken into lines where it is long; the first line has no indent."""
    if len(indent) + len(inline(condition)) <= _WIDTH or isinstance(condition, Line):
        return [inline(condition)]
    if isinstance(condition, Negated):
        return _wrapped("NOT (", condition.part, indent)
    sign = f"{condition.join.value} " if condition.join.value else ""
    out: list[str] = []
    for number, part in enumerate(condition.parts):
        lead = sign if number else ""
        if isinstance(part, Group) and len(indent) + len(inline(part)) + 4 > _WIDTH:
            piece = _wrapped(f"{lead}(", part, indent)
        elif isinstance(part, Negated):
            piece = lines(part, indent)
            piece[0] = lead + piece[0]
        else:
            piece = [lead + _bracketed(part)]
        out += [piece[0] if not number else indent + piece[0], *piece[1:]]
    return out


def _wrapped(opening: str, part: Condition, indent: str) -> list[str]:
    inner = indent + _INDENT
    body = lines(part, inner)
    return [opening, inner + body[0], *body[1:], f"{indent})"]


def block(command: str, condition: Condition) -> str:
    """A command with its condition: on one line if short, else one line a top-level part, indented."""
    text = f"{command} {inline(condition)}"
    if len(text) <= _WIDTH:
        return text
    body = lines(condition, _INDENT)
    return "\n".join([f"{command} {body[0]}", *body[1:]])


def argument(condition: Condition) -> str:
    """A condition as an argument of a function, broken into lines where it is long."""
    body = lines(condition, _INDENT * 2)
    return body[0] if len(body) == 1 else f"\n{_INDENT * 2}" + "\n".join(body)
