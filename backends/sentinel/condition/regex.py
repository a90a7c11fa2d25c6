r"""Regular expressions in the dialect of `matches regex`.

Q regex.md (https://learn.microsoft.com/en-us/kusto/query/regex): Unicode aware, class set operators `&&`
`--` `~~`, no look-around; `\\<` and `\\>` are word boundaries, so these two are never escaped.
"""

from __future__ import annotations

from typing import assert_never

from backends.sentinel.condition.literal import hidden
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)

_META = frozenset("\\.+*?()|[]{}^$")
_CLASS_META = frozenset("\\[]&-~^")

# `(?i)` folds by Unicode: the only ASCII letters with a partner outside ASCII are k (KELVIN SIGN) and s (LONG S).
# https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt
_FOLDS_BEYOND = frozenset("kKsS")


def _char(char: str, meta: frozenset[str]) -> str:
    if char in meta:
        return "\\" + char
    return f"\\x{{{ord(char):X}}}" if hidden(char) else char


def _folded(char: str) -> str:
    """One character under `(?i)` so that exactly A-Z fold with a-z."""
    if char in _FOLDS_BEYOND:
        return f"(?-i:[{char.lower()}{char.upper()}])"
    written = _char(char, _META)
    cased = char.lower() != char or char.upper() != char
    return written if char.isascii() or not cased else f"(?-i:{written})"


def _class(node: CharClass) -> str:
    ranges = "".join(
        _char(low, _CLASS_META) + (f"-{_char(high, _CLASS_META)}" if high != low else "") for low, high in node.ranges
    )
    if not ranges:
        return r"[\x{0}-\x{10FFFF}]" if node.negated else r"[^\x{0}-\x{10FFFF}]"
    return f"[{'^' if node.negated else ''}{ranges}]"


def render(node: Regex, case: Case) -> str:
    """The expression without anchors and flags; as insensitive it stands under `(?i)`."""
    match node:
        case Char(char):
            return _folded(char) if case is Case.INSENSITIVE else _char(char, _META)
        case AnyChar():
            return "."
        case CharClass():
            # a class stays case-sensitive in Lucene (rule E04)
            return f"(?-i:{_class(node)})" if case is Case.INSENSITIVE else _class(node)
        case Concat(parts):
            return "".join(f"(?:{render(p, case)})" if isinstance(p, Alternate) else render(p, case) for p in parts)
        case Alternate(options):
            return "|".join(render(o, case) for o in options)
        case Repeat(item, least, most):
            return _repeated(render(item, case), item) + _times(least, most)
        case _:
            assert_never(node)


def _repeated(text: str, item: Regex) -> str:
    return text if isinstance(item, Char | AnyChar | CharClass) else f"(?:{text})"


def _times(least: int, most: int | None) -> str:
    match (least, most):
        case (0, None):
            return "*"
        case (1, None):
            return "+"
        case (0, 1):
            return "?"
        case (_, None):
            return f"{{{least},}}"
        case _:
            return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def flags(case: Case, *, dots: bool) -> str:
    """`(?is)`, as far as needed: `i` folds, `s` lets `.` take line breaks."""
    signs = ("i" if case is Case.INSENSITIVE else "") + ("s" if dots else "")
    return f"(?{signs})" if signs else ""


def dotted(node: Regex) -> bool:
    """Whether a `.` is in the expression."""
    match node:
        case AnyChar():
            return True
        case Char() | CharClass():
            return False
        case Concat(parts):
            return any(map(dotted, parts))
        case Alternate(options):
            return any(map(dotted, options))
        case Repeat(item):
            return dotted(item)
        case _:
            assert_never(node)


def takes_empty(node: Regex) -> bool:
    """Whether the expression matches the empty text."""
    match node:
        case Char() | AnyChar() | CharClass():
            return False
        case Concat(parts):
            return all(map(takes_empty, parts))
        case Alternate(options):
            return any(map(takes_empty, options))
        case Repeat(item, least):
            return least == 0 or takes_empty(item)
        case _:
            assert_never(node)


def whole(node: Regex, case: Case) -> str:
    """The expression with anchors and flags: it takes a whole value."""
    body = render(node, case)
    if isinstance(node, Alternate):
        body = f"(?:{body})"
    return f"{flags(case, dots=dotted(node))}^{body}$"


def of_pattern(pattern: Pattern, case: Case) -> str:
    """The expression of a wildcard pattern; a leading or trailing `*` becomes a missing anchor."""
    parts = list(pattern.parts)
    start, end = "^", "$"
    if parts and parts[0] is Wild.ANY_RUN:
        start, parts = "", parts[1:]
    if parts and parts[-1] is Wild.ANY_RUN:
        end, parts = "", parts[:-1]
    body = "".join(part_text(p, case) for p in parts)
    dots = any(isinstance(p, Wild) for p in parts)
    return f"{flags(case, dots=dots)}{start}{body}{end}"


def part_text(part: str | Wild, case: Case) -> str:
    """One part of a pattern."""
    if isinstance(part, Wild):
        return ".*" if part is Wild.ANY_RUN else "."
    return "".join(_folded(c) if case is Case.INSENSITIVE else _char(c, _META) for c in part)
