"""Lucene query strings (`parse`, `lower`) and the Query DSL of a rule's filters (`lower_filters`)."""

from converter.languages.lucene.parse import parse
from converter.readers.lucene.filters import lower_filters
from converter.readers.lucene.lower import lower

__all__ = ["lower", "lower_filters", "parse"]
