"""Several regular expressions over one text as one, in the style that the facts allow."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import regex
from backends.sentinel.condition.regex import Style
from converter.deferred import replace
from converter.model.pattern import Alternate, AnyChar, Case, Concat, Regex, Repeat

_ANY = Repeat(AnyChar(), 0, None)


def text(nodes: Sequence[Regex], case: Case, *, lenient: bool, apart: str = "") -> str:
    """An expression that takes what one of the nodes takes as a whole value.

    `lenient`: letters may fold by Unicode (fact A01). With `apart` the value is one of several joined by that
    character, which also stands before the first and behind the last.
    """
    style = style_of(nodes, case, lenient=lenient, apart=apart)
    shown = [_bounds(n) for n in nodes]
    inner = [regex.render(body, style) for _, body, _ in shown]
    borders = {(start, end) for start, _, end in shown}
    if len(borders) == 1:
        ((start, end),) = borders
        wrap = len(nodes) > 1 or any(isinstance(body, Alternate) for _, body, _ in shown)
        body = f"({'|'.join(inner)})" if wrap else inner[0]
        found = f"{_start(start, style)}{body}{_end(end, style)}"
    else:
        bodies = [f"(?:{i})" if isinstance(b, Alternate) else i for i, (_, b, _) in zip(inner, shown, strict=True)]
        found = "|".join(f"{_start(s, style)}{b}{_end(e, style)}" for b, (s, _, e) in zip(bodies, shown, strict=True))
    dots = not apart and any(regex.dotted(body) for _, body, _ in shown)
    signs = ("i" if style.flag else "") + ("s" if dots else "")
    return (f"(?{signs})" if signs else "") + found


def style_of(nodes: Sequence[Regex], case: Case, *, lenient: bool, apart: str = "") -> Style:
    """How the nodes are written together."""
    letters = [t for n in nodes for t in regex.literals(n)]
    plain = Style(case, apart=apart, ascii=not lenient)
    if case is Case.SENSITIVE or not any(c.isascii() and c.isalpha() for c in letters):
        return replace(plain, case=Case.SENSITIVE)
    alone = not any(map(regex.has_class, nodes)) and regex.may_flag(letters)
    return replace(plain, flag=alone and (lenient or not regex.folds_beyond(letters)))


def needs_ascii(nodes: Sequence[Regex], case: Case) -> bool:
    """Whether the lenient style rests on how letters fold in the data."""
    return case is Case.INSENSITIVE and regex.folds_beyond([t for n in nodes for t in regex.literals(n)])


def _bounds(node: Regex) -> tuple[bool, Regex, bool]:
    """Whether the expression is bound to the start, its body without runs at the ends, whether to the end."""
    parts = list(node.parts) if isinstance(node, Concat) else [node]
    start = end = True
    if parts and parts[0] == _ANY:
        start, parts = False, parts[1:]
    if parts and parts[-1] == _ANY:
        end, parts = False, parts[:-1]
    return start, parts[0] if len(parts) == 1 else Concat(tuple(parts)), end


def _start(bound: bool, style: Style) -> str:  # noqa: FBT001
    return ("^" if not style.apart else regex.char(style.apart)) if bound else ""


def _end(bound: bool, style: Style) -> str:  # noqa: FBT001
    return ("$" if not style.apart else regex.char(style.apart)) if bound else ""
