"""What can go wrong when a search is read or planned.

SplError
├── UnknownCommand   a command that is parsed but not executed here
└── UnknownFunction  an eval or stats function that is not implemented
"""

from __future__ import annotations


class SplError(Exception):
    """A search Splunk would refuse, or one this interpreter cannot judge; `at` is an offset into `text`."""

    def __init__(self, message: str, at: int = 0, text: str = "") -> None:
        self.message = message
        self.at = at
        self.text = text
        super().__init__(message)

    def __str__(self) -> str:
        if not self.text:
            return f"{self.message} (at {self.at})"
        around = self.text[max(0, self.at - 30) : self.at] + "»" + self.text[self.at : self.at + 40]
        return f"{self.message} (at {self.at}: …{around}…)"


def whole(value: str, at: int) -> int:
    """A count that a search gives as text."""
    if not value.isascii() or not value.isdigit():
        raise SplError(f"{value} is not a whole number", at)
    return int(value)


class UnknownCommand(SplError):  # noqa: N818
    """The command is not executed by this interpreter."""


class UnknownFunction(SplError):  # noqa: N818
    """The function is not implemented by this interpreter."""
