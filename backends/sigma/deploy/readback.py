"""Every document is read by pySigma before it leaves: what it does not take, or takes for another value, is a fault."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from backends.sigma.codes import T116
from converter.diagnostics import Diagnostic


def read_back(documents: Sequence[dict[str, object]]) -> list[Diagnostic]:
    """The errors pySigma finds in the documents of one rule."""
    # Imported here: pySigma takes as long as all the rest of a run, and only this target needs it.
    from sigma.exceptions import SigmaError
    from sigma.rule import SigmaRule

    problems = []
    for document in documents:
        plain = {key: str(value) if key in ("date", "modified") else value for key, value in document.items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # Python's, of signs in classes of an expression
                if "correlation" in plain:
                    from sigma.correlations import SigmaCorrelationRule  # most rules are none

                    SigmaCorrelationRule.from_dict(plain)
                else:
                    SigmaRule.from_dict(plain)
        except SigmaError as error:
            problems.append(Diagnostic(T116, f"pySigma does not take this rule: {error}"))
    return problems
