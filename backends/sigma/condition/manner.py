"""How the leaves of one rule are written: what the caller chose, the facts relied on, and what is given up."""

from __future__ import annotations

from dataclasses import field

from backends.sigma.codes import T118
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.forms import Ledger
from converter.model.fact import Fact
from converter.model.pattern import Case
from converter.model.value import Field
from converter.target.contract import Notebook
from converter.target.options import CaseForm


@dataclass(slots=True)
class Manner:
    """Of one rule, all its documents. `folded`: the columns whose case is given up.

    `verbatim`: the rule was read from Sigma, and each of its leaves is written as the kind of item it was.
    """

    case: CaseForm = CaseForm.INSENSITIVE
    ledger: Ledger = field(default_factory=Ledger)
    notebook: Notebook = field(default_factory=Notebook)
    verbatim: bool = False
    folded: dict[str, None] = field(default_factory=dict)

    def cased(self, of: Field, case: Case, texts: tuple[str, ...]) -> str:
        """`|cased` or nothing, for a comparison of a column with texts; Sigma's own ignores the case of letters.

        Nothing is exact where the rule ignores case too, where no letter is compared, and where no two values of the
        column differ in case only (a fact). Elsewhere the column is noted as folded, unless the caller wants `|cased`.
        """
        if case is Case.INSENSITIVE or not any(text.lower() != text.upper() for text in texts):
            return ""
        if self.ledger.holds(Fact.ONE_SPELLING, of):
            self.ledger.use(Fact.ONE_SPELLING, of)
            return ""
        if self.case is CaseForm.EXACT:
            return "|cased"
        self.folded.setdefault(of.way.text if of.way else of.path)
        return ""

    def close(self) -> None:
        """Say once, for the whole rule, what was given up."""
        if self.folded:
            message = f"letters' case is not compared in {', '.join(self.folded)}: the rule tells A from a there"
            hint = "--sigma-case exact writes |cased, which few backends convert"
            self.notebook.add(Diagnostic(T118, message, Severity.WARNING, hint=hint))
