"""Regular expressions between languages: trees from wildcard patterns, and text for each target's dialect.

The trees are `converter.model.pattern`'s. `parse_lucene` reads Lucene's syntax (`converter.languages.regex.lucene`);
`render` writes a tree by the facts of a `Dialect`, so that no target knows how another one escapes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import assert_never

from converter.deferred import dataclass
from converter.languages.regex.lucene import RegexSyntaxError, parse_lucene
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

__all__ = [
    "NEVER",
    "Dialect",
    "RegexSyntaxError",
    "Shape",
    "parse_lucene",
    "pattern_regex",
    "render",
    "shape",
]

NEVER = Alternate(())
"""The expression that matches no text. `parse_lucene` returns it, if at all, as the whole tree."""

_ANY = AnyChar()
_ANY_RUN = Repeat(_ANY, 0, None)


class Shape(Enum):
    """The kinds of wildcard pattern that most languages have a plain operator for."""

    EXACT = "exact"  # abc
    PREFIX = "prefix"  # abc*
    SUFFIX = "suffix"  # *abc
    CONTAINS = "contains"  # *abc*
    ANY = "any"  # *
    OTHER = "other"


def shape(pattern: Pattern) -> tuple[Shape, str]:
    """What kind of pattern it is, and its only text ("" for `ANY` and `OTHER`)."""
    run = Wild.ANY_RUN
    match pattern.parts:
        case ():
            return Shape.EXACT, ""
        case (str(text),):
            return Shape.EXACT, text
        case (Wild.ANY_RUN,):
            return Shape.ANY, ""
        case (str(text), last) if last is run:
            return Shape.PREFIX, text
        case (first, str(text)) if first is run:
            return Shape.SUFFIX, text
        case (first, str(text), last) if first is run and last is run:
            return Shape.CONTAINS, text
        case _:
            return Shape.OTHER, ""


def pattern_regex(pattern: Pattern) -> Regex:
    """The regular expression that matches the same whole values as a wildcard pattern."""
    parts: list[Regex] = []
    for part in pattern.parts:
        match part:
            case str():
                parts += map(Char, part)
            case Wild.ANY_RUN:
                parts.append(_ANY_RUN)
            case Wild.ANY_ONE:
                parts.append(_ANY)
            case _:
                assert_never(part)
    return parts[0] if len(parts) == 1 else Concat(tuple(parts))


_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_SPECIAL_IN_CLASS = frozenset("\\^]-[&~|")


def _escape_outside(char: str) -> str:
    """A character outside a class, for the dialects that descend from Perl's."""
    return "\\" + char if char in _SPECIAL else char


def _escape_inside(char: str) -> str:
    """A character inside `[...]`; doubled signs (`&&`, `--`, `||`, `~~`, `[[`) stay unambiguous."""
    return "\\" + char if char in _SPECIAL_IN_CLASS else char


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a regular expression engine is written to. The defaults fit RE2, PCRE and Python alike.

    `escape`, `escape_in_class`: one character outside and inside a class, as the engine must read it (the
    quoting of the string literal around it is the target's business). `any_char`: any one character, line
    breaks included. `start`, `end`: anchors of the whole value. `searches`: the engine looks for the
    expression anywhere, so that a leading or trailing run of any characters needs no text and no anchor.
    `fold`: the flag at the front that ignores case, "" = letters are written as `[aA]`. `fold_off`: a group in
    which it is off, None = the engine has none. `folds_unicode`: with the flag `k` and `s` also match U+212A
    and U+017F, and letters beyond ASCII are folded, which Lucene does not do: such characters are put in
    `fold_off`, so that the meaning stays exact.
    """

    escape: Callable[[str], str] = _escape_outside
    escape_in_class: Callable[[str], str] = _escape_inside
    any_char: str = r"[\s\S]"
    never: str = r"[^\s\S]"
    start: str = r"\A"
    end: str = r"\z"
    searches: bool = True
    group: tuple[str, str] = ("(?:", ")")
    fold: str = "(?i)"
    fold_off: tuple[str, str] | None = ("(?-i:", ")")
    folds_unicode: bool = True


def render(regex: Regex, dialect: Dialect, case: Case = Case.SENSITIVE, *, anchored: bool = True) -> str:
    """The text of `regex` in a dialect, matched against the whole value (against a part if not `anchored`)."""
    fold = case is Case.INSENSITIVE and _has_cased(regex)
    writer = _Writer(dialect, folding=fold and bool(dialect.fold) and _flag_helps(regex, dialect), insensitive=fold)
    start, end = (dialect.start, dialect.end) if anchored else ("", "")
    if anchored and dialect.searches:
        regex, open_start, open_end = _trimmed(regex)
        start, end = "" if open_start else start, "" if open_end else end
    flag = dialect.fold if writer.folding else ""
    if start or end:
        return flag + start + writer.within(regex, _CONCAT) + end
    return flag + writer.write(regex)


def _trimmed(regex: Regex) -> tuple[Regex, bool, bool]:
    """The expression without leading and trailing runs of any characters, and which of them it had."""
    parts = regex.parts if isinstance(regex, Concat) else (regex,)
    first, last = 0, len(parts)
    while first < last and parts[first] == _ANY_RUN:
        first += 1
    while first < last and parts[last - 1] == _ANY_RUN:
        last -= 1
    left = parts[first:last]
    open_end = last < len(parts) or (first > 0 and first == len(parts))
    return left[0] if len(left) == 1 else Concat(left), first > 0, open_end


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _chars(regex: Regex) -> list[str]:
    """Every literal character of the tree outside classes."""
    match regex:
        case Char(char):
            return [char]
        case AnyChar() | CharClass():
            return []
        case Concat(parts) | Alternate(parts):
            return [c for part in parts for c in _chars(part)]
        case Repeat(item):
            return _chars(item)
        case _:
            assert_never(regex)


def _classes(regex: Regex) -> list[CharClass]:
    match regex:
        case CharClass():
            return [regex]
        case AnyChar() | Char():
            return []
        case Concat(parts) | Alternate(parts):
            return [c for part in parts for c in _classes(part)]
        case Repeat(item):
            return _classes(item)
        case _:
            assert_never(regex)


def _has_cased(regex: Regex) -> bool:
    return any(map(_is_letter, _chars(regex)))


def _flag_helps(regex: Regex, dialect: Dialect) -> bool:
    """Whether the case flag may be used: what it must not touch can be exempted from it."""
    if dialect.fold_off is not None:
        return True
    return not any(_flag_changes(c, dialect) for c in _chars(regex)) and not any(
        _class_folds(c, dialect) for c in _classes(regex)
    )


def _flag_changes(char: str, dialect: Dialect) -> bool:
    """Whether the case flag makes this character match something that Lucene's folding does not."""
    if not dialect.folds_unicode:
        return False
    # U+0130 and U+0131 take part in the folding of i in some engines (Turkish), never in RE2, PCRE or Python.
    return char in "kKsS" if char.isascii() else char.lower() != char or char.upper() != char


def _class_folds(node: CharClass, dialect: Dialect) -> bool:
    """Whether the case flag changes what the class matches (a class stays case-sensitive, rule E04)."""

    def has(char: str) -> bool:
        return any(low <= char <= high for low, high in node.ranges)

    lower = "abcdefghijklmnopqrstuvwxyz"
    if any(has(c) != has(c.upper()) for c in lower):
        return True
    if not dialect.folds_unicode:
        return False
    if any(has(c) != has(other) for c, other in (("k", "\N{KELVIN SIGN}"), ("s", "\N{LATIN SMALL LETTER LONG S}"))):
        return True
    return any(not high.isascii() for _, high in node.ranges)


_ALTERNATE, _CONCAT, _REPEAT, _ATOM = 1, 2, 3, 4


@dataclass(slots=True)
class _Writer:
    """Writes nodes; `folding`: under the case flag; `insensitive`: letters ignore case, by flag or by class."""

    dialect: Dialect
    folding: bool
    insensitive: bool

    def write(self, regex: Regex) -> str:
        return self._bound(regex)[0]

    def within(self, regex: Regex, binds: int) -> str:
        """The text of a node, grouped if it binds less tightly than `binds`."""
        text, strength = self._bound(regex)
        return text if strength >= binds else self.dialect.group[0] + text + self.dialect.group[1]

    def _bound(self, regex: Regex) -> tuple[str, int]:
        match regex:
            case Char(char):
                return self._char(char), _ATOM
            case AnyChar():
                return self.dialect.any_char, _ATOM
            case CharClass():
                return self._class(regex), _ATOM
            case Concat(parts):
                return "".join(self.within(p, _CONCAT) for p in parts), _CONCAT
            case Alternate(()):
                return self.dialect.never, _ATOM
            case Alternate(options):
                return "|".join(self.within(o, _CONCAT) for o in options), _ALTERNATE
            case Repeat(item, least, most):
                return self.within(item, _ATOM) + _quantifier(least, most), _REPEAT
            case _:
                assert_never(regex)

    def _char(self, char: str) -> str:
        if not self.insensitive:
            return self.dialect.escape(char)
        if self.folding and not _flag_changes(char, self.dialect):
            return self.dialect.escape(char)
        if _is_letter(char):
            return self._exempt("[" + char.lower() + char.upper() + "]")
        return self._exempt(self.dialect.escape(char)) if self.folding else self.dialect.escape(char)

    def _class(self, node: CharClass) -> str:
        if not node.ranges:
            return self.dialect.any_char if node.negated else self.dialect.never
        low, high = node.ranges[0]
        if low == high and len(node.ranges) == 1 and not node.negated and not self.insensitive:
            return self.dialect.escape(low)
        text = "[" + ("^" if node.negated else "") + "".join(self._range(low, high) for low, high in node.ranges) + "]"
        return self._exempt(text) if self.folding and _class_folds(node, self.dialect) else text

    def _range(self, low: str, high: str) -> str:
        escape = self.dialect.escape_in_class
        if low == high:
            return escape(low)
        joint = "" if ord(high) == ord(low) + 1 else "-"
        return escape(low) + joint + escape(high)

    def _exempt(self, text: str) -> str:
        """The text with the case flag off."""
        if not self.folding or self.dialect.fold_off is None:
            return text
        return self.dialect.fold_off[0] + text + self.dialect.fold_off[1]


def _quantifier(least: int, most: int | None) -> str:
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _, None:
            return f"{{{least},}}"
        case _:
            return f"{{{least}}}" if least == most else f"{{{least},{most}}}"
