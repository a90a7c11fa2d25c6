"""Where lines break: text as a tree whose breaks are taken only where a line would be too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.deferred import dataclass

WIDTH = 110
INDENT = 4


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may end; on one line it is `flat`."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Hard:
    """A place where a line ends."""


class Nest:
    """Lines that begin inside are indented."""

    __slots__ = ("flat", "inner")

    def __init__(self, inner: Doc) -> None:
        self.inner = inner
        self.flat = flat(inner)


class _Parts:
    """What has parts. `flat`: its text on one line, None if it has lines of its own or is wider than any line.

    It is known from the beginning, since each level asks for all below it.
    """

    __slots__ = ("flat", "parts")

    def __init__(self, parts: tuple[Doc, ...]) -> None:
        self.parts = parts
        self.flat = _joined(parts, "")


class Group(_Parts):
    """On one line if that fits, else with every break of its own taken."""

    __slots__ = ()


class Fill(_Parts):
    """Parts one after another, as many on a line as fit."""

    __slots__ = ("between",)

    def __init__(self, parts: tuple[Doc, ...], between: str = " ") -> None:
        self.parts, self.between = parts, between
        self.flat = _joined(parts, between)


class Row(_Parts):
    """Parts side by side."""

    __slots__ = ()


Doc = str | Break | Hard | Nest | Group | Fill | Row


def row(*parts: Doc) -> Doc:
    """Parts side by side."""
    return Row(parts)


def flat(doc: Doc) -> str | None:
    """The text on one line, or None if it has lines of its own or is wider than a line."""
    if isinstance(doc, str):
        return doc if len(doc) <= WIDTH and "\n" not in doc else None
    return None if isinstance(doc, Hard) else doc.flat


def _joined(parts: Sequence[Doc], between: str) -> str | None:
    out: list[str] = []
    left = WIDTH
    for part in parts:
        text = part if isinstance(part, str) else flat(part)
        if text is None or (left := left - len(text)) < 0:
            return None
        out.append(text)
    return flat(between.join(out))


def render(doc: Doc) -> str:
    """The text in lines."""
    paper = _Paper()
    paper.put(doc, 0, broken=True)
    return "".join(paper.out)


class _Paper:
    """What is written, and the column that it has come to."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._column = 0

    def put(self, doc: Doc, indent: int, *, broken: bool) -> None:
        """Write a part; `broken`: the breaks that are directly inside are taken."""
        match doc:
            case str():
                self._text(doc)
            case Row():
                if broken or not self._fits(doc.flat):
                    for part in doc.parts:
                        self.put(part, indent, broken=broken)
            case Nest():
                self.put(doc.inner, indent + INDENT, broken=broken)
            case Fill():
                self._fill(doc.parts, doc.between, indent)
            case Group():
                if not self._fits(doc.flat):
                    for part in doc.parts:
                        self.put(part, indent, broken=True)
            case Hard():
                self._line(indent)
            case Break(text):
                if broken:
                    self._line(indent)
                else:
                    self._text(text)
            case _:
                assert_never(doc)

    def _fits(self, line: str | None) -> bool:
        """Write the text of a part if it has one and there is room for it: so has all in it then."""
        if line is None or self._column + len(line) > WIDTH:
            return False
        self.out.append(line)
        self._column += len(line)
        return True

    def _fill(self, parts: Sequence[Doc], between: str, indent: int) -> None:
        for number, part in enumerate(parts):
            text = flat(part)
            if number:
                if text is not None and self._fits(between + text):
                    continue
                self._text(between.rstrip())
                self._line(indent)
            if not self._fits(text):
                self.put(part, indent, broken=False)

    def _text(self, text: str) -> None:
        self.out.append(text)
        tail = text.rpartition("\n")
        self._column = len(tail[2]) if tail[1] else self._column + len(text)

    def _line(self, indent: int) -> None:
        self.out.append("\n" + " " * indent)
        self._column = indent
