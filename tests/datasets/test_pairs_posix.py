"""The tables of Linux logs, network sensors, web servers and firewalls against real events.

The raw events are lines of text or JSON; a row function does for them what the platform's add-on or agent does.
"""

from __future__ import annotations

import dataclasses
import re

from pairs import Pair, Proof, Raw, Setting, check, pairs_of
from shared import needs_shared

pytestmark = needs_shared

_LINE = re.compile(
    r"(?s)^(?P<time>\w{3} +\d+ [\d:]+|\S+T\S+) (?P<host>\S+) (?P<process>[^\s\[:]+)(?:\[(?P<pid>\d+)\])?: (?P<text>.*)$"
)


def _text_of(raw: Raw) -> str:
    return str(raw.get("_raw", ""))


def _syslog(facility: str, raw: Raw) -> Raw | None:
    """A line as the agent of Azure Monitor stores it."""
    found = _LINE.match(_text_of(raw))
    if found is None:
        return None
    row: dict[str, object] = {
        "Facility": facility,
        "Computer": found["host"],
        "ProcessName": found["process"],
        "SyslogMessage": found["text"],
    }
    return row | ({"ProcessID": int(found["pid"])} if found["pid"] else {})


def _auth_row(raw: Raw) -> Raw | None:
    return _syslog("auth", raw)


def _syslog_row(raw: Raw) -> Raw | None:
    return _syslog("daemon", raw)


def _line(raw: Raw) -> Raw | None:
    return raw if _LINE.match(_text_of(raw)) else None


_W3C = ("date", "time", "sIP", "csMethod", "csUriStem", "csUriQuery", "sPort", "csUserName", "cIP", "csUserAgent")


def _iis(raw: Raw) -> Raw | None:
    """A line of IIS' default W3C format as W3CIISLog stores it."""
    parts = _text_of(raw).split(" ")
    if len(parts) not in (14, 15) or parts[0].startswith("#"):
        return None
    row: dict[str, object] = dict(zip(_W3C[2:], parts[2:10], strict=True))
    row["sPort"] = int(parts[6])
    rest = parts[10:]
    if len(rest) == 5:
        row["csReferer"] = rest.pop(0)
    return {**row, "scStatus": rest[0], "scSubStatus": rest[1], "scWin32Status": rest[2], "TimeTaken": int(rest[3])}


_COMBINED = re.compile(
    r'^(?P<src_ip>\S+) - (?P<user>\S+) \[[^\]]+\] "(?P<http_method>[A-Z]+) (?P<uri>\S+) (?P<protocol>[^"]+)" '
    r'(?P<status>\d+) (?P<bytes_out>\d+) "(?P<http_referer>[^"]*)" "(?P<http_user_agent>[^"]*)"'
)


def _nginx(raw: Raw) -> Raw | None:
    """A line in the combined format with the fields of the add-on's key=value format."""
    found = _COMBINED.match(_text_of(raw))
    if found is None or re.fullmatch(r"[0-9a-f.:]+", found["src_ip"]) is None:
        return None
    row: dict[str, object] = found.groupdict()
    path, _, query = str(row.pop("uri")).partition("?")
    return {**row, "uri_path": path, "uri_query": query or "-"}


_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')


def _fortinet(raw: Raw) -> Raw | None:
    """A line of key=value pairs, of which the platform makes fields."""
    found = {key: quoted or plain for key, quoted, plain in _PAIR.findall(_text_of(raw))}
    return found if "logid" in found else None


def _cef(raw: Raw) -> Raw | None:
    """The same line as FortiOS sends it as CEF: keys of its own with a prefix, in the extension."""
    fields = _fortinet(raw)
    if fields is None:
        return None
    own = {"action": "DeviceAction", "srcip": "SourceIP", "dstip": "DestinationIP", "msg": "Message",
           "user": "SourceUserName", "devname": "DeviceName", "devid": "DeviceExternalID"}  # fmt: skip
    row = {column: fields[key] for key, column in own.items() if key in fields}
    ports = {"srcport": "SourcePort", "dstport": "DestinationPort"}
    numbers = {column: int(str(fields[key])) for key, column in ports.items() if key in fields}
    rest = ";".join(f"FTNTFGT{key}={value}" for key, value in fields.items())
    return {"DeviceVendor": "Fortinet", **row, **numbers, "AdditionalExtensions": rest}


def _judge(setting: Setting, pairs: tuple[Pair, ...], least_pairs: int, least_probes: int) -> Proof:
    proof = check(setting, pairs)
    print(f"{setting.table} {setting.platform}: {proof.summary()}")  # noqa: T201  # what the proof rests on
    assert not proof.faults, "\n\n".join(proof.faults[:8])
    assert proof.pairs >= least_pairs
    assert proof.probes >= least_probes
    return proof


def _known(dataset: str, **fields: object) -> tuple[Pair, ...]:
    """The pairs with what documents of older versions lack; a field of a list of values stays if it is there."""
    return tuple(dataclasses.replace(p, ecs={**fields, **p.ecs}) for p in pairs_of(dataset))


_LINUX = {"host.os.type": "linux"}
_OLD_AUTH = {
    "event.category": "sudo and sessions have no category in documents of older versions",
    "event.type": "documents of older versions have words of their own",
    "event.action": "sessions have no action in documents of older versions",
    "message": "Elastic drops the message of a line that it takes apart",
    "system.auth.ssh.event": "the pipeline makes an event of one message of PAM too",
}
_TODAY = {name: why for name, why in _OLD_AUTH.items() if not name.startswith("event.")}


def test_linux_authentication_lines_on_splunk() -> None:
    setting = Setting("system.auth", "splunk", "linux_secure", _line, skipped=_OLD_AUTH)
    _judge(setting, _known("system.auth", **_LINUX), 150, 10)


def test_linux_authentication_lines_of_today_on_splunk() -> None:
    pairs = tuple(p for p in _known("system.auth", **_LINUX) if "/data_stream/" in p.source)
    _judge(Setting("system.auth", "splunk", "linux_secure", _line, skipped=_TODAY), pairs, 10, 15)


def test_linux_authentication_lines_on_sentinel() -> None:
    setting = Setting("system.auth", "sentinel", "Syslog", _auth_row, skipped=_OLD_AUTH)
    _judge(setting, _known("system.auth", **_LINUX), 150, 10)


def test_linux_system_lines_on_splunk() -> None:
    _judge(Setting("system.syslog", "splunk", "syslog", _line), _known("system.syslog", **_LINUX), 50, 3)


def test_linux_system_lines_on_sentinel() -> None:
    _judge(Setting("system.syslog", "sentinel", "Syslog", _syslog_row), _known("system.syslog", **_LINUX), 50, 3)


def test_zeek_connections_on_splunk() -> None:
    _judge(Setting("zeek.connection", "splunk", "zeek_conn"), pairs_of("zeek.connection"), 5, 10)


def test_zeek_handshakes_on_splunk() -> None:
    skipped = {
        "network.protocol": "documents of Zeek leave it to the dataset",
        "tls.client.server_name": "documents of older versions keep it elsewhere",
    }
    setting = Setting("network_traffic.tls", "splunk", "zeek_ssl", skipped=skipped)
    _judge(setting, tuple(dataclasses.replace(p, dataset="network_traffic.tls") for p in pairs_of("zeek.ssl")), 3, 8)


def test_iis_lines_on_sentinel() -> None:
    skipped = {
        "url.path": "Elastic takes no path from an address that is none",
        "url.extension": "Elastic takes no path from an address that is none",
    }
    _judge(Setting("webserver.access", "sentinel", "W3CIISLog", _iis, skipped=skipped), pairs_of("iis.access"), 8, 8)


def test_nginx_lines_on_splunk() -> None:
    skipped = {"http.request.method": "documents of older versions have it in lower case"}
    _judge(Setting("webserver.access", "splunk", "nginx", _nginx, skipped=skipped), pairs_of("nginx.access"), 20, 8)


_FORTINET = {
    "fortinet.firewall.eventtype": "taken for event.action by some versions",
    "fortinet.firewall.srcintfrole": "kept under the interface of the observer where it is undefined",
    "fortinet.firewall.dstintfrole": "kept under the interface of the observer where it is undefined",
    "event.type": "set by more of a line than the table knows: not every word is listed",
    "event.action": "versions differ on whether the action or the type of the event is taken",
    "event.category": "logins of administrators have none in documents of older versions",
    "event.outcome": "logins of administrators have none in documents of older versions",
}


def _fortigate() -> tuple[Pair, ...]:
    both = (*pairs_of("fortinet.firewall"), *pairs_of("fortinet_fortigate.log"))
    named = {"data_stream": {"dataset": "fortinet_fortigate.log"}}
    return tuple(
        dataclasses.replace(p, ecs={**p.ecs, **named, "event": {**p.ecs["event"], "dataset": "fortinet_fortigate.log"}})  # type: ignore[dict-item]
        for p in both
    )


def test_fortinet_lines_on_splunk() -> None:
    setting = Setting("fortinet_fortigate.log", "splunk", "fortigate", _fortinet, skipped=_FORTINET)
    _judge(setting, _fortigate(), 60, 10)


def test_fortinet_lines_on_sentinel() -> None:
    skipped = {**_FORTINET, "event.kind": "the kind is set by type and subtype"}
    _judge(
        Setting("fortinet_fortigate.log", "sentinel", "CommonSecurityLog", _cef, skipped=skipped), _fortigate(), 60, 10
    )
