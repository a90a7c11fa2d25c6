"""siemglot.toml, and the options that may stand in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from command import run
from shared import ROOT

import converter
from converter.cli.exit import Exit
from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.overlay import load_mapping

SEED = str(ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml")
RULE = """
[rule]
name = "Who reads mail"
type = "query"
index = ["logs-o365.audit-*"]
query = 'event.dataset: o365.audit and event.action: MailItemsAccessed and user.name: (root or admin)'
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a rule, and a directory below it that is worked in."""
    (tmp_path / "mail.toml").write_text(RULE)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def settings(project: Path, text: str) -> None:
    (project / "siemglot.toml").write_text(text)


def test_settings_are_found_above_and_the_command_line_wins(project: Path) -> None:
    settings(project, 'targets = ["splunk"]\nfields = "ecs"\nbare = true\n[formats]\nsplunk = "search"\n')
    ran = run("../mail.toml")
    assert (ran.code, ran.out[:1]) == (Exit.CONVERTED, "i")
    assert "| table" not in ran.out
    assert "| table" in run("../mail.toml", "--no-bare").out
    assert run("../mail.toml", "-t", "sigma").out.startswith("# Who reads mail\n")
    assert "`o365_management_activity`" in run("../mail.toml", "--fields", "native").out
    (project / "other.toml").write_text('targets = ["sigma"]\nsigma-case = "exact"\nfields = "ecs"\n')
    assert "|cased" in run("../mail.toml", "--config", "../other.toml").out
    assert "|cased" not in run("../mail.toml", "--config", "../other.toml", "--sigma-case", "insensitive").out


def test_own_names_of_indexes_and_macros(project: Path) -> None:
    settings(project, 'targets = ["splunk"]\n[macros]\no365_management_activity = "our_mail"\n')
    assert "`our_mail`" in run("../mail.toml").out
    settings(project, 'targets = ["splunk"]\n[index]\n"o365.audit" = "cloud_logs"\n')
    out = run("../mail.toml").out
    assert "index=cloud_logs" in out.replace('"', "")
    assert "o365_management_activity" not in out


def test_mapping_counts_from_the_settings_file(project: Path) -> None:
    (project / "tables").mkdir()
    (project / "tables" / "own.yaml").write_text(run("fields", "init", "o365.audit").out)
    settings(project, 'targets = ["splunk"]\nmapping = "tables/own.yaml"\n')
    assert run("../mail.toml").code == Exit.CONVERTED


def test_error_settings_are_coded_and_placed(project: Path) -> None:
    text = 'target = ["splunk"]\nfacts = "sure"\nbare = 1\n[formats]\nsplunk = 3\n'
    settings(project, text)
    ran = run("../mail.toml", "-t", "splunk")
    assert ran.code == Exit.USAGE
    path = (project / "siemglot.toml").as_posix()
    for place, code in (("1:1", "F041"), ("2:1", "F009"), ("3:1", "F008"), ("5:1", "F008")):
        assert f"{path}:{place}: error[{code}]" in ran.err
    assert "hint: did you mean targets?" in ran.err
    settings(project, "targets = [")
    assert "siemglot.toml:1:12: error[F004]" in run("../mail.toml").err
    missing = run("../mail.toml", "--config", "nowhere.toml")
    assert (missing.code, "error[F001]" in missing.err) == (Exit.USAGE, True)


def test_format_by_target(project: Path) -> None:
    ran = run("../mail.toml", "-t", "splunk,sentinel", "--format", "splunk=savedsearches,sentinel=yaml", "-o", "out")
    assert ran.code == Exit.CONVERTED, ran.err
    assert {p.suffix for p in (project / "below" / "out").iterdir()} == {".conf", ".yaml"}
    again = run("../mail.toml", "-t", "splunk", "-t", "sentinel", "--format", "sentinel=yaml", "-o", "more")
    assert again.code == Exit.CONVERTED, again.err
    assert {p.suffix for p in (project / "below" / "more").iterdir()} == {".spl", ".yaml"}
    assert "error[T003]" in run("../mail.toml", "-t", "splunk", "--format", "sentinel=yaml").err
    assert "error[T003]" in run("../mail.toml", "-t", "splunk,sentinel", "--format", "yaml").err


def test_all_sources_is_an_artifact_a_data_set(project: Path) -> None:
    rule = RULE.replace("event.dataset: o365.audit and event.action: MailItemsAccessed and ", "").replace(
        '["logs-o365.audit-*"]', '["logs-okta.system-*", "logs-aws.cloudtrail-*"]'
    )
    (project / "several.toml").write_text(rule)
    ran = run("../several.toml", "-t", "splunk", "--all-sources", "-o", "out", "--report", "json")
    assert ran.code == Exit.CONVERTED, ran.err
    names = sorted(p.name for p in (project / "below" / "out").iterdir() if p.suffix == ".spl")
    assert names == ["several.aws.cloudtrail.spl", "several.okta.system.spl"]
    assert len({(project / "below" / "out" / name).read_text() for name in names}) == 2
    alone = run("../mail.toml", "-t", "splunk", "--all-sources")
    assert alone.out.partition("\n")[2] == run("../mail.toml", "-t", "splunk").out


def test_data_models_are_bindings_where_tables_have_them(project: Path) -> None:
    rule = """
[rule]
name = "A program"
type = "eql"
language = "eql"
index = ["logs-endpoint.events.process-*"]
query = 'process where host.os.type == "linux" and event.type == "start" and process.name == "nc"'
"""
    (project / "program.toml").write_text(rule)
    cim = run("../program.toml", "-t", "splunk", "--fields", "cim")
    assert (cim.code, "nc" in cim.out) == (Exit.CONVERTED, True), cim.err
    assert cim.out != run("../program.toml", "-t", "splunk").out
    asim = run("../program.toml", "-t", "sentinel", "--fields", "asim")
    assert (asim.code, "nc" in asim.out) == (Exit.CONVERTED, True), asim.err
    assert "error[T002]" in run("../program.toml", "-t", "sigma", "--fields", "cim").err
    assert "error[T002]" in run("../program.toml", "-t", "splunk", "--fields", "asim").err


@pytest.mark.parametrize("option", ["facts", "args", "sigma-case", "unmapped", "new-terms"])
def test_error_words_of_options_are_checked_once(option: str) -> None:
    ran = run(SEED, "-t", "splunk", f"--{option}", "sure")
    assert ran.code == Exit.USAGE
    assert ran.err.count(f"error[T005]: {option} cannot be 'sure'") == 1


@pytest.mark.parametrize("name", ["", "acme.audit", "o365.audit", "endpoint.process.windows"])
def test_starter_is_a_mapping_as_it_stands(name: str) -> None:
    text = run("fields", "init", name).out if name else run("fields", "init").out
    assert text.startswith("# ")
    (table,) = load_mapping(text, "starter.yaml", builtin())
    assert table.name == (name or "vendor.product")
    assert yaml.safe_load(text)


def test_error_starter_for_what_is_no_name() -> None:
    ran = run("fields", "init", "it's {odd}")
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert "error[T005]" in ran.err


def test_starter_serves_a_rule(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(run("fields", "init", "acme.audit").out)
    rule = converter.parse_rule(RULE.replace("o365.audit", "acme.audit").replace("MailItemsAccessed", "user-login"))
    for target in ("splunk", "sentinel", "sigma"):
        artifact = converter.convert(rule, target, "native", mapping=path)
        assert artifact.dataset == "acme.audit", artifact.diagnostics
        assert artifact.status != "refused", artifact.diagnostics


def test_settings_that_nobody_named_run_no_code(project: Path) -> None:
    trap = project / "below" / "target.py"
    trap.write_text("raise SystemExit(77)\n")
    settings(project, 'targets = ["target.py"]\n')
    found = run("../mail.toml")
    assert found.code == Exit.USAGE
    assert found.err == (
        f"{(project / 'siemglot.toml').as_posix()}: error[T008]: the settings name the Python file target.py, "
        "which would be run\n  hint: --to target.py if you trust it\n"
    )


def test_a_file_is_no_target_of_the_package(project: Path) -> None:
    text = (ROOT / "examples" / "toy_target.py").read_text("utf-8")
    twin = project / "twin.py"
    twin.write_text(text.replace('name="toy"', 'name="splunk"'), "utf-8")
    found = run("../mail.toml", "--to", str(twin))
    assert found.code == Exit.USAGE
    assert found.err == f"{twin}: error[T009]: the target calls itself splunk, which is another target's name\n"
