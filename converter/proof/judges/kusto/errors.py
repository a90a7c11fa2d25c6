"""The interpreter's one exception."""

from __future__ import annotations


class KustoError(Exception):
    """The query is refused: by Kusto as documented, or because the interpreter does not know the piece."""
