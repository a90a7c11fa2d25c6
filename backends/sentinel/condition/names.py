"""Names for what a query computes; none is a column of its tables."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from converter.languages.kusto.syntax import Expression


class Names:
    """Gives names out, each once; the same expression always has the same one."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken}
        self._counts: dict[str, int] = {}
        self._stems: dict[Expression, str] = {}
        self._given: dict[Hashable, str] = {}

    def fresh(self, stem: str) -> str:
        """`stem`, or with a number if it is taken."""
        count = self._counts.get(stem, 0)
        while True:
            count += 1
            name = stem if count == 1 else f"{stem}{count}"
            if name not in self._taken:
                break
        self._counts[stem] = count
        self._taken.add(name)
        return name

    def suggest(self, expression: Expression, stem: str) -> None:
        """What the expression is called, should it get a name."""
        self._stems.setdefault(expression, stem)

    @property
    def suggested(self) -> tuple[Expression, ...]:
        """The expressions that may get a name."""
        return tuple(self._stems)

    def named(self, expression: Expression) -> str:
        """The name of an expression that may get one."""
        return self.of(expression, self._stems[expression])

    def of(self, thing: Hashable, stem: str) -> str:
        """The name of a thing: the one it has, or a new one."""
        if thing not in self._given:
            self._given[thing] = self.fresh(stem)
        return self._given[thing]
