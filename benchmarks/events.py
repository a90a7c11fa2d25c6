"""A stream of ECS events that is the same in every run: what agents and cloud logs of a small company look like.

`python -m benchmarks.events 100000 > events.ndjson` writes them, about 1.8 KB each. Names, addresses and
identifiers are made up; nothing in them is taken from a rule.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

Event = dict[str, object]
START = datetime(2026, 3, 2, 8, tzinfo=UTC)

_WINDOWS = (
    ("cmd.exe", "explorer.exe", 'cmd.exe /c "dir C:\\Users\\{user}\\Documents"'),
    ("powershell.exe", "cmd.exe", "powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Scripts\\inventory.ps1"),
    ("svchost.exe", "services.exe", "C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule"),
    ("rundll32.exe", "svchost.exe", "rundll32.exe C:\\Windows\\System32\\shell32.dll,Control_RunDLL"),
    ("msedge.exe", "explorer.exe", '"C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe" --type=renderer'),
    ("winword.exe", "explorer.exe", '"C:\\Program Files\\Microsoft Office\\WINWORD.EXE" /n report-{number}.docx'),
    ("schtasks.exe", "cmd.exe", "schtasks.exe /query /fo csv /v"),
    ("reg.exe", "cmd.exe", "reg.exe query HKLM\\Software\\Microsoft\\Windows /s"),
    ("net.exe", "powershell.exe", "net.exe user {user} /domain"),
    ("whoami.exe", "powershell.exe", "whoami.exe /groups"),
    ("wmic.exe", "cmd.exe", "wmic.exe os get caption,version"),
    ("certutil.exe", "cmd.exe", "certutil.exe -hashfile C:\\Temp\\setup-{number}.msi SHA256"),
    ("mshta.exe", "explorer.exe", "mshta.exe C:\\Tools\\menu.hta"),
    ("conhost.exe", "cmd.exe", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1"),
)
_UNIX = (
    ("bash", "sshd", "bash -c 'ls -la /home/{user}'"),
    ("curl", "bash", "curl -fsSL https://packages.example.org/{number}/release.tar.gz"),
    ("python3", "systemd", "python3 /opt/agent/collect.py --job {number}"),
    ("cron", "systemd", "/usr/sbin/cron -f"),
    ("sudo", "bash", "sudo systemctl restart nginx"),
    ("find", "bash", "find /var/log -name '*.gz' -mtime +30"),
    ("systemctl", "bash", "systemctl status docker"),
    ("chmod", "bash", "chmod 644 /etc/nginx/conf.d/site-{number}.conf"),
    ("tar", "cron", "tar czf /backup/home-{number}.tgz /home/{user}"),
    ("ssh", "bash", "ssh -p 2222 {user}@build-{number}.example.org"),
)
_CLOUD = {
    "aws.cloudtrail": (
        "GetObject",
        "AssumeRole",
        "DescribeInstances",
        "ConsoleLogin",
        "PutBucketPolicy",
        "ListBuckets",
    ),
    "o365.audit": ("MailItemsAccessed", "FileAccessed", "UserLoggedIn", "Set-Mailbox", "FileDownloaded"),
    "azure.activitylogs": (
        "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
        "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION",
    ),
    "okta.system": ("user.session.start", "user.authentication.sso", "policy.lifecycle.update"),
    "kubernetes.audit_logs": ("get", "list", "create", "watch"),
}


def events(count: int, seed: int = 1) -> Iterator[Event]:
    """`count` events in order of time."""
    dice = random.Random(seed)  # noqa: S311 - a stream to measure with
    makers = (_process, _process, _process, _network, _file, _registry, _logon, _cloud, _cloud, _dns)
    for number in range(count):
        moment = START + timedelta(milliseconds=number * 37)
        yield dice.choice(makers)(dice, moment, number)


def _text(dice: random.Random, length: int) -> str:
    return "".join(dice.choices("0123456789abcdef", k=length))


def _address(dice: random.Random) -> str:
    first, second = dice.choice((10, 172, 192, 203)), dice.choice((16, 168, 0))
    return f"{first}.{second}.{dice.randrange(255)}.{dice.randrange(255)}"


def _base(
    dice: random.Random, moment: datetime, dataset: str, module: str, system: str, categories: list[str]
) -> Event:
    stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    host = f"{system[:3]}-{dice.randrange(40):03}"
    kinds, version = {"linux": "Ubuntu", "macos": "macOS", "windows": "Windows 11 Pro"}, "8.17.3"
    return {
        "@timestamp": stamp,
        "agent": {"id": _text(dice, 32), "type": "endpoint", "version": version},
        "data_stream": {"dataset": dataset, "namespace": "default", "type": "logs"},
        "ecs": {"version": "8.10.0"},
        "elastic": {"agent": {"id": _text(dice, 32)}},
        "event": {
            "category": categories,
            "created": stamp,
            "dataset": dataset,
            "id": _text(dice, 16),
            "ingested": stamp,
            "kind": "event",
            "module": module,
            "outcome": dice.choice(("success", "success", "success", "failure", "unknown")),
            "sequence": dice.randrange(10**7),
        },
        "host": {
            "architecture": "x86_64",
            "hostname": host,
            "id": _text(dice, 32),
            "ip": [_address(dice), "127.0.0.1", "fe80::1ff:fe23:4567:890a"],
            "mac": ["00-00-5e-00-53-23"],
            "name": host,
            "os": {
                "Ext": {"variant": kinds[system]},
                "family": system,
                "full": f"{kinds[system]} {version}",
                "kernel": "6.8.0-52-generic" if system == "linux" else "10.0.22631",
                "name": kinds[system],
                "platform": system,
                "type": system,
                "version": "24.04" if system == "linux" else "22H2",
            },
        },
        "message": f"{module} {categories[0]} event on {host}",
        "user": {"domain": "CORP", "id": f"S-1-5-21-{dice.randrange(10**9)}", "name": f"user{dice.randrange(200):03}"},
    }


def _said(event: Event, part: str) -> dict[str, object]:
    found = event[part]
    assert isinstance(found, dict)  # noqa: S101 - the base has it
    return found


def _program(dice: random.Random, event: Event, number: int, system: str) -> dict[str, object]:
    name, parent, line = dice.choice(_WINDOWS if system == "windows" else _UNIX)
    shown = line.format(user=_said(event, "user")["name"], number=number % 5000)
    folder = "C:\\Windows\\System32\\" if system == "windows" else "/usr/bin/"
    return {
        "Ext": {"ancestry": [_text(dice, 44) for _ in range(3)], "authentication_id": f"0x{_text(dice, 5)}"},
        "args": shown.split(),
        "args_count": len(shown.split()),
        "code_signature": {"exists": True, "status": "trusted", "subject_name": "Example Signing", "trusted": True},
        "command_line": shown,
        "entity_id": _text(dice, 44),
        "executable": folder + name,
        "hash": {"md5": _text(dice, 32), "sha1": _text(dice, 40), "sha256": _text(dice, 64)},
        "name": name,
        "parent": {
            "args": [folder + parent],
            "command_line": folder + parent,
            "entity_id": _text(dice, 44),
            "executable": folder + parent,
            "name": parent,
            "pid": dice.randrange(65536),
        },
        "pid": dice.randrange(65536),
        "working_directory": folder,
    }


def _process(dice: random.Random, moment: datetime, number: int) -> Event:
    system = dice.choice(("windows", "windows", "linux", "macos"))
    event = _base(dice, moment, "endpoint.events.process", "endpoint", system, ["process"])
    start = dice.random() < 0.7  # noqa: PLR2004 - most are starts
    _said(event, "event").update(action="start" if start else "end", type=["start" if start else "end"])
    return event | {"process": _program(dice, event, number, system)}


def _network(dice: random.Random, moment: datetime, number: int) -> Event:
    system = dice.choice(("windows", "linux", "macos"))
    event = _base(dice, moment, "endpoint.events.network", "endpoint", system, ["network"])
    _said(event, "event").update(action="connection_attempted", type=["start"])
    return event | {
        "destination": {"ip": _address(dice), "port": dice.choice((22, 53, 80, 443, 445, 3389, 8080))},
        "network": {"direction": dice.choice(("egress", "ingress")), "transport": "tcp", "type": "ipv4"},
        "process": _program(dice, event, number, system),
        "source": {"ip": _address(dice), "port": dice.randrange(1024, 65536)},
    }


def _file(dice: random.Random, moment: datetime, number: int) -> Event:
    system = dice.choice(("windows", "linux"))
    event = _base(dice, moment, "endpoint.events.file", "endpoint", system, ["file"])
    action = dice.choice(("creation", "modification", "deletion", "rename"))
    _said(event, "event").update(action=action, type=[action])
    extension = dice.choice(("txt", "docx", "dll", "exe", "log", "conf", "ps1", "sh"))
    folder = "C:\\Users\\Public\\" if system == "windows" else "/srv/share/"
    name = f"item-{number % 9000}.{extension}"
    return event | {
        "file": {"extension": extension, "name": name, "path": folder + name, "size": dice.randrange(10**6)},
        "process": _program(dice, event, number, system),
    }


def _registry(dice: random.Random, moment: datetime, number: int) -> Event:
    event = _base(dice, moment, "endpoint.events.registry", "endpoint", "windows", ["registry"])
    _said(event, "event").update(action="modification", type=["change"])
    key = dice.choice(
        ("Software\\Microsoft\\Windows\\CurrentVersion\\Explorer", "System\\CurrentControlSet\\Services\\Tcpip")
    )
    return event | {
        "process": _program(dice, event, number, "windows"),
        "registry": {
            "data": {"strings": [str(number)], "type": "REG_SZ"},
            "hive": "HKEY_LOCAL_MACHINE",
            "key": key,
            "path": f"HKEY_LOCAL_MACHINE\\{key}\\Value{number % 50}",
            "value": f"Value{number % 50}",
        },
    }


def _dns(dice: random.Random, moment: datetime, number: int) -> Event:
    event = _base(dice, moment, "endpoint.events.network", "endpoint", "windows", ["network"])
    _said(event, "event").update(action="lookup_requested", type=["protocol", "info"])
    name = f"cdn{number % 300}.example.org"
    return event | {
        "dns": {
            "question": {"name": name, "registered_domain": "example.org", "type": "A"},
            "resolved_ip": [_address(dice)],
        },
        "network": {"protocol": "dns", "transport": "udp", "type": "ipv4"},
        "process": _program(dice, event, number, "windows"),
    }


def _logon(dice: random.Random, moment: datetime, number: int) -> Event:
    event = _base(dice, moment, "system.security", "system", "windows", ["authentication"])
    code = dice.choice(("4624", "4625", "4634", "4672"))
    action = {"4624": "logged-in", "4625": "logon-failed", "4634": "logged-out", "4672": "special-logon"}[code]
    _said(event, "event").update(
        action=action, code=code, provider="Microsoft-Windows-Security-Auditing", type=["start"]
    )
    return event | {
        "process": {"executable": "C:\\Windows\\System32\\lsass.exe", "name": "lsass.exe", "pid": 700},
        "source": {"domain": "CORP", "ip": _address(dice), "port": 0},
        "winlog": {
            "api": "wineventlog",
            "channel": "Security",
            "computer_name": f"dc{number % 3}.corp.example.org",
            "event_data": {
                "AuthenticationPackageName": dice.choice(("Kerberos", "NTLM")),
                "LogonGuid": "{00000000-0000-0000-0000-000000000000}",
                "LogonProcessName": "User32 ",
                "SubjectDomainName": "CORP",
                "SubjectLogonId": f"0x{_text(dice, 6)}",
                "SubjectUserName": f"DC{number % 3}$",
                "TargetDomainName": "CORP",
                "TargetUserName": f"user{number % 200:03}",
                "Status": "0x0",
            },
            "event_id": code,
            "logon": {"id": f"0x{_text(dice, 6)}", "type": dice.choice(("Interactive", "Network", "Service"))},
            "opcode": "Info",
            "provider_name": "Microsoft-Windows-Security-Auditing",
            "record_id": str(number),
        },
    }


def _cloud(dice: random.Random, moment: datetime, number: int) -> Event:
    dataset = dice.choice(tuple(_CLOUD))
    event = _base(dice, moment, dataset, dataset.split(".")[0], "linux", [dice.choice(("iam", "web", "configuration"))])
    action = dice.choice(_CLOUD[dataset])
    _said(event, "event").update(
        action=action, provider=f"{dataset.split('.')[0]}.example.org", type=["info", "access"]
    )
    del event["host"]
    return event | {
        "cloud": {"account": {"id": f"{dice.randrange(10**12):012}"}, "provider": "aws", "region": "eu-central-1"},
        dataset.split(".")[0]: {
            dataset.split(".")[1]: {
                "actor": {"alternateId": f"user{number % 200}@example.org", "id": _text(dice, 20)},
                "additional": {_text(dice, 6): _text(dice, 60) for _ in range(6)},
                "client": {"device": "Computer", "zone": "OFF_NETWORK"},
                "request": {"id": _text(dice, 32), "uri": f"/api/v1/items/{number % 700}"},
                "resources": [{"arn": f"arn:example:{_text(dice, 24)}", "type": "bucket"} for _ in range(2)],
                "result": "ok",
            }
        },
        "related": {"ip": [_address(dice)], "user": [f"user{number % 200:03}"]},
        "source": {
            "as": {"number": dice.randrange(64512, 65535), "organization": {"name": "Example Networks"}},
            "geo": {"city_name": "Springfield", "country_iso_code": dice.choice(("DE", "US", "NL"))},
            "ip": _address(dice),
        },
        "user_agent": {"original": dice.choice(("aws-cli/2.17", "Mozilla/5.0 (X11; Linux x86_64)", "okhttp/4.9"))},
    }


def main() -> int:
    """Write events as JSON lines."""
    for event in events(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
