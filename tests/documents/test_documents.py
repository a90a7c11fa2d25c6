"""What the documents say is run, and what they list is complete."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from command import run
from shared import ROOT

from converter.api import field_bindings
from converter.cli.exit import Exit
from converter.cli.settings import FLAGS, WORDS, read
from converter.target import registry

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")])


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table whose first column is headed so."""
    table = README.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the repository and may be written to."""
    for name in ("rules", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("siemglot")])
@pytest.mark.usefixtures("checkout")
def test_command_of_the_readme(command: str) -> None:
    ran = run(*shlex.split(command)[1:])
    assert ran.code == Exit.CONVERTED, ran.err
    assert ran.out or " -o " in command or "--check" in command


def of_the_sentinel_page() -> list[str]:
    page = (ROOT / "docs" / "sentinel.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("command", of_the_sentinel_page())
@pytest.mark.usefixtures("checkout")
def test_command_of_the_sentinel_page(command: str) -> None:
    ran = run(*shlex.split(command)[1:])
    assert ran.code == Exit.CONVERTED, ran.err
    folder = Path(shlex.split(command)[-1])
    assert [p for p in folder.rglob("*") if p.suffix in {".json", ".bicep"}]


def test_make_targets_of_the_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    named = {
        "".join(n)
        for d in DOCUMENTS
        for n in re.findall(r"`make ([a-z0-9-]+)`|^make ([a-z0-9-]+)$", d.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named |= set(re.findall(r"^make ([a-z0-9-]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test", "lint"} <= named
    assert named <= targets
    assert set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()) <= targets  # type: ignore[index]


def test_python_of_the_readme(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(code, {})  # noqa: S102 - the example of the README
    printed = capsys.readouterr().out
    assert printed.startswith("exact collection_exchange_excessive_mail_items_accessed.spl\n")
    assert printed.endswith("[False, False]\n")
    assert checkout.is_dir()


def test_exit_codes_of_the_readme() -> None:
    assert [int(code) for code, _ in rows("exit code")] == [e.value for e in Exit]


def test_targets_of_the_readme() -> None:
    documented = {cells[0].strip("`"): cells for cells in rows("target")}
    judged = {name for name in registry.builtin_names() if registry.load(name).judges}
    assert judged <= set(documented) <= set(registry.builtin_names())
    for name, (_, _, files, fields) in documented.items():
        target = registry.load(name)
        assert set(re.findall(r"`(\.[\w.]+)`", files)) == {target.suffix, *target.suffixes.values()}
        assert set(fields.split(", ")) == set(field_bindings(target))


def test_options_of_the_readme() -> None:
    known = set(re.findall(r"--[a-z-]+|(?<=\s)-[a-z](?=,)", run("convert", "--help").out))
    named = set(re.findall(r"`(-{1,2}[a-z-]+)", " ".join(cells[0] for cells in rows("option"))))
    assert named <= known
    unsaid = {"--help", "-h", "--output", "--quiet", "--verbose", "--new-terms", "--to", "--best-source"}
    assert {name for name in known - named if not name.startswith("--no-")} <= unsaid


def test_settings_of_the_readme(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "siemglot.toml"
    path.write_text(text)
    settings = read(path)
    assert (settings.targets, settings.mapping) == (("splunk", "sentinel"), (tmp_path / "tables" / "ours.yaml",))
    assert settings.formats == {"splunk": ("app", "contentctl"), "sentinel": ("yaml",)}
    listed = set(re.findall(r"[a-z]+(?:-[a-z]+)*", " ".join(re.findall(r"# also: (.*)", text))))
    assert listed | {"facts", "bare"} == {*WORDS, *FLAGS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8")):
        if not link.startswith("http"):
            assert (document.parent / link.split("#")[0]).exists(), link


def test_example_artifacts_are_up_to_date(checkout: Path) -> None:
    folder = "examples/four_artifacts"
    others = {name for name in registry.builtin_names() if registry.load(name).judges} - {"elastic"}  # it is Elastic's
    judged = ",".join(sorted(others))
    ran = run(f"{folder}/mailbox_permission_added.toml", "--to", judged, "-o", folder, "--diff")
    assert ran.code == Exit.CONVERTED, ran.err
    assert len(list((checkout / folder).iterdir())) == 5


def test_example_job(checkout: Path) -> None:
    shutil.rmtree(checkout / "rules" / "samples")  # one feature each: some targets refuse some
    job = yaml.safe_load((ROOT / "examples" / "ci.yml").read_text(encoding="utf-8"))["jobs"]["convert"]
    (command,) = [s["run"] for s in job["steps"] if s.get("run", "").startswith("siemglot")]
    stale = run(*shlex.split(command)[1:])
    assert stale.code == Exit.REFUSED
    assert "F024" in stale.err
    assert Path("report.html").is_file()
    written = [word for word in shlex.split(command)[1:] if word != "--diff"]
    assert run(*written).code == Exit.CONVERTED
    assert run(*shlex.split(command)[1:]).code == Exit.CONVERTED


def test_example_toy_target() -> None:
    rule = ROOT / "examples" / "four_artifacts" / "mailbox_permission_added.toml"
    ran = run(str(rule), "--to", str(ROOT / "examples" / "toy_target.py"))
    assert ran.code == Exit.REFUSED  # it has no words for a wildcard
    assert "mailbox_permission_added.toml:25:19: error[T006]" in ran.err
