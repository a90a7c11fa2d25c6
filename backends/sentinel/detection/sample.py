"""EQL samples: a different event for every step with equal keys, in any order (rule E21)."""

from __future__ import annotations

from itertools import combinations

from backends.sentinel.condition.finding import error
from backends.sentinel.condition.layout import Expr, Leaf, chain, flat
from backends.sentinel.condition.predicate import Place, condition
from backends.sentinel.condition.scope import Names, Scope
from backends.sentinel.detection import query
from backends.sentinel.detection.key import Key, keys
from converter.model.rule import Sample, Step
from converter.target.contract import Binding, Notebook

_MOST = 5  # Elasticsearch takes at most five steps


def sample(detection: Sample, bindings: tuple[Binding, ...], notes: Notebook) -> list[str]:
    """One row a key: a count for every set of steps tells whether different events can be found (Hall's theorem)."""
    steps = tuple(s for s in detection.steps for _ in range(s.runs))
    if any(s.by != steps[0].by for s in steps) or any(b != bindings[0] for b in bindings) or len(steps) > _MOST:
        notes.add(
            error(
                "T351",
                "a sample whose steps join by different fields or stand in different tables has no exact form in Kusto:"
                " one event may not serve two steps",
            )
        )
        return []
    return _table(steps, bindings[0], notes)


def _table(steps: tuple[Step, ...], binding: Binding, notes: Notebook) -> list[str]:
    names = Names(binding.columns)
    scope = Scope(names)
    tests = [condition(s.where, Place(scope, notes)) for s in steps]
    flags = [names.fresh(f"Step{n}") for n in range(1, len(steps) + 1)]
    by = steps[0].by
    found = keys(tuple(k.field for k in by), tuple(k.optional for k in by), names, notes)
    operators = [*scope.operators()]
    operators += [f"| extend {flag} = ({flat(test)})" for flag, test in zip(flags, tests, strict=True)]
    operators += query.where(chain("and", [*found.guards, chain("or", [Leaf(f) for f in flags])]))
    return [query.table(binding), *operators, *found.operators, *_summary(flags, found.columns, binding, names)]


def _summary(flags: list[str], columns: tuple[Key, ...], binding: Binding, names: Names) -> list[str]:
    """Steps 1, 2 and 3 have different events if any set of k steps has k events of at least one of them."""
    counts: list[str] = []
    limits: list[Expr] = []
    for size in range(1, len(flags) + 1):
        for chosen in combinations(range(len(flags)), size):
            name = names.fresh("Events" + "".join(str(i + 1) for i in chosen))
            counts.append(f"{name} = countif({' or '.join(flags[i] for i in chosen)})")
            limits.append(Leaf(f"{name} >= {size}"))
    time = query.time(binding)
    counts += [f"{names.fresh('FirstEvent')} = min({time})", f"{names.fresh('LastEvent')} = max({time})"]
    by = f"\n    by {', '.join(k.name for k in columns)}" if columns else ""
    return ["| summarize\n    " + ",\n    ".join(counts) + by, *query.where(chain("and", limits))]
