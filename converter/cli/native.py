"""`verify --native`: rows as a platform holds them, and the engines that say what its native artifact finds of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cli.events import read_events
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import EmitError
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.datasets.reading.catalogue import Catalogue
    from converter.model.rule import Rule
    from converter.proof.panel.seats import Panel


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file holds: rows of a target's platform; `source` names the data set, None for the rule's own."""

    target: str
    source: str | None
    events: tuple[dict[str, object], ...]

    def panel(self, known: Catalogue, edited: Mapping[str, str]) -> Panel:
        """The rule over the table's columns, and the native artifact or the user's own text."""
        from converter.proof.native import engines
        from converter.proof.panel.seats import Panel

        def convert(rule: Rule, target: str) -> str:
            return edited[target] if target in edited else _native(rule, target, self.source)

        return Panel(engines(self.target, self.source, known, convert))


def native_rows(given: str, targets: tuple[str, ...], source: str | None) -> Rows:
    """The rows of `[TARGET=]FILE`. Raises EmitError, and RuleFileError for what is no JSON."""
    from converter.proof.native import PLATFORMS

    target, equals, path = given.partition("=")
    if not equals or target not in PLATFORMS:
        target, path = "", given
        if len(targets) == 1:
            (target,) = targets
    if target not in PLATFORMS:
        hint = f"name it, as in --native {PLATFORMS[0]}={given}; rows are those of {', '.join(PLATFORMS)}"
        raise EmitError(Diagnostic(T005, "nothing says which platform holds the rows", hint=hint))
    return Rows(target, source, tuple(read_events(Path(path))))


def _native(rule: Rule, target: str, source: str | None) -> str:
    """The text of the native artifact, whole and exact. Raises CannotJudgeError."""
    from converter import api
    from converter.proof import CannotJudgeError

    made = api.convert(rule, target, "native", source=source, bare=True, case="exact", inline_macros=True)
    codes = {str(d.code) for d in made.diagnostics if d.severity is not Severity.NOTE and str(d.code)[0] in "TMX"}
    if codes or not made.text:
        raise CannotJudgeError(f"{target}: {made.status} ({', '.join(sorted(codes))})")
    return made.text
