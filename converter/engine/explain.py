"""Which leaf of a rule holds of an event, and over which values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter.model.predicate import And, Constant, Element, Holds, Leaf, Not, Or, Predicate
from converter.model.rule import Rule
from converter.model.walk import placed, value_fields
from converter.model.words import words
from converter.reference.event import Event, raw_values
from converter.reference.predicate import matches

_MOST_VALUES = 8


def explained(rule: Rule, event: Event, now: int | None = None) -> list[dict[str, Any]]:
    """The predicates of the rule, each as a tree of what holds; of a rule over several events those that hold."""
    trees = [_tree(where, event, now) for where in placed(rule.detection)]
    holding = [tree for tree in trees if tree["holds"]]
    return holding or trees


def _tree(where: Predicate, event: Event, now: int | None) -> dict[str, Any]:
    holds = matches(where, event, now)
    match where:
        case And(terms):
            return {"holds": holds, "all": [_tree(term, event, now) for term in terms]}
        case Or(terms):
            return {"holds": holds, "any": [_tree(term, event, now) for term in terms]}
        case Not(term):
            return {"holds": holds, "not": _tree(term, event, now)}
        case Constant():
            return {"holds": holds, "condition": "always" if where.value else "never"}
        case Element():
            return {"holds": holds, "condition": f"one element of {where.path}", "of": list(_inside(where))}
        case _:
            return {"holds": holds, "condition": words(where), "values": _values(where, event)}


def _inside(where: Element) -> Iterator[str]:
    from converter.model.walk import leaves

    return (words(leaf) for leaf in leaves(where.term))


def _values(leaf: Leaf, event: Event) -> dict[str, list[object]]:
    fields = value_fields(leaf.call) if isinstance(leaf, Holds) else (leaf.field,)
    return {field.path: list(raw_values(event, field.path))[:_MOST_VALUES] for field in fields}


def lines(tree: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """A tree as indented lines, `+` before what holds and `-` before what does not."""
    sign, pad = ("+" if tree["holds"] else "-"), "  " * depth
    if "condition" in tree:
        values = "; ".join(f"{path}: {_shown(found)}" for path, found in tree.get("values", {}).items())
        yield f"{pad}{sign} {tree['condition']}{f'   [{values}]' if values else ''}"
        return
    if "not" in tree:
        yield f"{pad}{sign} not"
        yield from lines(tree["not"], depth + 1)
        return
    word = "all" if "all" in tree else "any"
    yield f"{pad}{sign} {word} of"
    for one in tree[word]:
        yield from lines(one, depth + 1)


def _shown(values: list[object]) -> str:
    if not values:
        return "missing"
    return ", ".join(ascii(value)[:80] if isinstance(value, str) else str(value) for value in values)
