"""How the fields of a bound rule are reached: names to quote, and expressions computed once before use."""

from __future__ import annotations

import re
from typing import Final

from backends.splunk.literal import eval_field, is_field
from converter.diagnostics import Diagnostic
from converter.model.value import Field
from converter.target import Notebook

_UNNAMEABLE: Final = "T201"


class Names:
    """The field names that an artifact uses; expressions of a data set table become columns of an `eval`."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._computed: dict[str, str] = {}

    def of(self, field: Field) -> str:
        """The unquoted name of the field, reported if it cannot be written."""
        if field.access is not None and field.access.form == "expression":
            return self._column(field.path, field.access.text)
        name = field.access.text if field.access is not None else field.path
        if not is_field(name):
            self._notebook.add(
                Diagnostic(
                    _UNNAMEABLE,
                    f"the field name {name!r} cannot be quoted in SPL",
                    span=field.span,
                    hint="give the field another name in the mapping table",
                )
            )
            return "unnameable"
        return name

    def _column(self, path: str, expression: str) -> str:
        known = self._computed.get(expression)
        if known is None:
            stem = known = "ecs_" + re.sub(r"\W", "_", path, flags=re.ASCII)
            number = 1
            while known in self._computed.values():
                number += 1
                known = f"{stem}_{number}"
            self._computed[expression] = known
        return known

    def eval(self, field: Field) -> str:
        """The field as eval and where name it."""
        return eval_field(self.of(field))

    def is_computed(self, field: Field) -> bool:
        """Whether the field exists only after the `eval`, so that the first `search` cannot name it."""
        return field.access is not None and field.access.form == "expression"

    @property
    def stage(self) -> str:
        """The `eval` that computes the expressions used so far, or nothing."""
        pairs = [f"{column}={expression}" for expression, column in self._computed.items()]
        return "eval " + ",\n    ".join(pairs) if pairs else ""
