"""What a conversion gives: text, a file name, and how faithful it is."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from converter.forms.choose import Assumption
    from converter.target.account import Account


class Status(StrEnum):
    """How faithful an artifact is; the values are the words of reports."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path below a folder, parts parted by `/`, and its bytes.

    The folder is the output's for a file of a bundle, the artifact's for one that goes with an artifact. In a bundle
    `artifact` is the index of the artifact that the file is of, None for what several share.
    """

    path: str
    data: bytes
    artifact: int | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """One rule in one target's language.

    `diagnostics` hold why it is approximate (warnings) or refused (errors), and the facts it rests on (notes),
    each with its place in the rule. `text` is empty if it is refused. `fields` and `dataset` say which field
    names it uses; `place` names the platform's table, source type or log source where a data set table chose one.
    `account` says what became of each leaf of the rule, `assumed` which facts about data the text rests on.
    `left_out` are the columns of an ES|QL rule's result that the text does not show (Q042).
    `files` go with the text, beside it. `part` is what its target keeps of it for a bundle (see `bundle.py`).
    """

    target: str
    rule_name: str
    filename: str
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    fields: str = "ecs"
    dataset: str = ""
    place: str = ""
    account: Account = ()
    assumed: tuple[Assumption, ...] = ()
    files: tuple[File, ...] = ()
    part: object = field(default=None, repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """What its diagnostics amount to: an error refuses, a warning makes it approximate."""
        severities = {d.severity for d in self.diagnostics}
        if Severity.ERROR in severities:
            return Status.REFUSED
        return Status.APPROXIMATE if Severity.WARNING in severities else Status.EXACT

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from html import escape  # only notebooks need it

        from converter.diagnostics.page import badge, diagnostics_html

        title = f"<b>{escape(self.rule_name)}</b> &rarr; {escape(self.target)}: {badge(self.status)}"
        text = f"<pre>{escape(self.text)}</pre>" if self.text else ""
        return f"<div>{title}{text}{diagnostics_html(self.diagnostics)}</div>"
