"""All files of a run are read before any rule is understood: exceptions may stand in another file than their rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import field

from converter.cli.console import Console, plural
from converter.cli.inputs import Input, read_stdin
from converter.deferred import compiled, dataclass, replace
from converter.diagnostics import Diagnostic, Severity, Source
from converter.diagnostics.errors import ConverterError
from converter.model.exception import ExceptionItem
from converter.rulefile import sigma
from converter.rulefile.codes import F006, F042
from converter.rulefile.collection import Collection, read_collection, read_file
from converter.rulefile.decoding import LARGEST_EXPORT, decode
from converter.rulefile.distinct import told_apart
from converter.rulefile.exceptions import ExceptionList, attached
from converter.rulefile.ruletext import RuleText

_RULE_MARK = compiled(r"""["']?(?:rule_id|risk_score|logsource)["']?\s*[:=]""")
"""What a file of a folder must hold for a slip in it to be a slip in a rule."""


@dataclass(slots=True)
class Entry:
    """One rule of a run, read, or what is wrong with a file (or a part of it) that should be one."""

    input: Input
    text: RuleText | None = None
    problems: list[Diagnostic] = field(default_factory=list)
    fault: BaseException | None = None


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


def read_all(inputs: Sequence[Input], console: Console, *, strict: bool = False) -> Reading:
    """Read every input; nothing is raised for what one of them holds."""
    found = Reading()
    for number, one in enumerate(inputs):
        console.progress(number, len(inputs), one.name)
        try:
            _add(found, one, _collection(one, strict=strict))
        except ConverterError as error:
            if _matters(one, error):
                found.entries.append(Entry(one, problems=list(error.diagnostics)))
            else:
                found.others["files that are no text of rules"] += 1
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other files
            found.entries.append(Entry(one, fault=error))
    _relate(found)
    _attach(found)
    return found


def _relate(found: Reading) -> None:
    """Give Sigma's correlations the rules that they count, and its rules their filters."""
    read = [entry for entry in found.entries if entry.text is not None]
    related = sigma.attached([entry.text for entry in read if entry.text is not None], found.filters)
    for number, entry in enumerate(read):
        if number in related.broken:
            entry.text, entry.problems = None, [*entry.problems, *related.broken[number]]
        else:
            entry.text = related.rules[number]
    dropped = {id(read[number]) for number in related.parts}
    found.entries = [entry for entry in found.entries if id(entry) not in dropped]


def _collection(one: Input, *, strict: bool) -> Collection:
    if one.path is not None:
        return read_file(one.path, strict=strict)
    text = decode(read_stdin(), one.name, LARGEST_EXPORT)
    return read_collection(text, one.name, strict=strict)


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


def _attach(found: Reading) -> None:
    """Give rules their exceptions, and tell of ids that stand twice."""
    seen: dict[str, str] = {}
    for entry in found.entries:
        if entry.text is None:
            continue
        meta = attached(entry.text.meta, found.lists, found.items)
        entry.text = replace(entry.text, meta=meta)
        if meta.rule_id and meta.rule_id in seen:
            message = f"the rule id {meta.rule_id} stands in {seen[meta.rule_id]} too"
            span = entry.text.key("rule_id")
            found.advice.append(Diagnostic(F042, message, Severity.ADVICE, span, entry.text.source))
        elif meta.rule_id:
            seen[meta.rule_id] = entry.input.name
    read = [entry for entry in found.entries if entry.text is not None]
    for entry, text in zip(read, told_apart([entry.text for entry in read if entry.text is not None]), strict=True):
        entry.text = text
