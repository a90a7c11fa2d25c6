"""kuery, Kibana's query language: `parse` reads it, `lower` says what it means."""

from converter.languages.kuery.parse import parse
from converter.readers.kuery.lower import lower

__all__ = ["lower", "parse"]
