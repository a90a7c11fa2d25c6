r"""Regular expressions of the family of Perl, as far as they are regular: for text that is read back or compared.

Kusto's `matches regex` (https://learn.microsoft.com/en-us/kusto/query/regex) and others: an expression is looked for
anywhere; `^` and `$` stand where it begins and ends; groups, alternatives, classes, quantifiers, `(?i)` and `(?s)`.
Letters fold as in ASCII. Everything else (look-around, back references, `\b`, `\<`, `\p{L}`, operators on classes) is
refused.

The dialect of Perl differs in a few signs: `$` may stand before a last line break too (`\z` stands at the end), `(?!)`
is found nowhere, and `\v` and `\h` are classes (https://www.pcre.org/current/doc/html/pcre2pattern.html).
"""

from __future__ import annotations

from typing import Final

from converter.deferred import compiled, dataclass, replace
from converter.languages.regex.charset import ASCII_FOLD, LAST, complement, folded, merged
from converter.model.pattern import Alternate, AnyChar, Char, CharClass, Concat, Regex, Repeat

ANY: Final = Repeat(AnyChar(), 0, None)
_CLASSES: Final = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "s": (("\t", "\r"), (" ", " ")),
}
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_SETS: Final = ("&&", "--", "~~")
_TIMES = compiled(r"\{(\d{1,4})(?:(,)(\d{0,4}))?\}")
_HEX = compiled(r"x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})")
_NEVER: Final = "(?!)"
_FLAGS = compiled(r"\(\?([imsxu]*)(?:-([imsxu]+))?([:)])")


class NotRegularError(ValueError):
    """The expression says what no tree here can."""


@dataclass(frozen=True, slots=True)
class _Flags:
    insensitive: bool = False
    dot_all: bool = False


def searched(text: str, *, perl: bool = False) -> Regex:
    """The expression of whole texts in which `text`, of Rust's dialect or Perl's, is found. Raises NotRegularError."""
    reader = _Reader(text, perl=perl)
    found = reader.alternatives(_Flags())
    if reader.at < len(text):
        raise NotRegularError(f"{text[reader.at]} at {reader.at}")
    return _opened(found, left=True, right=True)


@dataclass(frozen=True, slots=True)
class _Edge:
    """The beginning or the end of the text; `sign` as it is written."""

    sign: str
    begins: bool


@dataclass(frozen=True, slots=True)
class _Chain:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[_Node, ...]


_Node = Regex | _Edge | _Chain | _Choice


def _opened(node: _Node, *, left: bool, right: bool) -> Regex:
    """The node where any text may stand at the sides that are open, unless an anchor closes them."""
    match node:
        case _Choice(options):
            return Alternate(tuple(_opened(option, left=left, right=right) for option in options))
        case _Chain(parts):
            return _opened_chain(parts, left=left, right=right)
        case _Edge():
            return _opened_chain((node,), left=left, right=right)
        case _:
            return _joined([*([ANY] if left else []), node, *([ANY] if right else [])])


def _opened_chain(parts: tuple[_Node, ...], *, left: bool, right: bool) -> Regex:
    while parts and left and isinstance(parts[0], _Edge) and parts[0].begins:
        left, parts = False, parts[1:]
    while parts and right and isinstance(parts[-1], _Edge) and not parts[-1].begins:
        right, parts = False, parts[:-1]
    found: list[Regex] = [ANY] if left and not (parts and _has_edge(parts[0])) else []
    for number, part in enumerate(parts):
        if isinstance(part, _Edge):
            raise NotRegularError(f"{part.sign} inside")
        if _has_edge(part):
            found.append(_opened(part, left=left and number == 0, right=right and number == len(parts) - 1))
        else:
            found.append(_inner(part))
    if right and not (parts and _has_edge(parts[-1])):
        found.append(ANY)
    return _joined(found)


def _has_edge(node: _Node) -> bool:
    match node:
        case _Edge():
            return True
        case _Chain(parts) | _Choice(parts):
            return any(map(_has_edge, parts))
        case _:
            return False


def _inner(node: _Node) -> Regex:
    """A part with text on both sides, where an anchor has nothing to hold to."""
    match node:
        case _Choice(options):
            return Alternate(tuple(map(_inner, options)))
        case _Chain(parts):
            return _joined([_inner(part) for part in parts])
        case _Edge(sign):
            raise NotRegularError(f"{sign} inside")
        case _:
            return node


def _joined(parts: list[Regex]) -> Regex:
    return parts[0] if len(parts) == 1 else Concat(tuple(parts))


class _Reader:
    def __init__(self, text: str, *, perl: bool) -> None:
        self.text = text
        self._perl = perl
        self.at = 0
        self._depth = 0

    def alternatives(self, flags: _Flags) -> _Node:
        """One or more, separated by `|`."""
        self._depth += 1
        if self._depth > 100:  # noqa: PLR2004
            raise NotRegularError("too deep")
        first, flags = self._sequence(flags)
        options = [first]
        while self._take("|"):
            option, flags = self._sequence(flags)  # flags count up to the end of the group
            options.append(option)
        self._depth -= 1
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def _sequence(self, flags: _Flags) -> tuple[_Node, _Flags]:
        parts: list[_Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            changed = self._flag_group()
            if changed is not None:
                flags = changed(flags)
            elif self._take("^") or self._take("\\A"):
                parts.append(_Edge("^", begins=True))
            elif self._take("\\z"):
                parts.append(_Edge("\\z", begins=False))
            elif self._take("$"):
                if self._perl:  # a last line break may follow
                    parts.append(Repeat(Char("\n"), 0, 1))
                parts.append(_Edge("$", begins=False))
            elif self._perl and self._take(_NEVER):
                parts.append(CharClass(()))
            else:
                parts.append(self._repeated(flags))
        return (parts[0] if len(parts) == 1 else _Chain(tuple(parts))), flags

    def _flag_group(self) -> _Change | None:
        """`(?is)`: from here on."""
        found = _FLAGS.match(self.text, self.at)
        if found is None or found[3] != ")":
            return None
        self.at = found.end()
        return _Change(found[1], found[2] or "")

    def _repeated(self, flags: _Flags) -> _Node:
        item = self._item(flags)
        while self.at < len(self.text):
            times = _TIMES.match(self.text, self.at)
            if times is not None:
                self.at = times.end()
                most = int(times[1]) if not times[2] else int(times[3]) if times[3] else None
                if most is not None and most < int(times[1]):
                    raise NotRegularError(f"the counts {times[0]}")
                item = Repeat(_inner(item), int(times[1]), most)
            elif self._take("*"):
                item = Repeat(_inner(item), 0, None)
            elif self._take("+"):
                item = Repeat(_inner(item), 1, None)
            elif self._take("?"):
                item = Repeat(_inner(item), 0, 1)
            else:
                break
            self._take("?")  # a lazy quantifier takes the same texts
        return item

    def _item(self, flags: _Flags) -> _Node:
        group = _FLAGS.match(self.text, self.at)
        if group is not None:
            self.at = group.end()
            return self._closed(_Change(group[1], group[2] or "")(flags))
        if self._take("("):
            if self.text.startswith("?", self.at):
                raise NotRegularError("a group of this kind")
            return self._closed(flags)
        if self._take("["):
            return self._class(flags)
        if self._take("."):
            return AnyChar() if flags.dot_all else CharClass((("\n", "\n"),), negated=True)
        if self._take("\\"):
            return self._escaped(flags)
        char = self.text[self.at]
        if char in "*+?{":
            raise NotRegularError(f"{char} behind nothing")
        self.at += 1
        return _char(char, flags)

    def _closed(self, flags: _Flags) -> _Node:
        found = self.alternatives(flags)
        if not self._take(")"):
            raise NotRegularError("a group that does not end")
        return found

    def _escaped(self, flags: _Flags) -> Regex:
        char = self._sign()
        if isinstance(char, tuple):
            ranges, negated = char
            return CharClass(ranges, negated)
        return _char(char, flags)

    def _sign(self) -> str | tuple[tuple[tuple[str, str], ...], bool]:
        """What stands behind a backslash: a character, or a class and whether it is negated."""
        number = _HEX.match(self.text, self.at)
        if number is not None:
            self.at = number.end()
            code = int(number[1] or number[2], 16)
            if code > LAST:
                raise NotRegularError(f"\\{number[0]}")
            return chr(code)
        if self.at >= len(self.text):
            raise NotRegularError("a backslash at the end")
        char = self.text[self.at]
        self.at += 1
        if char.lower() in _CLASSES:
            return _CLASSES[char.lower()], char.isupper()
        if char in _SIGNS and not (self._perl and char == "v"):
            return _SIGNS[char]
        if char.isalnum() or char in "<>":  # \< and \> are the borders of a word
            raise NotRegularError(f"\\{char}")
        return char

    def _class(self, flags: _Flags) -> Regex:
        negated = self._take("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self._take("]"):
            low = self._member(ranges)
            first = False
            if low is None:
                continue
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                high = self._member([])
                if high is None:
                    raise NotRegularError("a range to a class")
                if low > high:
                    raise NotRegularError(f"the range {low}-{high}")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        return CharClass(folded(ranges) if flags.insensitive else merged(ranges), negated)

    def _member(self, ranges: list[tuple[str, str]]) -> str | None:
        """A character of a class; None for a class inside, which is added."""
        if self.at >= len(self.text):
            raise NotRegularError("a class that does not end")
        if self._take("["):
            raise NotRegularError("a class inside of a class")
        if self.text.startswith(_SETS, self.at):
            raise NotRegularError("an operator on classes")
        if not self._take("\\"):
            char = self.text[self.at]
            self.at += 1
            return char
        found = self._sign()
        if isinstance(found, str):
            return found
        inside, negated = found
        ranges += complement(merged(inside)) if negated else inside
        return None

    def _take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True


def _char(char: str, flags: _Flags) -> Regex:
    if flags.insensitive and char in ASCII_FOLD:
        return CharClass(merged((c, c) for c in ASCII_FOLD[char]))
    return Char(char)


@dataclass(frozen=True, slots=True)
class _Change:
    """Flags that are switched on and off."""

    on: str
    off: str

    def __call__(self, flags: _Flags) -> _Flags:
        if set(self.on + self.off) - set("isu"):
            raise NotRegularError(f"the flags {self.on}{self.off}")
        if "i" in self.on or "i" in self.off:
            flags = replace(flags, insensitive="i" in self.on)
        if "s" in self.on or "s" in self.off:
            flags = replace(flags, dot_all="s" in self.on)
        return flags
