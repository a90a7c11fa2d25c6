"""A YAML document with the place of every value: strict typed access, errors with file, line and column.

`yaml.compose` keeps the text of every scalar (no `on` read as True, no 1.10 as 1.1) and duplicate keys, which
`safe_load` drops.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from converter.datasets.codes import M001, M002, M003, M004
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.code import Code
from converter.diagnostics.errors import MappingError

# The C parser is six times as fast and gives the same marks.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """One YAML file and the errors about it. Every accessor raises `MappingError` at the value's place."""

    def __init__(self, text: str, name: str, root: yaml.Node | None = None) -> None:
        self.source = Source(name, text)
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.root: yaml.Node | None = root
        if root is None:
            nodes = self.nodes()
            self.root = nodes[0] if nodes else None

    def nodes(self) -> list[yaml.Node]:
        """The roots of every document in the text."""
        try:
            return list(yaml.compose_all(self.source.text, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = self._offset(mark.line, mark.column) if mark else 0
            span = Span(at, at + 1)
            message = f"this is not YAML: {error.problem or error.context}"
            raise MappingError(Diagnostic(M001, message, span=span, source=self.source)) from error
        except yaml.reader.ReaderError as error:
            # The sign itself: libyaml counts bytes up to it.
            at = max(0, self.source.text.find(chr(error.character)))
            span = Span(at, at + 1)
            message = f"this is not YAML: {error.reason}"
            raise MappingError(Diagnostic(M001, message, span=span, source=self.source)) from error

    def _offset(self, line: int, column: int) -> int:
        return self._lines[min(line, len(self._lines) - 1)] + column

    def span(self, node: yaml.Node) -> Span:
        """Where a node stands in the text; of a block value its first line only."""
        start = self._offset(node.start_mark.line, node.start_mark.column)
        end = self._offset(node.end_mark.line, node.end_mark.column)
        return Span(start, max(end, start + 1))

    def empty(self) -> MappingError:
        """The error of a text without any document."""
        return MappingError(Diagnostic(M003, "the table is empty", span=Span(0, 1), source=self.source))

    def error(self, node: yaml.Node, code: Code, message: str, hint: str = "") -> MappingError:
        """The error of this document at a node."""
        return MappingError(Diagnostic(code, message, span=self.span(node), source=self.source, hint=hint))

    def items(self, node: yaml.Node, what: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """(key, key node, value node) of a mapping; a key twice is an error."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, M003, f"expected a mapping for {what}")
        seen: set[str] = set()
        for key, value in node.value:
            name = self.text(key, f"a key of {what}")
            if name in seen:
                raise self.error(key, M002, f"the key {name!r} stands twice in {what}")
            seen.add(name)
            yield name, key, value

    def text(self, node: yaml.Node, what: str) -> str:
        """A scalar as it is written."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, M003, f"expected text for {what}")
        value: str = node.value
        return value

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        """A list of scalars, or one scalar as a list of one."""
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(item, what) for item in node.value)
        return (self.text(node, what),)

    def flag(self, node: yaml.Node, what: str) -> bool:
        """`true` or `false`, unquoted."""
        found = self.maybe_flag(node)
        if found is None:
            raise self.error(node, M003, f"expected true or false for {what}")
        return found

    def maybe_flag(self, node: yaml.Node) -> bool | None:
        """The truth value of a plain `true` or `false`, None for anything else (quoted text is text)."""
        if isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("true", "false"):
            return bool(node.value == "true")
        return None

    def choice(self, node: yaml.Node, what: str, choices: tuple[str, ...]) -> str:
        """A scalar that is one of `choices`."""
        value = self.text(node, what)
        if value not in choices:
            raise self.error(node, M004, f"{value!r} is no {what}", f"one of: {', '.join(choices)}")
        return value


def known_keys(doc: Document, node: yaml.Node, what: str, keys: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    """(key, value) of a mapping that has no other keys than these."""
    for name, key, value in doc.items(node, what):
        if name not in keys:
            raise doc.error(key, M004, f"{name!r} is no key of {what}", f"one of: {', '.join(keys)}")
        yield name, value


def documents(text: str, name: str) -> list[Document]:
    """Every YAML document of a text."""
    whole = Document(text, name)
    return [Document(text, name, node) for node in whole.nodes()]
