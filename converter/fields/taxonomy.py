"""The words of a log source: which events it has, and what Elastic calls their fields.

Sigma's rules name fields as SigmaHQ's taxonomy does; the model has Elastic's names. What is what stands in data
(`converter/datasets/taxonomy`) and reaches the reader as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from converter.deferred import dataclass
from converter.model.metadata import LogSource


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of one log source.

    `where` is the EQL condition that its events satisfy, "" for none that Elastic's fields can say. `index` are the
    patterns of the data streams that hold such events. `names` maps a field of the log source to Elastic's; one that
    it does not have is `other`, in which `{name}` stands for the name. `raw` is the field with the event's text.
    `unlike` lists, by name, words that Elastic spells otherwise: a text that holds one is compared with the plain value
    (a `$` behind a word: that ends in it). `known`: a table speaks of this log source.
    """

    where: str = ""
    index: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    unlike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other: str = "{name}"
    raw: str = ""
    known: bool = False

    def path(self, name: str) -> str:
        """Elastic's name of a field; several names may have one."""
        return self.names.get(name) or self.plain(name)

    def differs(self, name: str, text: str) -> bool:
        """Whether Elastic's field may spell a text otherwise than the log source does; a wildcard in it is a `*`."""
        folded = text.lower()
        return any(
            folded.endswith(word[:-1].lower()) if word.endswith("$") else word.lower() in folded
            for word in self.unlike.get(name, ())
        )

    def plain(self, name: str) -> str:
        """The field that holds the value as the log source writes it, whatever Elastic makes of it."""
        return self.other.replace("{name}", name)


Vocabularies = Callable[[LogSource], Vocabulary]
"""Finds the words of a rule's log source."""

UNKNOWN = Vocabulary()


def unknown(_source: LogSource) -> Vocabulary:
    """A log source of which nothing is known: every name is kept."""
    return UNKNOWN
