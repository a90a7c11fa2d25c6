"""Predicates of one place are looked for once."""

from __future__ import annotations

from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case
from converter.model.predicate import OneOf, Or, Predicate
from converter.model.value import Column, Computed, Field, Way
from converter.plan.places import arms
from converter.target.contract import Binding
from converter.target.lookup import Lookup

LINUX, MAC = (Lookup(name, "Device", "Device", f"query of {name}", 7) for name in ("linux", "mac"))


def place(*lookups: Lookup, table: str = "Events") -> Binding:
    return Binding("native", header={"table": table}, lookups=lookups)


def is_(value: str, path: str = "a", *facts: Fact, way: Way | None = None) -> Predicate:
    return OneOf(Field(path, many=False, facts=frozenset(facts), way=way or Column("A")), (value,), Case.SENSITIVE)


def test_predicates_of_one_place_are_one() -> None:
    found = arms([(place(), is_("x")), (place(table="Other"), is_("x")), (place(), is_("y"))])
    assert [len(a.parts) for a in found] == [2, 1]
    assert found[0].where == normalise(Or((is_("x"), is_("y"))))
    assert not found[0].apart


def test_a_column_has_one_name_and_what_all_know_of_it() -> None:
    one, other = is_("x", "a", Fact.ONE_SPELLING, Fact.ALWAYS), is_("x", "b", Fact.ALWAYS)
    (found,) = arms([(place(), one), (place(), other)])
    assert found.where == is_("x", "a", Fact.ALWAYS)
    assert found.parts == (one, other)
    assert len(arms([(place(), one), (place(), is_("x", "c", way=Computed("A", "string")))])) == 1


def test_lookups_are_alternatives_of_equal_predicates_only() -> None:
    (found,) = arms([(place(LINUX), is_("x")), (place(MAC), is_("x", "b"))])
    assert found.apart
    assert [b.lookups for b in found.bindings] == [(LINUX,), (MAC,)]
    assert found.where == is_("x")
    assert len(arms([(place(LINUX), is_("x")), (place(MAC), is_("y"))])) == 2
    assert len(arms([(place(LINUX), is_("x")), (place(), is_("x"))])) == 2
    assert len(arms([(place(LINUX), is_("x")), (place(LINUX), is_("y"))])) == 1
