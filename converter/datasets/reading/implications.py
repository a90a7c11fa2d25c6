"""What a table declares that every event of a place obeys."""

from __future__ import annotations

import yaml

from converter.datasets.codes import M003, M005
from converter.datasets.reading.document import Document, known_keys
from converter.datasets.reading.table import Implied

_KEYS = ("when", "then", "ev")


def implications(doc: Document, node: yaml.Node | None) -> tuple[Implied, ...]:
    """A list of `{when: condition, then: condition, ev: [...]}`. Raises MappingError at a slip."""
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise doc.error(node, M003, "expected a list for implies")
    return tuple(_implied(doc, one) for one in node.value)


def _implied(doc: Document, node: yaml.Node) -> Implied:
    parts = dict(known_keys(doc, node, "an implication", _KEYS))
    for needed in ("when", "then"):
        if needed not in parts:
            raise doc.error(node, M005, f"the implication has no {needed!r}")
    evidence = doc.texts(parts["ev"], "ev") if "ev" in parts else ()
    return Implied(
        doc.text(parts["when"], "a condition"), doc.text(parts["then"], "a condition"), evidence, doc.span(node)
    )
