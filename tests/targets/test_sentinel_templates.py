"""What each deployable form makes of a rule: its parts, its files, and texts that try to be something else."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from engines import sentinel_rules
from golden import check_golden
from hypothesis import given
from hypothesis import strategies as st
from shared import ROOT
from targets.sentinel_cases import NAME, emitted, rule

from backends.sentinel import TARGET
from backends.sentinel.deploy import bicep
from backends.sentinel.deploy.attack import attack
from backends.sentinel.deploy.connectors import unfed
from backends.sentinel.deploy.solution import solution
from backends.sentinel.detection import identity
from converter.languages.kusto import parse, write
from converter.model.metadata import SeverityMapping, Subtechnique, Suppression, Technique, Threat
from converter.model.pattern import Case
from converter.model.predicate import Not, OneOf
from converter.model.rule import AnyOf, Match, Threshold
from converter.model.value import Column, Field, Kind
from converter.target import Binding, Bound, Emission, Options
from converter.target.artifact import Artifact
from converter.target.bundle import Package
from converter.target.contract import Notebook

MATCH = Match(OneOf(NAME, ("a",), Case.SENSITIVE))
FORMS = ("yaml", "arm", "bicep", "watchlists")
HOSTILE = "a\u2028b\u0085c\u202ed\u200be\x00f'''g${x}h\\i'j\n\n---\n# k: [l\tm {{n}}"
PLACE = Binding(
    "native",
    "d",
    "",
    {"table": "DeviceFileEvents"},
    {"DeviceName": "string", "FileName": "string", "SHA256": "string", "Risk": "string", "DeviceId": "string"},
    ("DeviceName", "FileName", "SHA256"),
    fields={
        "file.name": Field("file.name", Kind.KEYWORD, many=False, way=Column("FileName", "string")),
        "event.severity": Field("event.severity", Kind.KEYWORD, many=False, way=Column("Risk", "string")),
    },
)
FILE = Field("file.name", Kind.KEYWORD, many=False, way=Column("FileName", "string"))
FILES = Match(OneOf(FILE, ("a.exe", "b.exe"), Case.SENSITIVE))


def arm(emission: Emission) -> Any:
    content = json.loads(emission.text)
    assert list(sentinel_rules.deployment(content)) == []
    return content["resources"][-1]["properties"]


def made(form: str, detection: Any = FILES, place: Binding = PLACE, **meta: Any) -> Emission:
    return TARGET.emit(Bound.everywhere(rule(detection, **meta), place), Options(form))


def codes(emission: Emission) -> list[str]:
    return [str(d.code) for d in emission.diagnostics]


@pytest.mark.parametrize("form", FORMS)
def test_no_text_of_a_rule_is_more_than_a_text(form: str) -> None:
    hostile: dict[str, Any] = {"description": HOSTILE, "note": HOSTILE, "setup": HOSTILE, "false_positives": (HOSTILE,)}
    text = emitted(MATCH, form=form, references=(HOSTILE,), license=HOSTILE, author=(HOSTILE,), **hostile).text
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}]
    if form == "yaml":
        found = yaml.safe_load(text)
        assert list(sentinel_rules.template(found, {})) == []
        assert found["query"] == write.program(parse.program(found["query"]))
    elif form != "bicep":
        assert "process.name" in arm(emitted(MATCH, form=form, **hostile))["query"]


UNESCAPED = {r"\n": "\n", r"\'": "'", r"\\": "\\", r"\$": "$", r"\t": "\t", r"\r": "\r"}


def read(node: Any) -> Any:
    """A value as Bicep's parser gives it, its texts of one line unescaped."""
    match node:
        case str() if "\n" not in node:
            return unescaped(node)
        case list():
            return [read(one) for one in node]
        case dict():
            return {key: read(one) for key, one in node.items()}
        case _:
            return node


@pytest.mark.parametrize("description", ["one line", "two\nlines", "it's ${a} \\ '''x\ny", HOSTILE])
def test_bicep_says_what_its_twin_says(description: str) -> None:
    pycep = pytest.importorskip("pycep", reason="pycep-parser reads Bicep")
    threat = Threat(
        "MITRE ATT&CK", "TA0009", "Collection", "", (Technique("T1114", "", "", (Subtechnique("T1114.002", "", ""),)),)
    )
    meta: dict[str, Any] = {
        "description": description,
        "threat": (threat,),
        "investigation_fields": ("event.severity",),
    }
    parsed = pycep.BicepParser().parse(text=made("bicep", **meta).text)["resources"]["rule"]
    assert parsed["type"] == "Microsoft.SecurityInsights/alertRules"
    assert read(parsed["config"]["properties"]) == arm(made("arm", **meta))


def unescaped(text: str) -> str:
    return re.sub(r"\\(?:u\{[0-9a-f]+\}|.)", lambda m: UNESCAPED.get(m[0]) or chr(int(m[0][3:-1], 16)), text)


@given(st.text(st.sampled_from("a'\\${}\n\t\r\u2028\u0000\u200b é\U0001f525"), max_size=12))
def test_a_text_of_bicep_ends_where_it_ends(text: str) -> None:
    written = bicep.value(text)
    if written.startswith("'''"):
        assert written == f"'''\n{text}'''"
        assert "'''" not in f"{text}'"[:-1]
        return
    assert re.fullmatch(r"'(?:[^'\\$\n]|\\u\{[0-9a-f]+\}|\\.|\$(?!\{))*'", written)
    assert unescaped(written[1:-1]) == text


def long(form: str) -> Emission:
    values = tuple(f"{'x' * 100}{i}" for i in range(120))
    return emitted(Match(OneOf(NAME, values, Case.SENSITIVE)), form=form)


def test_a_query_too_long_for_a_rule_is_a_function() -> None:
    function, made_ = json.loads(long("arm").text)["resources"]
    alias = function["properties"]["functionAlias"]
    assert made_["properties"]["query"] == f"{alias}\n"
    assert len(function["properties"]["query"]) > 10_000
    assert made_["dependsOn"] == [
        "[resourceId('Microsoft.OperationalInsights/workspaces/savedSearches', parameters('workspace'), '"
        + alias
        + "')]"
    ]
    (file,) = long("yaml").files
    assert file.path == "a_rule.function.yaml"
    assert yaml.safe_load(file.data)["FunctionAlias"] == yaml.safe_load(long("yaml").text)["query"].strip() == alias
    assert "parent: logs" in long("bicep").text
    assert "T388" in codes(long("yaml"))
    assert "T371" in codes(long("query"))


def test_a_list_is_a_watchlist() -> None:
    emission = long("watchlists")
    (file,) = emission.files
    values = [row[0] for row in csv.reader(io.StringIO(file.data.decode()))]
    assert values == ["Value", *(f"{'x' * 100}{i}" for i in range(120))]
    listed, made_ = json.loads(emission.text)["resources"]
    assert listed["properties"]["rawContent"].encode() == file.data
    alias = file.path.removesuffix(".csv")
    (depends,) = made_["dependsOn"]
    assert depends.startswith("[resourceId('Microsoft.OperationalInsights/workspaces/providers/Watchlists', ")
    assert depends.endswith(f"parameters('workspace'), 'Microsoft.SecurityInsights', '{alias}')]")
    read_ = f'toscalar(_GetWatchlist("{alias}") | summarize make_set(SearchKey))'
    assert read_ in made_["properties"]["query"]
    assert "T385" in codes(emission)


def test_a_list_that_a_file_would_change_stays_in_the_query() -> None:
    values = tuple(f" {'x' * 20}{i}" for i in range(12))
    emission = emitted(Match(OneOf(NAME, values, Case.SENSITIVE)), form="watchlists")
    assert not emission.files
    assert "T385" not in codes(emission)


def test_entities_are_strong_where_the_columns_tell() -> None:
    found = arm(made("arm"))
    assert [e["entityType"] for e in found["entityMappings"]] == ["Host", "File", "FileHash"]
    host, file, digest = (
        {m["identifier"]: m["columnName"] for m in e["fieldMappings"]} for e in found["entityMappings"]
    )
    assert host == {"HostName": "HostName", "DnsDomain": "HostDnsDomain"}
    assert file == {"Name": "FileName"}
    assert digest == {"Algorithm": "FileHashAlgorithm", "Value": "SHA256"}
    assert '| extend HostName = tostring(split(DeviceName, ".")[0])' in found["query"]


def test_severity_and_name_by_event() -> None:
    mappings = (SeverityMapping("event.severity", "equals", "99", "critical"),)
    found = arm(made("arm", severity_mapping=mappings, rule_name_override="file.name"))
    assert found["alertDetailsOverride"] == {
        "alertDisplayNameFormat": "{{FileName}}",
        "alertSeverityColumnName": "AlertSeverity",
    }
    assert 'AlertSeverity = case(tostring(Risk) == "99", "High", "Low")' in found["query"]
    elsewhere = made(
        "arm", severity_mapping=(SeverityMapping("gone", "equals", "1", "low"),), rule_name_override="gone"
    )
    assert "alertDetailsOverride" not in arm(elsewhere)
    assert codes(elsewhere).count("T380") == 2


def test_suppression_is_an_incident() -> None:
    found = arm(made("arm", alert_suppression=Suppression(("file.name",), 3_600_000)))
    grouping = found["incidentConfiguration"]["groupingConfiguration"]
    assert (grouping["groupByEntities"], grouping["lookbackDuration"]) == (["File"], "PT1H")
    assert (
        "groupingConfiguration"
        not in arm(made("arm", alert_suppression=Suppression(("x",), None)))["incidentConfiguration"]
    )


def test_a_deprecated_rule_is_not_enabled() -> None:
    found = arm(made("arm", maturity="deprecated", deprecation_date="2025/01/02", deprecated_reason="gone"))
    assert found["enabled"] is False
    assert found["description"].startswith("Deprecated by its authors since 2025/01/02: gone")
    assert json.loads(made("xdr", maturity="deprecated").text)["status"] == "disabled"


def test_connectors() -> None:
    assert yaml.safe_load(made("yaml").text)["requiredDataConnectors"] == [
        {"connectorId": "MicrosoftThreatProtection", "dataTypes": ["DeviceFileEvents"]}
    ]
    logs = Binding(
        "native", "d", "", {"table": "Event"}, {"FileName": "string"}
    )  # the agent's, by a rule of collection
    assert yaml.safe_load(made("yaml", place=logs).text)["requiredDataConnectors"] == [
        {"connectorId": "AzureMonitor(WindowsEventLogs)", "dataTypes": ["Event"]}
    ]
    own = Binding("native", "d", "", {"table": "Mine_CL", "connector": "MineConnector"}, {"FileName": "string"})
    assert yaml.safe_load(made("yaml", place=own).text)["requiredDataConnectors"] == [
        {"connectorId": "MineConnector", "dataTypes": ["Mine_CL"]}
    ]
    assert "T384" in codes(emitted(MATCH, form="yaml"))


# Views of ASIM and of Okta's solution, which a workspace's own parsers fill from whatever it has.
_VIEWS = re.compile(r"(?:_Im_|im|ASim)[A-Z]\w+|OktaSystemLogs")


def test_every_table_of_ours_has_a_connector() -> None:
    """Each table that the data set tables name, but for views: a rule says what fills it, and T384 stays for others."""
    read = {
        header["table"]
        for path in (ROOT / "converter" / "datasets" / "tables").glob("[!_]*.yaml")
        for place in (yaml.safe_load(path.read_text("utf-8")).get("platforms", {}).get("sentinel") or {}).values()
        if "table" in (header := place.get("header") or {}) and "connector" not in header
    }
    assert len(read) > 30
    assert [table for table in unfed(sorted(read), {}) if not _VIEWS.fullmatch(table)] == []


def test_sentinels_own_alerts_need_no_connector() -> None:
    own = Binding("native", "d", "", {"table": "SecurityAlert"}, {"FileName": "string"})
    assert yaml.safe_load(made("yaml", place=own).text)["requiredDataConnectors"] == []
    assert "T384" not in codes(emitted(FILES, own, "yaml"))


def test_a_custom_detection() -> None:
    threat = Threat(
        "MITRE ATT&CK", "TA0009", "Collection", "", (Technique("T1114", "", "", (Subtechnique("T1114.002", "", ""),)),)
    )
    content = json.loads(made("xdr", threat=(threat,), severity="high", note="look").text)
    assert list(sentinel_rules.detection(content)) == []
    told = content["detectionAction"]["alertTemplate"]
    assert told["tactics"] == [
        {"tactic": "Collection", "techniques": [{"technique": "T1114", "subTechniques": ["T1114.002"]}]}
    ]
    assert told["entityMappings"]["hosts"] == [{"deviceIdColumn": "DeviceId", "nameColumn": "DeviceName"}]
    assert told["recommendedActions"] == "look"
    query = content["queryCondition"]["queryText"]
    assert query.endswith("| project Timestamp, DeviceName, FileName, SHA256, Risk, DeviceId, ReportId\n")


def test_error_no_custom_detection() -> None:
    several = made("xdr", Threshold(FILES.where, (FILE,), 2))
    elsewhere = made("xdr", place=Binding("native", "d", "", {"table": "Syslog"}, {"FileName": "string"}))
    for refused in (several, elsewhere):
        assert not refused.text
        assert codes(refused)[-1] == "T383"


def test_a_value_that_is_called_as_the_time_stays() -> None:
    query = json.loads(made("xdr", Match(OneOf(FILE, ("TimeGenerated",), Case.SENSITIVE))).text)["queryCondition"]
    assert 'FileName == "TimeGenerated"' in query["queryText"]


def test_custom_detection_of_several_places() -> None:
    other = Binding("native", "e", "", {"table": "DeviceEvents"}, {"FileName": "string"}, ("FileName",))
    both = AnyOf((FILES, Match(Not(FILES.where))))
    emission = TARGET.emit(Bound(rule(both), (PLACE, other)), Options("xdr"))
    query = json.loads(emission.text)["queryCondition"]["queryText"]
    assert query.count("DeviceId, ReportId") == 2


def test_rules_of_one_name_and_id_do_not_collide() -> None:
    told: tuple[dict[str, Any], ...] = ({}, {"name_tag": "2", "id_tag": "2"})
    one, other = (yaml.safe_load(made("yaml", rule_id="r", **tags).text) for tags in told)
    assert (one["name"], other["name"]) == ("a rule", "a rule (2)")
    assert one["id"] != other["id"]
    assert one["id"] == yaml.safe_load(made("yaml", rule_id="r").text)["id"]


def test_tactics_of_every_technique() -> None:
    threats = (
        Threat("MITRE ATT&CK", "TA0011", "Command and Control", "", (Technique("T1055.012", "", ""),)),
        Threat("MITRE ATT&CK", "", "Stealth", "", (Technique("not one", "", ""),)),
    )
    found = attack(rule(MATCH, threat=threats).meta, Notebook())
    assert found.tactics == ("CommandAndControl", "DefenseEvasion")
    assert found.techniques == ("T1055.012",)
    assert found.all_tactics == ("CommandAndControl", "DefenseEvasion", "PrivilegeEscalation")


def artifacts(*stems: str, **meta: Any) -> list[Artifact]:
    parts = [
        TARGET.emit(Bound.everywhere(rule(FILES, rule_id=stem, **meta), PLACE), Options("solution")) for stem in stems
    ]
    return [Artifact("sentinel", "a rule", f"{s}.yaml", p.text, part=p.part) for s, p in zip(stems, parts, strict=True)]


def test_a_solution_lists_what_it_holds() -> None:
    given = artifacts("one", "two", license="Elastic License v2", updated_date="2025/02/03", setup="x" * 6000)
    bundled = solution(given, Package("Acme", "Acme's rules"))
    assert bundled == solution(given, Package("Acme", "Acme's rules"))
    assert list(bundled.artifacts) == given
    files = {f.path.removeprefix("Solutions/Acme/"): f.data.decode() for f in bundled.files}
    manifest = json.loads(files["Data/Solution_Acme.json"])
    assert len(manifest["Analytic Rules"]) == 2
    assert set(manifest["Analytic Rules"]) <= files.keys()
    assert len([name for name in files if name.startswith("Guides/")]) == 2
    assert {"LICENSE-Elastic-2.0.txt", "NOTICE-detection-rules.txt", "README.md", "ReleaseNotes.md"} <= files.keys()
    assert json.loads(files["SolutionMetadata.json"])["firstPublishDate"] == "2025-02-03"
    package = json.loads(files["Package/mainTemplate.json"])
    assert list(sentinel_rules.deployment(package)) == []
    assert len(package["resources"]) == 2
    interface = json.loads(files["Package/createUiDefinition.json"])["parameters"]
    assert interface["outputs"].keys() == package["parameters"].keys()


def test_templates_of_a_solution_keep_the_services_limits() -> None:
    given = artifacts(*(f"rule{i}" for i in range(201)))
    paths = [f.path for f in solution(given, Package("Acme")).files if "/Package/mainTemplate" in f.path]
    assert paths == ["Solutions/Acme/Package/mainTemplate.json", "Solutions/Acme/Package/mainTemplate-2.json"]


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parent / "golden" / "sentinel").glob("*.kusto")), ids=lambda p: p.stem
)
def test_compact_text_is_the_same_program(file: Path) -> None:
    program = parse.program(file.read_text("utf-8"))
    compact = write.compact(program)
    assert parse.program(compact) == program
    assert compact.count("\n") == len(program.lets) + 1


def test_names_that_tell_an_entity_are_those_of_the_table(*, update_golden: bool) -> None:
    head = "# table (none: Elastic's fields)\tcolumns that entities.yaml tells an entity by\n"
    text = head + "".join(f"{table}\t{' '.join(told)}\n" for table, told in identity.mentioned())
    check_golden(Path(identity.__file__).parent / "telling.tsv", text, update=update_golden)
