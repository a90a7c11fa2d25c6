"""The app and the content pack: every macro and lookup that a search names is there, and nothing gets out of its file."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import run
from targets.test_splunk_format import parsed

import converter
from backends.splunk import TARGET
from backends.splunk.deploy.risk import objects_of
from converter import parse_rule
from converter.diagnostics import render
from converter.languages.spl import parse
from converter.languages.spl.syntax import Table as Columns
from converter.languages.spl.write import pipeline
from converter.proof.judges.spl.run import run as judged
from converter.target.artifact import Artifact
from converter.target.bundle import Package
from converter.target.naming import Naming

PLAIN = """
[metadata]
creation_date = "2024/01/02"
updated_date = "2024/05/06"
[rule]
name = "{name}"
rule_id = "{rule_id}"
author = ["Elastic"]
license = "Elastic License v2"
type = "query"
severity = "high"
risk_score = 73
description = "Costs $5."
note = "Look at [[it]] for $3."
setup = "Switch auditing on."
references = ["https://example.org/a", "not a link"]
tags = ["Domain: Endpoint"]
index = ["logs-endpoint.events.process-*"]
timestamp_override = "event.ingested"
query = '{query}'
[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0002"
name = "Execution"
reference = "https://attack.mitre.org/tactics/TA0002/"
[[rule.threat.technique]]
id = "T1059"
name = "Interpreter"
reference = "https://attack.mitre.org/techniques/T1059/"
[[rule.threat.technique.subtechnique]]
id = "T1059.001"
name = "PowerShell"
reference = "https://attack.mitre.org/techniques/T1059/001/"
"""
WINDOWS = 'host.os.type: windows and event.category: process and event.type: start and process.name: "cmd.exe"'
NEW = """
[rule]
name = "New user"
rule_id = "0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a01"
type = "new_terms"
query = "event.category: authentication"
[rule.new_terms]
field = "new_terms_fields"
value = ["user.name"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-7d"
"""
ODD = """
[rule]
name = "N\\u2028[x]\\n[evil]\\u0085search = bad"
rule_id = "a\\u2028b"
type = "query"
description = "d\\r\\u2028[evil2]\\u0085x\\f"
rule_name_override = "a\\r[evil]\\u0085\\f\\u2028x"
note = "n\\u2028[evil3]\\n[evil4]\\\\"
setup = "s\\u0085x: y\\u2028- z"
author = ["a\\u0085[b]"]
tags = ["Domain: \\u2028 Endpoint"]
false_positives = ["p\\u2029q"]
references = ["https://example.org/\\u2028x"]
query = 'user.name: "a\\u2028b\\u0085c\\rd" or user.name: *x\\u2028y*'
"""


def plain(name: str = "A rule", rule_id: str = "0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a00", query: str = WINDOWS) -> str:
    return PLAIN.format(name=name, rule_id=rule_id, query=query)


def made(text: str, form: str, fields: str | None = None, **choices: Any) -> Artifact:
    artifact = converter.convert(parse_rule(text, "rule.toml"), "splunk", fields, format=form, **choices)
    assert artifact.text, artifact.diagnostics
    return artifact


def files(form: str, *artifacts: Artifact, package: Package | None = None) -> dict[str, str]:
    """The text files of a bundle by their path below its folder."""
    found = TARGET.bundles[form](artifacts, package or Package())
    names = [file.path for file in found.files]
    assert len(set(map(str.lower, names))) == len(names)
    return {f.path.partition("/")[2]: f.data.decode("utf-8") for f in found.files if "/" in f.path}


def called(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)", text))


@pytest.mark.parametrize("fields", [None, "ecs"])
@pytest.mark.parametrize("new_terms", ["search", "lookup"])
def test_an_app_has_what_its_searches_name(fields: str | None, new_terms: str) -> None:
    found = files(
        "app", made(plain(), "app", fields), made(NEW, "app", "ecs", new_terms=new_terms), made(ODD, "app", "ecs")
    )
    searches, macros = parsed(found["default/savedsearches.conf"]), parsed(found["default/macros.conf"])
    names = {name.partition("(")[0] for name in macros}
    for settings in (*searches.values(), *macros.values()):
        assert called(settings.get("search") or settings.get("definition") or "") <= names
    for settings in searches.values():
        assert pipeline(parse.pipeline(settings["search"]))
        assert settings["disabled"] == "1"
    lookups = parsed(found.get("default/transforms.conf", ""))
    assert len(lookups) == (new_terms == "lookup")
    for settings in lookups.values():
        assert found[f"lookups/{settings['filename']}"] == "user.name,last_seen\n"
    assert "index=*" in found["default/macros.conf"]
    assert "LICENSE-Elastic-2.0.txt" in found


def test_an_app_is_a_package_of_the_same_files() -> None:
    package = Package("mine", "My searches", "2.0.1", "Me")
    artifact = made(plain(), "app")
    first, second = (TARGET.bundles["app"]([artifact], package).files for _ in range(2))
    assert first == second
    (packed,) = [file for file in first if file.path.endswith(".spl")]
    assert packed.path == "mine-2.0.1.spl"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed.data))) as archive:
        inside = {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}  # type: ignore[union-attr]
    assert inside == {file.path: file.data for file in first if file is not packed}
    app = parsed(inside["mine/default/app.conf"].decode())
    assert app["id"] == {"name": "mine", "version": "2.0.1"}
    assert app["launcher"]["author"] == "Me"
    assert json.loads(inside["mine/app.manifest"])["info"]["id"] == {"group": None, "name": "mine", "version": "2.0.1"}


def test_an_analyst_gets_risk_next_steps_and_drilldowns() -> None:
    (settings,) = parsed(files("app", made(plain(), "app"))["default/savedsearches.conf"]).values()
    risk = json.loads(settings["action.risk.param._risk"])
    assert risk[:2] == [
        {"risk_object_field": "User", "risk_object_type": "user", "risk_score": 73},
        {"risk_object_field": "host", "risk_object_type": "system", "risk_score": 73},
    ]
    assert settings["action.risk.param._risk_message"] == "A rule: User $User$, host $host$"
    steps = json.loads(settings["action.notable.param.next_steps"])
    assert steps["data"].startswith(
        "Look at [ [it]] for $$3.\n\n## Setup\n\nSwitch auditing on.\n\nReferences:\n- https"
    )
    again, risky = json.loads(settings["action.notable.param.drilldown_searches"])
    assert pipeline(parse.pipeline(again["search"].replace("$$", "$")))
    assert again["search"].endswith('| search User="$User$" host="$host$"')
    assert 'risk_object="$User$"' in risky["search"]


def test_setup_notes_are_next_steps_too() -> None:
    artifact = made(plain(), "savedsearches")
    (settings,) = parsed(artifact.text).values()
    steps = json.loads(settings["action.notable.param.next_steps"])["data"]
    assert "\n\n## Setup\n\nSwitch auditing on.\n\nReferences:" in steps
    assert not [d.message for d in artifact.diagnostics if "setup" in d.message]
    block = made(plain().replace("severity =", 'building_block_type = "default"\nseverity ='), "savedsearches")
    assert [d.code for d in block.diagnostics if "setup" in d.message] == ["T225"]


@pytest.mark.parametrize(
    ("columns", "risk", "threat"),
    [
        (("src_ip", "dest_ip"), (("src_ip", "system"),), (("dest_ip", "ip_address"),)),
        (("src_ip", "user"), (("user", "user"),), (("src_ip", "ip_address"),)),
        (("container_id", "src_ip"), (("container_id", "other"),), (("src_ip", "ip_address"),)),
        (("url",), (), (("url", "url"),)),
    ],
)
def test_who_is_at_risk(columns: tuple[str, ...], risk: object, threat: object) -> None:
    found = objects_of((Columns(("_time", *columns)),))
    assert (found.risk, found.threat) == (risk, threat)


def test_a_building_block_counts_for_risk_alone() -> None:
    text = plain().replace("severity =", 'building_block_type = "default"\nseverity =')
    (settings,) = parsed(files("app", made(text, "app"))["default/savedsearches.conf"]).values()
    assert (settings["action.notable"], settings["action.risk"]) == ("0", "1")


def test_what_a_rule_names_is_among_the_results() -> None:
    more = 'rule_name_override = "message"\n[rule.alert_suppression]\ngroup_by = ["agent.name"]\n[[rule.threat]]'
    text = plain().replace("[[rule.threat]]", more, 1)
    artifact = made(text, "savedsearches", "ecs")
    (settings,) = parsed(artifact.text).values()
    assert settings["search"].endswith("message, agent.name")
    assert settings["action.notable.param.rule_title"] == "$message$"
    assert settings["alert.suppress.fields"] == "agent.name"
    native = made(text, "savedsearches")
    (settings,) = parsed(native.text).values()
    assert settings["action.notable.param.rule_title"] == "A rule"
    assert "alert.suppress" not in settings
    assert {"T224", "T225"} <= {d.code for d in native.diagnostics}


def test_late_events_and_open_indexes_are_said() -> None:
    assert {"T232", "T233"} <= {d.code for d in made(plain(), "savedsearches", "ecs").diagnostics}
    named = made(plain(), "savedsearches", "ecs", naming=Naming({"ecs": "elastic"}))
    assert "T233" not in {d.code for d in named.diagnostics}
    assert "search = index=elastic " in named.text


INDICATORS = """
[rule]
name = "Indicators"
type = "threat_match"
query = "source.ip: *"
index = ["logs-network_traffic.*"]
threat_index = ["logs-ti_*"]
threat_query = "threat.indicator.ip: *"
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "source.ip"
type = "mapping"
value = "threat.indicator.ip"
"""


@pytest.mark.parametrize(("form", "said"), [("savedsearches", 1), ("app", 0)])
def test_an_open_index_of_indicators_is_said(form: str, said: int) -> None:
    """An app has a macro for it."""
    artifact = made(INDICATORS, form)
    assert [d.message.partition(" are:")[0] for d in artifact.diagnostics if d.code == "T233"] == [
        "nothing says in which index the indicators"
    ] * said


@pytest.mark.parametrize("form", ["", "search", "savedsearches"])
def test_a_macro_that_another_app_defines_is_named(form: str) -> None:
    (said,) = [d.message for d in made(plain(), form).diagnostics if d.code == "T237"]
    assert said == (
        "the events are found by the macro sysmon (source XmlWinEventLog:Microsoft-Windows-Sysmon/Operational), "
        "which another app defines"
    )
    assert "T237" not in {d.code for d in made(plain(), "app").diagnostics}


def test_a_macro_of_ones_own_is_called_and_not_defined() -> None:
    found = files("app", made(plain(), "app", naming=Naming(macros={"sysmon": "ours"})))
    assert "`ours`" in found["default/savedsearches.conf"]
    assert "[ours]" not in found["default/macros.conf"]
    assert "`ours`" in found["README.md"]


def test_searches_that_came_to_one_name_are_told_apart() -> None:
    ids = ["0b2c1a4e-7a86-4d27-a4ba-5d2f7e1b5a0" + end for end in "123"]
    rules = [plain("A [b]", ids[0]), plain("A (b)", ids[1]), plain("a {b}", ids[2])]
    for form in ("app", "contentctl"):
        artifacts = [made(rule, form) for rule in rules]
        bundle = TARGET.bundles[form](artifacts, Package())
        assert sum("T231" in {d.code for d in a.diagnostics} for a in bundle.artifacts) == (1 if form == "app" else 2)
    heads = set(parsed(files("app", *(made(rule, "app") for rule in rules))["default/savedsearches.conf"]))
    assert len(heads) == 3
    long = [made(plain(letter + "n" * 120, ids[0]), "savedsearches") for letter in ("A", "B")]
    assert len({next(iter(parsed(a.text))) for a in long}) == 2


PLACE = """
dataset: acme.{name}
title: Acme
evidence: {{AC: Acme's documentation}}
match: {{index: [logs-acme*], datasets: [acme.{name}]}}
platforms: {{splunk: {{{name}: {{header: {{macro: acme, sourcetype: "acme:{name}"}}}}}}}}
fields:
  user.name: {{splunk: exact user, ev: [AC]}}
  event.dataset: {{values: {{acme.{name}: true, "*": false}}, splunk: implied, ev: [AC]}}
"""


@pytest.mark.parametrize("form", ["app", "contentctl"])
def test_a_macro_that_two_rules_need_for_different_events_is_said(tmp_path: Path, form: str) -> None:
    """The second rule's search would ask for the first one's events: it is exact no more."""
    artifacts: list[Artifact] = []
    for name in ("one", "two", "one"):
        (tmp_path / f"{name}.yaml").write_text(PLACE.format(name=name), encoding="utf-8")
        text = plain(f"Rule {len(artifacts)}", f"id-{len(artifacts)}", 'user.name: "a"')
        text = text.replace("logs-endpoint.events.process-*", "logs-acme*")
        artifacts.append(made(text, form, source=f"acme.{name}", mapping=tmp_path / f"{name}.yaml"))
    bundle = TARGET.bundles[form](artifacts, Package())
    said = [[render(d) for d in a.diagnostics if d.code == "T235"] for a in bundle.artifacts]
    assert said == [
        [],
        [
            f"rule.toml: warning[T235]: another rule or place of the package needs another macro of the name {macro}"
            for macro in ("acme_index", "acme")
        ],
        [],
    ]
    assert [a.status for a in artifacts] == ["exact"] * 3
    assert [a.status for a in bundle.artifacts] == ["exact", "approximate", "exact"]


CHAIN = """
[rule]
name = "Chain"
type = "eql"
language = "eql"
index = ["logs-acme*"]
query = 'sequence by user.name with maxspan=1m [any where event.dataset == "acme.one"] [any where event.dataset == "acme.two"]'
"""


def test_a_macro_that_two_places_of_a_rule_need_is_said(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(f"{PLACE.format(name=name)}family: acme\n", encoding="utf-8")
    artifact = made(CHAIN, "app", mapping=files)
    assert artifact.status == "exact"
    (bundled,) = TARGET.bundles["app"]([artifact], Package()).artifacts
    assert "T235" in {d.code for d in bundled.diagnostics}
    assert bundled.status == "approximate"


def test_a_name_that_contentctl_does_not_take_is_said() -> None:
    bundle = TARGET.bundles["contentctl"](
        [made(plain("A [b] rule"), "contentctl"), made(NEW, "contentctl", "ecs")], Package()
    )
    assert [[render(d) for d in a.diagnostics if d.code == "T236"] for a in bundle.artifacts] == [
        ["rule.toml: note[T236]: contentctl takes no such name: it is called A b rule"],
        [],
    ]


@pytest.mark.parametrize("form", ["savedsearches", "app"])
def test_nothing_of_a_rule_ends_a_line_of_a_conf_file(form: str) -> None:
    """Readers of .conf files in Python end lines at many signs."""
    artifact = made(ODD, form, "ecs")
    text = artifact.text if form == "savedsearches" else files("app", artifact)["default/savedsearches.conf"]
    assert text.splitlines() == text.removesuffix("\n").split("\n")
    assert len(parsed(text)) == 1
    assert not [line for line in text.split("\n") if line.startswith("[evil")]


def test_nothing_of_a_rule_ends_a_line_of_yaml() -> None:
    found = files("contentctl", made(ODD, "contentctl", "ecs"))
    (path,) = [path for path in found if path.startswith("detections/")]
    assert found[path].isascii()
    document = yaml.safe_load(found[path])
    assert "\n\ns\x85x: y\u2028- z\n\n" in document["how_to_implement"]
    assert document["references"] is None if "references" in document else True


def test_a_content_pack_is_what_contentctl_reads() -> None:
    found = files(
        "contentctl",
        made(plain("A (long) rule: " + "n" * 80), "contentctl"),
        made(NEW, "contentctl", "ecs", new_terms="lookup"),
    )
    documents = {path: yaml.safe_load(text) for path, text in found.items() if path.endswith(".yml")}
    for path, document in documents.items():
        if "/" in path:
            stem = re.sub(r"[ \-./]", "_", document["name"]).lower()
            assert path.rpartition("/")[2] == f"{stem}.yml"
    detection = next(d for path, d in documents.items() if path.startswith("detections/endpoint/"))
    assert len(detection["name"]) <= 67
    assert detection["search"].endswith(f"`{re.sub('[ -]', '_', detection['name']).lower()}_filter`")
    assert "_index_earliest=-6m" in detection["search"]  # schedules of contentctl have none
    assert detection["deployment"]["scheduling"]["earliest_time"] == "-1446m"
    assert detection["tags"]["mitre_attack_id"] == ["T1059.001"]
    assert detection["references"] == ["https://example.org/a"]
    assert (
        detection["how_to_implement"]
        == "Name the index of the events in the macro sysmon_index.\n\nSwitch auditing on."
        "\n\nInvestigation guide:\n\nLook at [[it]] for $3."
    )
    assert detection["date"] == "2024-05-06"
    assert {d["name"] for path, d in documents.items() if path.startswith("data_sources/")} >= set(
        detection["data_source"]
    )
    assert documents["baselines/lookup_siemglot_0b2c1a4e_7a86_4d27_a4ba_5d2f7e1b5a01.yml"]["tags"]["detections"] == [
        "New user"
    ]


def test_parts_can_be_handed_between_processes() -> None:
    artifact = made(NEW, "app", "ecs", new_terms="lookup")
    assert files("app", pickle.loads(pickle.dumps(artifact))) == files("app", artifact)  # noqa: S301 - our own


def test_the_command_writes_an_app(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.toml").write_text(plain(), encoding="utf-8")
    (tmp_path / "rules" / "b.toml").write_text(plain(rule_id="other"), encoding="utf-8")
    done = run(
        "convert", str(tmp_path / "rules"), "--to", "splunk", "--format", "app", "-o", str(tmp_path / "out"), "-v"
    )
    assert done.code == 0
    assert "F044" in done.err
    text = (tmp_path / "out/siemglot_detections/default/savedsearches.conf").read_text(encoding="utf-8")
    assert set(parsed(text)) == {"A rule - Rule", "A rule (other) - Rule"}


def test_an_apps_search_finds_what_the_search_finds() -> None:
    """By the judge of SPL, with the app's own macros; whoever installs it says where the events are."""
    found = files("app", made(plain(), "app"))
    (settings,) = parsed(found["default/savedsearches.conf"]).values()
    macros = {name: one["definition"] for name, one in parsed(found["default/macros.conf"]).items()}
    place = {"index": "win", "source": "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational"}
    event = {
        **place,
        "EventCode": "1",
        "Image": "C:\\Windows\\cmd.exe",
        "process_name": "cmd.exe",
        "User": "u",
        "host": "h",
    }
    others = [{**event, "source": "elsewhere"}, {**event, "process_name": "x.exe", "Image": "C:\\x.exe"}]
    (row,) = judged(settings["search"], [event, *others], macros=macros)
    assert (row["User"], row["host"]) == ("u", "h")
    anywhere = judged(made(plain(), "search").text, [event, *others], macros={"sysmon": "index=*"})
    assert len(anywhere) == 2
    assert not judged(settings["search"], [event], macros={**macros, "sysmon_index": "index=other"})
    assert judged(settings["search"], [event], macros={**macros, "sysmon_index": "index=win"})
