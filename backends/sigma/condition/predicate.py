"""A predicate as Sigma selections and a condition over them, in the shape that rule authors use.

What must hold stands in selections, what is excluded in filters: `all of selection_* and not 1 of filter_main_*`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.sigma.codes import T101, T106, T120
from backends.sigma.condition.item import Item, Items
from backends.sigma.condition.manner import Manner
from backends.sigma.condition.selection import Names, Selection, listed, merged, united
from converter.diagnostics import Diagnostic, Severity
from converter.languages.fragment import Fragment, join
from converter.model.normalise import normalise
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.walk import map_leaves

# Sigma specification, rules, "condition": not binds tighter than and, and than or.
_OR, _AND, _NOT = 1, 2, 3
_EMPTY = Fragment("")
_SELECTION, _FILTER, _MAIN = "selection", "exclusion", "filter_main"

Maps = list[list[Item]]
"""Maps of which one must hold; the items of a map must all hold."""


class Detection:
    """Builds the `detection` section: named selections and the condition."""

    def __init__(self, manner: Manner) -> None:
        self.notebook = manner.notebook
        self._items = Items(manner)
        self._names = Names()

    def section(self, predicate: Predicate) -> dict[str, Selection | str]:
        """The whole section. What Sigma cannot say is in the notebook, as an error."""
        predicate = normalise(map_leaves(predicate, self._apart))
        terms = predicate.terms if isinstance(predicate, And) else (predicate,)
        wanted = [term for term in terms if not isinstance(term, Not)]
        parts = self._and_parts(wanted, _SELECTION)
        excluded = [part for term in terms if isinstance(term, Not) for part in self._excluded(term.term)]
        condition = join(" and ", _AND, [*self._selected(parts), *self._filtered(excluded)]).text
        return {**self._names.selections, "condition": condition}

    def _apart(self, leaf: Leaf) -> Predicate:
        """Two ends as two conditions, which different values of one event may meet."""
        if not isinstance(leaf, Between):
            return leaf
        if leaf.field.many:
            message = f"{leaf.field.path} may hold several values, and Sigma lets different ones meet the two ends"
            self.notebook.add(Diagnostic(T120, message, Severity.WARNING, leaf.span))
        self._items.manner.ledger.wrote(leaf)
        return And(leaf.ends)

    def _selected(self, parts: list[Fragment]) -> list[Fragment]:
        """What must hold: `selection`, `all of selection_*`, or the parts by name."""
        names = {part.text for part in parts}
        picked = self._names.starting(f"{_SELECTION}_")
        if names != picked or not parts:
            return parts
        if len(names) > 1:
            return [Fragment(f"all of {_SELECTION}_*")]
        self._names.rename(parts[0].text, _SELECTION)
        return [Fragment(_SELECTION)]

    def _filtered(self, parts: list[Fragment]) -> list[Fragment]:
        """What must not hold: the filters together, and what is no filter by itself."""
        filters = self._names.starting(f"{_MAIN}_")
        others = [part for part in parts if part.text not in filters]
        negated = [Fragment(f"not {part.within(_NOT + 1)}", _NOT) for part in others]
        return ([Fragment(f"not 1 of {_MAIN}_*", _NOT)] if filters else []) + negated

    def _excluded(self, term: Predicate) -> list[Fragment]:
        """The alternatives of what is excluded, each a filter if it is a map."""
        terms = term.terms if isinstance(term, Or) else (term,)
        maps: Maps = []
        parts: list[Fragment] = []
        for one, found in zip(terms, self._alternatives(terms), strict=True):
            if found is None:
                parts.append(self._condition(one, _FILTER))
            else:
                maps += found
        return [*(Fragment(self._names.name(_MAIN, listed([items]))) for items in merged(maps)), *parts]

    def _condition(self, node: Predicate, kind: str) -> Fragment:
        match node:
            case And(terms):
                return join(" and ", _AND, self._and_parts(terms, kind))
            case Or(terms):
                return self._or(terms, kind)
            case Not(term):
                other = _FILTER if kind == _SELECTION else _SELECTION
                return Fragment(f"not {self._condition(term, other).within(_NOT + 1)}", _NOT)
            case Constant(value):
                words = "always" if value else "never"
                self.notebook.add(Diagnostic(T106, f"Sigma has no condition that {words} holds", Severity.ERROR))
                return _EMPTY
            case Element(path, _, span):
                message = f"Sigma cannot ask one element of {path} to satisfy several conditions"
                self.notebook.add(Diagnostic(T101, message, Severity.ERROR, span))
                return _EMPTY
            case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase() | Holds():
                items = self._items.of(node)
                return Fragment(self._names.name(kind, listed([[item] for item in items]))) if items else _EMPTY
            case _:
                assert_never(node)

    def _and_parts(self, terms: Sequence[Predicate], kind: str) -> list[Fragment]:
        """Leaves with one item go together into a map, as far as their keys differ; a key again opens a new one."""
        found = [self._items.of(term) if isinstance(term, Leaf) else () for term in terms]
        whole = united([items[0] for items in found if len(items) == 1])
        groups: Maps = []
        held: dict[str, int] = {}  # by key: in how many groups it is, which are the first ones
        for item in whole:
            at = held.get(item.key, 0)
            held[item.key] = at + 1
            if at == len(groups):
                groups.append([])
            groups[at].append(item)
        parts = [Fragment(self._names.name(kind, listed([group]))) for group in groups]
        for term, items in zip(terms, found, strict=True):
            if len(items) > 1:
                parts.append(Fragment(self._names.name(kind, listed([[item] for item in items]))))
            elif not isinstance(term, Leaf):
                parts.append(self._condition(term, kind))
        return parts

    def _or(self, terms: Sequence[Predicate], kind: str) -> Fragment:
        """Alternatives that are maps go together into a list of maps; values of one key into one list."""
        maps: Maps = []
        parts: list[Fragment | None] = []
        for term, found in zip(terms, self._alternatives(terms), strict=True):
            if found is None:
                parts.append(self._condition(term, kind))
                continue
            if not maps:
                parts.append(None)
            maps += found
        name = Fragment(self._names.name(kind, listed(merged(maps)))) if maps else _EMPTY
        return join(" or ", _OR, [part if part is not None else name for part in parts])

    def _alternatives(self, terms: Sequence[Predicate]) -> list[Maps | None]:
        """Each alternative as maps of which one must hold; None for one that is none."""
        phrases = self._phrases(terms)
        return [
            [[phrases[term]]] if isinstance(term, Phrase) and term in phrases else self._maps(term) for term in terms
        ]

    def _phrases(self, terms: Sequence[Predicate]) -> dict[Phrase, Item]:
        """Phrases of one field as one expression with alternatives: shorter to read, and to compile."""
        groups: dict[tuple[object, object], list[Phrase]] = {}
        for term in terms:
            if isinstance(term, Phrase):
                groups.setdefault((term.field, term.analyzer), []).append(term)
        found: dict[Phrase, Item] = {}
        for group in groups.values():
            items = self._items.phrases(group)
            found |= dict.fromkeys(group, items[0]) if items else {}
        return found

    def _maps(self, term: Predicate) -> Maps | None:
        """The term as maps of which one must hold, or None if it is none."""
        if isinstance(term, And):
            leaves = [one for one in term.terms if isinstance(one, Leaf)]
            if len(leaves) < len(term.terms):
                return None
            found = [self._items.of(leaf) for leaf in leaves]
            items = united([one[0] for one in found if len(one) == 1])
            whole = all(len(one) == 1 for one in found) and len({item.key for item in items}) == len(items)
            return [items] if whole else None
        if isinstance(term, Or | Not | Constant | Element):
            return None
        return [[item] for item in self._items.of(term)] or None
