"""Named pieces of a platform's language that counterparts call: `macros.yaml` beside the tables."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from converter.datasets.reading.encoding import Decoder, Encoder
from converter.datasets.reading.kept import kept
from converter.model.value import Macro

if TYPE_CHECKING:
    from converter.datasets.reading.document import Document

FILE = Path(__file__).parent.parent / "macros.yaml"

_KEYS = ("parameters", "call", "definition", "note")


@functools.cache
def macros() -> Mapping[str, Mapping[str, Macro]]:
    """The macros of each platform by name. Raises MappingError."""
    text = FILE.read_text(encoding="utf-8")
    made = kept("macros.json", text, lambda: {"macros": Encoder({})(_read(text))})
    found: Mapping[str, Mapping[str, Macro]] = Decoder([])(made["macros"])
    return found


def _read(text: str) -> Mapping[str, Mapping[str, Macro]]:
    from converter.datasets.reading.document import Document  # what is prepared needs no YAML

    doc = Document(text, "converter/datasets/macros.yaml")
    assert doc.root is not None  # noqa: S101  # the file is ours
    return {
        platform: {name: _macro(doc, name, value) for name, _, value in doc.items(node, platform)}
        for platform, _, node in doc.items(doc.root, "macros")
    }


def _macro(doc: Document, name: str, node: object) -> Macro:
    parts = {key: value for key, _, value in doc.items(node, f"the macro {name}")}  # type: ignore[arg-type]
    return Macro(
        name=name,
        parameters=doc.texts(parts["parameters"], "parameters"),
        call=doc.text(parts["call"], "call"),
        definition=doc.text(parts["definition"], "definition").strip(),
        note=doc.text(parts["note"], "note") if "note" in parts else "",
    )
