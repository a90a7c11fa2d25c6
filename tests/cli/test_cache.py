"""A run with a cache says and writes what a run without says and writes, whatever the cache holds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from caching import ACME, BUILD, CONVERT, EXCEPTIONS, FILTER, MAPPING, Project, rule
from command import run
from shared import ROOT, corpus_rules, needs_shared

from converter.cli.exit import Exit
from converter.rulefile import read_path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIEMGLOT_CACHE", str(made.cache))
    return made


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose rules are really converted, in this process."""
    from converter.build import work
    from converter.cli import conversion

    done: list[str] = []
    for module, name, file in (
        (conversion, "conversion", lambda entry: entry.input.name),
        (work, "work", lambda item: item.path),
    ):
        real = getattr(module, name)

        def counted(one: object, *rest: object, real: object = real, file: object = file) -> object:
            assert callable(real)
            assert callable(file)
            done.append(Path(file(one)).name)
            return real(one, *rest)

        monkeypatch.setattr(module, name, counted)
    return done


COMMANDS = {
    "folder": (*CONVERT, "-o", "out"),
    "verbose": (*CONVERT, "-o", "out", "-v"),
    "quiet": (*CONVERT, "-o", "out", "-q"),
    "stdout": CONVERT,
    "one": ("convert", "rules/r0.toml", "-t", "splunk"),
    "every source": (*CONVERT, "--all-sources", "-o", "out"),
    "strict": (*CONVERT, "--strict", "--strict-schema", "-o", "out"),
    "wishes": (*CONVERT, "--fields", "ecs", "--facts", "strict", "--bare", "--args", "words", "-o", "out"),
    "format": (*CONVERT, "--format", "sentinel=yaml", "-o", "out"),
    "source": (*CONVERT, "--source", "nothing.known", "-o", "out"),
    "build": BUILD,
    "build formats": (*BUILD, "--format", "sentinel=arm,sentinel=yaml,splunk=savedsearches"),
    "build filter": (*BUILD, "--severity", "!high", "--report", "json", "--report", "sarif"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_says_and_writes_the_same(project: Project, command: Sequence[str]) -> None:
    plain = project.afresh((*command, "--no-cache"))
    assert not project.cache.exists()
    assert project.afresh(command) == plain
    assert (project.cache / "runs").exists()
    assert project.afresh(command) == plain
    again = project.run((*command, "--no-cache"))
    assert project.run(command) == again  # over what stands there already


@pytest.mark.parametrize("command", [COMMANDS["folder"], COMMANDS["build"]])
def test_progress_is_the_same(project: Project, command: Sequence[str]) -> None:
    plain = project.afresh((*command, "--no-cache"), terminal=True)
    assert "[####" in plain[0].err
    for _ in range(2):
        assert project.afresh(command, terminal=True) == plain


@pytest.mark.parametrize("more", [("--check",), ("--diff",)])
def test_nothing_is_written_where_nothing_is_to_be_written(project: Project, more: Sequence[str]) -> None:
    command = (*COMMANDS["folder"], *more)
    for state in ("missing", "there", "changed"):
        if state == "there":
            run(*COMMANDS["folder"])
        elif state == "changed":
            (project.folder / "out" / "r0.spl").write_text("other")
        plain = project.run((*command, "--no-cache"))
        assert plain[0].code == (0 if state == "there" else 1)
        assert project.run(command) == plain
        assert project.run(command) == plain


def changed(project: Project) -> None:
    project.write("r0.toml", rule(0, query="user.id: changed"))


def removed(project: Project) -> None:
    project.remove("r0.toml")


def added(project: Project) -> None:
    project.write("new.toml", rule(20))


def moved(project: Project) -> None:
    (project.folder / "rules" / "r0.toml").rename(project.folder / "rules" / "deep" / "r0.toml")


def same_name(project: Project) -> None:
    project.write("a copy.toml", rule(0, rule_id="another", day=2))


def same_name_that_is_older(project: Project) -> None:
    project.write("z copy.toml", rule(0, rule_id="another", query="user.id: other").replace("2024/01/01", "2020/01/01"))


def same_id(project: Project) -> None:
    project.write("a copy.toml", rule(0, name="Another", day=2))


def name_that_a_tag_would_give(project: Project) -> None:
    project.write("z1.toml", rule(0, rule_id="another", day=2))
    project.write("z2.toml", rule(0, rule_id="third", name="Rule 0 (another)"))


def exceptions(project: Project) -> None:
    project.write("exceptions.toml", EXCEPTIONS)


def exceptions_and_a_copy(project: Project) -> None:
    exceptions(project)
    project.write("listed copy.toml", (project.folder / "rules" / "listed.toml").read_text("utf-8"))


def sigma_filter(project: Project) -> None:
    project.write("filter.yml", FILTER)


def second_rule_in_a_file(project: Project) -> None:
    lines = [json.dumps({"rule_id": f"j{n}", "name": f"J {n}", "type": "query", "query": "a: 1"}) for n in range(2)]
    project.write("export.ndjson", "\n".join(lines) + "\n")


def settings(project: Project) -> None:
    (project.folder / "siemglot.toml").write_text('fields = "ecs"\n[macros]\nx = "y"\n', "utf-8")


CHANGES = (
    changed,
    removed,
    added,
    moved,
    same_name,
    same_name_that_is_older,
    same_id,
    name_that_a_tag_would_give,
    exceptions,
    exceptions_and_a_copy,
    sigma_filter,
    second_rule_in_a_file,
    settings,
)


@pytest.mark.parametrize("command", [COMMANDS["verbose"], COMMANDS["build"]], ids=["convert", "build"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changed_is_seen_and_seen_again_when_it_is_changed_back(
    project: Project, command: Sequence[str], change: Callable[[Project], None]
) -> None:
    rules = project.folder / "rules"
    before = {p: p.read_bytes() for p in rules.rglob("*") if p.is_file()}
    plain = project.afresh((*command, "--no-cache"))
    assert project.afresh(command) == plain
    change(project)
    after = project.afresh((*command, "--no-cache"))
    assert after != plain
    for _ in range(3):
        assert project.afresh(command) == after
    (project.folder / "siemglot.toml").unlink(missing_ok=True)
    for path in rules.rglob("*"):
        if path.is_file():
            path.unlink()
    for path, data in before.items():
        path.write_bytes(data)
    for _ in range(2):
        assert project.afresh(command) == plain


@pytest.mark.parametrize("command", [COMMANDS["verbose"], COMMANDS["build"]], ids=["convert", "build"])
def test_a_rule_gets_another_tag_another_folder_and_none(project: Project, command: Sequence[str]) -> None:
    steps: list[Callable[[], None]] = [
        lambda: project.write("z1.toml", rule(0, rule_id="another", day=2)),
        lambda: project.write("z2.toml", rule(0, rule_id="third", name="Rule 0 (another)")),
        lambda: project.write("z3.toml", rule(0, rule_id="another", name="Rule 0", day=3)),
        lambda: project.remove("z1.toml"),
        lambda: project.remove("r0.toml"),
    ]
    seen = [project.afresh((*command, "--no-cache"))]
    assert project.afresh(command) == seen[0]
    for step in steps:
        step()
        plain = project.afresh((*command, "--no-cache"))
        for _ in range(2):
            assert project.afresh(command) == plain
        assert plain not in seen
        seen.append(plain)
    below = tuple("rules/deep" if word == "rules" else word for word in command)
    plain = project.afresh((*below, "--no-cache"))
    assert project.afresh(below) == plain


@pytest.mark.parametrize("command", [CONVERT, BUILD], ids=["convert", "build"])
@pytest.mark.parametrize("named", ["option", "settings"])
def test_a_mapping_that_changed_is_seen(project: Project, command: Sequence[str], named: str) -> None:
    table = project.folder / "own.yaml"
    project.write("acme.toml", ACME.format(name="Acme", rule_id="acme", day=1, more="", query="event.action: start"))
    if named == "settings":
        (project.folder / "siemglot.toml").write_text('mapping = "own.yaml"\n', "utf-8")
    command = (*command, "-o", "out", *(("--mapping", "own.yaml") if named == "option" else ()))
    seen = []
    for text in (MAPPING, MAPPING.replace("values Op", "values Operation"), MAPPING):
        table.write_text(text, "utf-8")
        plain = project.afresh((*command, "--no-cache"))
        seen.append(plain)
        for _ in range(3):
            assert project.afresh(command) == plain
    assert seen[0] == seen[2] != seen[1]
    table.unlink()
    plain = project.afresh((*command, "--no-cache"))
    assert plain[0].code == Exit.USAGE
    assert project.afresh(command) == plain


@pytest.mark.parametrize("command", [COMMANDS["folder"], COMMANDS["build"]], ids=["convert", "build"])
def test_only_what_changed_is_converted(project: Project, converted: list[str], command: Sequence[str]) -> None:
    always = ["broken.toml", "sigma.yml"]
    same_name(project)
    project.afresh(command)
    assert len(converted) == 14
    for change, wanted in ((None, []), (changed, ["r0.toml"]), (added, ["new.toml"]), (removed, ["a copy.toml"])):
        converted.clear()
        if change is not None:
            change(project)
        project.afresh(command)
        # without the rule whose name it shares, the copy has no tag
        assert sorted(converted) == sorted([*always, *wanted])


def test_a_folder_below_the_working_directory(
    project: Project, converted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIEMGLOT_CACHE", "some/where")
    for _ in range(2):
        converted.clear()
        project.afresh(COMMANDS["folder"])
    assert sorted(converted) == ["broken.toml", "sigma.yml"]
    assert list((project.folder / "some" / "where").rglob("*.pack"))


@pytest.mark.parametrize("command", [CONVERT, BUILD], ids=["convert", "build"])
def test_the_same_mapping_under_another_name_is_another(project: Project, command: Sequence[str]) -> None:
    project.write("acme.toml", ACME.format(name="Acme", rule_id="acme", day=1, more="", query="event.action: start"))
    report = ("--report", "json") if command is BUILD else ()
    for name in ("one.yaml", "two.yaml"):
        (project.folder / name).write_text(MAPPING, "utf-8")
        whole = (*command, "-o", "out", "-v", "--mapping", name, *report)
        plain = project.afresh((*whole, "--no-cache"))
        for _ in range(2):
            assert project.afresh(whole) == plain


def test_a_rule_that_is_told_apart_is_kept_too(project: Project, converted: list[str]) -> None:
    same_id(project)
    same_name_that_is_older(project)
    for _ in range(2):
        converted.clear()
        project.afresh(COMMANDS["verbose"])
    assert sorted(converted) == ["broken.toml", "sigma.yml"]


@pytest.mark.parametrize("command", [COMMANDS["folder"], COMMANDS["build"]], ids=["convert", "build"])
def test_a_fault_of_ours_is_not_kept(project: Project, monkeypatch: pytest.MonkeyPatch, command: Sequence[str]) -> None:
    from converter import api

    real = api.convert

    def faulty(rule: object, *rest: object, **more: object) -> object:
        if getattr(getattr(rule, "meta", None), "name", "") == "Rule 1":
            raise ZeroDivisionError("by us")
        return real(rule, *rest, **more)  # type: ignore[arg-type]

    plain = project.afresh((*command, "--no-cache"))
    with monkeypatch.context() as patch:
        patch.setattr(api, "convert", faulty)
        assert project.afresh(command)[0].code == Exit.INTERNAL
        assert project.afresh(command)[0].code == Exit.INTERNAL
    assert project.afresh(command) == plain


def emptied(pack: Path) -> None:
    pack.write_bytes(b"")


def halved(pack: Path) -> None:
    data = pack.read_bytes()
    pack.write_bytes(data[: len(data) // 2])


def spoilt(pack: Path) -> None:
    """Every entry is still there, and none of them is whole."""
    pack.write_bytes(re.sub(rb" (\d+)\n", lambda found: b" %d\n" % (int(found[1]) ^ 1), pack.read_bytes()))


def other(pack: Path) -> None:
    pack.write_bytes(bytes(byte ^ 0x55 for byte in pack.read_bytes()))


def a_folder(pack: Path) -> None:
    pack.unlink()
    pack.mkdir()


def a_link(pack: Path) -> None:
    pack.rename(pack.with_suffix(".old"))
    pack.symlink_to(pack.with_suffix(".old"))


@pytest.mark.parametrize("command", [COMMANDS["verbose"], COMMANDS["build"]], ids=["convert", "build"])
@pytest.mark.parametrize("harm", [emptied, halved, spoilt, other, a_folder, a_link], ids=lambda harm: harm.__name__)
def test_a_broken_entry_is_as_good_as_none(
    project: Project, converted: list[str], command: Sequence[str], harm: Callable[[Path], None]
) -> None:
    plain = project.afresh((*command, "--no-cache"))
    project.afresh(command)
    for pack in (project.cache / "runs").rglob("*.pack"):
        harm(pack)
    for path in (project.cache / "programs").iterdir():
        path.write_text("broken")
    assert project.afresh(command) == plain
    converted.clear()
    assert project.afresh(command) == plain
    assert sorted(converted) == ["broken.toml", "sigma.yml"]


def entries_of(pack: Path, change: Callable[[bytes], bytes]) -> None:
    """Write a pack whose entries are whole and say something else."""
    from converter.cache.pack import packed, record, unpacked

    found = unpacked(pack.read_bytes())
    pack.write_bytes(packed({key: record(key, change(one.data), one.day) for key, one in found.items()}))


@pytest.mark.parametrize("command", [COMMANDS["verbose"], COMMANDS["build"]], ids=["convert", "build"])
@pytest.mark.parametrize(
    "change",
    [
        lambda _data: b"null",
        lambda _data: b'{"Head":["a","b","c","d","e",false]}',
        lambda _data: b'{"_Entry":[{"Head":["a","b","c","d","e",false]},3]}',
        lambda data: data.replace(b'"Part":[', b'"Part":[3,'),
        lambda data: b"z" + data,
    ],
    ids=range(5),
)
def test_an_entry_of_another_shape_is_as_good_as_none(
    project: Project, command: Sequence[str], change: Callable[[bytes], bytes]
) -> None:
    plain = project.afresh((*command, "--no-cache"))
    project.afresh(command)
    for pack in (project.cache / "runs").rglob("*.pack"):
        entries_of(pack, change)
    assert project.afresh(command) == plain


@pytest.mark.parametrize("how", ["off", "none", "read-only", "a file", "full"])
def test_without_a_place_it_is_done_without(
    project: Project, monkeypatch: pytest.MonkeyPatch, how: str, tmp_path: Path
) -> None:
    plain = project.afresh((*COMMANDS["folder"], "--no-cache"))
    match how:
        case "off":
            monkeypatch.setenv("SIEMGLOT_CACHE", "off")
        case "none":
            for name in ("SIEMGLOT_CACHE", "XDG_CACHE_HOME", "HOME", "USERPROFILE"):
                monkeypatch.delenv(name, raising=False)
        case "a file":
            project.cache.write_text("no folder")
        case _:
            from converter import atomic

            def refused(path: Path, *_: object) -> None:
                raise OSError(28 if how == "full" else 30, "refused", str(path))

            monkeypatch.setattr(atomic, "replace", refused)
            monkeypatch.setattr("converter.build.files.atomic", type("Atomic", (), {"replace": staticmethod(put)}))
    for _ in range(2):
        assert project.afresh(COMMANDS["folder"]) == plain
    assert not list(tmp_path.rglob("*.pack"))


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_a_disk_that_is_full_stops_no_run(project: Project) -> None:
    """In a process of its own: files may have no more bytes than an artifact has."""
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from converter.cli import main; main(sys.argv[1:])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script, *COMMANDS["folder"]], env=environment, capture_output=True, check=False
        )
        assert done.returncode == 1
        assert b"wrote" in done.stderr
        assert b"cannot be written" not in done.stderr
    assert not [path for path in project.cache.rglob("*") if path.is_file() and path.stat().st_size > 100]


@pytest.mark.parametrize(
    "more",
    [
        ("--report", "json"),
        ("--verify",),
        ("--format", "splunk=app"),
        ("-t", "sigma:splunk"),
        ("-t", "own.py"),
        ("-",),
    ],
    ids=lambda more: more[-1],
)
def test_what_is_not_kept(project: Project, more: Sequence[str]) -> None:
    toy = (ROOT / "examples" / "toy_target.py").read_text("utf-8")
    (project.folder / "own.py").write_text(toy, "utf-8")
    command = ("convert", "rules/r0.toml", "rules/r3.toml", "-t", "splunk", "-o", "out", *more)
    plain = project.afresh((*command, "--no-cache"))
    for _ in range(2):
        assert project.afresh(command) == plain
    assert not list(project.cache.rglob("*.pack"))


def test_a_build_with_a_bundle_keeps_nothing(project: Project) -> None:
    command = (*BUILD, "--format", "splunk=app")
    plain = project.afresh((*command, "--no-cache"))
    for _ in range(2):
        assert project.afresh(command) == plain
    assert not list(project.cache.rglob("*.pack"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only a system that can fork shares the work")
@pytest.mark.parametrize("command", [COMMANDS["verbose"], COMMANDS["build"]], ids=["convert", "build"])
def test_several_processes_fill_what_one_fills(project: Project, converted: list[str], command: Sequence[str]) -> None:
    for number in range(30, 90):
        project.write(f"n{number}.toml", rule(number))
    shared = tuple("2" if word == "1" else word for word in command)
    plain = project.afresh((*command, "--no-cache"))
    assert project.afresh(shared) == plain
    converted.clear()
    assert project.afresh(command) == plain
    assert project.afresh(shared) == plain
    assert sorted(set(converted)) == ["broken.toml", "sigma.yml"]


def test_a_warm_run_imports_no_stage(project: Project) -> None:
    for name in ("broken.toml", "sigma.yml", "no rule.yml"):
        project.remove(name)
    same_name(project)
    script = (
        "import sys; from converter.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sorted(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, *COMMANDS["quiet"]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = [subprocess.run(command, env=environment, capture_output=True, text=True, check=False) for _ in range(2)]
    first, second = (set(done.stderr.splitlines()[-1].split()) for done in runs)
    rooms = ("converter.api", "converter.datasets", "converter.readers", "backends", "tomli", "sigma")
    assert first >= set(rooms)
    assert [name for name in second for room in rooms if name == room or name.startswith(f"{room}.")] == []
    assert not {"converter.target.contract", "converter.model.predicate", "converter.rulefile.collection"} & second


@needs_shared
@pytest.mark.parametrize("command", ["convert", "build"])
def test_rules_of_the_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, converted: list[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIEMGLOT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "rules").mkdir()
    for number, path in enumerate(corpus_rules(25)):
        (tmp_path / "rules" / f"{number}_{path.name}").write_bytes(path.read_bytes())
    project = Project.__new__(Project)
    project.folder, project.cache = tmp_path, tmp_path / "cache"
    arguments = (command, "rules", "-j", "1", "-t", "splunk,sentinel,sigma,python", "-o", "out", "-v")
    plain = project.afresh((*arguments, "--no-cache"))
    assert project.afresh(arguments) == plain
    converted.clear()
    assert project.afresh(arguments) == plain
    unread = [name for name in converted if not readable(tmp_path / "rules" / name)]
    assert converted == unread


def readable(path: Path) -> bool:
    from converter.diagnostics.errors import ConverterError

    try:
        read_path(path)
    except ConverterError:
        return False
    return True
