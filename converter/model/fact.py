"""What may be known of the values of a column, so that a shorter form of a condition is exact.

A data set table declares facts with their evidence; an artifact that rests on one says so. `FACTS` explains each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Trust(Enum):
    """Which facts a form may rest on: those that tables and the platform declare, or none (`--facts strict`)."""

    DECLARED = "declared"
    STRICT = "strict"


class Fact(Enum):
    """The value is the code that artifacts, reports and `siemglot explain` use."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    ASCII_CASE = "A01"
    LOWER_CASE = "A02"
    DRIVE_PATH = "A03"
    POSIX_PATH = "A04"
    ONE_LINE = "A05"
    NEVER_EMPTY = "A06"
    ONE_SPELLING = "A07"
    ADDRESS = "A09"
    WRITTEN_COMPACT = "A13"
    IDENTIFIER = "A14"
    ALWAYS = "A15"
    PLAIN_NUMBER = "A16"
    PLAIN_TEXT = "A17"

    @property
    def word(self) -> str:
        """The name that tables use: drive_path."""
        return self.name.lower()


FACTS: Mapping[Fact, str] = {
    Fact.ASCII_CASE: "letters differ in case as in ASCII: no value holds the Kelvin sign or the long s for a k or s",
    Fact.LOWER_CASE: "the platform writes the values in lower case",
    Fact.DRIVE_PATH: "a Windows path: ':\\' stands in it once, after the drive's letter (\\\\?\\C:\\x counts as C:\\x)",
    Fact.POSIX_PATH: "an absolute path that begins with /",
    Fact.ONE_LINE: "the values hold no line break",
    Fact.NEVER_EMPTY: "a value is never the empty text: a missing value is missing",
    Fact.ONE_SPELLING: "no two values differ in case only",
    Fact.ADDRESS: "an IPv4 or IPv6 address, without a port",
    Fact.WRITTEN_COMPACT: "JSON or XML text by one writer: no blanks between its parts, no escapes in what is compared",
    Fact.IDENTIFIER: "a SID, GUID or digest: letters, digits and signs of ASCII, of a fixed form",
    Fact.ALWAYS: "every event of the place has a value",
    Fact.PLAIN_NUMBER: "a whole number is written in decimal digits, without leading zeros, sign or fraction",
    Fact.PLAIN_TEXT: "no value holds the control character U+001F, which stands between values put together",
}
"""What each fact says of a column."""

PLATFORM_WIDE = frozenset({Fact.ASCII_CASE, Fact.PLAIN_NUMBER, Fact.PLAIN_TEXT})
"""Facts that hold of every column unless `--facts strict` asks for forms that need none."""
