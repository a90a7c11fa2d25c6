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


@dataclass(frozen=True, slots=True)
class Nest:
    """Lines that begin inside are indented."""

    inner: Doc


@dataclass(frozen=True, slots=True)
class Group:
    """On one line if that fits, else with every break of its own taken."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Fill:
    """Parts one after another, as many on a line as fit."""

    parts: tuple[Doc, ...]
    between: str = " "


@dataclass(frozen=True, slots=True)
class Row:
    """Parts side by side."""

    parts: tuple[Doc, ...]


Doc = str | Break | Hard | Nest | Group | Fill | Row


def row(*parts: Doc) -> Doc:
    """Parts side by side."""
    return Row(parts)


def flat(doc: Doc) -> str | None:
    """The text on one line, or None if it has lines of its own."""
    match doc:
        case str():
            return doc if "\n" not in doc else None
        case Break():
            return doc.flat
        case Hard():
            return None
        case Nest(inner):
            return flat(inner)
        case Group() | Row() | Fill():
            return _remembered(doc)
        case _:
            assert_never(doc)


_known: dict[int, tuple[Doc, str | None]] = {}
"""The texts of documents that were asked for last, by the document's id: each level asks for all below it."""
_MOST_KNOWN = 4096


def _remembered(doc: Group | Row | Fill) -> str | None:
    known = _known.get(id(doc))
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[id(doc)] = (doc, _joined(doc.parts, doc.between if isinstance(doc, Fill) else ""))
    return known[1]


def _joined(parts: Sequence[Doc], between: str) -> str | None:
    out: list[str] = []
    for part in parts:
        text = flat(part)
        if text is None:
            return None
        out.append(text)
    return between.join(out)


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
            case Break(text):
                if broken:
                    self._line(indent)
                else:
                    self._text(text)
            case Hard():
                self._line(indent)
            case Nest(inner):
                self.put(inner, indent + INDENT, broken=broken)
            case Row(parts):
                for part in parts:
                    self.put(part, indent, broken=broken)
            case Group(parts):
                line = flat(doc)
                if line is not None and self._column + len(line) <= WIDTH:
                    self._text(line)
                    return
                for part in parts:
                    self.put(part, indent, broken=True)
            case Fill(parts, between):
                self._fill(parts, between, indent)
            case _:
                assert_never(doc)

    def _fill(self, parts: Sequence[Doc], between: str, indent: int) -> None:
        for number, part in enumerate(parts):
            text = flat(part)
            if number:
                if text is not None and self._column + len(between) + len(text) <= WIDTH:
                    self._text(between)
                else:
                    self._text(between.rstrip())
                    self._line(indent)
            self.put(part, indent, broken=False)

    def _text(self, text: str) -> None:
        self.out.append(text)
        tail = text.rpartition("\n")
        self._column = len(tail[2]) if tail[1] else self._column + len(text)

    def _line(self, indent: int) -> None:
        self.out.append("\n" + " " * indent)
        self._column = indent
