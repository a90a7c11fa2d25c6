"""ES|QL as Elasticsearch reads it: `parse` makes the tree, `lower` says what it means.

Imported at first use: a target that asks for one function of this room needs no reader.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from converter.languages.esql.parse import parse
    from converter.languages.esql.query import From
    from converter.readers.esql.context import Tables
    from converter.readers.esql.lowering import Lowered, lower

__all__ = ["From", "Lowered", "Tables", "lower", "parse"]

_HOMES = {
    "From": "converter.languages.esql.query",
    "Lowered": "converter.readers.esql.lowering",
    "Tables": "converter.readers.esql.context",
    "lower": "converter.readers.esql.lowering",
    "parse": "converter.languages.esql.parse",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
