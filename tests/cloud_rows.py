"""Raw cloud events as rows of Sentinel tables and as Splunk's add-ons store them: what the vendors' connectors do.

Only renaming: a property becomes a column of the name that Microsoft's table reference gives it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping

from engines.kusto_parser import sentinel_tables
from pairs import Raw

Names = Mapping[str, str]


def at(value: object, path: str) -> object:
    """What stands at a dotted path of objects; None if nothing does."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def words(value: object) -> str:
    """An object as JSON text, as columns of type string keep it."""
    return "" if value is None else json.dumps(value, separators=(",", ":"))


def _row(raw: Raw, names: Names, extra: Mapping[str, object] | None = None) -> dict[str, object]:
    found = {column: at(raw, path) for column, path in names.items()} | dict(extra or {})
    return {column: value for column, value in found.items() if value is not None}


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


# ---- AWS

_TRAIL: Names = {
    "EventName": "eventName", "EventSource": "eventSource", "AwsEventId": "eventID", "AWSRegion": "awsRegion",
    "SourceIpAddress": "sourceIPAddress", "UserAgent": "userAgent", "ErrorCode": "errorCode",
    "ErrorMessage": "errorMessage", "EventTypeName": "eventType", "EventVersion": "eventVersion",
    "Category": "eventCategory", "RecipientAccountId": "recipientAccountId", "APIVersion": "apiVersion",
    "VpcEndpointId": "vpcEndpointId", "AwsRequestId": "requestID", "SharedEventId": "sharedEventID",
    "ReadOnly": "readOnly", "ManagementEvent": "managementEvent",
    "UserIdentityType": "userIdentity.type", "UserIdentityArn": "userIdentity.arn",
    "UserIdentityAccountId": "userIdentity.accountId", "UserIdentityAccessKeyId": "userIdentity.accessKeyId",
    "UserIdentityPrincipalid": "userIdentity.principalId", "UserIdentityUserName": "userIdentity.userName",
    "UserIdentityInvokedBy": "userIdentity.invokedBy",
    "SessionIssuerArn": "userIdentity.sessionContext.sessionIssuer.arn",
    "SessionIssuerType": "userIdentity.sessionContext.sessionIssuer.type",
    "SessionIssuerUserName": "userIdentity.sessionContext.sessionIssuer.userName",
    "SessionIssuerAccountId": "userIdentity.sessionContext.sessionIssuer.accountId",
    "SessionIssuerPrincipalId": "userIdentity.sessionContext.sessionIssuer.principalId",
    "ClientProvidedHostHeader": "tlsDetails.clientProvidedHostHeader", "CipherSuite": "tlsDetails.cipherSuite",
}  # fmt: skip


def cloudtrail_in_splunk(raw: Raw) -> Raw:
    """A record as Splunk's add-on shows it: errorCode is never missing."""
    failed = at(raw, "responseElements.ConsoleLogin") == "Failure"
    return {**raw, "errorCode": raw.get("errorCode") or ("failure" if failed else "success")}


def cloudtrail(raw: Raw) -> Raw:
    """AWSCloudTrail."""
    mfa = at(raw, "userIdentity.sessionContext.attributes.mfaAuthenticated")
    texts = {
        "RequestParameters": words(raw.get("requestParameters")),
        "ResponseElements": words(raw.get("responseElements")),
        "AdditionalEventData": words(raw.get("additionalEventData")),
        "Resources": words(raw.get("resources")),
        "SessionMfaAuthenticated": None if mfa is None else str(mfa).lower() == "true",
    }
    return _row(raw, _TRAIL, texts)


# ---- Okta

_OKTA: Names = {
    "EventOriginalType": "eventType", "EventOriginalUid": "uuid", "EventMessage": "displayMessage",
    "OriginalOutcomeResult": "outcome.result", "EventOriginalResultDetails": "outcome.reason",
    "OriginalActorAlternateId": "actor.alternateId", "OriginalUserId": "actor.id",
    "ActorDisplayName": "actor.displayName", "OriginalUserType": "actor.type", "SrcIpAddr": "client.ipAddress",
    "SrcDvcId": "client.id", "OriginalClientDevice": "client.device", "SrcZone": "client.zone",
    "HttpUserAgent": "client.userAgent.rawUserAgent", "SrcDvcOs": "client.userAgent.os",
    "SrcGeoCountry": "client.geographicalContext.country", "SrcGeoCity": "client.geographicalContext.city",
    "SrcGeoRegion": "client.geographicalContext.state", "SecurityContextAsNumber": "securityContext.asNumber",
    "SecurityContextAsOrg": "securityContext.asOrg", "SecurityContextDomain": "securityContext.domain",
    "SrcIsp": "securityContext.isp", "SecurityContextIsProxy": "securityContext.isProxy",
    "ActorSessionId": "authenticationContext.externalSessionId",
    "AuthenticationContextAuthenticationStep": "authenticationContext.authenticationStep",
    "AuthenticationContextCredentialProvider": "authenticationContext.credentialProvider",
    "AuthenticationContextIssuerId": "authenticationContext.issuer.id",
    "AuthenticationContextAuthenticationProvider": "authenticationContext.authenticationProvider",
    "TransactionId": "transaction.id", "TransactionType": "transaction.type",
}  # fmt: skip


def okta(raw: Raw) -> Raw:
    """OktaV2_CL."""
    texts = {"DebugData": words(at(raw, "debugContext.debugData")), "OriginalTarget": words(raw.get("target"))}
    return _row(raw, _OKTA, texts)


# ---- Azure

_SIGNIN: Names = {
    "OperationName": "operationName", "OperationVersion": "operationVersion", "Category": "category",
    "ResultType": "resultType", "ResultSignature": "resultSignature", "ResultDescription": "resultDescription",
    "Identity": "identity", "AADTenantId": "tenantId", "CorrelationId": "correlationId", "Location": "location",
    "IPAddress": "callerIpAddress",
}  # fmt: skip
_SIGNIN_OWN: Names = {
    "resourceId": "ResourceIdentity", "location": "LocationDetails", "tenantId": "", "ipAddress": "",
    "appliedConditionalAccessPolicies": "ConditionalAccessPolicies", "riskEventTypes_v2": "RiskEventTypes_V2",
}  # fmt: skip
_NOT_TEXT = frozenset(
    {
        "DeviceDetail",
        "Status",
        "LocationDetails",
        "MfaDetail",
        "ConditionalAccessPolicies",
        "TokenProtectionStatusDetails",
    }
)


@functools.cache
def _signin_columns() -> frozenset[str]:
    return frozenset(sentinel_tables()["SigninLogs"])


def signin(raw: Raw) -> Raw:
    """SigninLogs."""
    properties = raw.get("properties")
    found: dict[str, object] = {}
    for name, value in properties.items() if isinstance(properties, Mapping) else ():
        column = _SIGNIN_OWN.get(name, _pascal(name))
        if column in _signin_columns() and value is not None:
            as_text = isinstance(value, dict | list) and column not in _NOT_TEXT
            number = column in ("AutonomousSystemNumber", "ProcessingTimeInMilliseconds")
            found[column] = words(value) if as_text else str(value) if number else value
    top = {column: str(value) for column, value in _row(raw, _SIGNIN).items()}
    return {**found, **top}


_AUDIT: Names = {
    "OperationName": "operationName", "OperationVersion": "operationVersion", "Identity": "identity",
    "ResultSignature": "resultSignature", "AADTenantId": "tenantId", "CorrelationId": "correlationId",
    "Category": "properties.category", "Result": "properties.result", "ResultReason": "properties.resultReason",
    "LoggedByService": "properties.loggedByService", "AADOperationType": "properties.operationType",
    "ActivityDisplayName": "properties.activityDisplayName", "Id": "properties.id",
    "InitiatedBy": "properties.initiatedBy", "TargetResources": "properties.targetResources",
    "AdditionalDetails": "properties.additionalDetails",
}  # fmt: skip


def audit(raw: Raw) -> Raw:
    """AuditLogs."""
    return _row(raw, _AUDIT)


_ACTIVITY: Names = {
    "OperationNameValue": "operationName", "CategoryValue": "category", "ActivityStatusValue": "resultType",
    "ActivitySubstatusValue": "resultSignature", "Level": "level", "CorrelationId": "correlationId",
    "CallerIpAddress": "callerIpAddress", "Properties_d": "properties", "Authorization_d": "identity.authorization",
    "Claims_d": "identity.claims",
}  # fmt: skip


def activity(raw: Raw) -> Raw:
    """AzureActivity."""
    return _row(raw, _ACTIVITY, {"_ResourceId": str(raw.get("resourceId") or "").lower()})


def graph(raw: Raw) -> Raw:
    """MicrosoftGraphActivityLogs."""
    columns = sentinel_tables()["MicrosoftGraphActivityLogs"]
    properties = raw.get("properties")
    found: dict[str, object] = {"AadTenantId": raw.get("tenantId"), "IPAddress": raw.get("callerIpAddress")}
    for name, value in properties.items() if isinstance(properties, Mapping) else ():
        column = _pascal(name)
        if column in columns and value is not None:
            found[column] = int(value) if columns[column] == "int" else value
    return found


# ---- Google

_GCP: Names = {
    "MethodName": "methodName", "ServiceName": "serviceName", "PrincipalEmail": "authenticationInfo.principalEmail",
    "AuthenticationInfo": "authenticationInfo", "AuthorizationInfo": "authorizationInfo",
    "GCPResourceName": "resourceName", "Request": "request", "Response": "response",
    "RequestMetadata": "requestMetadata", "ResourceLocation": "resourceLocation", "ServiceData": "serviceData",
    "Status": "status", "StatusMessage": "status.message",
}  # fmt: skip


def is_gcp(raw: Raw) -> bool:
    """Whether this is an entry of an audit log as Google sends it."""
    payload = raw.get("protoPayload")
    parts = ("status", "authenticationInfo", "requestMetadata", "request", "response")
    if not isinstance(payload, Mapping) or not payload.get("methodName"):
        return False
    return all(isinstance(payload.get(part) or {}, Mapping) for part in parts)


def gcp(raw: Raw) -> Raw:
    """GCPAuditLogs."""
    items = at(raw, "protoPayload.numResponseItems")
    payload = raw["protoPayload"]
    assert isinstance(payload, Mapping)
    extra = {
        "InsertId": raw.get("insertId"),
        "LogName": raw.get("logName"),
        "Severity": raw.get("severity"),
        "NumResponseItems": None if items is None else str(items),
        "ProjectId": at(raw, "resource.labels.project_id"),
    }
    return _row(payload, _GCP, extra)


def gcp_in_splunk(raw: Raw) -> Raw:
    """A message of Pub/Sub."""
    return {"data": raw}


def workspace_in_splunk(raw: Raw) -> Raw | None:
    """One event of an activity, as Splunk's add-on cuts it."""
    events = raw.get("events")
    event = events[0] if isinstance(events, list) and events else events
    if not isinstance(event, Mapping):
        return None
    return {
        **{name: value for name, value in raw.items() if name != "events"},
        "event": event,
        "sourcetype": "gws:reports:x",
    }


_WORKSPACE: Names = {
    "EventName": "event.name", "EventType": "event.type", "IdApplicationName": "id.applicationName",
    "ActorEmail": "actor.email", "ActorCallerType": "actor.callerType", "ActorKey": "actor.key", "Kind": "kind",
    "OwnerDomain": "ownerDomain", "SrcIpAddr": "ipAddress", "EventParameters": "event.parameters",
}  # fmt: skip


def workspace(raw: Raw) -> Raw | None:
    """GoogleWorkspaceReports."""
    one = workspace_in_splunk(raw)
    if one is None:
        return None
    numbers = {
        "IdCustomerId": "id.customerId",
        "IdUniqueQualifier": "id.uniqueQualifier",
        "ActorProfileId": "actor.profileId",
    }
    texts = {column: str(value) for column, path in numbers.items() if (value := at(one, path)) is not None}
    return _row(one, _WORKSPACE, texts)


# ---- Kubernetes and GitHub

_KUBERNETES: Names = {
    "Verb": "verb", "Stage": "stage", "Level": "level", "RequestUri": "requestURI", "AuditId": "auditID",
    "UserAgent": "userAgent", "Annotations": "annotations", "User": "user", "ObjectRef": "objectRef",
    "ResponseStatus": "responseStatus", "SourceIps": "sourceIPs", "RequestObject": "requestObject",
    "ResponseObject": "responseObject",
}  # fmt: skip


def kubernetes(raw: Raw) -> Raw:
    """AKSAudit."""
    return _row(raw, _KUBERNETES)


_GITHUB = (
    "action", "actor", "actor_ip", "org", "repo", "user", "user_agent", "permission", "visibility", "operation_type",
    "repository_selection", "hashed_token", "programmatic_access_type", "team",
)  # fmt: skip


def _github(raw: Raw, names: Iterable[str], rename: Mapping[str, str]) -> dict[str, object]:
    return {rename[name]: raw[name] for name in names if name in rename and isinstance(raw.get(name), str)}


def github(raw: Raw) -> Raw:
    """GitHubAuditLogsV2_CL."""
    rename = {name: "".join(part.title() for part in name.split("_")) for name in _GITHUB}
    public = raw.get("repository_public", raw.get("public_repo"))
    row = _github(raw, _GITHUB, rename)
    if isinstance(public, bool):
        row["PublicRepo"] = public
    if isinstance(raw.get("org_id"), int):
        row["OrgId"] = raw["org_id"]
    if isinstance(raw.get("reasons"), list):
        row["Reasons"] = raw["reasons"]
    return row


def github_polled(raw: Raw) -> Raw:
    """GitHubAuditLogPolling_CL."""
    known = sentinel_tables()["GitHubAuditLogPolling_CL"]
    row = _github(
        raw, (*_GITHUB, "_document_id"), {n: f"{n}_s" for n in (*_GITHUB, "_document_id") if f"{n}_s" in known}
    )
    public = raw.get("repository_public", raw.get("public_repo"))
    if isinstance(public, bool):
        row["public_repo_b"] = public
    if isinstance(raw.get("org_id"), int):
        row["org_id_d"] = raw["org_id"]
    return row
