"""What a Sigma document says beside its detection, as the metadata that every rule has.

The document's own text is the rule's query: what it searches for is read from there, so that every finding has its
place.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.deferred import compiled, replace
from converter.diagnostics import Severity, Span
from converter.diagnostics.errors import RuleFileError
from converter.languages.sigma.codes import S006, S007, S024, S025
from converter.model.duration import MINUTE, UNIT_MS
from converter.model.metadata import LogSource, Metadata, Related, Window
from converter.rulefile.ruletext import RuleText
from converter.rulefile.sigma.attack import threats
from converter.rulefile.table import Findings

RULE, CORRELATION, FILTER = "sigma", "sigma_correlation", "sigma_filter"
"""The types of documents."""
_SECTIONS = {"detection": RULE, "correlation": CORRELATION, "filter": FILTER}
_ANYTHING = ("rule", "query", "language", "hunt", "attributes")
"""Keys that Elastic's documents have and Sigma's have not."""
_LEVELS = {"informational": ("low", 21), "low": ("low", 21), "medium": ("medium", 47), "high": ("high", 73),
           "critical": ("critical", 99)}  # fmt: skip
"""Severity and the risk score that Kibana gives it."""
_TIMESPAN = compiled(r"([1-9]\d{0,8})([smhd])")
_EVERY_MS = 5 * MINUTE


def is_sigma(document: Mapping[str, object]) -> bool:
    """Whether a document is one of Sigma's, by its keys."""
    if any(key in document for key in _ANYTHING):
        return False
    if "logsource" in document or "action" in document:
        return "title" in document or any(key in document for key in ("detection", "filter", "action"))
    return "title" in document and ("correlation" in document or isinstance(document.get("detection"), dict))


def read(document: dict[str, object], findings: Findings) -> RuleText:
    """The rule, correlation or filter of a document. Raises RuleFileError with everything that is wrong."""
    reader = _Reader(document, findings)
    if "action" in document:
        hint = "write the keys that the documents share into each of them"
        reader.say(S025, "action makes one document of several, as Sigma 1 did", "action", hint=hint)
        raise RuleFileError(findings.errors)
    kind = next((kind for section, kind in _SECTIONS.items() if section in document), RULE)
    meta = reader.metadata(kind)
    if findings.errors:
        raise RuleFileError(findings.errors)
    start = meta.query_span.start if meta.query_span else 0
    return RuleText(meta, findings.source, findings.source, start, tuple(findings.found), findings=findings)


class _Reader:
    """Reads the keys of one document; slips in keys that decide nothing are advice."""

    def __init__(self, document: dict[str, object], findings: Findings) -> None:
        self._document = document
        self._findings = findings
        findings.root = findings.top

    def say(self, code: object, message: str, *path: str | int, hint: str = "", advice: bool = False) -> None:
        """Keep a finding at a key of the document."""
        severity = Severity.ADVICE if advice else Severity.ERROR
        self._findings.say(code, message, (*self._findings.top, *path), hint=hint, severity=severity)  # type: ignore[arg-type]

    def metadata(self, kind: str) -> Metadata:
        """Everything but the detection."""
        severity, risk = self._level()
        entries, tags = threats(self._texts("tags"))
        span = self._span()
        meta = Metadata(
            self._title(),
            kind,
            rule_id=self._text("id"),
            description=self._text("description").strip(),
            language="sigma",
            query=self._findings.source.text[span.start : span.end],
            query_span=span,
            author=tuple(filter(None, (name.strip() for name in self._text("author").split(",")))),
            license=self._text("license"),
            severity=severity,
            risk_score=risk,
            building_block_type="default" if self._document.get("level") == "informational" else "",
            references=self._texts("references"),
            false_positives=self._texts("falsepositives"),
            tags=tags,
            threat=entries,
            investigation_fields=self._texts("fields"),
            creation_date=self._text("date").replace("-", "/"),
            updated_date=self._text("modified").replace("-", "/"),
            maturity="deprecated" if self._document.get("status") == "deprecated" else "",
            related=Related(name=self._text("name")),
        )
        if kind == CORRELATION:
            return self._correlation(meta)
        meta = replace(meta, log_source=self._log_source())
        return self._filter(meta) if kind == FILTER else self._rule(meta)

    def _span(self) -> Span:
        found = self._findings.positions.value(self._findings.top)
        return found or Span(0, len(self._findings.source.text))

    # ---- kinds

    def _rule(self, meta: Metadata) -> Metadata:
        if "detection" not in self._document:
            hint = "detection: a map of searches, and a condition"
            self.say(S006, "a Sigma rule needs a detection", "title", hint=hint)
        elif not isinstance(self._document["detection"], dict):
            self.say(S007, "detection must be a map", "detection", hint="detection: a map of searches, and a condition")
        return meta

    def _filter(self, meta: Metadata) -> Metadata:
        body = self._document.get("filter")
        if not isinstance(body, dict):
            self.say(S007, "filter must be a map", "filter", hint="filter: rules, searches and a condition")
            return meta
        names = body.get("rules")
        if names is None:
            self.say(S006, "the filter names no rules", "filter", hint="rules: any, or a list of ids and names")
        return replace(meta, related=replace(meta.related, names=self._names(names, "filter", "rules")))

    def _correlation(self, meta: Metadata) -> Metadata:
        body = self._document.get("correlation")
        if not isinstance(body, dict):
            self.say(S007, "correlation must be a map", "correlation", hint="correlation: type, rules, timespan ...")
            return meta
        for key, example in (("type", "event_count"), ("rules", "[name]"), ("timespan", "10m")):
            if key not in body:
                self.say(S006, f"the correlation has no {key}", "correlation", hint=f"{key}: {example}")
        names = self._names(body.get("rules"), "correlation", "rules")
        generates = body.get("generate") is True
        meta = replace(meta, related=replace(meta.related, names=names, generates=generates))
        if "timespan" not in body and "timeframe" not in body:
            return meta
        written = str(body.get("timespan", body.get("timeframe")))
        span = _TIMESPAN.fullmatch(written)
        if span is None:
            self.say(S024, f"{written!r} is no timespan", "correlation", "timespan", hint="timespan: 10m")
            return meta
        length = int(span[1]) * UNIT_MS[span[2]]
        # When a rule runs is the backend's: often enough that no window is missed.
        every = min(_EVERY_MS, length)
        interval = "5m" if every == _EVERY_MS else f"{every // 1000}s"
        return replace(meta, from_=f"now-{written}", interval=interval, window=Window(length, 0, every))

    def _names(self, value: object, *path: str) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(one, str) for one in values) or (value is not None and not values):
            self.say(S007, "rules must be a list of ids or names", *path, hint="rules: [name]")
            return ()
        return tuple(str(one) for one in values)

    # ---- keys

    def _title(self) -> str:
        title = self._text("title")
        if not title:
            at = "title" if "title" in self._document else next(iter(self._document))
            self.say(S006, "a Sigma rule needs a title", at, hint="title: what is found")
        return title

    def _log_source(self) -> LogSource:
        body = self._document.get("logsource")
        if not isinstance(body, dict):
            code, what = (S006, "is missing") if body is None else (S007, "must be a map")
            hint = "logsource: product, category or service"
            self.say(code, f"logsource {what}", "logsource" if body is not None else "title", hint=hint)
            return LogSource()
        keys = ("product", "category", "service", "definition")
        found: dict[str, str] = {}
        for key in keys:
            value = body.get(key)
            if value is None:
                continue
            if isinstance(value, str | int):
                found[key] = str(value)
            else:
                self.say(S007, f"logsource.{key} must be a text", "logsource", key, hint=f"{key}: windows")
        if not any(found.get(key) for key in keys[:3]) and not self._findings.errors:
            hint = "name a product, a category or a service"
            self.say(S006, "the log source names nothing", "logsource", hint=hint)
        return LogSource(**found)

    def _level(self) -> tuple[str, int]:
        level = self._document.get("level")
        if level is None:
            return "medium", 47
        if not isinstance(level, str) or level not in _LEVELS:
            hint = f"level: {', '.join(_LEVELS)}"
            self.say(S007, f"{level!r} is no level", "level", hint=hint, advice=True)
            return "medium", 47
        return _LEVELS[level]

    def _text(self, key: str) -> str:
        value = self._document.get(key)
        if value is None:
            return ""
        if isinstance(value, list | dict):
            self.say(S007, f"{key} must be a text", key, hint=f"{key}: ...", advice=key not in ("title", "id"))
            return ", ".join(map(str, value))
        return str(value)

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self._document.get(key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        if isinstance(value, dict) or any(isinstance(one, list | dict) for one in values):
            self.say(S007, f"{key} must be a list of texts", key, hint=f"{key}: [...]", advice=True)
            return ()
        return tuple(str(one) for one in values if one is not None)
