"""Stanzas of Splunk's .conf files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from converter.deferred import compiled, dataclass, replace
from converter.target.lines import one_line

_BREAKS = compiled(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Signs that some readers of .conf files take for the end of a line, and others that no file should hold."""


def title(text: str) -> str:
    """Text inside the brackets of a stanza's head."""
    return one_line(text.replace("[", "(").replace("]", ")"))


def value(text: str) -> str:
    """A value: a line break goes on behind a backslash, and no line of its own ends in one."""
    lines = _BREAKS.sub(" ", text).split("\n")
    return "\n".join(f"{line} " if line.endswith("\\") else line for line in lines).replace("\n", " \\\n")


def compact(data: object) -> str:
    """JSON without blanks and, lest a backslash be taken for a line that goes on, all of it in ASCII."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Stanza:
    """One stanza; a setting without value is left out when it is written."""

    head: str
    settings: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Its lines."""
        lines = [f"{key} = {value(text)}" for key, text in self.settings if text]
        return "\n".join([f"[{title(self.head)}]", *lines]) + "\n"

    def get(self, key: str) -> str:
        """The value of a setting; "" if it has none."""
        return dict(self.settings).get(key, "")

    def called(self, head: str) -> Stanza:
        """The same under another head."""
        return replace(self, head=head)


def stanza(head: str, settings: Mapping[str, str]) -> Stanza:
    """One stanza, settings in the given order."""
    return Stanza(head, tuple(settings.items()))


def commented(lines: Iterable[str]) -> str:
    """Lines as comments; a line that goes on is a comment too."""
    return "".join(f"# {line}".rstrip() + "\n" for text in lines for line in text.split("\n"))
