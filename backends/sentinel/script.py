"""EQL scripts (`Holds`): functions over values, three-valued inside."""

from __future__ import annotations

from collections.abc import Callable

from backends.sentinel import finding
from backends.sentinel.column import Column
from backends.sentinel.layout import FALSE, Expr
from backends.sentinel.scope import Scope
from converter.model.predicate import Holds
from converter.model.value import Field
from converter.target import Notebook


def holds(node: Holds, column: Callable[[Field], Column], scope: Scope, notes: Notebook) -> Expr:
    """The script is true for some combination of values."""
    del column, scope
    notes.add(finding.error("T310", "scripts are not written for Kusto yet", node.span))
    return FALSE
