"""The texts that people read of a rule: its description within the service's limit, and its guide in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backends.sentinel.codes import T376, T389
from backends.sentinel.condition.finding import note
from backends.sentinel.deploy.header import licence, lines, origin, plain
from backends.sentinel.deploy.rule import LONGEST_NAME, LONGEST_TEXT
from converter.deferred import dataclass
from converter.model.metadata import Metadata
from converter.plan.uncarried import retired
from converter.target.contract import Notebook

_BREAK = "\n\n"
_MORE = "(The rest stands in the guide beside this rule.)"


@dataclass(frozen=True, slots=True)
class Described:
    """The description, and the guide (Markdown) where the description has no room for all of it; else ""."""

    text: str
    guide: str = ""


def name(meta: Metadata, notes: Notebook) -> str:
    """The rule's name on one line, within the limit."""
    whole = plain(meta.title) or "Rule without a name"
    if len(whole) <= LONGEST_NAME:
        return whole
    notes.add(note(T389, f"the name has {len(whole)} characters, a rule's has {LONGEST_NAME}: its end is cut off"))
    return whole[: LONGEST_NAME - 1].rstrip() + "\u2026"


def described(meta: Metadata, notes: Notebook) -> Described:
    """What the rule is for, whose it was, then as much as fits of what helps an analyst."""
    credit = f"{origin(meta)}. {licence(meta)}" if origin(meta) else licence(meta)
    kept = [*_retired(meta), cut(lines(meta.description), LONGEST_TEXT - len(credit) - 200), credit]
    for title, text in _short(meta):
        if _fits([*kept, text]):
            kept.append(text)
        else:
            notes.add(note(T376, f"the description has no room for: {title}"))
    whole = _long(meta)
    left_out = False
    for title, text in whole:
        part, shortened = _beginning(title, text, LONGEST_TEXT - len(_BREAK.join(kept)) - len(_MORE) - 2 * len(_BREAK))
        left_out = left_out or shortened
        if part:
            kept.append(part)
    if left_out:
        kept.append(_MORE)
        notes.add(note(T376, "the description has no room for all of the guide: it stands in a file of its own"))
    return Described(_BREAK.join(filter(None, kept)), _guide(meta, whole) if left_out else "")


def _fits(parts: Sequence[str]) -> bool:
    return len(_BREAK.join(parts)) <= LONGEST_TEXT


def _retired(meta: Metadata) -> Iterator[str]:
    if fact := retired(meta):
        since = f" since {plain(fact.since)}" if fact.since else ""
        why = f": {plain(fact.why)}" if fact.why else "."
        yield f"Deprecated by its authors{since}{why}"


def _short(meta: Metadata) -> Iterator[tuple[str, str]]:
    if meta.false_positives:
        yield "false positives", "False positives: " + " ".join(map(plain, meta.false_positives))
    if meta.references:
        yield "references", "References: " + " ".join(map(plain, meta.references))


def _long(meta: Metadata) -> tuple[tuple[str, str], ...]:
    found = (("Investigation guide", lines(meta.note)), ("Setup", lines(meta.setup)))
    return tuple((title, text) for title, text in found if text)


def _beginning(title: str, text: str, room: int) -> tuple[str, bool]:
    """The first paragraphs that fit under a title, and whether that is not all."""
    kept = [f"{title}:"]
    for paragraph in text.split(_BREAK):
        if len(_BREAK.join([*kept, paragraph])) > room:
            said = any(not part.startswith("#") for part in kept[1:])
            return (_BREAK.join(kept) if said else "", True)
        kept.append(paragraph)
    return _BREAK.join(kept), False


def cut(text: str, room: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "\u2026"


def _guide(meta: Metadata, parts: Sequence[tuple[str, str]]) -> str:
    """The guide as a page, under the rule's name and with its licence."""
    body = (f"## {title}{_BREAK}{text}" for title, text in parts)
    return _BREAK.join([f"# {plain(meta.title)}", licence(meta), *body]) + "\n"
