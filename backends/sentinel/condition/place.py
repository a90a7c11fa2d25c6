"""Where a condition is written: what it may rest on, what it may name, and what it reports to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from backends.sentinel.condition import escaped, tree
from backends.sentinel.condition.column import Column, column, inner_value
from backends.sentinel.condition.names import Names
from backends.sentinel.condition.test import Hit, Test, Values, Walk, hits_of
from converter.deferred import dataclass, replace
from converter.forms import Form, Ledger, choose
from converter.languages.kusto.syntax import Expression, Name
from converter.model.fact import Fact
from converter.model.value import Field
from converter.target.contract import Notebook


@dataclass(frozen=True, slots=True)
class Place:
    """The row of a table, or (with `element`) an element of a nested array at the ECS path `path`.

    `positive`: the condition stands under an even number of negations, so that a wider one finds more events.
    `exact`: it must be neither wider nor narrower, under whatever number of negations it stands.
    `depth`: how many walks over arrays are around it. `lookups` names the statement of each look-up's query.
    `only`: what every event of a table must pass before all else.
    """

    names: Names
    notes: Notebook
    ledger: Ledger
    element: str = ""
    path: str = ""
    positive: bool = True
    exact: bool = False
    depth: int = 0
    lookups: Mapping[str, str] = field(default_factory=dict)
    only: tuple[Expression, ...] = ()

    def column(self, field: Field) -> Column:
        """The field's column; inside an element the member of it."""
        if not self.element:
            found = column(field)
            value = found.expression if found.many else found.value().of(field.kind)
            for part, name in escaped.members(value):
                self.names.suggest(part, name)
            if not isinstance(value, Name) and not found.inner:
                self.names.suggest(value, stem(field))
            return found
        steps = tuple(field.path.removeprefix(self.path + ".").split("."))
        return Column(inner_value(Name(self.element), steps), "dynamic", field.many)

    @property
    def negated(self) -> Place:
        """The same place under one more negation."""
        return self if self.exact else replace(self, positive=not self.positive)

    @property
    def strict(self) -> Place:
        """The same place for a condition that must not be wider than it says, nor narrower."""
        return replace(self, positive=False, exact=True)

    def inside(self, element: str, path: str = "") -> Place:
        """Inside of a walk over an array: of its elements if `path` names the nested array, else of the same row."""
        inner = replace(self, depth=self.depth + 1)
        return replace(inner, element=element, path=path) if path else inner

    def walk(self, *sources: Values, late: bool = False) -> Walk:
        """The walk over an array, or over every combination of several."""
        return Walk(sources, tuple(element_name(self.depth, i) for i in range(len(sources))), late)

    def hit(self, walk: Walk, test: Test, hint: str, before: Sequence[Test] = ()) -> Test:
        """Some element of the walk passes the test. `before`: what else must be known of the row."""
        found = Hit(self.names.of((walk, test), f"{hint}_hit"), walk, test)
        return Test(Name(found.name), (*hits_of(before), found))

    def choose(self, forms: Sequence[Form[Expression]], of: Field) -> Expression | None:
        """The cheapest form whose facts are known of the field."""
        return choose(forms, of, self.ledger)

    def form(self, name: str, cost: int, make: Callable[[], Expression | None], *needs: Fact) -> Form[Expression]:
        """A form of a condition."""
        return Form(name, cost, frozenset(needs), make)


def element_name(depth: int, position: int) -> str:
    """The name of an element of the n-th array that is walked together, inside of so many other walks."""
    name = "element" + "_inner" * depth
    return name if position == 0 else f"{name}{position + 1}"


def stem(field: Field) -> str:
    """A name for what is computed of a field: process.parent.name as ParentName, event.outcome as EventOutcome.

    It is no field's name: those have dots, or one word.
    """
    if "." not in field.path:
        return f"{tree.pascal(field.path)}Value"
    parts = field.path.split(".")
    last = parts[-1]
    telling = "_" in last or any(c.isupper() for c in last) or len(parts) > _DEEP
    return tree.pascal(last if telling else ".".join(parts[-2:]))


_DEEP = 4
"""Parts of a field's name beyond which the last alone tells it."""
