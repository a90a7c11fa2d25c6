"""Conditions built from atoms that are never NULL mean the same under every reading, however they are combined."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from converter.proof.judges.spl.run import READINGS, run

Tree = tuple[Any, ...]
_VALUES = ("v", "w", "V", "", "7", "x\ny")
_EVENTS = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(st.sampled_from(_VALUES), st.lists(st.sampled_from(_VALUES), max_size=3)) for name in ("f", "g")
    },
)
_ATOMS = st.sampled_from(
    [("is", "f", "v"), ("is", "g", "v"), ("is", "f", "7"), ("has", "f"), ("has", "g"), ("above", "g")]
)


def _combined(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.just("and"), inner, inner),
        st.tuples(st.just("or"), inner, inner),
    )


_TREES: st.SearchStrategy[Tree] = st.recursive(_ATOMS, _combined, max_leaves=6)


def _spl(tree: Tree) -> str:
    match tree:
        case ("is", name, value):
            return f"""(isnotnull('{name}') AND isnotnull(mvfind('{name}',"^{value}\\z")))"""
        case ("has", name):
            return f"isnotnull('{name}')"
        case ("above", name):
            return f"coalesce(mvcount(mvfilter(tonumber('{name}')>5)),0)>0"
        case ("not", inner):
            return f"NOT ({_spl(inner)})"
        case ("and", left, right):
            return f"({_spl(left)} AND {_spl(right)})"
        case (_, left, right):
            return f"({_spl(left)} OR {_spl(right)})"
        case _:
            raise AssertionError(tree)


def _truth(tree: Tree, event: dict[str, Any]) -> bool:
    def values(name: str) -> list[str]:
        found = event.get(name, [])
        return found if isinstance(found, list) else [found]

    match tree:
        case ("is", name, value):
            return value in values(name)
        case ("has", name):
            return bool(values(name))
        case ("above", name):
            return any(one.isdigit() and int(one) > 5 for one in values(name))
        case ("not", inner):
            return not _truth(inner, event)
        case ("and", left, right):
            return _truth(left, event) and _truth(right, event)
        case (_, left, right):
            return _truth(left, event) or _truth(right, event)
        case _:
            raise AssertionError(tree)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_TREES, _EVENTS)
def test_two_valued_conditions(tree: Tree, event: dict[str, Any]) -> None:
    expected = _truth(tree, event)
    for reading in READINGS:
        assert bool(run(f"* | where {_spl(tree)}", [event], reading=reading)) is expected, reading.name
