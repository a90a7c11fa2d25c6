"""A predicate as Sigma selections and a condition over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.sigma.condition.item import Item, Items, SigmaValue
from converter.diagnostics import Diagnostic, Severity
from converter.languages.fragment import Fragment, join
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.target.contract import Notebook

Map = dict[str, SigmaValue | list[SigmaValue]]
Selection = Map | list[Map]

# Sigma specification, rules, "condition": not binds tighter than and, and than or.
_OR, _AND, _NOT = 1, 2, 3
_EMPTY = Fragment("")


def _entry(values: Sequence[SigmaValue]) -> SigmaValue | list[SigmaValue]:
    return values[0] if len(values) == 1 else list(values)


def _map(items: Sequence[Item]) -> Map:
    return {item.key: _entry(item.values) for item in items}


class Detection:
    """Builds the `detection` section: named selections and the condition."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self._items = Items(notebook)
        self._selections: dict[str, Selection] = {}
        self._known: dict[tuple[str, str], str] = {}  # of a kind and a selection's text: its name
        self._used: dict[str, int] = {}

    def section(self, predicate: Predicate) -> dict[str, Selection | str]:
        """The whole section. What Sigma cannot say is in the notebook, as an error."""
        condition = self._condition(predicate, "selection")
        return {**self._selections, "condition": condition.text}

    def _name(self, kind: str, selection: Selection) -> Fragment:
        """A name for a selection; an equal one is used again."""
        name = self._known.get((kind, repr(selection)))
        if name is None:
            self._used[kind] = used = self._used.get(kind, 0) + 1
            name = f"{kind}_{used}" if used > 1 else kind
            self._selections[name] = selection
            self._known[kind, repr(selection)] = name
        return Fragment(name)

    def _condition(self, node: Predicate, kind: str) -> Fragment:
        match node:
            case And(terms):
                return self._and(terms, kind)
            case Or(terms):
                return self._or(terms, kind)
            case Not(term):
                return Fragment(f"not {self._condition(term, 'filter').within(_NOT + 1)}", _NOT)
            case Constant(value):
                words = "always" if value else "never"
                self.notebook.add(Diagnostic("T106", f"Sigma has no condition that {words} holds", Severity.ERROR))
                return _EMPTY
            case Element(path, _, span):
                message = f"Sigma cannot ask one element of {path} to satisfy several conditions"
                self.notebook.add(Diagnostic("T101", message, Severity.ERROR, span))
                return _EMPTY
            case Between():
                return self._between(node, kind)
            case Present() | Compare() | OneOf() | Like() | Matches() | InNetwork() | Phrase() | Holds():
                items = self._items.of(node)
                if not items:
                    return _EMPTY
                return self._name(kind, _map(items) if len(items) == 1 else [_map([item]) for item in items])
            case _:
                assert_never(node)

    def _between(self, node: Between, kind: str) -> Fragment:
        """Two conditions, which different values of one event may meet."""
        if not node.field.many:
            return self._condition(And(node.ends), kind)
        message = f"{node.field.path} may hold several values, and Sigma lets different ones meet the two ends"
        self.notebook.add(Diagnostic("T118", message, Severity.WARNING, node.span))
        return self._condition(And(node.ends), kind)

    def _and(self, terms: Sequence[Predicate], kind: str) -> Fragment:
        """Leaves with one item go together into a map, as far as their keys differ; a key again opens a new one."""
        groups: list[list[Item]] = []
        held: dict[str, int] = {}  # by key: in how many groups it is, which are the first ones
        parts: list[Fragment | int] = []
        for term in terms:
            item = self._single(term)
            if item is None:
                parts.append(self._condition(term, kind))
                continue
            at = held.get(item.key, 0)
            held[item.key] = at + 1
            if at == len(groups):
                groups.append([])
                parts.append(at)
            groups[at].append(item)
        return join(" and ", _AND, [p if isinstance(p, Fragment) else self._name(kind, _map(groups[p])) for p in parts])

    def _or(self, terms: Sequence[Predicate], kind: str) -> Fragment:
        """Alternatives that are maps go together into a list of maps; values of one key into one list."""
        maps: list[list[Item]] = []
        alone: dict[str, int] = {}  # by key: the map that has this key only
        parts: list[Fragment | None] = []
        phrases = self._phrases(terms)
        for term in terms:
            found = [[phrases[term]]] if isinstance(term, Phrase) and term in phrases else self._maps(term)
            if found is None:
                parts.append(self._condition(term, kind))
                continue
            if not maps:
                parts.append(None)
            for items in found:
                _merge(maps, alone, items)
        listed: Selection = [_map(m) for m in maps] if len(maps) > 1 else (_map(maps[0]) if maps else {})
        return join(" or ", _OR, [p if p is not None else self._name(kind, listed) for p in parts])

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

    def _single(self, term: Predicate) -> Item | None:
        """The item of a leaf that needs only one."""
        if isinstance(term, And | Or | Not | Constant | Element):
            return None
        items = self._items.of(term)
        return items[0] if len(items) == 1 else None

    def _maps(self, term: Predicate) -> list[list[Item]] | None:
        """The term as a list of maps, or None if it is none."""
        if isinstance(term, And):
            items = [self._single(t) for t in term.terms]
            whole = [i for i in items if i is not None]
            return [whole] if len(whole) == len(items) == len({i.key for i in whole}) else None
        if isinstance(term, Or | Not | Constant | Element):
            return None
        return [[item] for item in self._items.of(term)] or None


def _merge(maps: list[list[Item]], alone: dict[str, int], items: list[Item]) -> None:
    if len(items) != 1:
        maps.append(items)
        return
    key = items[0].key
    if key in alone:
        known = maps[alone[key]][0]
        maps[alone[key]] = [Item(key, tuple(dict.fromkeys((*known.values, *items[0].values))))]
        return
    alone[key] = len(maps)
    maps.append(items)
