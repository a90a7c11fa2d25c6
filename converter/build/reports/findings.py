"""What reports for machines have in common."""

from __future__ import annotations

from converter.build.record import Built


def concerned(rule: Built, number: int, targets: int) -> tuple[str, ...]:
    """The targets that a message concerns; none if it concerns all, or the rule as such."""
    names = tuple(dict.fromkeys(made.target for made in rule.artifacts if number in made.said))
    return names if 0 < len(names) < targets else ()
