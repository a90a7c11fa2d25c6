"""Texts of rules in XML: escaped, and without the characters that XML cannot hold."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from converter.deferred import compiled

_NOT_XML = compiled("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no document of XML 1.0 holds: https://www.w3.org/TR/xml/#charsets"""


def attribute(text: str) -> str:
    """The text as the value of an attribute, with its quotation marks."""
    return quoteattr(_held(text))


def content(text: str) -> str:
    """The text between two tags."""
    return escape(_held(text))


def _held(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
