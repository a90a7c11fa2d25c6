r"""Perl-compatible regular expressions that search in a text, as `converter.model.pattern` trees of whole values.

The subset of Sigma's specification (`. ^ $ * + ? {n,m} [ ] ( ) |`) and what rules use beside it: `\d \w \s` and their
opposites, `(?: )`, a leading `(?i)`, lazy quantifiers, which take the same texts, and escaped signs. Look-around, back
references, word boundaries and anchors inside an expression have no tree.
https://www.pcre.org/current/doc/html/pcre2pattern.html
"""

from __future__ import annotations

import re
from enum import Enum
from typing import assert_never

from converter.deferred import compiled, dataclass
from converter.languages.regex import automaton
from converter.languages.regex.charset import Ranges, classes, complement, folded, merged
from converter.languages.regex.lucene import MAX_DEPTH, MAX_LENGTH, MAX_REPEAT, RegexSyntaxError
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat

_CLASSES = classes((("\t", "\r"), (" ", " ")))
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}
_LINE: Ranges = (("\n", "\n"),)
_FLAGS = compiled(r"\(\?([a-z]+)\)")
_COUNT = compiled(r"\{(\d{1,4})(,(\d{0,4}))?\}")
_HEX = compiled(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}")
_LAST = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class Flags:
    """`folds`: case is ignored; `every`: the dot takes line breaks too; `lines`: ^ and $ stand at line breaks too."""

    folds: bool = False
    every: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class _Edge:
    """`^` or `$`."""

    start: bool
    at: int


@dataclass(frozen=True, slots=True)
class _Chain:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[_Node, ...]


_Node = Regex | _Edge | _Chain | _Choice


def parse_search(text: str, flags: Flags) -> tuple[Regex, Case]:
    """The tree for the whole values in which the expression finds something, and the case it compares in.

    Classes are written out for both cases of a letter. Raises RegexSyntaxError.
    """
    if len(text) > MAX_LENGTH:
        raise RegexSyntaxError(f"an expression of more than {MAX_LENGTH:,} characters", 0, len(text))
    start = 0
    while (found := _FLAGS.match(text, start)) is not None:
        unknown = set(found[1]) - set("ims")
        if unknown:
            raise RegexSyntaxError(f"the flag {min(unknown)} is not one of i, m and s", found.start(), found.end())
        given = found[1]
        flags = Flags(flags.folds or "i" in given, flags.every or "s" in given, flags.lines or "m" in given)
        start = found.end()
    parser = _Parser(text, flags, start)
    node = parser.choice()
    if parser.position < len(text):
        raise RegexSyntaxError("this ) closes no group", parser.position, parser.position + 1, "write \\)")
    return _opened(node, _Side.OPEN, _Side.OPEN), Case.INSENSITIVE if flags.folds else Case.SENSITIVE


@dataclass(slots=True)
class _Parser:
    """Recursive descent, character by character; each method is one rule of the grammar."""

    text: str
    flags: Flags
    position: int
    depth: int = 0

    def fail(self, message: str, start: int, hint: str = "") -> RegexSyntaxError:
        return RegexSyntaxError(message, start, min(max(self.position, start + 1), len(self.text)), hint)

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.position):
            return False
        self.position += len(sign)
        return True

    def choice(self) -> _Node:
        """choice: chain ("|" chain)*"""
        options = [self.chain()]
        while self.take("|"):
            options.append(self.chain())
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def chain(self) -> _Node:
        """chain: repeated*"""
        parts: list[_Node] = []
        while self.position < len(self.text) and self.peek() not in "|)":
            parts.append(self.repeated())
        return parts[0] if len(parts) == 1 else _Chain(tuple(parts))

    def repeated(self) -> _Node:
        """repeated: one (("*" | "+" | "?" | "{" n ["," [m]] "}") ["?" | "+"])*"""
        start = self.position
        node = self.one()
        while True:
            here = self.position
            bounds = self.bounds()
            if bounds is None:
                return node
            if isinstance(node, _Edge):
                raise self.fail("an anchor is repeated", start)
            if self.take("+"):
                raise self.fail("a possessive quantifier", here, "leave the second + out")
            self.take("?")  # lazy: what is found differs, not where something is found
            node = automaton.repeat(_opened(node, _Side.INSIDE, _Side.INSIDE), *bounds)

    def bounds(self) -> tuple[int, int | None] | None:
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.peek())
        if simple is not None:
            self.position += 1
            return simple
        count = _COUNT.match(self.text, self.position)
        if count is None:
            return None
        start, self.position = self.position, count.end()
        least = int(count[1])
        most = least if count[2] is None else int(count[3]) if count[3] else None
        if max(least, most or 0) > MAX_REPEAT:
            raise self.fail(f"more than {MAX_REPEAT} repetitions", start)
        if most is not None and most < least:
            raise self.fail("the counts run backwards", start, "swap them")
        return least, most

    def one(self) -> _Node:
        """one: "." | "^" | "$" | group | class | escape | char"""
        start = self.position
        char = self.text[start]
        self.position += 1
        match char:
            case ".":
                return AnyChar() if self.flags.every else CharClass(_LINE, negated=True)
            case "^" | "$":
                if self.flags.lines:
                    raise self.fail("an anchor at line breaks (the flag m)", start)
                return _Edge(char == "^", start)
            case "(":
                return self.group(start)
            case "[":
                return self.char_class(start)
            case "\\":
                return self.escape(start)
            case "*" | "+" | "?":
                raise self.fail(f"{char} has nothing to repeat", start, f"write \\{char} for the character")
            case _:
                return Char(char)

    def group(self, start: int) -> _Node:
        if self.take("?"):
            name = re.compile(r"P?<[A-Za-z_]\w*>").match(self.text, self.position)
            if name is not None:
                self.position = name.end()
            elif not self.take(":"):
                self.position += 1
                raise self.fail("look-around, or another kind of group that no target has", start)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"more than {MAX_DEPTH} groups inside each other", start)
        node = self.choice()
        self.depth -= 1
        if not self.take(")"):
            self.position = start + 1
            raise self.fail("( is not closed by )", start, "write \\( for the character")
        return node

    def escape(self, start: int) -> _Node:
        found = self.escaped(start)
        return Char(found) if isinstance(found, str) else self.made(found)

    def escaped(self, start: int) -> str | Ranges:
        r"""The character, or class of characters, that a backslash and what follows stand for."""
        if self.position >= len(self.text):
            raise self.fail("a backslash at the end escapes nothing", start)
        char = self.text[self.position]
        self.position += 1
        if char in _CLASSES:
            return _CLASSES[char]
        code = _HEX.match(self.text, self.position - 1)
        if code is not None and int(code[1] or code[2], 16) <= ord(_LAST):
            self.position = code.end()
            return chr(int(code[1] or code[2], 16))
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char.isascii() and char.isalnum():
            raise self.fail(f"\\{char} has no counterpart in other languages", start)
        return char

    def made(self, ranges: Ranges) -> Regex:
        """A class in the shorter of its two forms, with both cases of each letter where case is ignored."""
        if self.flags.folds:
            ranges = folded(ranges)
        if ranges and ranges[-1][1] == _LAST:
            return CharClass(complement(ranges), negated=True)
        return CharClass(ranges)

    def char_class(self, start: int) -> Regex:
        """class: "[" ["^"] item+ "]"; the first item may be the character "]"."""
        negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self.take("]"):
            first = False
            if self.position >= len(self.text):
                self.position = start + 1
                raise self.fail("[ is not closed by ]", start, "write \\[ for the character")
            ranges += self.item()
        found = merged(ranges)
        # What is outside a class is outside both cases of its letters.
        inside = self.made(found)
        if not negated:
            return inside
        assert isinstance(inside, CharClass)  # noqa: S101 - `made` gives nothing else
        return CharClass(inside.ranges, negated=not inside.negated)

    def item(self) -> Ranges:
        """item: class | char ["-" char]"""
        start = self.position
        if self.text.startswith("[:", start):
            raise self.fail("a class named [: :]", start)
        low = self.member()
        if not isinstance(low, str):
            return low
        behind = self.text[self.position + 1 : self.position + 2]
        if self.peek() != "-" or behind in ("", "]"):
            return ((low, low),)
        self.position += 1
        high = self.member()
        if not isinstance(high, str):
            return merged(((low, low), ("-", "-"), *high))
        if low > high:
            raise self.fail(f"the range {low}-{high} runs backwards", start, "swap the two ends")
        return ((low, high),)

    def member(self) -> str | Ranges:
        start = self.position
        char = self.text[start]
        self.position += 1
        if char != "\\":
            return char
        if self.peek() == "b":
            self.position += 1
            return "\b"
        return self.escaped(start)


_ANY_RUN = Repeat(AnyChar(), 0, None)


class _Side(Enum):
    """What stands at a side of a part: `OPEN`: any text may. `EDGE`: the end of the value. `INSIDE`: other parts."""

    OPEN = "open"
    EDGE = "edge"
    INSIDE = "inside"


def _opened(node: _Node, left: _Side, right: _Side) -> Regex:
    """The node as a whole value, or as the piece of one that stands between the sides."""
    match node:
        case _Choice(options):
            return automaton.alternate([_opened(option, left, right) for option in options])
        case _Chain(parts):
            return _opened_chain(parts, left, right)
        case _Edge():
            return _opened_chain((node,), left, right)
        case Char() | AnyChar() | CharClass() | Concat() | Alternate() | Repeat():
            before, after = ([_ANY_RUN] if side is _Side.OPEN else [] for side in (left, right))
            return automaton.concat([*before, node, *after])
        case _:
            assert_never(node)


def _opened_chain(parts: tuple[_Node, ...], left: _Side, right: _Side) -> Regex:
    while parts and isinstance(parts[0], _Edge) and parts[0].start and left is not _Side.INSIDE:
        left, parts = _Side.EDGE, parts[1:]
    while parts and isinstance(parts[-1], _Edge) and not parts[-1].start and right is not _Side.INSIDE:
        right, parts = _Side.EDGE, parts[:-1]
    # A run of anything takes in a run of what is no line break beside it.
    while left is _Side.OPEN and len(parts) > 1 and _is_run(parts[0]):
        parts = parts[1:]
    while right is _Side.OPEN and len(parts) > 1 and _is_run(parts[-1]):
        parts = parts[:-1]
    sides = {left, right}
    if not parts or (len(parts) == 1 and _is_run(parts[0]) and sides == {_Side.OPEN}):
        return _ANY_RUN if _Side.OPEN in sides else Concat(())
    found: list[Regex] = []
    for number, part in enumerate(parts):
        if isinstance(part, _Edge):
            raise RegexSyntaxError("an anchor inside the expression", part.at, part.at + 1)
        before = left if number == 0 else _Side.INSIDE
        after = right if number == len(parts) - 1 else _Side.INSIDE
        found.append(_opened(part, before, after))
    return automaton.concat(found)


def _is_run(part: _Node) -> bool:
    return isinstance(part, Repeat) and part in (_ANY_RUN, Repeat(CharClass(_LINE, negated=True), 0, None))
