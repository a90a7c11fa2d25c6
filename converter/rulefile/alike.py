"""What tells rules of one run apart that share a name or an id; what is asked of a rule is what its file says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

_SHORT = 8


class Named(Protocol):
    """What of a rule decides: its metadata, or as much of it as a cache keeps."""

    @property
    def rule_id(self) -> str: ...  # noqa: D102 - as in `Metadata`
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def maturity(self) -> str: ...  # noqa: D102
    @property
    def creation_date(self) -> str: ...  # noqa: D102


def tags(rules: Sequence[Named]) -> list[tuple[str, str]]:
    """For each rule what is added to its id and to its name: "" where no other has the same, and for one that keeps it.

    The oldest that is not deprecated keeps its own, so that a rule that is new changes no other's.
    """
    ids = _tags(rules, lambda rule: rule.rule_id or rule.name, _by_name)
    names = _tags(rules, lambda rule: same(rule.name), _by_kind)
    return list(zip(ids, names, strict=True))


def same(name: str) -> str:
    """What names have in common that a platform may take for one: their words, case aside."""
    words = "".join(c if c.isalnum() else " " for c in name.casefold()).split()
    return " ".join(words) or name


def _tags(rules: Sequence[Named], key: Callable[[Named], str], word: Callable[[Named], str]) -> list[str]:
    """A tag for each rule but the first of those that `key` takes for one, told by `word` and, if need be, a number."""
    groups: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        groups.setdefault(key(rule), []).append(number)
    tags = [""] * len(rules)
    for group in groups.values():
        if len(group) == 1:
            continue
        taken: set[str] = set()
        for number in sorted(group, key=lambda n: _age(rules[n]))[1:]:
            wanted = word(rules[number])
            tag, count = wanted, 1
            while same(tag) in taken or not tag or _joined(key(rules[number]), tag) in groups:
                count += 1
                tag = f"{wanted} {count}".strip()
            taken.add(same(tag))
            tags[number] = tag
    return tags


def _joined(name: str, tag: str) -> str:
    """The title that a tag gives, as `same` has it."""
    return same(f"{name} ({tag})")


def _age(rule: Named) -> tuple[bool, str, str, str]:
    return (rule.maturity == "deprecated", rule.creation_date or "9", rule.rule_id, rule.name)


def _by_kind(rule: Named) -> str:
    return "Deprecated" if rule.maturity == "deprecated" else rule.rule_id[:_SHORT]


def _by_name(rule: Named) -> str:
    return same(rule.name)
