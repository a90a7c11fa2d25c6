"""How the fields of a bound rule are reached: names to quote, and expressions computed once before use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from backends.splunk.condition.literal import eval_field, is_field
from converter.diagnostics import Diagnostic
from converter.model.value import Computed, Field, Spelled
from converter.target.contract import Notebook

_EVAL: Final = "eval "
_UNNAMEABLE: Final = "T201"


class Names:
    """The field names that an artifact uses; expressions of a data set table become columns of an `eval`."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._computed: dict[str, str] = {}

    def of(self, field: Field) -> str:
        """The unquoted name of the field, reported if it cannot be written."""
        if isinstance(field.way, Computed):
            return self.column(f"ecs_{field.path}", field.way.text)
        name = field.way.text if field.way is not None else field.path
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

    def column(self, wanted: str, expression: str) -> str:
        """The column that an `eval` before use gives the expression; of about the name that is wanted."""
        known = self._computed.get(expression)
        if known is None:
            stem = known = re.sub(r"\W", "_", wanted, flags=re.ASCII)
            number = 1
            while known in self._computed.values():
                number += 1
                known = f"{stem}_{number}"
            self._computed[expression] = known
        return known

    def eval(self, field: Field) -> str:
        """The field as eval and where name it."""
        if isinstance(field.way, Spelled):
            return field.way.text
        return eval_field(self.of(field))

    def is_time(self, field: Field) -> bool:
        """Whether the field is the event's own time, which Splunk keeps as `_time`."""
        return field.path == "@timestamp" and field.way is None

    def elements(self, path: str) -> str:
        """The column that holds each object of the nested array at `path` as JSON text."""
        return self.column(f"each_{path.rpartition('.')[2]}", f'spath({self.eval(Field(path))}, "{{}}")')

    def is_computed(self, field: Field) -> bool:
        """Whether the field exists only after the `eval`, so that the first `search` cannot name it."""
        return isinstance(field.way, Computed)

    def stages(self, used: str, before: Sequence[str] = ()) -> list[str]:
        """The `eval` of the columns that a text names, if any, but for those that the stages before compute."""
        done = " ".join(stage for stage in before if stage.startswith(_EVAL))
        needed: list[str] = []
        for expression, column in reversed(self._computed.items()):
            if _names(used, column) and f"{column}=" not in done:
                needed.append(f"{column}={expression}")
                used += f" {expression}"
        return [_EVAL + ",\n    ".join(reversed(needed))] if needed else []

    def is_used(self, text: str) -> bool:
        """Whether a condition names a column that an `eval` has to compute."""
        return any(_names(text, column) for column in self._computed.values())


def _names(text: str, column: str) -> bool:
    return re.search(rf"\b{column}\b", text) is not None


class ElementNames(Names):
    """The fields of one object of a nested array, whose JSON text is in the column `element`."""

    def __init__(self, notebook: Notebook, path: str, element: str) -> None:
        super().__init__(notebook)
        self._path = path
        self._element = element

    def eval(self, field: Field) -> str:
        """A member of the object: the values of an array, or the only one."""
        self.of(field)
        member = field.path.removeprefix(f"{self._path}.")
        one = f'spath({self._element}, "{member}")'
        return f'coalesce(spath({self._element}, "{member}{{}}"), {one})' if field.many else one
