"""The tables of Windows event logs against real events: raw and as Elastic indexes them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping

import pytest
from pairs import Pair, Proof, Raw, Setting, check, pairs_of
from shared import needs_shared

from converter.datasets.reading.columns import read_columns

pytestmark = needs_shared


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _attributes(value: object) -> Mapping[str, object]:
    return _object(_object(value).get("#attributes"))


def _base(path: object) -> str:
    """The last part of a path, as the Splunk add-ons compute process_name."""
    return str(path).rpartition("\\")[2]


def _event(raw: Raw) -> Mapping[str, object]:
    """The event as Windows has it; a record that a collector flattened is put together again."""
    if "EventID" not in raw:
        return _object(raw.get("Event"))
    keywords = raw.get("Keywords")
    system = {
        "EventID": raw["EventID"],
        "Computer": raw.get("Hostname", ""),
        # One collector writes the channel's name in lower case.
        "Channel": {"security": "Security"}.get(str(raw.get("Channel", "")), raw.get("Channel", "")),
        "Keywords": f"0x{keywords & (2**64 - 1):x}" if isinstance(keywords, int) else str(keywords),
        "EventRecordID": raw.get("RecordNumber", ""),
        "Provider": {"#attributes": {"Name": raw.get("SourceName", "")}},
        "Execution": {"#attributes": {"ProcessID": raw.get("ExecutionProcessID", "")}},
        "Security": {"#attributes": {"UserID": raw.get("UserID", "")}},
    }
    return {"System": system, "EventData": {k: v for k, v in raw.items() if k not in _COLLECTOR}}


_COLLECTOR = frozenset(
    [
        "@timestamp",
        "@version",
        "AccountName",
        "AccountType",
        "ActivityID",
        "Category",
        "Channel",
        "Domain",
        "EventID",
        "EventReceivedTime",
        "EventTime",
        "EventTypeOrignal",
        "ExecutionProcessID",
        "Hostname",
        "Keywords",
        "Message",
        "Opcode",
        "OpcodeValue",
        "ProviderGuid",
        "RecordNumber",
        "Severity",
        "SeverityValue",
        "SourceModuleName",
        "SourceModuleType",
        "SourceName",
        "Task",
        "ThreadID",
        "UserID",
        "Version",
        "host",
        "port",
        "tags",
        "winlog",
        "level",
        "log",
        "source",
    ]
)


def _data(raw: Raw) -> dict[str, str]:
    """The named values of an event, as text; what Windows leaves empty is no value."""
    event = _event(raw)
    found = dict(_object(event.get("EventData")))
    for inner in _object(event.get("UserData")).values():
        found |= dict(_object(inner))
    return {
        k: _told(v) for k, v in found.items() if isinstance(v, str | int | float | bool) and v != "" and "#" not in k
    }


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _system(raw: Raw) -> dict[str, str]:
    system = _object(_event(raw).get("System"))
    code = system.get("EventID")
    return {
        "EventCode": _told(_object(code).get("#text", "") if isinstance(code, Mapping) else code),
        "Computer": _told(system.get("Computer", "")),
        "Channel": _told(system.get("Channel", "")),
        "Keywords": _told(system.get("Keywords", "")),
        "EventRecordID": _told(system.get("EventRecordID", "")),
        "Name": _told(_attributes(system.get("Provider")).get("Name", "")),
        "ProcessID": _told(_attributes(system.get("Execution")).get("ProcessID", "")),
        "UserID": _told(_attributes(system.get("Security")).get("UserID", "")),
    }


_COMPUTED = {
    "Image": "process_name",
    "ParentImage": "parent_process_name",
    "NewProcessName": "process_name",
    "ParentProcessName": "parent_process_name",
    "TargetFilename": "file_name",
    "TargetObject": "registry_value_name",
}


_NAMED = {
    "S-1-0-0": "NULL SID",
    "S-1-5-7": r"NT AUTHORITY\ANONYMOUS LOGON",
    "S-1-5-18": r"NT AUTHORITY\SYSTEM",
    "S-1-5-19": r"NT AUTHORITY\LOCAL SERVICE",
    "S-1-5-20": r"NT AUTHORITY\NETWORK SERVICE",
    "S-1-5-32-544": r"BUILTIN\Administrators",
}


def _resolved(data: Mapping[str, str]) -> dict[str, str]:
    """The SIDs of an event of the Security log as the agent resolves them; one that it cannot resolve stays."""
    found = {}
    for name, value in data.items():
        if not name.endswith("Sid") or not value.startswith("S-1-"):
            continue
        account, domain = data.get(name.replace("Sid", "Name")), data.get(name.replace("UserSid", "DomainName"))
        told = f"{domain}\\{account}" if account and domain and "-" not in (account, domain) else value
        found[name] = _NAMED.get(value, told)
    return found


def _splunk_row(raw: Raw) -> Raw | None:
    """An event as the Splunk Add-ons for Sysmon and for Microsoft Windows extract it: entities stay in the text."""
    if not _event(raw):
        return None
    data, system = _data(raw), _system(raw)
    digests = dict(re.findall(r"(\w+)=(\w+)", data.get("Hashes", "")))
    if system["Channel"] == "Security":
        data |= _resolved(data)
    data = {name: _written(value) for name, value in data.items()}
    computed = {name: _base(data[source]) for source, name in _COMPUTED.items() if source in data}
    return {**{k: v for k, v in system.items() if v}, **data, **digests, **computed}


def _written(text: str) -> str:
    """Text of an element of XML; quotes are not escaped there."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _windows_event(raw: Raw) -> Raw | None:
    """An event as the agent puts it into WindowsEvent: no Keywords, no number of the record, GUIDs in lower case."""
    if not _event(raw):
        return None
    system = _system(raw)
    return {
        "EventID": int(system["EventCode"]),
        "Computer": system["Computer"],
        "Channel": system["Channel"],
        "Provider": system["Name"],
        "SystemUserId": system["UserID"],
        "SystemProcessId": int(system["ProcessID"] or 0),
        "EventData": {k: v.lower() if _GUID.fullmatch(v) else v for k, v in _data(raw).items()},
    }


_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_XML_ONLY = ("4656", "5156", "5158")
_COLUMNS_ONLY = ("4624", "4662", "4688")


def _security_event(raw: Raw) -> Raw | None:
    """An event as the agent puts it into SecurityEvent: in columns, as XML text or both, as its number has it."""
    row = _windows_event(raw)
    if row is None:
        return None
    data, code = _data(raw), _code_of(raw)
    xml = "".join(f'<Data Name="{k}">{_escaped(v)}</Data>' for k, v in data.items())
    known = read_columns()["SecurityEvent"]
    own = {k: int(v, 0) if known[k] == "int" else v for k, v in data.items() if k in known}
    text = {} if code in _COLUMNS_ONLY else {"EventData": f"<EventData>{xml}</EventData>"}
    if code in _XML_ONLY:
        own = {}
    return {
        **own,
        **{k: v for k, v in row.items() if k in ("EventID", "Computer", "Channel", "SystemUserId", "SystemProcessId")},
        "EventSourceName": row["Provider"],
        **({"Process": _base(data["NewProcessName"])} if code == "4688" and "NewProcessName" in data else {}),
        **text,
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _judge(setting: Setting, pairs: tuple[Pair, ...], least_pairs: int, least_probes: int) -> Proof:
    proof = check(setting, tuple(_windows(p) for p in pairs))
    print(f"{setting.table} {setting.platform} {setting.place}: {proof.summary()}")  # noqa: T201  # what it rests on
    assert not proof.faults, f"{len(proof.faults)} faults\n" + "\n\n".join(proof.faults[:5])
    assert proof.pairs >= least_pairs
    assert proof.probes >= least_probes
    assert proof.respelled * 200 <= proof.verdicts
    return proof


def _windows(pair: Pair) -> Pair:
    """The pair with what documents of older versions lack: the operating system."""
    host = {**_object(pair.ecs.get("host")), "os": {"type": "windows", "family": "windows"}}
    return dataclasses.replace(pair, ecs={**pair.ecs, "host": host})


def _code(pair: Pair) -> str:
    return _code_of(pair.raw)


def _code_of(raw: Raw) -> str:
    return _system(raw)["EventCode"] if _event(raw) else ""


_OLDER = "documents of older versions have it otherwise or lack it"
_DUMP = "the dumps of event files write identifiers without the braces of the event"
_MOVED = "documents of the first pipelines moved it to its ECS field, and the cleared log's event has it in user_data"
_EXCUSED = {
    "event.action": _OLDER,
    "process.args_count": _OLDER,
    "process.parent.args_count": _OLDER,
    "process.parent.pid": _OLDER,
    "host.*": _OLDER,
    "winlog.event_data.IpAddress": _MOVED,
    "winlog.event_data.IpPort": _MOVED,
    "winlog.event_data.NewProcess*": _MOVED,
    "winlog.event_data.ParentProcessName": _MOVED,
    "winlog.event_data.Process*": _MOVED,
    "winlog.event_data.Subject*": _MOVED,
    "winlog.event_data.WorkstationName": _MOVED,
    "powershell.file.script_block_id": "documents that others made have it for script blocks only",
}
_SKIPPED = {
    "event.module": _OLDER,
    "winlog.event_data.*Guid": _DUMP,
    "winlog.event_data.AccessMask": "a list of numbers in events about privileged operations, as the table says",
    "source.address": _OLDER,
    "process.pid": _OLDER,
    "powershell.file.script_block_unique_symbols": _OLDER,
    "host.os.platform": _OLDER,
    "agent.*": "a raw event has no agent",
    "winlog.record_id": "the agent of Sentinel leaves the record's number out",
}
_SYSMON = [("splunk", "sysmon", _splunk_row), ("sentinel", "WindowsEvent", _windows_event)]
_SECURITY = [
    ("splunk", "security", _splunk_row),
    ("sentinel", "SecurityEvent", _security_event),
    ("sentinel", "WindowsEvent", _windows_event),
]
_Row = Callable[[Raw], Raw | None]


@pytest.mark.parametrize(("platform", "place", "row"), _SYSMON)
def test_sysmon_process_creations(platform: str, place: str, row: _Row) -> None:
    pairs = tuple(p for p in pairs_of("windows.sysmon_operational", derived=3000) if _code(p) == "1")[:60]
    skipped = {**_SKIPPED, "event.type": "older documents have process_start beside start"}
    _judge(Setting("windows.sysmon.process", platform, place, row, _EXCUSED, skipped), pairs, 40, 20)


@pytest.mark.parametrize(("platform", "place", "row"), _SYSMON)
def test_sysmon_events(platform: str, place: str, row: _Row) -> None:
    pairs = pairs_of("windows.sysmon_operational", derived=60)
    _judge(Setting("windows.sysmon", platform, place, row, _EXCUSED, _SKIPPED), pairs, 230, 80)


@pytest.mark.parametrize(("platform", "place", "row"), _SECURITY)
def test_security_events(platform: str, place: str, row: _Row) -> None:
    pairs = pairs_of("system.security", derived=60)
    # The interpreter is slow on a table whose fields are cut out of XML text: a third of the events there.
    pairs = pairs[::3] if place == "SecurityEvent" else pairs
    if place == "SecurityEvent":
        pairs = tuple(p for p in pairs if _code(p) not in _XML_ONLY)
    _judge(Setting("windows.security", platform, place, row, _EXCUSED, _SKIPPED), pairs, 55, 100)


@pytest.mark.parametrize(("platform", "place", "row"), _SECURITY)
def test_security_process_creations(platform: str, place: str, row: _Row) -> None:
    pairs = tuple(p for p in pairs_of("system.security", derived=3000) if _code(p) == "4688")[:60]
    _judge(Setting("windows.security.process", platform, place, row, _EXCUSED, _SKIPPED), pairs, 20, 20)


@pytest.mark.parametrize(
    ("platform", "place", "row"), [("splunk", "powershell", _splunk_row), ("sentinel", "WindowsEvent", _windows_event)]
)
def test_script_blocks(platform: str, place: str, row: _Row) -> None:
    pairs = pairs_of("windows.powershell_operational", derived=100)
    skipped = {**_SKIPPED, "winlog.event_data.ProcessId": "the collector's own field, not the event's"}
    setting = Setting("windows.powershell_operational", platform, place, row, _EXCUSED, skipped, derived_probes=True)
    _judge(setting, pairs, 60, 40)
