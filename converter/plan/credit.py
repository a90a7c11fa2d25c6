"""Whose rule an artifact was made of, and what its licence asks to be said."""

from __future__ import annotations

from converter.deferred import dataclass
from converter.model.metadata import Metadata

ELASTIC_LICENCE = "Elastic-2.0"
"""The licence's identifier in the list of SPDX."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Text of the rule's file stands here as written: a target escapes it for where it goes.

    `notice` says in one sentence that the artifact is a modified copy, and of what: Elastic License 2.0 asks for a
    prominent notice of modification (its section "Notices"). `licence` is the identifier or the words of the file,
    `kind` whose format the file has: Elastic or Sigma.
    """

    rule_id: str
    authors: tuple[str, ...]
    licence: str
    notice: str
    kind: str = "Elastic"

    @property
    def elastic(self) -> bool:
        """Whether the rule is Elastic's, under its licence."""
        return self.licence == ELASTIC_LICENCE

    @property
    def origin(self) -> str:
        """The rule's id and its authors; "" if neither is known."""
        parts = [f"{self.kind} rule {self.rule_id}" if self.rule_id else ""]
        parts.append(f"by {', '.join(self.authors)}" if self.authors else "")
        return " ".join(filter(None, parts))


def credit(meta: Metadata) -> Credit:
    """The credit of a rule."""
    if meta.license.lower().startswith("elastic license"):
        notice = "Converted (modified) by siemglot from a rule of Elasticsearch B.V.; Elastic License 2.0."
        return Credit(meta.rule_id, meta.author, ELASTIC_LICENCE, notice)
    stated = f" Licence: {meta.license}." if meta.license else ""
    kind = "Sigma" if meta.language == "sigma" else "Elastic"
    return Credit(meta.rule_id, meta.author, meta.license, f"Converted (modified) by siemglot.{stated}", kind)
