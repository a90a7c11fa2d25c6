"""A query as a pipeline: table, operators, each on its own line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.sentinel.condition import literal
from backends.sentinel.condition.empty import settled
from backends.sentinel.condition.layout import TRUE, Expr, chain, conditions
from backends.sentinel.condition.predicate import Place, condition
from backends.sentinel.condition.scope import Names, Scope
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.target.contract import Binding, Notebook


def table(binding: Binding) -> str:
    """The table's name (or the query that makes one of several), and what restricts it to the data set's events.

    The restriction is for what conditions over the table's columns cannot say.
    """
    name = binding.header.get("query", "").strip() or literal.name(binding.header.get("table", "ECS"))
    only = [binding.header["where"]] if "where" in binding.header else []
    only += [f"{literal.name(lookup.column)} in (({lookup.query}))" for lookup in binding.lookups]
    return "\n| where ".join([name, *only])


def time(binding: Binding) -> str:
    """The column that holds an event's time."""
    return literal.name(binding.header.get("time", "@timestamp" if binding.dataset is None else "TimeGenerated"))


def where(expr: Expr) -> list[str]:
    """A `where`, unless it keeps all."""
    return [] if expr == TRUE else [f"| where {conditions(expr)}"]


def filtered(
    predicate: Predicate, names: Names, notes: Notebook, first: Sequence[Expr] = (), also: Sequence[Expr] = ()
) -> tuple[list[str], tuple[str, ...]]:
    """The operators that keep the events for which the predicate holds, and the columns they add.

    Conditions that need no array stand first: they are cheap and thin out what `mv-apply` walks. `first` and `also`
    are such conditions that stand before and after those of the predicate.
    """
    scope = Scope(names)
    predicate = normalise(settled(predicate))
    early: list[Expr] = [*first]
    late: list[Expr] = []
    for term in predicate.terms if isinstance(predicate, And) else (predicate,):
        scope.touched = False
        made = condition(term, Place(scope, notes))
        (late if scope.touched else early).append(made)
    operators = where(chain("and", [e for e in (*early, *also) if e != TRUE]))
    if late:
        operators += scope.operators() + where(chain("and", late))
    return operators, scope.hits


def project_away(columns: Iterable[str]) -> list[str]:
    """Remove computed columns, so that rows stay as they were."""
    listed = ", ".join(columns)
    return [f"| project-away {listed}"] if listed else []


def union(branches: list[list[str]]) -> list[str]:
    """The rows of several pipelines as one."""
    if len(branches) == 1:
        return branches[0]
    parts = [indented("\n".join(b), "        ") for b in branches]
    return ["union\n" + ",\n".join(f"    (\n        {p}\n    )" for p in parts)]


def indented(text: str, indent: str) -> str:
    """The text's later lines moved in; no literal holds a raw line break."""
    return text.replace("\n", f"\n{indent}")
