"""Conditions over arrays: columns computed by `mv-apply` before the `where` that uses them.

An array is walked once, however many conditions ask for it; each condition counts its own hits, so that two of
them may hold for different elements (the flattened meaning), and one `Element` counts elements that satisfy all.
"""

from __future__ import annotations

from collections.abc import Mapping

from backends.sentinel.condition.column import Array
from backends.sentinel.condition.layout import ATOM, WIDTH, Expr, Leaf, flat, lay


class Expansion:
    """One array (or the cross product of several), the names of the elements, and the hits counted over it."""

    def __init__(self, sources: tuple[Array, ...], elements: tuple[str, ...], scope: Scope) -> None:
        self.sources = sources
        self.elements = elements
        self.inner = Scope(scope.names, scope.depth + 1)
        self.hits: dict[str, tuple[str, Expr]] = {}
        self._parent = scope

    @property
    def element(self) -> str:
        """The element of the first array."""
        return self.elements[0]

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
        self._expansions: dict[tuple[bool, tuple[Array, ...]], Expansion] = {}

    def expansion(self, *sources: Array, late: bool = False) -> Expansion:
        """The walk over the array that a dynamic expression holds, or over every combination of several.

        A `late` one stands behind the others, so that its conditions may use their hits.
        """
        found = self._expansions.get((late, sources))
        if found is None:
            stem = "element" + "_inner" * self.depth
            elements = tuple(stem if i == 0 else f"{stem}{i + 1}" for i in range(len(sources)))
            found = self._expansions[late, sources] = Expansion(sources, elements, self)
        return found

    @property
    def hits(self) -> tuple[str, ...]:
        """The computed columns, in order."""
        return tuple(name for e in self._expansions.values() for name, _ in e.hits.values())

    def operators(self, indent: str = "") -> list[str]:
        """The `mv-apply` operators, each a text that may have several lines."""
        ordered = sorted(self._expansions.items(), key=lambda item: item[0][0])
        return [_operator(e, indent) for _, e in ordered]


def walk(word: str, element: str, source: Array, indent: str = "") -> str:
    """The head of an `mv-apply` or `mv-expand` over the values of a dynamic.

    What is walked is never an empty array: mv-expand loses such a row (Q mv-expand-operator.md).
    """
    inner, text = indent + "    ", source.text
    if source.objects:
        found = (
            f"iff(\n{inner}coalesce(array_length({text}), 0) > 0,\n{inner}{text},\n{inner}dynamic([null])\n{indent})"
        )
    else:
        found = (
            f"case(\n{inner}isnull(array_length({text})), pack_array({text}),\n"
            f"{inner}array_length({text}) == 0, dynamic([null]),\n"
            f"{inner}{text}\n{indent})"
        )
    return f"{word} {element} = {found}"


def _operator(expansion: Expansion, indent: str) -> str:
    inner = indent + "    "
    more = zip(expansion.elements[1:], expansion.sources[1:], strict=True)
    steps = [walk("mv-expand", element, source, inner) for element, source in more]
    steps += [s.removeprefix("| ") for s in expansion.inner.operators(inner)]
    steps.append(_summarize(expansion, inner))
    body = f"\n{inner}| ".join(steps)
    return f"{walk('| mv-apply', expansion.element, expansion.sources[0], indent)} on (\n{inner}{body}\n{indent})"


def _summarize(expansion: Expansion, indent: str) -> str:
    hits = expansion.hits.values()
    if len(hits) == 1:
        return f"summarize {next(_hit(name, condition, indent) for name, condition in hits)}"
    inner = indent + "    "
    return f"summarize\n{inner}" + f",\n{inner}".join(_hit(name, condition, inner) for name, condition in hits)


def _hit(name: str, condition: Expr, indent: str) -> str:
    """One count, its condition on lines of its own if it is long."""
    short = flat(condition)
    if len(indent) + len(name) + len(short) + 14 <= WIDTH:
        return f"{name} = countif({short}) > 0"
    inner = indent + "    "
    return f"{name} = countif(\n{inner}{lay(condition, inner, 0)}\n{indent}) > 0"
