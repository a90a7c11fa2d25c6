"""All files of a run are read before any rule is understood: exceptions may stand in another file than their rules.

A rule that an earlier run has converted need not be read: enough of it is kept to know what concerns several rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from converter.cache.head import Head
from converter.cli.console import Console, plural
from converter.cli.inputs import Input, read_stdin
from converter.deferred import compiled, dataclass, replace
from converter.diagnostics import Diagnostic, Severity, Source, Span
from converter.diagnostics.errors import ConverterError
from converter.rulefile.alike import tags
from converter.rulefile.codes import F006, F042
from converter.rulefile.decoding import LARGEST_EXPORT, decode, read_bytes

if TYPE_CHECKING:
    from converter.cache.head import Kept
    from converter.cache.shelf import Shelf
    from converter.model.exception import ExceptionItem
    from converter.model.metadata import Metadata
    from converter.rulefile.collection import Collection
    from converter.rulefile.exceptions import ExceptionList
    from converter.rulefile.ruletext import RuleText

_RULE_MARK = compiled(r"""["']?(?:rule_id|risk_score|logsource)["']?\s*[:=]""")
"""What a file of a folder must hold for a slip in it to be a slip in a rule."""


@dataclass(slots=True)
class Entry:
    """One rule of a run, read or kept, or what is wrong with a file (or a part of it) that should be one.

    `file`: under what the file is kept, "" for one that is not; `key`: the same of what becomes of the rule, if
    nothing is kept yet.
    """

    input: Input
    text: RuleText | None = None
    problems: list[Diagnostic] = field(default_factory=list)
    fault: BaseException | None = None
    kept: Kept | None = None
    file: str = ""
    key: str = ""

    @property
    def head(self) -> Head | None:
        """What its file says, as far as other rules are concerned; None for what is no rule."""
        if self.text is None:
            return self.kept.head if self.kept is not None else None
        meta = self.text.meta
        return Head(
            meta.rule_id, meta.name, meta.maturity, meta.creation_date, meta.license, bool(meta.exceptions_list)
        )

    def forget(self) -> None:
        """A rule is larger than what is left to say of it."""
        self.text = self.kept = None


@dataclass(slots=True)
class Reading:
    """Everything that the inputs hold. `others` counts content that is no rule, by kind."""

    entries: list[Entry] = field(default_factory=list)
    lists: list[ExceptionList] = field(default_factory=list)
    items: list[ExceptionItem] = field(default_factory=list)
    filters: list[RuleText] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    advice: list[Diagnostic] = field(default_factory=list)

    def summary(self) -> str:
        """What was read beside rules, on one line; "" for nothing."""
        used = [plural(len(self.items), "exception")] if self.items else []
        used += [plural(len(self.filters), "filter")] if self.filters else []
        return ", ".join([*used, *(f"{count} {kind}" for kind, count in self.others.items())])


def read_all(inputs: Sequence[Input], console: Console, *, strict: bool = False, shelf: Shelf | None = None) -> Reading:
    """Read every input that is not kept on the shelf; nothing is raised for what one of them holds."""
    found = Reading()
    for number, one in enumerate(inputs):
        console.progress(number, len(inputs), one.name)
        try:
            _read(found, one, strict, shelf)
        except ConverterError as error:
            if _matters(one, error):
                found.entries.append(Entry(one, problems=list(error.diagnostics)))
            else:
                found.others["files that are no text of rules"] += 1
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other files
            found.entries.append(Entry(one, fault=error))
    _relate(found)
    _attach(found, shelf)
    return found


def _read(found: Reading, one: Input, strict: bool, shelf: Shelf | None) -> None:  # noqa: FBT001 - as it was asked for
    """What an input holds, or what is kept of it. Raises ConverterError for a file that cannot be read as text."""
    data = read_bytes(one.path, LARGEST_EXPORT) if one.path is not None else read_stdin()
    key = shelf.key(one.name, data) if shelf is not None and one.path is not None else ""
    text = decode(data, one.name, LARGEST_EXPORT)
    kept = shelf.find(key, Source(one.name, text)) if shelf is not None and key else None
    if kept is not None:
        found.entries.append(Entry(one, kept=kept, file=key))
        return
    from converter.rulefile.collection import read_collection  # a run whose rules are all kept reads none

    held = read_collection(text, one.name, strict=strict)
    _add(found, one, held)
    if key and _is_plain(held):
        found.entries[-1].file = found.entries[-1].key = key


def _is_plain(held: Collection) -> bool:
    """Whether a file holds one rule and nothing else, and no other file has a part in what becomes of it."""
    beside = (held.filters, held.lists, held.items, held.others, held.broken, held.advice)
    if len(held.rules) != 1 or any(beside) or held.promised is not None:
        return False
    from converter.rulefile.sigma.metadata import CORRELATION, RULE  # the reader has it

    return held.rules[0].meta.type not in (RULE, CORRELATION)


def _relate(found: Reading) -> None:
    """Give Sigma's correlations the rules that they count, and its rules their filters; none of them is ever kept."""
    read = [entry for entry in found.entries if entry.text is not None]
    if not read:
        return
    from converter.rulefile import sigma  # as above

    related = sigma.attached([entry.text for entry in read if entry.text is not None], found.filters)
    for number, entry in enumerate(read):
        if number in related.broken:
            entry.text, entry.problems = None, [*entry.problems, *related.broken[number]]
        else:
            entry.text = related.rules[number]
    dropped = {id(read[number]) for number in related.parts}
    found.entries = [entry for entry in found.entries if id(entry) not in dropped]


def _matters(one: Input, error: ConverterError) -> bool:
    """Whether a slip is one in a rule: a file of a folder that nobody named may be anything."""
    if one.named or one.path is None or one.path.suffix in (".toml", ".ndjson"):
        return True
    source = error.diagnostics[0].source
    return source is not None and _RULE_MARK.search(source.text) is not None


def _add(found: Reading, one: Input, held: Collection) -> None:
    stems = Counter(stem_of(text) for text in held.rules)
    for text in held.rules:
        stem = stem_of(text)
        if len(held.rules) > 1 and stems[stem] > 1:
            stem = f"{stem}_{text.meta.rule_id or held.rules.index(text)}"
        found.entries.append(Entry(one, replace(text, stem=stem)))
    found.lists += held.lists
    found.items += held.items
    found.filters += held.filters
    found.others.update(held.others)
    found.advice += held.advice
    if held.broken and not _matters(one, ConverterError(held.broken[0])):
        found.others["files that are no text of rules"] += 1
    else:
        found.entries.extend(Entry(one, problems=list(slips)) for slips in held.broken)
    if one.named and not (held.rules or held.broken or held.items or held.lists or held.filters):
        message = f"there is no rule in it ({', '.join(held.others) or 'nothing at all'})"
        hint = "give a rule file, an export, or a folder with such files"
        found.entries.append(Entry(one, problems=[Diagnostic(F006, message, source=Source(one.name, ""), hint=hint)]))


_DEVICE = compiled(r"con|prn|aux|nul|(?:com|lpt)[0-9]")
"""What Windows takes for a device, whatever follows behind a dot (learn.microsoft.com, Naming Files)."""


def stem_of(text: RuleText) -> str:
    """The name of files made from a rule: that of its file, or one made of the rule's name."""
    if text.stem and not text.stem.startswith("<"):
        return text.stem
    name = re.sub(r"[^a-z0-9]+", "_", text.meta.name.lower()).strip("_")[:100] or "rule"
    return f"{name}_rule" if _DEVICE.fullmatch(name) else name


def _attach(found: Reading, shelf: Shelf | None) -> None:
    """Give rules their exceptions, and tell of ids and names that stand twice."""
    if found.lists or found.items:
        _keep_no_listed(found)
    seen: dict[str, str] = {}
    for entry in found.entries:
        known = entry.head
        if known is None:
            continue
        if entry.text is not None:
            entry.text = replace(entry.text, meta=_with_exceptions(entry.text.meta, found))
        if known.rule_id and known.rule_id in seen:
            message = f"the rule id {known.rule_id} stands in {seen[known.rule_id]} too"
            found.advice.append(Diagnostic(F042, message, Severity.ADVICE, *_place_of_id(entry, shelf)))
        elif known.rule_id:
            seen[known.rule_id] = entry.input.name
    read = [(entry, known) for entry in found.entries if (known := entry.head) is not None]
    for (entry, known), both in zip(read, tags([known for _, known in read]), strict=True):
        if any(both):
            _tag(entry, known, both, shelf)
        elif entry.kept is not None and entry.kept.result is None:  # it had a tag in every run before
            entry.text, entry.kept, entry.key = _text(entry), None, entry.file


def _keep_no_listed(found: Reading) -> None:
    """What becomes of a rule with exceptions is of their files too."""
    for entry in found.entries:
        if entry.head is not None and entry.head.listed:
            entry.text = _text(entry)
            entry.kept, entry.file, entry.key = None, "", ""


def _place_of_id(entry: Entry, shelf: Shelf | None) -> tuple[Span | None, Source]:
    source = entry.kept.source if entry.kept is not None else _text(entry).source
    if shelf is None or not entry.file:
        return _text(entry).key("rule_id"), source
    return shelf.place(entry.file, lambda: _text(entry).key("rule_id")), source


def _tag(entry: Entry, known: Head, both: tuple[str, str], shelf: Shelf | None) -> None:
    """Tell a rule from another; what became of it under the same tags may be kept."""
    if shelf is not None and entry.file:
        entry.key = shelf.tagged(entry.file, *both)
        if entry.kept is not None:
            kept = shelf.find(entry.key, entry.kept.source)
            if kept is not None and kept.result is not None:
                entry.kept = kept
                return
        else:
            shelf.put_head(entry.file, known)
    from converter.rulefile.distinct import tagged  # few runs have rules of one name

    entry.text, entry.kept = tagged(_text(entry), *both), None


def _with_exceptions(meta: Metadata, found: Reading) -> Metadata:
    from converter.rulefile.exceptions import attached  # as above

    return attached(meta, found.lists, found.items)


def _text(entry: Entry) -> RuleText:
    """The rule, which is read if it was kept: of a file with one rule and nothing else."""
    if entry.text is not None:
        return entry.text
    from converter.rulefile.collection import read_collection  # as above

    assert entry.kept is not None  # noqa: S101 - it has a name
    source = entry.kept.source
    text = read_collection(source.text, source.name).rules[0]
    return replace(text, stem=stem_of(text))
