"""ES|QL as Elasticsearch reads it: `parse` makes the tree, `lower` says what it means.

Imported at first use: a target that asks for one function of this room needs no reader.
"""

from typing import TYPE_CHECKING

from converter.deferred import homes

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


__getattr__ = homes(__name__, _HOMES)
