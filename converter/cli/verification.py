"""`convert --verify`: what is written is read back, and nothing is given out that does not ask what the rule asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.cli.choices import Choices
    from converter.model.rule import Rule
    from converter.target.contract import Target

Seen = tuple[str, str, str]
"""A target, how the comparison came out, and why where it did not come to one."""


def check(rule: Rule, target: Target, choices: Choices) -> Seen:
    """How the comparison comes out. Raises ReadBackError where an event tells the two apart."""
    from converter import api  # imports the stages
    from converter.proof.readback import Outcome
    from converter.target.readback import ReadBackError

    found = api.read_back(
        rule,
        target,
        choices.fields,
        choices.source,
        unmapped=choices.unmapped,
        known=api.catalogue(choices.mapping),
        new_terms=choices.wishes.new_terms,
        facts=choices.wishes.facts,
        args=choices.wishes.args,
        case=choices.wishes.case,
        tstats=choices.wishes.tstats,
    )
    if found.outcome is Outcome.DIFFERENT:
        raise ReadBackError(target.name, found.why, found.wanted, found.found)
    return target.name, found.outcome.value, found.why if found.outcome is Outcome.NOT_READ else ""


def summary(seen: Mapping[Seen, int]) -> Iterator[str]:
    """A line for each target: how many were read back equal, and what was not."""
    by_target: dict[str, Counter[tuple[str, str]]] = {}
    for (target, outcome, why), count in seen.items():
        by_target.setdefault(target, Counter())[outcome, why] += count
    for target, found in by_target.items():
        parts = [f"{count} {outcome}{f' ({why})' if why else ''}" for (outcome, why), count in found.most_common()]
        yield f"{target} read back: {', '.join(parts)}"
