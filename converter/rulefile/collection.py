"""What a file holds, recognised by its content: rules in any form people keep them, exceptions, and the rest.

Forms: Elastic's TOML; Kibana's export (one JSON object a line: rules, exception lists and items, connectors, a
summary); the detections API's JSON (one rule or a list) and the same as YAML; assets of a Fleet package (`attributes`);
Elastic Defend's behaviour rules; Sigma's documents; hunting files; and the exceptions and actions of a
detections-as-code folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import partial
from pathlib import Path, PurePath

from converter.deferred import compiled, dataclass, replace
from converter.diagnostics import Diagnostic, Severity, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.model.exception import ExceptionItem
from converter.rulefile import behaviour, exceptions, hunting, jsontext, sigma, tomltext
from converter.rulefile.codes import F006, F040
from converter.rulefile.decoding import LARGEST_EXPORT, check_size, decode, read_bytes
from converter.rulefile.exceptions import ExceptionList
from converter.rulefile.ruletext import RuleText, rule_text
from converter.rulefile.table import Findings, Places

_HEADER = compiled(r"\[\[?\s*(?!(?:true|false|null)\b)[A-Za-z_][\w.-]*\s*\]\]?\s*(?:#.*)?$")
_YAML = compiled(r"---\s*$|[A-Za-z_][\w-]*:(?:\s|$)")
_SUMMARY = frozenset({"exported_count", "exported_rules_count"})


@dataclass(slots=True)
class Collection:
    """Everything that one file holds, in its order. `filters` are Sigma's.

    `others` are kinds of content that is no rule, with how many.

    `broken` has what is wrong with each rule that could not be read, `advice` what else is to be said.
    """

    name: str
    rules: list[RuleText] = field(default_factory=list)
    filters: list[RuleText] = field(default_factory=list)
    lists: list[ExceptionList] = field(default_factory=list)
    items: list[ExceptionItem] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)
    broken: list[tuple[Diagnostic, ...]] = field(default_factory=list)
    advice: list[Diagnostic] = field(default_factory=list)
    promised: int | None = None

    def other(self, kind: str) -> None:
        """Count content that is no rule."""
        self.others[kind] = self.others.get(kind, 0) + 1


def read_file(path: Path, *, strict: bool = False) -> Collection:
    """What a file holds. Raises RuleFileError for a file that cannot be read as text."""
    text = decode(read_bytes(path, LARGEST_EXPORT), path.as_posix(), LARGEST_EXPORT)
    return read_collection(text, path.as_posix(), strict=strict)


def read_collection(text: str, name: str, *, strict: bool = False) -> Collection:
    """What a text holds; `name` stands for the file in messages. `strict`: no slip in a rule's metadata is forgiven."""
    source = Source(name, text)
    reader = _Reader(source, Collection(name), strict=strict)
    start = text.lstrip()
    if not start:
        reader.spoilt(
            Diagnostic(F006, "the file is empty", span=Span(0, 0), source=source, hint="give a rule file or an export")
        )
    elif start[0] in "{[" and not _is_toml_table(start):
        reader.json()
    else:
        check_size(len(text), name)
        reader.yaml() if _is_yaml(name, text) else reader.toml()
    return reader.done()


def _is_yaml(name: str, text: str) -> bool:
    """By the file's name; a text of another name, such as that of a pipe, by its first line: `key: value` or `---`."""
    if name.endswith((".yml", ".yaml", ".toml")):
        return not name.endswith(".toml")
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return _YAML.match(next(lines, "")) is not None


def _is_toml_table(start: str) -> bool:
    """`[rule]` or `[[exceptions]]` on a line of its own, and not the beginning of a JSON list."""
    return _HEADER.match(start.partition("\n")[0]) is not None


class _Reader:
    """Reads one text into a collection."""

    def __init__(self, source: Source, found: Collection, *, strict: bool) -> None:
        self._source = source
        self._found = found
        self._strict = strict

    def done(self) -> Collection:
        """The collection, after a check of what its summary line promises."""
        found = self._found
        if len(found.rules) == 1 and not found.broken and found.promised is None:
            found.rules[0] = replace(found.rules[0], stem=PurePath(found.name).stem)
        have = len(found.rules) + len(found.broken)
        if found.promised is not None and found.promised != have:
            message = f"the summary line counts {found.promised} rules; the file has {have}"
            hint = "the export may be cut off: export the rules again"
            found.advice.append(Diagnostic(F040, message, Severity.ADVICE, source=self._source, hint=hint))
        return found

    def spoilt(self, *diagnostics: Diagnostic) -> None:
        """A rule, or the whole file, cannot be read."""
        self._found.broken.append(diagnostics)

    # ---- forms of text

    def toml(self) -> None:
        """One document of TOML."""
        try:
            document = tomltext.document(self._source)
        except RuleFileError as error:
            self.spoilt(*error.diagnostics)
            return
        self._document(document, Findings(self._source, strict=self._strict))

    def json(self) -> None:
        """JSON values, one after another."""
        for part in jsontext.parts(self._source):
            if isinstance(part, Diagnostic):
                self.spoilt(part)
                continue
            places = partial(jsontext.JsonPositions, self._source.text, part.start, part.end)
            self._value(part.value, places)

    def yaml(self) -> None:
        """Documents of YAML."""
        from converter.rulefile import yamltext  # most rules are in other forms, and the YAML library is large

        for one in yamltext.documents(self._source):
            if isinstance(one, Diagnostic):
                self.spoilt(one)
                continue
            value, positions = one
            self._value(value, partial(_same, positions))

    def _value(self, value: object, places: Callable[[], Places]) -> None:
        """One value: an object, or a list of objects (the API's `rules`)."""
        top: tuple[str | int, ...] = ()
        if isinstance(value, Mapping) and isinstance(value.get("data"), list) and "total" in value:
            value, top = value["data"], ("data",)  # a page of the API's _find
        for number, one in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(one, dict):
                self._found.other("values that are no object")
                continue
            findings = Findings(self._source, places, strict=self._strict)
            findings.top = top if number is None else (*top, number)
            self._document(_without_nulls(one), findings)

    # ---- kinds of documents

    def _document(self, document: dict[str, object], findings: Findings) -> None:
        try:
            self._kind(document, findings)
        except RuleFileError as error:
            self.spoilt(*error.diagnostics)

    def _kind(self, document: dict[str, object], findings: Findings) -> None:
        """Tell what a document is and read it."""
        attributes = document.get("attributes")
        rule = document.get("rule")
        if isinstance(attributes, dict) and ("rule_id" in attributes or "query" in attributes):
            findings.top = (*findings.top, "attributes")
            self._rule(attributes, findings)
        elif sigma.is_sigma(document):
            self._sigma(document, findings)
        elif "hunt" in document:
            self._rules(hunting.read(document, findings))
        elif behaviour.is_behaviour(document):
            self._rule(behaviour.as_rule(document, findings), findings)
        elif isinstance(rule, dict) or ("type" in document and "name" in document and _looks_like_rule(document)):
            self._rule(document, findings)
        elif isinstance(document.get("exceptions"), list):
            lists, items = exceptions.read_folder_file(document, findings)
            self._exceptions(lists, items, findings)
        elif "entries" in document and "list_id" in document:
            self._exceptions([], [exceptions.read_item(document, findings, findings.top)], findings)
        elif "list_id" in document and "entries" not in document:
            self._exceptions([exceptions.read_list(document, findings, findings.top)], [], findings)
        elif document.keys() & _SUMMARY:
            promised = document.get("exported_rules_count", document.get("exported_count"))
            self._found.promised = promised if isinstance(promised, int) else None
        else:
            self._other(document, findings)

    def _rule(self, document: dict[str, object], findings: Findings) -> None:
        self._found.rules.append(rule_text(document, findings))

    def _sigma(self, document: dict[str, object], findings: Findings) -> None:
        text = sigma.read(document, findings)
        (self._found.filters if text.meta.type == sigma.FILTER else self._found.rules).append(text)

    def _rules(self, read: Iterable[RuleText | Diagnostic]) -> None:
        for one in read:
            if isinstance(one, RuleText):
                self._found.rules.append(one)
            else:
                self._found.advice.append(one)
                self._found.other("hunting queries in a language that no rule has")

    def _exceptions(self, lists: list[ExceptionList], items: list[ExceptionItem], findings: Findings) -> None:
        if findings.errors:
            self.spoilt(*findings.errors)
            return
        self._found.lists += lists
        self._found.items += items

    def _other(self, document: dict[str, object], findings: Findings) -> None:
        """What is known to stand beside rules, and what is not known at all."""
        if "actions" in document or "action_type_id" in document or document.get("type") == "action":
            self._found.other("actions and connectors")
            return
        if self._source.name.endswith(".toml") and not document.keys() & {"package", "tool", "project"}:
            hint = "a detection rule has a [rule] table with name, type and query"
            span = findings.positions.key(tuple(list(document)[:1]))
            self.spoilt(Diagnostic(F006, "there is no [rule] table", span=span, source=self._source, hint=hint))
            return
        self._found.other("files of another kind")


def _looks_like_rule(document: Mapping[str, object]) -> bool:
    """Whether an object with a name and a type is a rule: other saved objects have those too."""
    marks = ("query", "rule_id", "risk_score", "severity", "machine_learning_job_id", "index", "threat_mapping")
    return any(key in document for key in marks)


def _without_nulls(value: dict[str, object]) -> dict[str, object]:
    """An object whose keys with null are absent, as the API reads them; Query DSL stays as it is."""
    out: dict[str, object] = {}
    for key, one in value.items():
        if one is None:
            continue
        if isinstance(one, dict) and key not in ("query", "filters"):
            one = _without_nulls(one)  # noqa: PLW2901 - the value as it counts
        out[key] = one
    return out


def _same(places: Places) -> Places:
    return places
