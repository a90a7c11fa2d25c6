"""YAML as JSON-like values with the place of every key: what an API body looks like in a repository.

Scalars are read by YAML 1.2's core rules, as Kibana's clients write them: `on` and `yes` are texts.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from converter.deferred import compiled
from converter.diagnostics import Diagnostic, Source, Span
from converter.rulefile.codes import F004, F005
from converter.rulefile.positions import Path

_INTEGER = compiled(r"[-+]?\d{1,300}")
_FLOAT = compiled(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_WORDS: dict[str, object] = {"null": None, "~": None, "": None, "true": True, "false": False}
_MOST_NODES = 200_000
"""Aliases can make a short text large: nobody writes rules of more values than this."""


class YamlPositions:
    """The spans of keys and values of one YAML document, by path."""

    def __init__(self) -> None:
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}

    def key(self, path: Path) -> Span | None:
        """The span of a key, or of the nearest key above it."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path)

    def value(self, path: Path) -> Span | None:
        """The span of a value as written."""
        return self.values.get(path)


def documents(source: Source) -> Iterator[tuple[object, YamlPositions] | Diagnostic]:
    """The documents of a text; the first slip ends it."""
    try:
        for root in yaml.compose_all(source.text, Loader=yaml.SafeLoader):
            reader = _Reader(source)
            value = reader.value(root, ())
            yield reader.slip or (value, reader.positions)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # else it is a sign that YAML does not take, at its position
        at = min(mark.index if mark is not None else getattr(error, "position", 0), len(source.text))
        said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
        yield Diagnostic(F004, f"not valid YAML: {said}", span=Span(at, min(at + 1, len(source.text))), source=source)
    except RecursionError:
        yield Diagnostic(F005, "the YAML is nested too deeply", span=Span(0, 0), source=source)


class _Reader:
    """Turns the nodes of one document into values."""

    def __init__(self, source: Source) -> None:
        self.positions = YamlPositions()
        self.slip: Diagnostic | None = None
        self._source = source
        self._nodes = 0

    def value(self, node: yaml.Node, path: Path) -> object:
        """The value of a node at `path`."""
        self._nodes += 1
        span = Span(node.start_mark.index, node.end_mark.index)
        if self._nodes > _MOST_NODES:
            self._fail("the YAML says the same by aliases too often", span)
            return None
        self.positions.values.setdefault(path, span)
        if isinstance(node, yaml.ScalarNode):
            return scalar(node.value) if node.style is None else node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._element(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _element(self, node: yaml.Node, path: Path) -> object:
        self.positions.keys.setdefault(path, Span(node.start_mark.index, node.start_mark.index + 1))
        return self.value(node, path)

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            span = Span(key.start_mark.index, key.end_mark.index)
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in found:
                self._fail("a key stands twice" if name else "a key is no text", span)
                continue
            self.positions.keys.setdefault((*path, name), span)
            found[name] = self.value(value, (*path, name))
        return found

    def _fail(self, what: str, span: Span) -> None:
        self.slip = self.slip or Diagnostic(F004, f"not valid YAML: {what}", span=span, source=self._source)


def scalar(text: str) -> object:
    """The value of a plain scalar."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
