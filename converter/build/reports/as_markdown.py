"""What a build changed, as Markdown: for a comment on a pull request or a job's summary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from converter.build.changes import Change, Kind
from converter.build.run import Build
from converter.deferred import compiled

_MOST = 50
"""Rules of one kind that are shown: a comment takes 65,536 characters."""
_LONGEST = 60_000
_MOST_LINES = 40
_SPECIAL = compiled(r"([\\`*_{}\[\]<>()#+\-.!|~@&])")


def report(build: Build, changes: Sequence[Change]) -> str:
    """A table of statuses, then the rules that differ by kind."""
    return page(changes, build.counts())


def page(changes: Sequence[Change], counts: dict[str, dict[str, int]] | None = None) -> str:
    """The page; `counts` of statuses by target, if the rules were converted."""
    parts: list[str] = []
    if counts:
        rows = ["| target | exact | approximate | refused |", "|---|---:|---:|---:|"]
        rows += [f"| {plain(name)} | " + " | ".join(str(n) for n in of.values()) + " |" for name, of in counts.items()]
        parts.append("\n".join(rows))
    if not changes:
        parts.append("No rule changed.")
    for kind in Kind:
        found = [change for change in changes if change.kind is kind]
        if found:
            parts.append(f"### {kind.value.capitalize()} ({len(found)})")
            parts += ["\n".join(_change(change)) for change in found[:_MOST]]
            parts += [f"... and {len(found) - _MOST} more"] if len(found) > _MOST else []
    text = "\n\n".join(parts) + "\n"
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit("\n\n", 1)[0] + "\n\n... and more\n"


def _change(change: Change) -> Iterator[str]:
    yield f"- **{plain(change.name or change.path)}** ({plain(change.path)})"
    for turn in change.turns:
        before, after = turn.before or "not built", turn.after or "not built"
        codes = f" ({', '.join(turn.codes)})" if turn.codes else ""
        yield f"  - {plain(turn.target)}: {before} → {after}{codes}"
    if change.lines:
        fence = "`" * max(3, 1 + max(len(run) for line in change.lines for run in re.findall(r"`*", line)))
        yield f"\n  {fence}diff"
        # A line that says where something stands begins with @@, which is how diffs say it.
        shown = change.lines[:_MOST_LINES]
        yield from (f"  {line[2:]}" if line.startswith("  ") else f"  @@ {line} @@" for line in shown)
        if len(change.lines) > _MOST_LINES:
            yield f"  @@ {len(change.lines) - _MOST_LINES} more lines @@"
        yield f"  {fence}"


def plain(text: str) -> str:
    """A text of a rule that Markdown leaves as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
