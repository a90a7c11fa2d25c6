"""One rule for all targets of a plan, from its text to records. A fault in one rule stays with that rule."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from converter import api
from converter.build.meaning import meaning
from converter.build.plan import Plan
from converter.build.record import Built, Condition, Ended, Facts, Made, Message, Place, Tactic, message
from converter.datasets.choice.index import indices
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import ConverterError, Failure
from converter.model.metadata import Metadata
from converter.model.predicate import Leaf
from converter.model.rule import Rule
from converter.model.words import words
from converter.rulefile.ruletext import RuleText
from converter.target.account import Ending, Line
from converter.target.artifact import Artifact

if TYPE_CHECKING:
    from converter.cache.codec import Written
    from converter.cache.head import Head
    from converter.cache.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Item:
    """A rule to build: its file as named, the folder for its artifacts, its text or what is wrong with it.

    `kept`: its records, if an earlier build has made them; `key`: under what to keep them if not, "" for not at all.
    """

    path: str
    folder: PurePosixPath = field(default_factory=PurePosixPath)
    text: RuleText | None = None
    problems: tuple[Diagnostic, ...] = ()
    fault: BaseException | None = None
    kept: Built | None = None
    head: Head | None = None
    key: str = ""

    @property
    def facts(self) -> Facts | None:
        """What filters look at; None for what could not be read."""
        if self.kept is not None:
            return self.kept.facts
        return facts_of(self.text.meta) if self.text is not None else None


@dataclass(frozen=True, slots=True)
class Worked:
    """A rule's records, and those of its artifacts that are to become part of a bundle, by their index."""

    built: Built
    parts: tuple[tuple[int, Artifact], ...] = ()


def facts_of(meta: Metadata) -> Facts:
    """What reports and filters look at."""
    tactics = tuple(
        Tactic(
            t.framework,
            t.tactic_id,
            t.tactic_name,
            tuple(dict.fromkeys(i for one in t.techniques for i in (one.id, *(s.id for s in one.subtechniques)))),
        )
        for t in meta.threat
    )
    return Facts(
        meta.rule_id,
        meta.name,
        meta.type,
        meta.language,
        meta.severity,
        meta.risk_score,
        meta.maturity,
        meta.version,
        meta.tags,
        datasets_of(meta),
        tactics,
    )


def datasets_of(meta: Metadata) -> tuple[str, ...]:
    """The data sets that a rule names: those of its index patterns (`logs-o365.audit-*`), then its integrations."""
    streams = [name.removeprefix("logs-").rstrip("*").rstrip("-.") for name in indices(meta.index)]
    related = [f"{r.package}.{r.integration}" if r.integration else r.package for r in meta.related_integrations]
    names = dict.fromkeys(name for name in (*streams, *meta.integration, *related) if name)
    return tuple(sorted(names, key=lambda name: "." not in name))  # a shipper's indices hold many data sets


def kept(item: Item, plan: Plan, fail: Failure, shelf: Shelf | None) -> tuple[Worked, Written | None]:
    """The rule's records, and what the shelf keeps of them, if anything: no fault of ours."""
    found = work(item, plan, fail)
    lasting = not found.parts and not found.built.failed
    if shelf is None or not item.key or item.text is None or item.head is None or not lasting:
        return found, None
    return found, shelf.written(item.head, found.built, item.text.source)


def work(item: Item, plan: Plan, fail: Failure) -> Worked:
    """The rule's records: read and converted for every target."""
    start = _unread(item)
    if item.text is None:
        return Worked(start if item.fault is None else _failed(start, fail(item.fault, f"reading {item.path}")))
    try:
        rule = api.understand(item.text, plan.known)
    except ConverterError as error:
        return Worked(replace(start, broken=True, messages=_records(error.diagnostics)))
    except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other rules
        return Worked(_failed(start, fail(error, f"reading {item.path}")))
    return _converted(start, rule, plan, fail)


def _unread(item: Item) -> Built:
    """What is known of a rule before it is understood."""
    start = Built(item.path, item.folder.as_posix(), messages=_records(item.problems), broken=item.text is None)
    if item.text is None:
        return start
    found = _described(start, item.text)
    return replace(found, source=source_hash(item.text), metadata=_metadata(item.text.meta))


def _described(start: Built, text: RuleText | Rule) -> Built:
    """The record with what the rule's file says."""
    place = text.query_source.place(text.query_offset)
    verbatim = text.query_source is text.source
    return replace(
        start,
        facts=facts_of(text.meta),
        query=text.meta.query,
        line=place[0] if verbatim else 0,
        column=place[1] if verbatim else 0,
        elastic=text.meta.license.lower().startswith("elastic"),
    )


def recorded(
    path: str, rule: Rule | None, artifacts: Iterable[tuple[Artifact, str]], problems: Iterable[Diagnostic]
) -> Built:
    """The record of a rule that was converted elsewhere: its artifacts with their files, and its other messages."""
    start = Built(path, messages=_records(problems), broken=rule is None)
    if rule is None:
        return start
    ledger = Ledger(rule)
    for one in start.messages:
        ledger.index(one)
    for artifact, file in artifacts:
        ledger.add(artifact, artifact.target)
        ledger.made[-1] = replace(ledger.made[-1], path=file)
    return ledger.filled(_described(start, rule))


def source_hash(text: RuleText) -> str:
    """The hash of a rule's file, if the rule is all it holds and nothing is added to it, else of what was read."""
    meta = text.meta
    alone = text.stem and text.findings is not None and not text.findings.top
    seed = text.source.text if alone and not meta.exceptions else repr((meta, meta.exceptions))
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()


_OF_MEANING = frozenset(
    {
        "query",
        "language",
        "index",
        "data_view_id",
        "from_",
        "to",
        "interval",
        "window",
        "timestamp_override",
        "alert_suppression",
        "threshold",
        "new_terms",
        "threat_match",
        "filters",
        "exceptions",
        "type",
        "log_source",
        "name_tag",  # what tells rules of one name apart is of the others, not of the rule
        "id_tag",
    }
)


def _metadata(meta: Metadata) -> str:
    """The hash of what a rule says beside what it detects."""
    rest = [(f.name, repr(getattr(meta, f.name))) for f in dataclasses.fields(meta) if f.name not in _OF_MEANING]
    return hashlib.sha256(json.dumps(rest).encode()).hexdigest()[:16]


def _failed(start: Built, problem: Diagnostic) -> Built:
    return replace(start, failed=True, messages=(*start.messages, message(problem)))


def _records(found: Iterable[Diagnostic]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(message(d) for d in found))


def _converted(start: Built, rule: Rule, plan: Plan, fail: Failure) -> Worked:
    """The records of a rule that was understood."""
    ledger = Ledger(rule)
    parts: list[tuple[int, Artifact]] = []
    failed = False
    for product in plan.products:
        try:
            choices = plan.chosen(product.form)
            artifacts = api.convert_some(
                rule, product.target, plan.fields, source=plan.source, all_sources=plan.all_sources, **choices
            )
        except ConverterError as error:
            for diagnostic in error.diagnostics:
                ledger.index(message(diagnostic))
            continue
        except Exception as error:  # noqa: BLE001 - see work
            ledger.index(message(fail(error, f"converting {start.path} to {product.name}")))
            failed = True
            continue
        for artifact in artifacts:
            if product.bundle is not None and artifact.text:
                parts.append((len(ledger.made), artifact))
            ledger.add(artifact, product.name)
    built = ledger.filled(start)
    return Worked(replace(built, meaning=meaning(rule), failed=failed), tuple(parts))


class Ledger:
    """Collects the records of one rule: each message and each condition once."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.messages: dict[Message, int] = {}
        self.conditions: dict[Condition, int] = {}
        self.made: list[Made] = []
        self._numbers: dict[int, tuple[Leaf, int]] = {}

    def filled(self, start: Built) -> Built:
        """A rule's record with what was collected."""
        found = tuple(self.messages), tuple(self.conditions), tuple(self.made)
        return replace(start, messages=found[0], conditions=found[1], artifacts=found[2])

    def index(self, found: Message) -> int:
        """The number of a message, which is kept."""
        return self.messages.setdefault(found, len(self.messages))

    def add(self, artifact: Artifact, product: str) -> None:
        """Keep an artifact of a plan's product."""
        self.made.append(
            Made(
                product,
                str(artifact.status),
                artifact.filename,
                artifact.text,
                tuple((file.path, file.data) for file in artifact.files),
                artifact.fields,
                artifact.dataset,
                artifact.place,
                tuple((one.fact.value, one.column) for one in artifact.assumed),
                tuple(map(self._ended, artifact.account)),
                tuple(dict.fromkeys(self.index(message(d)) for d in artifact.diagnostics)),
            )
        )

    def _ended(self, line: Line) -> Ended:
        condition = self._condition(line.leaf)
        finding = line.finding if line.ending is Ending.GIVEN_UP else None
        why = finding.message if finding else line.why
        code = str(finding.code) if finding else ""
        return Ended(condition, line.ending.value, line.columns, why, code, line.entry, line.evidence, line.known)

    def _condition(self, leaf: Leaf) -> int:
        """The number of a condition of the rule: each is put in words once, and every account has the same ones."""
        known = self._numbers.get(id(leaf))
        if known is None:
            span, source, offset = leaf.span, self._rule.query_source, self._rule.query_offset
            place = Place()
            if span is not None:
                place = Place(*source.place(span.start + offset), *source.place(span.end + offset))
            number = self.conditions.setdefault(Condition(words(leaf), place), len(self.conditions))
            known = self._numbers[id(leaf)] = leaf, number
        return known[1]
