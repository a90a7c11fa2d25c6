"""The tables of cloud data sets against real events: raw and as Elastic indexes them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from pairs import Pair, Proof, Raw, Setting, check, pairs_of
from shared import needs_shared

pytestmark = needs_shared


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return "" if value is None else json.dumps(value, separators=(",", ":"))


def _judge(setting: Setting, pairs: tuple[Pair, ...], least_pairs: int, least_probes: int) -> Proof:
    proof = check(setting, pairs)
    print(f"{setting.table} {setting.platform}: {proof.summary()}")  # noqa: T201  # what the proof rests on
    assert not proof.faults, "\n\n".join(proof.faults[:5])
    assert proof.pairs >= least_pairs
    assert proof.probes >= least_probes
    return proof


# ---- AWS CloudTrail

_OLD_TRAIL = "the documents are of an older version of the integration, which kept the property elsewhere"
_TRAIL = {
    f"aws.cloudtrail.{name}": _OLD_TRAIL
    for name in ("request_id", "shared_event_id", "resources.arn", "resources.account_id", "resources.type")
}
_TRAIL_COLUMNS = {
    "eventName": "EventName", "eventSource": "EventSource", "eventID": "AwsEventId", "awsRegion": "AWSRegion",
    "sourceIPAddress": "SourceIpAddress", "userAgent": "UserAgent", "errorCode": "ErrorCode",
    "errorMessage": "ErrorMessage", "eventType": "EventTypeName", "eventVersion": "EventVersion",
    "eventCategory": "Category", "recipientAccountId": "RecipientAccountId", "apiVersion": "APIVersion",
    "vpcEndpointId": "VpcEndpointId", "requestID": "AwsRequestId", "sharedEventID": "SharedEventId",
    "readOnly": "ReadOnly", "managementEvent": "ManagementEvent",
}  # fmt: skip
_TRAIL_USER = {
    "type": "UserIdentityType", "arn": "UserIdentityArn", "accountId": "UserIdentityAccountId",
    "accessKeyId": "UserIdentityAccessKeyId", "principalId": "UserIdentityPrincipalid",
    "userName": "UserIdentityUserName", "invokedBy": "UserIdentityInvokedBy",
}  # fmt: skip
_TRAIL_ISSUER = {
    "arn": "SessionIssuerArn", "type": "SessionIssuerType", "userName": "SessionIssuerUserName",
    "accountId": "SessionIssuerAccountId", "principalId": "SessionIssuerPrincipalId",
}  # fmt: skip


def _named(found: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    return {column: found[name] for name, column in names.items() if found.get(name) is not None}


def _trail_row(raw: Raw) -> Raw:
    """A record as Microsoft's connector stores it in AWSCloudTrail."""
    user = _object(raw.get("userIdentity"))
    session = _object(user.get("sessionContext"))
    mfa = _object(session.get("attributes")).get("mfaAuthenticated")
    tls = _object(raw.get("tlsDetails"))
    return {
        **_named(raw, _TRAIL_COLUMNS),
        **_named(user, _TRAIL_USER),
        **_named(_object(session.get("sessionIssuer")), _TRAIL_ISSUER),
        **_named(tls, {"clientProvidedHostHeader": "ClientProvidedHostHeader", "cipherSuite": "CipherSuite"}),
        **({} if mfa is None else {"SessionMfaAuthenticated": str(mfa).lower() == "true"}),
        "RequestParameters": _text(raw.get("requestParameters")),
        "ResponseElements": _text(raw.get("responseElements")),
        "AdditionalEventData": _text(raw.get("additionalEventData")),
        "Resources": _text(raw.get("resources")),
    }


@pytest.mark.parametrize(
    "setting",
    [
        Setting("aws.cloudtrail", "splunk", "cloudtrail", excused=_TRAIL),
        Setting("aws.cloudtrail", "sentinel", "AWSCloudTrail", _trail_row, excused=_TRAIL),
    ],
    ids=["splunk", "sentinel"],
)
def test_cloudtrail_records_get_the_verdicts_of_their_documents(setting: Setting) -> None:
    pairs = tuple(p for p in pairs_of("aws.cloudtrail", derived=150) if "eventName" in p.raw)  # no digest files
    proof = _judge(setting, pairs, 150, 150)
    assert proof.rules >= 60
