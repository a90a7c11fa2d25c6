"""ES|QL as Elasticsearch reads it: `parse` makes the tree, `lower` says what it means."""

from converter.languages.esql.parse import parse
from converter.readers.esql.lower import Lowered, Tables, lower

__all__ = ["Lowered", "Tables", "lower", "parse"]
