"""What a rule file says beside its query: one typed value for every key of the Elastic rule schema."""

from __future__ import annotations

from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.model.exception import ExceptionsInHand


@dataclass(frozen=True, slots=True)
class Subtechnique:
    """A MITRE ATT&CK subtechnique, `id` like T1114.002."""

    id: str
    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Technique:
    """A MITRE ATT&CK technique with the subtechniques that the rule names."""

    id: str
    name: str
    reference: str
    subtechniques: tuple[Subtechnique, ...] = ()


@dataclass(frozen=True, slots=True)
class Threat:
    """One `[[rule.threat]]`: a tactic and its techniques in a framework (MITRE ATT&CK, MITRE ATLAS)."""

    framework: str
    tactic_id: str
    tactic_name: str
    tactic_reference: str
    techniques: tuple[Technique, ...] = ()


@dataclass(frozen=True, slots=True)
class SeverityMapping:
    """The alert's severity is `severity` where `field` `operator` `value` holds."""

    field: str
    operator: str
    value: str
    severity: str


@dataclass(frozen=True, slots=True)
class RiskMapping:
    """The alert's risk score is taken from `field`."""

    field: str
    operator: str
    value: str
    risk_score: int | None = None


@dataclass(frozen=True, slots=True)
class CardinalitySpec:
    """`[[rule.threshold.cardinality]]` as written."""

    field: str
    value: int


@dataclass(frozen=True, slots=True)
class ThresholdSpec:
    """`[rule.threshold]` as written."""

    fields: tuple[str, ...]
    value: int
    cardinality: tuple[CardinalitySpec, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTermsSpec:
    """`[rule.new_terms]` as written; `history_window_start` is date math such as now-7d."""

    fields: tuple[str, ...]
    history_window_start: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One `[[rule.filters]]`: a Query DSL clause, frozen as JSON text, and whether it is negated or disabled."""

    json: str
    negate: bool = False
    disabled: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ThreatEntry:
    """One pair of `[[rule.threat_mapping]]`: event field, indicator field."""

    field: str
    value: str
    negate: bool = False


@dataclass(frozen=True, slots=True)
class ThreatMatchSpec:
    """The `threat_*` keys as written; `mapping` is an or of ands of entries."""

    index: tuple[str, ...]
    query: str
    language: str
    mapping: tuple[tuple[ThreatEntry, ...], ...]
    indicator_path: str = "threat.indicator"
    filters: tuple[Filter, ...] = ()
    query_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Suppression:
    """`[rule.alert_suppression]`: alerts with equal `group_by` within `duration_ms` become one.

    `duration_ms` None = per rule run. `missing_fields_strategy` is suppress or doNotSuppress.
    """

    group_by: tuple[str, ...]
    duration_ms: int | None
    missing_fields_strategy: str = "suppress"


@dataclass(frozen=True, slots=True)
class ExceptionList:
    """A reference to an exception list, which is kept beside the rule."""

    id: str
    list_id: str
    type: str
    namespace_type: str


@dataclass(frozen=True, slots=True)
class RelatedIntegration:
    """A package of Elastic that brings the rule's data."""

    package: str
    version: str
    integration: str = ""


@dataclass(frozen=True, slots=True)
class RequiredField:
    """A field that the rule says it reads."""

    name: str
    type: str
    ecs: bool | None = None


@dataclass(frozen=True, slots=True)
class LogSource:
    """Which events a Sigma rule is about, in the words of its own `logsource`; "" for a key that it does not have."""

    product: str = ""
    category: str = ""
    service: str = ""
    definition: str = ""

    @property
    def named(self) -> dict[str, str]:
        """The keys that pick events, those that are there."""
        keys = {"product": self.product, "category": self.category, "service": self.service}
        return {key: value for key, value in keys.items() if value}


@dataclass(frozen=True, slots=True)
class Related:
    """What a Sigma rule has from other documents, by their metadata.

    `rules` are those that a correlation counts, in its order; `names` is how it refers to each of them. `filters` are
    the global filters that exclude events from the rule, `name` that by which correlations may refer to it.
    `generates`: the rules that a correlation counts are wanted by themselves too.
    """

    rules: tuple[Metadata, ...] = ()
    names: tuple[str, ...] = ()
    filters: tuple[Metadata, ...] = ()
    name: str = ""
    generates: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The rule's schedule in milliseconds: each run looks at [now - from_ms, now - to_ms], every `interval_ms`."""

    from_ms: int
    to_ms: int
    interval_ms: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """The rule file, typed. Strings are as written; lists are tuples; an absent key is "" or () or None.

    `query_span` is the span of the query's text in the file (None if the text could not be found there once),
    so that a span in the query becomes one in the file by adding `query_span.start`.
    `log_source` and `related` are those of a Sigma rule, whose `query` is its document's text.
    `exported` holds keys that Kibana writes on export and that no detection depends on, `unknown` names keys
    the schema does not have; both are kept with their value as JSON text. `exceptions` are the lists of
    `exceptions_list` whose items are in hand. `name_tag` and `id_tag` tell the rule apart from others of one run
    that have its name or its id; "" for all but a few.
    """

    name: str
    type: str
    rule_id: str = ""
    description: str = ""
    language: str = ""
    query: str = ""
    query_span: Span | None = field(default=None, compare=False, repr=False)
    index: tuple[str, ...] = ()
    data_view_id: str = ""
    author: tuple[str, ...] = ()
    license: str = ""
    severity: str = "low"
    risk_score: int = 0
    severity_mapping: tuple[SeverityMapping, ...] = ()
    risk_score_mapping: tuple[RiskMapping, ...] = ()
    rule_name_override: str = ""
    timestamp_override: str = ""
    timestamp_override_fallback_disabled: bool = False
    event_category_override: str = ""
    tiebreaker_field: str = ""
    timestamp_field: str = ""
    from_: str = "now-6m"
    to: str = "now"
    interval: str = "5m"
    window: Window = Window(360_000, 0, 300_000)
    max_signals: int = 100
    enabled: bool | None = None
    building_block_type: str = ""
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    note: str = ""
    setup: str = ""
    threat: tuple[Threat, ...] = ()
    filters: tuple[Filter, ...] = ()
    threshold: ThresholdSpec | None = None
    new_terms: NewTermsSpec | None = None
    threat_match: ThreatMatchSpec | None = None
    machine_learning_job_id: tuple[str, ...] = ()
    anomaly_threshold: int | None = None
    alert_suppression: Suppression | None = None
    exceptions_list: tuple[ExceptionList, ...] = ()
    exceptions: tuple[ExceptionsInHand, ...] = ()
    investigation_fields: tuple[str, ...] = ()
    timeline_id: str = ""
    timeline_title: str = ""
    saved_id: str = ""
    version: int | None = None
    creation_date: str = ""
    updated_date: str = ""
    deprecation_date: str = ""
    deprecated_reason: str = ""
    maturity: str = ""
    min_stack_version: str = ""
    min_stack_comments: str = ""
    integration: tuple[str, ...] = ()
    promotion: bool = False
    bypass_bbr_timing: bool = False
    transform: str = ""
    related_integrations: tuple[RelatedIntegration, ...] = ()
    required_fields: tuple[RequiredField, ...] = ()
    log_source: LogSource | None = None
    related: Related = Related()
    exported: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    name_tag: str = ""
    id_tag: str = ""

    @property
    def title(self) -> str:
        """The rule's name, which no other rule of the run has."""
        return f"{self.name} ({self.name_tag})" if self.name_tag else self.name

    @property
    def identity(self) -> str:
        """What ids of artifacts are derived from: Elastic's id or, without one, the name; unique in the run."""
        own = self.rule_id or self.name
        return f"{own}/{self.id_tag}" if self.id_tag else own
