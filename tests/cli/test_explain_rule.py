from __future__ import annotations

import json
from pathlib import Path

from command import run

SEED = "rules/elastic/collection_exchange_excessive_mail_items_accessed.toml"


def test_a_rule_is_explained_leaf_by_leaf() -> None:
    done = run("explain", SEED, "--to", "splunk")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("splunk: ")
    assert lines[1].split()[:3] == ["condition", "place", "ends"]
    (action,) = [line for line in lines if line.startswith("event.action is MailItemsAccessed")]
    assert " emitted " in action
    assert "Operation" in action
    assert "converter/datasets/tables/o365_audit.yaml:" in action


def test_what_gives_a_leaf_up_is_named(tmp_path: Path) -> None:
    rule = tmp_path / "r.toml"
    rule.write_text(
        '[rule]\nname = "r"\ntype = "query"\nlanguage = "kuery"\nindex = ["logs-o365.audit-*"]\n'
        "query = 'event.dataset: o365.audit and process.pe.imphash: a'\n",
        encoding="utf-8",
    )
    done = run("explain", str(rule), "--to", "sentinel")
    assert "process.pe.imphash is a" in done.out
    assert "given up  M011: " in done.out


def test_a_rule_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    rule = tmp_path / "r.toml"
    rule.write_text("[rule]\n", encoding="utf-8")
    done = run("explain", str(rule))
    assert done.code == 1
    assert "error[F" in done.err


def test_the_report_has_the_account(tmp_path: Path) -> None:
    done = run("convert", SEED, "--to", "splunk", "-o", str(tmp_path), "--report", "json")
    assert done.code == 0
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (artifact,) = report["rules"][0]["artifacts"]
    endings = {line["condition"]: line["ending"] for line in artifact["account"]}
    assert endings["data_stream.dataset is o365.audit"] == "implied"
    assert endings["o365.audit.OperationCount >= 100"] == "emitted"
    assert all(line["entry"] for line in artifact["account"])
