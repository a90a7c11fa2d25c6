"""kuery, Kibana's query language: `parse` reads it, `lower` says what it means."""

from converter.readers.kuery.lower import lower
from converter.readers.kuery.parse import parse

__all__ = ["lower", "parse"]
