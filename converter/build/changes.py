"""What differs between two states of a set of rules, and how much it matters."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from converter.build.lock import Locked, Output
from converter.build.record import STATUSES
from converter.deferred import dataclass, replace

_MOST_LINES = 400
"""Lines of a meaning that are compared one by one: beyond, the time to do so grows too fast."""


class Kind(StrEnum):
    """How a rule differs; the values are the words of reports, the gravest first."""

    BROKEN = "broken"
    REMOVED = "removed"
    NEW = "new"
    MEANING = "changed in meaning"
    METADATA = "changed in metadata only"
    TEXT = "changed in nothing but its text"
    OUTPUT = "converted otherwise"


@dataclass(frozen=True, slots=True)
class Turn:
    """A target for which a rule has another status than before; "" = it was not built then, or is not now."""

    target: str
    before: str
    after: str
    codes: tuple[str, ...] = ()

    @property
    def worse(self) -> bool:
        """Whether something was lost: an artifact, or its exactness."""
        return bool(self.before and self.after) and STATUSES.index(self.after) > STATUSES.index(self.before)


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that differs. `lines` say what of its meaning went (-) and came (+), below where it stands."""

    kind: Kind
    path: str
    rule_id: str
    name: str
    lines: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def worse(self) -> tuple[Turn, ...]:
        """The targets that lost something."""
        return tuple(turn for turn in self.turns if turn.worse)


def changes(before: Iterable[Locked], after: Iterable[Locked]) -> tuple[Change, ...]:
    """Every rule that differs, by kind and then by path. Rules are the same that have one id, else one path."""
    old, new = _by_key(before), _by_key(after)
    found = [change for key, rule in new.items() if (change := _change(old.get(key), rule)) is not None]
    found += [Change(Kind.REMOVED, rule.path, rule.rule_id, rule.name) for key, rule in old.items() if key not in new]
    order = list(Kind)
    return tuple(sorted(found, key=lambda change: (order.index(change.kind), change.path)))


def _by_key(rules: Iterable[Locked]) -> dict[str, Locked]:
    """Rules by what names them; an id that stands twice names them together with the path.

    A rule that cannot be read has no id: it is the rule that was at its path.
    """
    found: dict[str, Locked] = {}
    for rule in rules:
        found[rule.key if rule.key not in found else f"{rule.key} {rule.path}"] = rule
    return found


def with_broken(before: Sequence[Locked], after: Sequence[Locked]) -> tuple[Locked, ...]:
    """`after`, in which rules that cannot be read have the id and the name of those that were at their path before."""
    at = {rule.path: rule for rule in before}
    return tuple(
        replace(rule, rule_id=at[rule.path].rule_id, name=at[rule.path].name)
        if rule.broken and not rule.rule_id and rule.path in at
        else rule
        for rule in after
    )


def _change(old: Locked | None, new: Locked) -> Change | None:
    if old is None:
        first = Kind.BROKEN if new.broken else Kind.NEW
        return Change(first, new.path, new.rule_id, new.name, (), turns((), new.outputs))
    turned = turns(old.outputs, new.outputs)
    kind = _kind(old, new)
    if kind is None:
        return None
    lines = tuple(meaning_lines(old.meaning, new.meaning)) if kind is Kind.MEANING else ()
    return Change(kind, new.path, new.rule_id, new.name, lines, turned)


def _kind(old: Locked, new: Locked) -> Kind | None:
    if new.broken:
        return None if old.broken and old.source == new.source else Kind.BROKEN
    if old.meaning != new.meaning:
        return Kind.MEANING
    if old.metadata != new.metadata:
        return Kind.METADATA
    if old.source != new.source:
        return Kind.TEXT
    made = [[(one.target, one.status, one.sha256) for one in rule.outputs] for rule in (old, new)]
    return Kind.OUTPUT if made[0] != made[1] and made[0] and made[1] else None


def turns(old: Iterable[Output], new: Iterable[Output]) -> tuple[Turn, ...]:
    """The targets whose status differs; of several artifacts of a target the worst counts."""
    before, after = _worst(old), _worst(new)
    found = []
    for target in dict.fromkeys((*before, *after)):
        was, now = before.get(target), after.get(target)
        if was is None or now is None or was.status != now.status:
            codes = now.codes if now else ()
            found.append(Turn(target, was.status if was else "", now.status if now else "", codes))
    return tuple(found)


def _worst(outputs: Iterable[Output]) -> dict[str, Output]:
    found: dict[str, Output] = {}
    for one in outputs:
        there = found.get(one.target)
        if there is None or STATUSES.index(one.status) > STATUSES.index(there.status):
            found[one.target] = one
    return found


def meaning_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """What went and what came, each below the lines that it stands under."""
    if old == new:
        return
    if max(len(old), len(new)) > _MOST_LINES:
        gone, come = [line for line in old if line not in set(new)], [line for line in new if line not in set(old)]
        yield from (f"- {line.strip()}" for line in gone)
        yield from (f"+ {line.strip()}" for line in come)
        return
    last: tuple[str, ...] = ()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for sign, lines, start, end in (("-", old, a, b), ("+", new, c, d)):
            for number in range(start, end):
                above, depth = _above(lines, number, start)
                if above != last:
                    yield " > ".join(above) or "the rule"
                    last = above
                yield f"  {sign} {'  ' * depth}{lines[number].strip()}"


def _above(lines: Sequence[str], number: int, start: int) -> tuple[tuple[str, ...], int]:
    """The lines that a line stands under, from the outermost, and how many of them (the inner ones) changed too."""
    above: list[str] = []
    depth, changed = _indent(lines[number]), 0
    for other in range(number - 1, -1, -1):
        if _indent(lines[other]) < depth:
            depth = _indent(lines[other])
            if other >= start:
                changed += 1
            else:
                above.append(lines[other].strip())
    return tuple(reversed(above)), changed


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
