"""The choice of a form: the cheapest whose facts are declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from operator import attrgetter
from typing import Generic, TypeVar

from converter.deferred import dataclass
from converter.model.fact import PLATFORM_WIDE, Fact
from converter.model.fact import Trust as Trust  # noqa: PLC0414 - exported with the choice
from converter.model.predicate import Leaf
from converter.model.value import Computed, Field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A fact that an artifact rests on, of a column; `column` is "" for a fact of the whole platform.

    `shown` is what a header calls the column: the field's name where the column is computed.
    """

    fact: Fact
    column: str = ""
    shown: str = field(default="", compare=False)


@dataclass(slots=True)
class Ledger:
    """The facts that a rule's forms have used, in the order of use, and the leaves written. The only mutable value."""

    trust: Trust = Trust.DECLARED
    _used: dict[Assumption, None] = field(default_factory=dict)
    _written: set[Leaf] = field(default_factory=set)

    def holds(self, fact: Fact, of: Field) -> bool:
        """Whether the fact is declared of the field's column, or of the platform."""
        return self.trust is Trust.DECLARED and (fact in PLATFORM_WIDE or fact in of.facts)

    def use(self, fact: Fact, of: Field) -> None:
        """Note that the artifact rests on the fact."""
        column = "" if fact in PLATFORM_WIDE else (of.way.text if of.way is not None else of.path)
        shown = of.path if column and isinstance(of.way, Computed) else column
        self._used.setdefault(Assumption(fact, column, shown))

    def wrote(self, leaf: Leaf) -> None:
        """Note that the text holds the leaf, or leaves it out because something else says it."""
        self._written.add(leaf)

    @property
    def written(self) -> frozenset[Leaf]:
        """The leaves of the bound rule that the text accounts for."""
        return frozenset(self._written)

    @property
    def used(self) -> tuple[Assumption, ...]:
        """The facts used, each once."""
        return tuple(self._used)


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """One way to write a leaf. `needs`: the facts under which it is exact. `cost`: smaller is better to read and run.

    `make` gives the text's tree, or None where the form cannot say this leaf after all.
    """

    name: str
    cost: int
    needs: frozenset[Fact]
    make: Callable[[], T | None]


def choose(forms: Sequence[Form[T]], of: Field, ledger: Ledger) -> T | None:
    """What the cheapest form makes whose facts hold of the field; None if none can say it.

    Forms of equal cost are tried in the order given. The facts of the form taken are noted in the ledger.
    """
    for form in sorted(forms, key=_by_cost) if len(forms) > 1 else forms:
        needs = form.needs
        if (not needs or all(ledger.holds(fact, of) for fact in needs)) and (made := form.make()) is not None:
            for fact in sorted(needs, key=lambda f: f.value):
                ledger.use(fact, of)
            return made
    return None


_by_cost = attrgetter("cost")


def assumed(used: Sequence[Assumption]) -> str:
    """The facts as an artifact's header says them: `A01 A03(Image, ParentImage)`."""
    columns: dict[Fact, list[str]] = {}
    for one in used:
        columns.setdefault(one.fact, []).extend([one.shown or one.column] if one.column else [])
    ordered = sorted(columns.items(), key=lambda item: item[0].value)
    return " ".join(f"{fact.value}({', '.join(names)})" if names else fact.value for fact, names in ordered)
