"""The build itself: rules in, records and files out; nothing is written or printed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from converter.build.layout import lay_out
from converter.build.lock import Lock, lock
from converter.build.plan import Plan
from converter.build.record import STATUSES, Built, Made, message
from converter.build.work import Item, Worked, kept
from converter.deferred import dataclass, replace
from converter.diagnostics.errors import Failure
from converter.parallel import each
from converter.target.artifact import Artifact
from converter.target.bundle import Bundled

if TYPE_CHECKING:
    from converter.cache.shelf import Shelf

Progress = Callable[[int, int, str], None]
"""Told how many rules are done, of how many, and the next one's name."""


@dataclass(frozen=True, slots=True)
class Build:
    """All that a build made. `left_out`: how many rules the plan's filter did not take."""

    plan: Plan
    rules: tuple[Built, ...]
    files: dict[str, bytes]
    left_out: int = 0

    def lock(self) -> Lock:
        """What the next build is to know of this one."""
        return lock(self.plan.digests(), self.rules, self.files)

    def counts(self) -> dict[str, dict[str, int]]:
        """For each target, how many rules have each status. A rule that cannot be read is refused by all."""
        found = {name: dict.fromkeys(STATUSES, 0) for name in self.plan.names}
        for rule in self.rules:
            for target, status in statuses(rule, self.plan.names).items():
                found[target][status] += 1
        return found


def statuses(rule: Built, targets: Sequence[str]) -> dict[str, str]:
    """A rule's status for each target: of several artifacts the worst, of none refused."""
    found = dict.fromkeys(targets, "")
    for made in rule.artifacts:
        if made.target in found:
            found[made.target] = max(found[made.target] or STATUSES[0], made.status, key=STATUSES.index)
    return {target: status or STATUSES[-1] for target, status in found.items()}


def reasons(build: Build) -> Iterator[tuple[str, str, str, int]]:
    """Target, status, code, and how many rules it keeps from being exact; the most frequent first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for rule in build.rules:
        for made in rule.artifacts:
            bad = {"refused": "error", "approximate": "warning"}.get(made.status)
            codes = {rule.messages[n].code for n in made.said if rule.messages[n].severity == bad}
            found.update((made.target, made.status, code) for code in codes)
    for key, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])):
        yield (*key, count)


def chosen(items: Sequence[Item], plan: Plan) -> list[Item]:
    """The rules that the plan's filter takes; what could not be read is always told."""
    return [item for item in items if (facts := item.facts) is None or plan.filter.takes(facts)]


def build(
    items: Sequence[Item], plan: Plan, fail: Failure, *, jobs: int, progress: Progress, shelf: Shelf | None = None
) -> Build:
    """Convert every rule for every target but those whose records are on the shelf, which gets those of the others."""
    wanted = chosen(items, plan)
    done: list[Worked] = []
    new = each(partial(kept, plan=plan, fail=fail, shelf=shelf), [one for one in wanted if one.kept is None], jobs)
    for item in wanted:
        if item.kept is not None:
            found = Worked(replace(item.kept, folder=item.folder.as_posix()))
        else:
            found, written = next(new)
            if shelf is not None and written is not None:
                shelf.put(item.key, written)
        done.append(found)
        progress(len(done), len(wanted), found.built.path)
    rules = [one.built for one in done]
    bundles, parts = _bundled(done, rules, plan)
    found_files = lay_out(rules, {one.name: one.folder for one in plan.products}, bundles, parts)
    return Build(plan, tuple(found_files.rules), found_files.files, len(items) - len(wanted))


def _bundled(
    done: Sequence[Worked], rules: list[Built], plan: Plan
) -> tuple[dict[str, Bundled], dict[str, list[tuple[int, int]]]]:
    """The bundles by product and whose artifacts they are made of; what a bundle says of a rule is added to it."""
    bundles: dict[str, Bundled] = {}
    whose: dict[str, list[tuple[int, int]]] = {}
    for product in plan.products:
        if product.bundle is None:
            continue
        parts = [
            (number, index, artifact)
            for number, one in enumerate(done)
            for index, artifact in one.parts
            if one.built.artifacts[index].target == product.name
        ]
        given = [artifact for _, _, artifact in parts]
        bundles[product.name] = product.bundle(given, plan.package) if given else Bundled((), ())
        whose[product.name] = [(number, index) for number, index, _ in parts]
        for (number, index, old), new in zip(parts, bundles[product.name].artifacts, strict=True):
            if new.diagnostics != old.diagnostics:
                rules[number] = _said(rules[number], index, old, new)
    return bundles, whose


def _said(rule: Built, index: int, old: Artifact, new: Artifact) -> Built:
    """The rule with what a bundle adds to one of its artifacts."""
    messages = {m: n for n, m in enumerate(rule.messages)}
    more = tuple(messages.setdefault(message(d), len(messages)) for d in new.diagnostics if d not in old.diagnostics)
    artifacts = list(rule.artifacts)
    made: Made = artifacts[index]
    artifacts[index] = replace(made, status=str(new.status), said=(*made.said, *more))
    return replace(rule, messages=tuple(messages), artifacts=tuple(artifacts))
