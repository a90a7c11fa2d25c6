"""Conditions over arrays: columns computed by `mv-apply` before the `where` that uses them.

An array is walked once, however many conditions ask for it; each condition counts its own hits, so that two of
them may hold for different elements (the flattened meaning), and one `Element` counts elements that satisfy all.
"""

from __future__ import annotations

from collections.abc import Mapping

from backends.sentinel.layout import ATOM, WIDTH, Expr, Leaf, flat, lay


class Expansion:
    """One array, the name of its element, and the hits counted over it."""

    def __init__(self, source: str, element: str, scope: Scope) -> None:
        self.source = source
        self.element = element
        self.inner = Scope(scope.names, scope.depth + 1)
        self.hits: dict[str, tuple[str, Expr]] = {}
        self._parent = scope

    def hit(self, condition: Expr, hint: str) -> Expr:
        """The column that says whether some element satisfies the condition."""
        key = flat(condition)
        if key not in self.hits:
            self.hits[key] = (self._parent.names.fresh(f"{hint}_hit"), condition)
        self._parent.touched = True
        return Leaf(self.hits[key][0], binds=ATOM)


class Names:
    """Names for computed columns that no column of the table has."""

    def __init__(self, taken: Mapping[str, str]) -> None:
        self._taken = {*taken}
        self._counts: dict[str, int] = {}

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


class Scope:
    """The arrays that the conditions of one row need."""

    def __init__(self, names: Names, depth: int = 0) -> None:
        self.names = names
        self.depth = depth
        self.touched = False
        self._expansions: dict[str, Expansion] = {}

    def expansion(self, source: str) -> Expansion:
        """The walk over the array that the dynamic expression `source` holds."""
        found = self._expansions.get(source)
        if found is None:
            element = "element" if not self.depth else f"element{self.depth + 1}"
            found = self._expansions[source] = Expansion(source, element, self)
        return found

    @property
    def hits(self) -> tuple[str, ...]:
        """The computed columns, in order."""
        return tuple(name for e in self._expansions.values() for name, _ in e.hits.values())

    def operators(self, indent: str = "") -> list[str]:
        """The `mv-apply` operators, each a text that may have several lines."""
        return [_operator(e, indent) for e in self._expansions.values()]


def array_of(source: str) -> str:
    """The values of a dynamic as an array that is never empty: mv-expand loses a row with `[]`."""
    return (
        f"case(isnull(array_length({source})), pack_array({source}),"
        f' array_length({source}) == 0, dynamic([""]), {source})'
    )


def _operator(expansion: Expansion, indent: str) -> str:
    inner = indent + "    "
    values = array_of(expansion.source)
    steps = expansion.inner.operators(inner)
    hits = [f"{name} = countif({lay(condition, inner + '    ')}) > 0" for name, condition in expansion.hits.values()]
    line = f"summarize {', '.join(hits)}"
    if len(inner) + len(line) > WIDTH or "\n" in line:
        line = "summarize\n" + ",\n".join(f"{inner}    {hit}" for hit in hits)
    body = f"\n{inner}| ".join([*(s.removeprefix("| ") for s in steps), line])
    return f"| mv-apply {expansion.element} = {values} on (\n{inner}{body}\n{indent})"
