"""The cache of builds: the records of each rule. They are plain values; what a bundle is made of is not, nor kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from converter.api import catalogue
from converter.build.record import Built, Condition, Ended, Facts, Made, Message, Place, Tactic
from converter.cache import given
from converter.cache.codec import Kind
from converter.cache.key import key
from converter.cache.place import folder
from converter.cache.program import identity
from converter.cache.shelf import Shelf
from converter.cache.store import Store
from converter.target.registry import builtin_names

if TYPE_CHECKING:
    from converter.build.plan import Plan

KINDS = tuple(map(Kind, (Place, Message, Condition, Ended, Made, Tactic, Facts, Built)))
"""The classes of a rule's records."""


def shelf(plan: Plan, environment: Mapping[str, str]) -> Shelf | None:
    """What is kept for a plan; None for one with a bundle or with a target that is not the program's own."""
    own = builtin_names()
    if any(one.target.name not in own or one.bundle is not None for one in plan.products):
        return None
    root = folder(environment)
    program = identity(root) if root is not None else None
    if root is None or program is None:
        return None
    digests = (word for pair in sorted(plan.digests().items()) for word in pair)
    names = [path.as_posix() for path in plan.mapping]  # what they hold is in the digests, messages name them
    run, mapping = key((program, "build", *digests, *names)), given.digests(names)
    if mapping is None or catalogue(plan.mapping) is not plan.known:  # they have changed since the plan was made
        return None
    return Shelf(Store(root, run, lambda: given.are(mapping)), run, KINDS)
