"""The runs of `status` and `diff`: rules beside what an earlier build, or an older clone, says of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from converter.build import pending
from converter.build.changes import Change, Kind, changes, turns, with_broken
from converter.build.files import digest
from converter.build.lock import FILE, Lock, Locked, lock, read
from converter.build.plan import Plan
from converter.build.run import build, chosen
from converter.build.work import Item, source_hash
from converter.cli.asking import Asked, Resolved, items, resolved
from converter.cli.asking import asked as asked  # noqa: PLC0414 - the commands call it
from converter.cli.building import changed_words, there
from converter.cli.console import Console, opened
from converter.cli.exit import Exit
from converter.cli.inspection import show
from converter.deferred import replace
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import ConverterError, EmitError
from converter.parallel import cores
from converter.target.codes import T005

_MOST = 40
"""Files that are named one by one."""
_FORMS = ("text", "markdown", "json")
_MADE_BY = {
    "siemglot": "siemglot {old} made the outputs, this is {new}",
    "facts": "the data set tables are others",
    "choices": "the targets or options are others",
}


def status(one: Asked) -> Exit:
    """What is stale, by hashes; exit code 1 for something only with --check."""
    with opened(one.verbosity) as console:
        try:
            wish = resolved(one, targets=False)
            before, broken_off = read(wish.folder / FILE), bool(pending.read(wish.folder))
        except ConverterError as error:
            console.tell_all(error.diagnostics)
            return Exit.USAGE
        rules, misused = items(wish.paths, console, wish.folder, before)
        lines = list(_stale(wish, before, chosen(rules, wish.plan), broken_off=broken_off))
        show(lines or ["up to date"])
        code = Exit.USAGE if misused else Exit.CONVERTED
        return max(code, Exit.REFUSED if lines and one.check else Exit.CONVERTED)


def _stale(wish: Resolved, before: Lock | None, rules: Sequence[Item], *, broken_off: bool) -> Iterator[str]:
    """What differs, a line each."""
    if before is None:
        yield f"{wish.folder.as_posix()} has no {FILE}: nothing was built there"
        return
    if broken_off:
        yield "a build was broken off: the next one completes it"
    now = wish.plan.digests()
    for key, words in _MADE_BY.items():
        if (key != "choices" or wish.plan.products) and before.made_by.get(key) != now[key]:
            yield words.format(old=before.made_by.get(key), new=now[key])
    yield from _rules(before, rules)
    for path, hashed in before.files.items():
        try:
            there = digest((wish.folder / path).read_bytes())
        except OSError:
            yield f"missing: {(wish.folder / path).as_posix()}"
        else:
            if there != hashed:
                yield f"changed by hand: {(wish.folder / path).as_posix()}"


def _rules(before: Lock, rules: Sequence[Item]) -> Iterator[str]:
    """Rules that are new, changed or gone, by what names them and the hash of their text."""
    old = {rule.key: rule for rule in before.rules}
    paths = {rule.path: rule.key for rule in before.rules}
    seen: set[str] = set()
    for item in rules:
        own = item.text.meta.rule_id if item.text is not None else ""
        key = own if own in old else paths.get(item.path, own or item.path)
        seen.add(key)
        if key not in old:
            yield f"new: {item.path}"
        elif item.text is None:
            if not old[key].broken:
                yield f"broken: {item.path}"
        elif old[key].source != source_hash(item.text):
            yield f"changed: {item.path}"
    yield from (f"removed: {rule.path}" for rule in before.rules if rule.key not in seen)


def diff(one: Asked, against: str | None, form: str) -> Exit:
    """The differences; exit code 1 for one only with --check."""
    with opened(one.verbosity) as console:
        try:
            if form not in _FORMS:
                raise EmitError(Diagnostic(T005, f"report cannot be {form!r}", hint=f"use one of {', '.join(_FORMS)}"))
            wish = resolved(one, targets=False)
            before, last = _before(against, wish), read(wish.folder / FILE)
        except ConverterError as error:
            console.tell_all(error.diagnostics)
            return Exit.USAGE
        rules, misused = items(wish.paths, console, wish.folder, last)
        found = _differences(one, wish, before, rules, console)
        _show(found, form)
        console.line(changed_words(found))
        code = Exit.USAGE if misused else Exit.CONVERTED
        return max(code, Exit.REFUSED if found and one.check else Exit.CONVERTED)


def _before(against: str | None, wish: Resolved) -> Lock | Path:
    """The lock that is meant, or the folder with older rules. Raises ConverterError."""
    path = Path(against) if against is not None else wish.folder / FILE
    if against is not None and path.is_dir() and not (path / FILE).is_file():
        return path
    return there(path)


def _differences(
    one: Asked, wish: Resolved, before: Lock | Path, rules: Sequence[Item], console: Console
) -> tuple[Change, ...]:
    """The rules that differ; only those are converted, for their statuses."""
    jobs = one.jobs or cores()
    unconverted = replace(wish.plan, products=())
    after = _locked(rules, unconverted, console, jobs)
    if isinstance(before, Lock):
        old = [replace(rule, outputs=()) for rule in before.rules]
        kept = {rule.path: rule for rule in before.rules}
        found = changes(old, with_broken(old, after))
        return tuple(_turned(found, kept.values(), _again(found, rules, wish.plan, console, jobs)))
    past, _ = items([before.as_posix()], console, wish.folder, None)
    # The same rule is at another path in another clone: what counts is where it is below the folder.
    roots = [Path(path) for path in wish.paths if Path(path).is_dir()]
    old = [_below(rule, [before]) for rule in _locked(past, unconverted, console, jobs)]
    found = changes(old, with_broken(old, [_below(rule, roots) for rule in after]))
    then = [_below(rule, [before]) for rule in _again(found, past, wish.plan, console, jobs, before)]
    now = [_below(rule, roots) for rule in _again(found, rules, wish.plan, console, jobs, *roots)]
    return tuple(_turned(found, then, now))


def _locked(rules: Sequence[Item], plan: Plan, console: Console, jobs: int) -> list[Locked]:
    """The rules as a lock keeps them."""
    made = build(rules, plan, console.internal, jobs=jobs, progress=console.progress)
    return list(lock({}, made.rules, made.files).rules)


def _again(
    found: Iterable[Change], rules: Sequence[Item], plan: Plan, console: Console, jobs: int, *roots: Path
) -> list[Locked]:
    """Those of the rules that differ, converted."""
    paths = {change.path for change in found}
    if not plan.products:
        return []
    return _locked([item for item in rules if _relative(item.path, roots) in paths], plan, console, jobs)


def _below(rule: Locked, roots: Sequence[Path]) -> Locked:
    return replace(rule, path=_relative(rule.path, roots))


def _relative(path: str, roots: Sequence[Path]) -> str:
    """A path from the first of the folders that it is below; with several, the folder's name leads."""
    for root in roots:
        if Path(path).is_relative_to(root):
            inside = Path(path).relative_to(root).as_posix()
            return f"{root.name}/{inside}" if len(roots) > 1 else inside
    return path


def _turned(found: Iterable[Change], before: Iterable[Locked], after: Iterable[Locked]) -> Iterator[Change]:
    """The changes with the statuses that became others."""
    old, new = list(before), list(after)
    then = {rule.path: rule for rule in old} | {rule.rule_id: rule for rule in old if rule.rule_id}
    now = {rule.path: rule for rule in new}
    for change in found:
        was, made = then.get(change.rule_id) or then.get(change.path), now.get(change.path)
        if change.kind is Kind.REMOVED or not new:
            yield change
        else:
            outputs = [rule.outputs if rule is not None else () for rule in (was, made)]
            yield replace(change, turns=turns(*outputs))


def _show(found: Sequence[Change], form: str) -> None:
    if form == "markdown":
        from converter.build.reports.as_markdown import page  # only this form needs it

        show(page(found).splitlines())
    elif form == "json":
        from converter.build.reports.as_json import change_json  # see above

        show([json.dumps([change_json(change) for change in found], ensure_ascii=False, indent=1)])
    else:
        show(_text(found))


def _text(found: Sequence[Change]) -> Iterator[str]:
    """Each rule that differs, what of its meaning went and came, and its statuses."""
    for change in found:
        yield f"{change.kind}: {change.path}" + (f" ({change.name})" if change.name else "")
        yield from (f"    {line}" for line in change.lines)
        for turn in change.turns:
            codes = f" ({', '.join(turn.codes)})" if turn.codes else ""
            yield f"    {turn.target}: {turn.before or 'not built'} -> {turn.after or 'not built'}{codes}"
