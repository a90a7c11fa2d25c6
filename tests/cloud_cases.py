"""The cloud data sets with real events: on which platform, at which place, and what is not judged there and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import cloud_rows as rows
from pairs import Pair, Raw, pairs_of

_OLD = "documents of older versions of the integration lack it"
_THEIRS = "the document was made by a mapping of others, which reads it otherwise"
_SAME = "Sentinel has one column for two properties that differ in made-up events"
_EMPTY = "an empty text is no value in a column of Kusto"


def _all(why: str, *paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, why)


@dataclass(frozen=True, slots=True)
class Case:
    """A data set on one platform; `least`: pairs, rules and probes that must have been judged."""

    dataset: str
    table: str
    platform: str
    place: str
    least: tuple[int, int, int]
    row: Callable[[Raw], Raw | None] | None = None
    keep: Callable[[Pair], bool] = lambda _: True
    whole: Callable[[Pair], bool] = lambda pair: not pair.derived  # events of others are cut down to what they test
    derived: int = 60
    own_step: int = 1
    derived_probes: bool = True
    excused: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.dataset}-{self.platform}-{self.place}"

    def pairs(self) -> Sequence[Pair]:
        found = [p for p in pairs_of(self.dataset, derived=self.derived) if self.keep(p)]
        own = [p for p in found if not p.derived]
        return [*own[:: self.own_step], *(p for p in found if p.derived)]


def _named(pair: Pair) -> bool:
    # Digest files and batches are no records, and one record of a test was given an empty error. The mapping that made
    # the derived documents gives the events of a policy attached to a user no category; Elastic's pipeline says iam.
    if "eventName" not in pair.raw or pair.raw.get("errorCode") == "":
        return False
    return not (pair.derived and pair.raw["eventName"] == "AttachUserPolicy")


def _azure(pair: Pair) -> bool:
    return isinstance(pair.raw.get("properties"), dict) and "category" in pair.raw


_ACTIVITY = frozenset(
    {"Administrative", "Policy", "Security", "ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Recommendation",
     "Write", "Delete", "Action"}
)  # fmt: skip


def _activity(pair: Pair) -> bool:
    named = isinstance(pair.raw.get("operationName"), str) and pair.raw.get("category") in _ACTIVITY
    return named and isinstance(pair.raw.get("identity", {}), dict)


def _activity_stored(pair: Pair) -> bool:
    # AzureActivity says Succeeded where the exported event says Success; an exported Succeeded has no outcome.
    return _activity(pair) and pair.raw.get("resultType") not in ("Succeeded", "Failed")


def _gcp(pair: Pair) -> bool:
    return rows.is_gcp(pair.raw) and "\u0430" not in str(pair.raw)  # one made-up event holds a word for true


def _current_github(pair: Pair) -> bool:
    event = pair.ecs.get("event")
    types = event.get("type") if isinstance(event, Mapping) else None
    return "access" not in (types or []) and pair.raw.get("actor") != ""


def _whole_office(pair: Pair) -> bool:
    return not pair.derived and pair.raw.get("RecordType") != -1  # made to show how addresses are written


def _platform(pair: Pair) -> bool:
    return pair.raw.get("category") in ("kube-audit", "kube-audit-admin", "AuditEvent") and "operationName" in pair.raw


_TRAIL = _all(
    _OLD,
    *(f"aws.cloudtrail.{n}" for n in ("request_id", "shared_event_id", "resources.*")),
)
_OKTA = _all(
    _OLD, "event.outcome", "*user.name", "user.email", "source.user.id", "client.as.organization.name", "client.domain",
    "source.domain", "okta.debug_context.debug_data.authn_request_id", "okta.debug_context.debug_data.origin",
    "okta.debug_context.debug_data.flattened.*", "okta.target.*",
)  # fmt: skip
_OKTA_SKIPPED = _all(_THEIRS, "event.type")
_OKTA_NULL = _all("Okta's own word null is what Splunk makes of a missing value", "okta.client.zone")
_P = "azure.signinlogs.properties."
_SIGNIN = _all(
    _OLD, "source.address", "geo.*", "message", f"{_P}processing_time_ms", f"{_P}ip_address", f"{_P}user_agent",
    f"{_P}service_principal_id", f"{_P}token_issuer_name", f"{_P}applied_conditional_access_policies.*",
    f"{_P}authentication_details.*", f"{_P}tenant_id", f"{_P}correlation_id", f"{_P}status.error_code",
    f"{_P}device_detail.device_id",
)  # fmt: skip
_SIGNIN_SKIPPED = {
    **_all(_THEIRS, "event.outcome", f"{_P}sign_in_event_types"),
    **_all("a date with seven digits of a second", f"{_P}created_at"),
    **_all("a name of an older version", f"{_P}*.enforced*Controls"),
}
_SIGNIN_STORED = {
    **_SIGNIN_SKIPPED,
    **_all(_EMPTY, f"{_P}service_principal_id", f"{_P}token_issuer_name", f"{_P}device_detail.device_id"),
    **_all(_SAME, f"{_P}correlation_id", f"{_P}status.error_code"),
}
_AUDIT = _all(_OLD, "event.outcome", "*.result_reason", "*.userAgent", "user_agent.original", "source.ip", "client.ip")
_AUDIT_SKIPPED = {
    **_all("Intune's records have properties of their own", "*.properties.Targets.*"),
    **_all("a date with seven digits of a second", "*.activity_datetime"),
}
_AUDIT_STORED = {**_AUDIT_SKIPPED, **_all(_EMPTY, "*.result_reason", "*.ipAddress"), **_all(_SAME, "*.correlation_id")}
_ACTIVITY_EXCUSED = _all(
    _OLD, "azure.tenant_id", "azure.subscription_id", "azure.resource.*", "azure.activitylogs.resource.id",
    "*.requestbody",
)  # fmt: skip
_ACTIVITY_SKIPPED = {
    **_all("Elastic cuts some resource ids otherwise", "azure.resource.name"),
    **_all("Elastic derives it from the category", "azure.activitylogs.event_category"),
}
_ACTIVITY_STORED = {
    **_ACTIVITY_SKIPPED,
    **_all("not in the exported event", "azure.subscription_id", "azure.resource.id", "event.type"),
    **_all(_THEIRS, "*.requestbody*"),
}
_GCP = _all(
    _OLD, "orchestrator.*", "gcp.audit.request.*", "gcp.audit.response.*", "log.level", "gcp.audit.resource_name",
    "gcp.audit.request_metadata.*", "gcp.audit.resource_location.*", "gcp.audit.service_name",
    "gcp.audit.authentication_info.*", "user.id", "client.user.id", "client.ip",
)  # fmt: skip
_GCP_SKIPPED = {
    **_all("two documents are swapped in their source", "gcp.audit.response.status"),
    **_all(_OLD, "event.type", "event.category", "orchestrator.resource.name"),
    **_all(_THEIRS, "gcp.audit.type", "*.apiGroups", "*.granted"),
}
_KUBERNETES = _all(
    _THEIRS, "event.outcome", "user.id", "source.ip", "client.ip", "*.apiGroups", "container.image.name",
    "orchestrator.resource.name",
)  # fmt: skip
_WORKSPACE_SKIPPED = {
    **_all("by event name, which the table does not list", "event.type"),
    **_all("of moderated messages of groups", "event.outcome"),
    **_all("Elastic has it below file.owner too", "google_workspace.drive.owner_is_shared_drive"),
    **_all("one kind of event keeps its new value elsewhere", "google_workspace.admin.new_value"),
    **_all("one document of an older version", "event.category"),
}
_GITHUB = _all(
    _OLD, "github.visibility", "user.target.name", "group.name", "github.business", "source.ip", "client.ip",
    "event.type", "event.category",
)  # fmt: skip
_GITHUB_SKIPPED = _all("the row of the test has no such column", "client.geo.country_iso_code")
_OFFICE = _all(
    _OLD, "file.*", "url.original", "o365.audit.Members", "o365.audit.Operation", "o365.audit.Workload",
    "o365.audit.Id", "source.ip",
)  # fmt: skip
_OFFICE_SKIPPED = {
    **_all("older versions set web and info only where nothing else fitted", "event.category", "event.type"),
    **_all("older versions took the user of an alert from elsewhere", "user.*"),
}
_GRAPH_SKIPPED = _all("a date with seven digits of a second", "*.time_generated", "*.token_issued_at")

CASES = [
    Case("aws.cloudtrail", "aws.cloudtrail", "splunk", "cloudtrail", (150, 70, 200), rows.cloudtrail_in_splunk,
         keep=_named, derived=150, derived_probes=False, excused=_TRAIL),
    Case("aws.cloudtrail", "aws.cloudtrail", "splunk", "cloudtrail", (150, 70, 200), keep=_named, derived=150,
         derived_probes=False, excused=_TRAIL),
    Case("aws.cloudtrail", "aws.cloudtrail", "sentinel", "AWSCloudTrail", (150, 65, 150), rows.cloudtrail, _named,
         derived=150, derived_probes=False, excused=_TRAIL),
    Case("okta.system", "okta.system", "splunk", "system_log", (30, 18, 150), excused=_OKTA,
         skipped={**_OKTA_SKIPPED, **_OKTA_NULL}),
    Case("okta.system", "okta.system", "sentinel", "OktaV2_CL", (30, 18, 150), rows.okta, excused=_OKTA,
         skipped=_OKTA_SKIPPED),
    Case("azure.signinlogs", "azure.signinlogs", "splunk", "signin", (20, 5, 150), keep=_azure, excused=_SIGNIN,
         skipped=_SIGNIN_SKIPPED),
    Case("azure.signinlogs", "azure.signinlogs", "sentinel", "SignIns", (20, 5, 150), rows.signin, _azure,
         excused=_SIGNIN, skipped=_SIGNIN_STORED),
    Case("azure.auditlogs", "azure.auditlogs", "splunk", "audit", (30, 12, 120), keep=_azure, excused=_AUDIT,
         skipped=_AUDIT_SKIPPED),
    Case("azure.auditlogs", "azure.auditlogs", "sentinel", "AuditLogs", (30, 12, 120), rows.audit, _azure,
         excused=_AUDIT, skipped=_AUDIT_STORED),
    Case("azure.activitylogs", "azure.activitylogs", "splunk", "activity", (40, 22, 80), keep=_activity,
         excused=_ACTIVITY_EXCUSED, skipped=_ACTIVITY_SKIPPED),
    Case("azure.activitylogs", "azure.activitylogs", "sentinel", "AzureActivity", (25, 22, 60), rows.activity,
         _activity_stored, excused=_ACTIVITY_EXCUSED, skipped=_ACTIVITY_STORED),
    Case("azure.graphactivitylogs", "azure.graphactivitylogs", "splunk", "microsoftgraphactivitylogs", (1, 1, 50),
         excused=_all(_EMPTY, "user_agent.original"), skipped=_GRAPH_SKIPPED),
    Case("azure.graphactivitylogs", "azure.graphactivitylogs", "sentinel", "MicrosoftGraphActivityLogs", (1, 1, 40),
         rows.graph, excused=_all(_EMPTY, "user_agent.original"), skipped=_GRAPH_SKIPPED),
    Case("azure.platformlogs", "azure.platformlogs", "splunk", "platform", (30, 6, 60), keep=_platform),
    Case("gcp.audit", "gcp.audit", "splunk", "audit", (50, 15, 120), rows.gcp_in_splunk, _gcp, excused=_GCP,
         skipped=_GCP_SKIPPED, renamed={"client.user.email": "user.email"}),
    Case("gcp.audit", "gcp.audit", "sentinel", "GCPAuditLogs", (50, 12, 90), rows.gcp, _gcp, excused=_GCP,
         skipped=_GCP_SKIPPED, renamed={"client.user.email": "user.email"}),
    Case("kubernetes.audit_logs", "kubernetes.audit_logs", "splunk", "audit", (50, 15, 150), excused=_KUBERNETES),
    Case("kubernetes.audit_logs", "kubernetes.audit_logs", "sentinel", "AKSAudit", (50, 12, 150), rows.kubernetes,
         excused=_KUBERNETES),
    Case("github.audit", "github.audit", "splunk", "audit", (50, 13, 60), keep=_current_github, excused=_GITHUB,
         skipped=_GITHUB_SKIPPED),
    Case("github.audit", "github.audit", "sentinel", "GitHubAuditLogPolling_CL", (50, 8, 40), rows.github_polled,
         _current_github, excused=_GITHUB, skipped=_GITHUB_SKIPPED),
    Case("github.audit", "github.audit", "sentinel", "GitHubAuditLogsV2_CL", (50, 13, 40), rows.github,
         _current_github, excused=_GITHUB, skipped=_GITHUB_SKIPPED),
    Case("o365.audit", "o365.audit", "splunk", "management_activity", (100, 20, 120), derived=20, own_step=4,
         whole=_whole_office, derived_probes=False, excused=_OFFICE, skipped=_OFFICE_SKIPPED),
    Case("aws.cloudtrail", "aws.cloudtrail", "sigma", "cloudtrail", (150, 60, 150), keep=_named, derived=150,
         derived_probes=False, excused=_TRAIL),
    Case("okta.system", "okta.system", "sigma", "okta", (30, 15, 150), excused=_OKTA, skipped=_OKTA_SKIPPED),
    Case("azure.signinlogs", "azure.signinlogs", "sigma", "signinlogs", (20, 5, 100), rows.signin, _azure,
         excused=_SIGNIN, skipped=_SIGNIN_STORED),
    Case("azure.auditlogs", "azure.auditlogs", "sigma", "auditlogs", (30, 4, 40), rows.audit, _azure, excused=_AUDIT,
         skipped=_AUDIT_STORED),
    Case("azure.activitylogs", "azure.activitylogs", "sigma", "activitylogs", (40, 20, 80), keep=_activity,
         excused=_ACTIVITY_EXCUSED, skipped=_ACTIVITY_SKIPPED),
    Case("kubernetes.audit_logs", "kubernetes.audit_logs", "sigma", "audit", (50, 13, 150), excused=_KUBERNETES),
    Case("github.audit", "github.audit", "sigma", "audit", (50, 8, 50), keep=_current_github, excused=_GITHUB,
         skipped=_GITHUB_SKIPPED),
    Case("o365.audit", "o365.audit", "sigma", "audit", (100, 14, 90), derived=20, own_step=4, derived_probes=False,
         whole=_whole_office, excused=_OFFICE, skipped=_OFFICE_SKIPPED),
    *(
        Case(f"google_workspace.{app}", "google_workspace", platform, place, (pairs, 8, 100), row, derived=0,
             own_step=8 if app == "admin" else 1, excused=_all(_OLD, "user.*"), skipped=_WORKSPACE_SKIPPED)
        for app, pairs in (("admin", 35), ("drive", 25), ("login", 12), ("groups", 20), ("user_accounts", 8))
        for platform, place, row in (
            ("splunk", "reports", rows.workspace_in_splunk), ("sentinel", "GoogleWorkspaceReports", rows.workspace)
        )
    ),
]  # fmt: skip
