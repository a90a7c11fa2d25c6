"""Events of several predicates: those of one place are looked for once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from converter.deferred import dataclass, replace
from converter.model.normalise import normalise
from converter.model.predicate import Leaf, Or, Predicate
from converter.model.value import Column, Field
from converter.model.walk import fields, leaves, map_fields, map_leaves
from converter.plan.branch import same_place
from converter.target.contract import Binding


@dataclass(frozen=True, slots=True)
class Arm:
    """The events of a predicate in a place, with the predicates as they were bound (`parts`).

    `bindings` name the place, one for each part. `apart`: their look-ups differ, and those of one list an event.
    """

    where: Predicate
    bindings: tuple[Binding, ...]
    parts: tuple[Predicate, ...]
    apart: bool = False

    @property
    def binding(self) -> Binding:
        """The first binding."""
        return self.bindings[0]


def arms(found: Sequence[tuple[Binding, Predicate]]) -> tuple[Arm, ...]:
    """The predicates, those of one place as one, in the order in which places first come.

    Places that differ in their look-ups alone are one for predicates that are equal.
    """
    out: list[Arm] = []
    for binding, where in found:
        for number, arm in enumerate(out):
            joined = _joined(arm, binding, where)
            if joined is not None:
                out[number] = joined
                break
        else:
            out.append(Arm(where, (binding,), (where,)))
    return tuple(out)


def _joined(arm: Arm, binding: Binding, where: Predicate) -> Arm | None:
    if not same_place(replace(arm.binding, lookups=()), replace(binding, lookups=())):
        return None
    more = Arm(where, (*arm.bindings, binding), (*arm.parts, where), arm.apart)
    wheres = tuple(dict.fromkeys(alike(more.parts)))
    if binding.lookups == arm.binding.lookups and not arm.apart:
        return replace(more, where=normalise(Or(wheres)))
    if len(wheres) > 1 or not all(b.lookups for b in more.bindings):
        return None
    return replace(more, where=wheres[0], apart=True)


def alike(parts: Sequence[Predicate]) -> list[Predicate]:
    """The predicates, in which conditions on one column are equal if they ask the same: tables name fields differently.

    Of the field of such a condition is known what all tables say of the column; other conditions stay as they are.
    """
    known: dict[tuple[Column, bool, object], Field] = {}
    for part in parts:
        for field in fields(part):
            if isinstance(field.way, Column):
                key = (field.way, field.many, field.kind)
                held = known.setdefault(key, field)
                known[key] = replace(held, facts=held.facts & field.facts)

    def one(field: Field) -> Field:
        return known[field.way, field.many, field.kind] if isinstance(field.way, Column) else field

    common = [map_fields(part, one) for part in parts]
    asked = Counter(leaf for part in common for leaf in set(leaves(part)))

    def shared(leaf: Leaf) -> Predicate:
        plain = map_fields(leaf, one)
        return plain if isinstance(plain, Leaf) and asked[plain] > 1 else leaf

    return [map_leaves(part, shared) for part in parts]
