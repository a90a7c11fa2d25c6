"""EQL as Elasticsearch reads it: `parse` makes the tree, `lower` says what it means."""

from converter.languages.eql.parse import parse
from converter.readers.eql.lower import EVENT_CATEGORY, lower

__all__ = ["EVENT_CATEGORY", "lower", "parse"]
