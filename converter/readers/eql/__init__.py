"""EQL as Elasticsearch reads it: `parse` makes the tree, `lower` says what it means."""

from converter.readers.eql.lower import EVENT_CATEGORY, lower
from converter.readers.eql.parse import parse

__all__ = ["EVENT_CATEGORY", "lower", "parse"]
