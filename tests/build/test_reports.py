"""The accounts of a build, for machines and for people."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from command import run
from pages import unpacked
from shared import ROOT, SHARED, needs_shared

from converter.build.record import Built, Message
from converter.build.reports import as_github, as_junit
from converter.build.reports.as_html import cut, packed
from converter.build.reports.as_markdown import plain
from converter.build.reports.as_sarif import uri

SAMPLES = str(ROOT / "rules" / "samples")
TARGETS = ("python", "sentinel", "sigma", "splunk")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the samples and of a rule that wants to be more than text, with every report."""
    folder = tmp_path_factory.mktemp("built")
    rules = folder / "rules"
    shutil.copytree(SAMPLES, rules)
    evil = (rules / "eql_in.toml").read_text(encoding="utf-8").replace("Sample: eql in", "</script><script>alert(1)//")
    (rules / "evil.toml").write_text(re.sub(r'rule_id = "..', 'rule_id = "ff', evil))
    (rules / "bad.toml").write_text("[rule]\nname = 1\n")
    reports = "json,html,navigator,sarif,junit,markdown"
    ran = run("build", str(rules), "-t", ",".join(TARGETS), "-o", str(folder / "out"), "--report", reports)
    assert ran.code == 1, ran.err
    return folder / "out"


def test_json_accounts_for_every_rule(built: Path) -> None:
    report = json.loads((built / "report.json").read_text(encoding="utf-8"))
    assert report["schema"] == "siemglot-build/1"
    assert len(report["rules"]) > 70
    keys = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "build.md").read_text(encoding="utf-8")))
    assert set(report) - {"schema"} <= keys
    for rule in report["rules"]:
        assert set(rule) <= keys
        assert {one["target"] for one in rule["artifacts"]} == (set() if rule["broken"] else set(TARGETS))
        for one in rule["artifacts"]:
            assert set(one) <= keys
            assert (one["file"] is None) == (one["status"] == "refused")
            assert one["file"] is None or (built / one["file"]).is_file()
            assert {line["condition"] for line in one["account"]} <= set(range(len(rule["conditions"])))
            assert all(line.get("entry") in {*report["entries"], None} for line in one["account"])
        assert len({json.dumps(m) for m in rule["messages"]}) == len(rule["messages"])
    for name in TARGETS:
        assert sum(report["summary"][name].values()) == len(report["rules"])


def test_sarif(built: Path) -> None:
    (log,) = json.loads((built / "report.sarif").read_text(encoding="utf-8"))["runs"]
    codes = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
    assert {"F008", "T102"} <= set(codes)
    for one in log["results"]:
        assert codes[one["ruleIndex"]] == one["ruleId"]
        assert one["level"] in ("error", "warning", "note")
        (location,) = one["locations"]
        region = location["physicalLocation"].get("region", {"startLine": 1, "startColumn": 1})
        assert min(region["startLine"], region["startColumn"]) >= 1
    prints = [one["partialFingerprints"]["siemglot/v1"] for one in log["results"]]
    assert len(set(prints)) > len(prints) * 0.8
    assert (uri("a b/c#.toml"), uri("/x y")) == ("a%20b/c%23.toml", "file:///x%20y")
    assert uri("n\udcff.toml") == "n%FF.toml"  # a name of bytes that are no UTF-8


def test_junit(built: Path) -> None:
    suites = ET.parse(built / "junit.xml").getroot()  # noqa: S314 - our own
    assert [suite.get("name") for suite in suites] == list(TARGETS)
    summary = json.loads((built / "report.json").read_text(encoding="utf-8"))["summary"]
    for suite in suites:
        assert len(suite) == int(suite.get("tests", 0))
        failures, errors = (len(suite.findall(f"testcase/{name}")) for name in ("failure", "error"))
        assert (failures, errors) == (int(suite.get("failures", 0)), int(suite.get("errors", 0)))
        assert errors == 1
        assert failures + errors == summary[suite.get("name", "")]["refused"]


def test_navigator(built: Path) -> None:
    layers = json.loads((built / "navigator.json").read_text(encoding="utf-8"))
    assert [layer["name"] for layer in layers] == ["before: Elastic rules", *(f"after: {name}" for name in TARGETS)]
    assert all(layer["domain"] == "enterprise-attack" for layer in layers)


def test_texts_stay_texts() -> None:
    message = Message("K001", "error", "50 % of\r\nit: a, b", shown="a\x00b ]]> <b>")
    rule = Built("a,b:c.toml", messages=(message,), broken=True)
    found = as_github._command("error", rule.path, message, "K001", message.message)
    assert found == "::error file=a%2Cb%3Ac.toml,title=K001::50 %25 of%0D%0Ait: a, b"
    case = as_junit._case(rule, "splunk", worse=False)
    assert ET.fromstring(case)[0].text == "a\N{REPLACEMENT CHARACTER}b ]]> <b>"  # noqa: S314 - our own
    assert plain("a|b `c` <d> [e](f) @g\n# h") == r"a\|b \`c\` \<d\> \[e\]\(f\) \@g \# h"


def test_packing_can_be_undone() -> None:
    for value in ([], ["é\u2028\U0001f600" * 1000, "</script>"], list(range(5000))):
        page = f'<script type="text/plain" id="alphabet">{_alphabet()}</script>'
        page += "".join(
            f'<script type="text/plain" id="{n}">{packed(v)}</script>' for n, v in (("texts", []), ("x", value))
        )
        assert unpacked(page)["x"] == value


def _alphabet() -> str:
    from converter.build.reports.as_html import _ALPHABET

    return _ALPHABET


def test_the_page_holds_everything_once(built: Path) -> None:
    text = (built / "report.html").read_text(encoding="utf-8")
    assert "alert(1)" not in text
    assert not re.search(
        r"""(?:src|href)\s*=|https?://|url\(|@import""", text.partition('<script type="text/plain"')[0]
    )
    parts = unpacked(text)
    rules = [rule for name, part in parts.items() if name.startswith("chunk-") for rule in part]
    assert len(rules) == len(parts["index"]["rules"])
    report = json.loads((built / "report.json").read_text(encoding="utf-8"))
    for shown, row, rule in zip(rules, parts["index"]["rules"], report["rules"], strict=True):
        assert row["path"] == rule["path"]
        assert [(m[0], m[2]) for m in shown[3]] == [(m["code"], m["message"]) for m in rule["messages"]]
        for made, one in zip(shown[5], rule["artifacts"], strict=True):
            there = (built / one["file"]).read_text(encoding="utf-8") if one["file"] else ""
            assert "\n".join(made[2]) == cut(there)
            assert made[7] == (cut(there) != there)


def test_very_long_lines_are_shown_short() -> None:
    assert cut("a\n" + "b" * 1000) == "a\n" + "b" * 1000
    assert cut("a\n" + "b" * 1200 + "\nc") == "a\n" + "b" * 200 + " ... (1,000 more characters, in the file)\nc"


def dom(page: Path, fragment: str = "", script: str = "") -> str:
    """The page in a browser without network, after its scripts ran; `script` runs when it is ready."""
    assert CHROMIUM is not None
    if script:
        # The page's own policy allows no other script: what drives it is part of a copy without the policy.
        text = re.sub(r"<meta http-equiv.*\n", "", page.read_text(encoding="utf-8"))
        page = page.with_name("driven.html")
        page.write_text(text.replace("</body>", f"<script>{script}</script></body>"))
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1440,900"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=6000", "--dump-dom"]
    done = subprocess.run(
        [*command, f"{page.as_uri()}{fragment}"], capture_output=True, text=True, check=True, timeout=120
    )
    assert "Content Security Policy" not in done.stderr
    return done.stdout


@needs_chromium
def test_the_page_loads_in_a_browser(built: Path) -> None:
    found = dom(built / "report.html")
    ready = re.search(r'data-ready="(\d+)"', found)
    assert ready is not None
    assert int(ready[1]) < 2000  # milliseconds
    assert found.count('<tr class="go"') > 70
    assert "&lt;/script&gt;&lt;script&gt;alert(1)//" in found


@needs_chromium
def test_a_rule_in_a_browser(built: Path) -> None:
    report = json.loads((built / "report.json").read_text(encoding="utf-8"))
    rule = next(r for r in report["rules"] if r["path"].endswith("/eql_in.toml"))
    found = dom(built / "report.html", f"#rule={rule['rule_id']}")
    shown = found.partition('<div id="rule">')[2]
    panes = re.findall(r'class="pane out" data-target="(\w+)"', shown)
    assert panes == list(TARGETS)
    assert "process where process.name in" in shown  # the source
    assert "<mark>" not in shown
    splunk = next(one for one in rule["artifacts"] if one["target"] == "splunk")
    last = (built / splunk["file"]).read_text(encoding="utf-8").splitlines()[-1]
    assert last.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in shown
    assert shown.count('<div class="msg') <= len(rule["messages"])


@needs_chromium
def test_four_targets_on_one_screen_and_no_message_twice(built: Path) -> None:
    report = json.loads((built / "report.json").read_text(encoding="utf-8"))
    rule = max(report["rules"], key=lambda r: sum(a["status"] == "refused" for a in r["artifacts"]))
    refused = [a for a in rule["artifacts"] if a["status"] == "refused"]
    errors = {rule["messages"][n]["message"] for a in refused for n in a["messages"]}
    assert len(refused) > 1
    script = """
      const wait = setInterval(() => {
        if (!document.documentElement.dataset.rule) return;
        clearInterval(wait);
        const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom, r.width, r.height].map(Math.round); };
        document.documentElement.dataset.said = JSON.stringify({
          panes: [...document.querySelectorAll("#rule .pane.out")].map(box),
          screen: [innerWidth, innerHeight],
          text: document.getElementById("rule").innerText,
        });
      }, 20);
    """
    found = re.search(r'data-said="([^"]*)"', dom(built / "report.html", f"#rule={rule['rule_id']}", script))
    assert found is not None
    said = json.loads(html.unescape(found[1]))
    assert len(said["panes"]) == len(TARGETS)
    for left, top, right, bottom, width, height in said["panes"]:
        assert min(left, top) >= 0
        assert right <= said["screen"][0]
        assert bottom <= said["screen"][1]
        assert width > 300
        assert height > 150
    for message in errors:
        assert said["text"].count(message) == 1, message


@needs_chromium
def test_filters_and_sorting_in_a_browser(built: Path) -> None:
    script = """
      const wait = setInterval(() => {
        if (!document.documentElement.dataset.ready) return;
        clearInterval(wait);
        const said = [];
        const find = (id, value, event) => { const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event(event)); };
        const count = () => document.getElementById("found").textContent;
        find("search", "sample: eql", "input"); said.push(count());
        find("f-target", "2", "change"); find("f-status", "r", "change"); said.push(count());
        document.getElementById("clear").click(); said.push(count());
        [...document.querySelectorAll("th")].find(th => th.textContent === "sigma").click();
        [...document.querySelectorAll("th")].find(th => th.textContent === "sigma").click();
        said.push(document.querySelector("#rows tr td:nth-child(7)").textContent);
        document.getElementById("tab-reasons").click(); said.push(document.querySelectorAll("#reasons tbody tr").length);
        document.getElementById("tab-datasets").click(); said.push(document.querySelectorAll("#datasets tbody tr").length);
        document.documentElement.dataset.said = JSON.stringify(said);
      }, 20);
    """
    found = re.search(r'data-said="([^"]*)"', dom(built / "report.html", script=script))
    assert found is not None
    searched, refused, all_, worst, reasons, datasets = json.loads(found[1].replace("&quot;", '"'))
    report = json.loads((built / "report.json").read_text(encoding="utf-8"))
    total = len(report["rules"])
    eql = [r for r in report["rules"] if "sample: eql" in (r["name"] or "").lower()]
    no_sigma = [r for r in eql if any(a["target"] == "sigma" and a["status"] == "refused" for a in r["artifacts"])]
    assert (searched, refused, all_) == (f"{len(eql)} of {total}", f"{len(no_sigma)} of {total}", f"{total} of {total}")
    assert worst == "refused"
    assert reasons == len({one["code"] for one in report["reasons"]})
    assert datasets > 1


@pytest.mark.sweep
@needs_shared
@needs_chromium
def test_the_page_of_the_whole_corpus(tmp_path: Path) -> None:
    corpus = str(SHARED / "corpus" / "elastic-detection-rules")
    run("build", corpus, "-t", ",".join(TARGETS), "-o", str(tmp_path), "--report", "html", "--fail-on", "never")
    page = tmp_path / "report.html"
    assert page.stat().st_size < 3_000_000
    ready = re.search(r'data-ready="(\d+)"', dom(page))
    assert ready is not None
    assert int(ready[1]) < 2000
