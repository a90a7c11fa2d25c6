"""ES|QL as Elasticsearch reads it: `parse` makes the tree, `lower` says what it means."""

from converter.languages.esql.parse import parse
from converter.languages.esql.query import From
from converter.readers.esql.lower import Lowered, Tables, lower

__all__ = ["From", "Lowered", "Tables", "lower", "parse"]
