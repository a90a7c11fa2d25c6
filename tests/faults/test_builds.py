"""A build that is killed, interrupted, or refused by the system: no half file, no wrong lock, and the next run repairs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from shared import ROOT

from converter.build import pending
from converter.build.lock import read

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, limits and mounts as POSIX has them")

RULE = (ROOT / "tests" / "cli" / "rules" / "cmd.toml").read_text(encoding="utf-8")
MANY = 44  # more than one process works on them
SABOTAGE = """
import os, signal, sys, time
move, moves = os.replace, 0
def replace(source, place):
    global moves
    moves += 1
    if moves == {at} and {when!r} == "before":
        {what}
    move(source, place)
    if moves == {at} and {when!r} == "after":
        {what}
os.replace = replace
from converter.cli import main
main(sys.argv[1:])
"""
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
INTERRUPTED = "os.kill(os.getpid(), signal.SIGINT); time.sleep(0.01)"


class Project:
    """A folder with rules, in which processes build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "rules").mkdir()
        for number in range(MANY):
            self.rule(number)

    def rule(self, number: int, program: str = "powershell.exe") -> None:
        """Write a rule."""
        text = RULE.replace("Command shell", f"rule {number}").replace("powershell.exe", program)
        (self.folder / "rules" / f"{number}.toml").write_text(
            text.replace("[rule]", f'[rule]\nrule_id = "id-{number}"')
        )

    def remove(self, *numbers: int) -> None:
        """Remove rules."""
        for number in numbers:
            (self.folder / "rules" / f"{number}.toml").unlink()

    def start(
        self, *options: str, script: str = "", output: str = "out", environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Begin a build in a process group of its own; `script` runs in place of the command."""
        command = ["-c", script] if script else ["-m", "converter"]
        arguments = ["build", "rules", "-t", "python", "-o", output, "--report", "none", *options]
        return subprocess.Popen(
            [sys.executable, *command, *arguments],
            cwd=self.folder,
            env={**_unmeasured(os.environ if environment is None else environment), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_interruptible,  # noqa: PLW1509  # no threads run here
        )

    def build(self, *options: str, script: str = "", output: str = "out") -> tuple[int, str]:
        """Build; exit code and stderr."""
        process = self.start(*options, script=script, output=output)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    def broken_off(self, at: int, when: str, what: str = KILLED, output: str = "out") -> tuple[int, str]:
        """A build to which something happens before or after it moves the n-th file to its place."""
        return self.build(script=SABOTAGE.format(at=at, when=when, what=what), output=output)

    def files(self, output: str = "out") -> dict[str, bytes]:
        """Every file below a folder."""
        folder = self.folder / output
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    def status(self, output: str = "out") -> str:
        """What `status` says."""
        command = [sys.executable, "-m", "converter", "status", "rules", "-t", "python", "-o", output]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=True, timeout=300
        ).stdout


def _unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """Without coverage: a process that is killed leaves none, and counting makes it slow."""
    return {name: value for name, value in environment.items() if name != "COVERAGE_PROCESS_CONFIG"}


def _interruptible() -> None:
    """A run of the tests in the background is one that ignores interruptions, and what it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def whole(found: Mapping[str, bytes], *states: Mapping[str, bytes]) -> None:
    """Every file is that of one of some builds; what is half written has a name that no build reads."""
    for path, data in found.items():
        name = path.rpartition("/")[2]
        if not (name == pending.FILE or (name.startswith(".") and name.endswith(".siemglot"))):
            assert data in [state.get(path) for state in states], path


# ---- killed


# The first file that is moved is the word of what is begun, then come the artifacts, then the lock.
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, "before"), (1, "after")),
        ((2, "before"), (20, "after")),
        ((5, "after"), (25, "before")),
        ((30, "before"), (2, "after")),
    ],
)
def test_killed_and_killed_again(project: Project, first: tuple[int, str], second: tuple[int, str]) -> None:
    assert project.build()[0] == 0
    before = project.files()
    for number in range(MANY - 10):
        project.rule(number, "pwsh.exe")
    project.remove(MANY - 1, MANY - 2)
    project.rule(MANY)
    assert project.build(output="middle")[0] == 0
    middle = project.files("middle")
    code, _ = project.broken_off(*first)
    assert code == -signal.SIGKILL
    whole(project.files(), before, middle)
    assert project.files()["siemglot.lock"] == before["siemglot.lock"]
    assert project.status() != "up to date\n"

    # What the killed build may have written is ours to replace and to remove, whichever of its files came so far.
    project.remove(0, 1, 2, MANY)
    project.rule(MANY - 5, "cscript.exe")
    assert project.build(output="clean")[0] == 0
    clean = project.files("clean")
    code, _ = project.broken_off(*second)
    assert code == -signal.SIGKILL
    whole(project.files(), before, middle, clean)
    assert project.files()["siemglot.lock"] == before["siemglot.lock"]
    code, said = project.build()
    assert code == 0
    assert "B002" not in said
    assert project.files() == clean
    assert project.status() == "up to date\n"


@pytest.mark.parametrize(("at", "when"), [(MANY + 1, "after"), (MANY + 2, "before"), (MANY + 2, "after")])
def test_killed_at_the_first_lock(project: Project, at: int, when: str) -> None:
    assert project.build(output="clean")[0] == 0
    clean = project.files("clean")
    assert project.broken_off(at, when)[0] == -signal.SIGKILL
    found = project.files()
    assert ("siemglot.lock" in found) == (when == "after" and at == MANY + 2)
    whole(found, clean)
    project.remove(7)
    assert project.build()[0] == 0
    assert project.build(output="clean")[0] == 0
    assert project.files() == project.files("clean")


def _children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children")
    return [int(word) for word in found.read_text().split()] if found.exists() else []


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _working(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a build shares its rules among, once they are there."""
    for _ in range(20_000):
        if len(found := _children(process.pid)) > 1:
            return found
        assert process.poll() is None
        time.sleep(0.01)
    pytest.fail("the build never shared its work")


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc")


@needs_proc
def test_killed_at_work_leaves_no_process(project: Project) -> None:
    process = project.start("-j", "2")
    workers = _working(process)
    process.kill()
    process.communicate(timeout=300)
    for _ in range(1500):
        if not any(map(_lives, workers)):
            break
        time.sleep(0.01)
    assert not any(map(_lives, workers))
    whole(project.files())
    assert project.build()[0] == 0


# ---- interrupted


SAID = "interrupted: no file is half written, and the next build completes this one\n"


@needs_proc
def test_interrupted_at_work(project: Project) -> None:
    process = project.start("-j", "2", "-q")
    workers = _working(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (130, SAID)
    assert not any(map(_lives, workers))
    assert project.files() == {}


@pytest.mark.parametrize(("at", "when"), [(1, "after"), (20, "before"), (20, "after"), (MANY + 2, "before")])
def test_interrupted_while_writing(project: Project, at: int, when: str) -> None:
    code, said = project.broken_off(at, when, INTERRUPTED)
    assert (code, said) == (130, SAID)
    found = project.files()
    assert "siemglot.lock" not in found
    assert not [path for path in found if path.endswith(".siemglot")]
    assert project.build(output="clean")[0] == 0
    whole(found, project.files("clean"))
    assert project.build()[0] == 0
    assert project.files() == project.files("clean")


# ---- refused by the system


def _mounted(place: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    return (
        shutil.which("mount") is not None and not subprocess.run(command, capture_output=True, check=False).returncode
    )


@pytest.fixture
def small_disk(project: Project) -> Iterator[Path]:
    """A file system of 96 KB at the place of the output folder."""
    place = project.folder / "out"
    place.mkdir()
    if not _mounted(place, "size=96k"):
        pytest.skip("mounting a file system is not permitted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full(project: Project, small_disk: Path) -> None:
    assert project.build(output="clean")[0] == 0
    clean = project.files("clean")
    code, said = project.build("-q")
    assert code == 2
    first, last = said.splitlines()
    assert first.endswith(": error[F022]: cannot be written: no space left on device")
    assert last == (
        "out: not everything could be written; the lock is that of the last build, and the next one completes this one"
    )
    found = project.files()
    whole(found, clean)
    assert "siemglot.lock" not in found
    assert not [path for path in found if path.endswith(".siemglot")]
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    assert project.build()[0] == 0
    assert project.files() == clean


def test_files_that_may_not_be_so_large(project: Project) -> None:
    """The lock of a build is larger than its artifacts: they are there, the lock is the old one."""
    assert project.build()[0] == 0
    before = project.files()
    project.rule(3, "pwsh.exe")
    limit = max(len(data) for path, data in before.items() if path != "siemglot.lock") + 1_000
    assert limit < len(before["siemglot.lock"])
    script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    code, said = project.build("-q", script=f"{script}import sys\nfrom converter.cli import main\nmain(sys.argv[1:])")
    assert code == 2
    assert said.startswith("out/siemglot.lock: error[F022]: cannot be written: file too large\n")
    after = project.files()
    assert after["siemglot.lock"] == before["siemglot.lock"]
    assert {path for path in after if after[path] != before.get(path)} == {"python/3.py", pending.FILE}
    assert project.status().startswith("a build was broken off: the next one completes it\n")
    assert project.build()[0] == 0
    assert project.status() == "up to date\n"


@pytest.fixture
def closed(project: Project) -> Iterator[Path]:
    """A folder with a build, which may be read only."""
    place = project.folder / "out"
    place.mkdir()
    mounted = os.geteuid() == 0  # root may write everywhere but on a file system that nobody may write
    if mounted and not _mounted(place, "size=50m"):
        pytest.skip("mounting a file system is not permitted here")
    assert project.build()[0] == 0
    if mounted:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    for folder in (place, place / "python") if not mounted else ():
        folder.chmod(0o555)
    yield place
    for folder in (place, place / "python") if not mounted else ():
        folder.chmod(0o755)
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


def test_a_folder_that_may_not_be_written(project: Project, closed: Path) -> None:
    before = project.files()
    project.rule(5, "pwsh.exe")
    code, said = project.build("-q", "--check")
    assert (code, said.count("error[B005]")) == (1, 2)  # the artifact and the lock
    why = "read-only file system" if os.geteuid() == 0 else "permission denied"
    code, said = project.build("-q")
    assert code == 2
    assert said.startswith(f"out/.siemglot.pending: error[F022]: cannot be written: {why}\nout: not everything")
    assert project.build("-q", output="out/new/deep") == (
        2,
        f"out/new/deep: error[F022]: cannot be written: {why}\n",
    )
    assert project.files() == before
    assert closed.is_dir()


# ---- two at once


HELD = "open('held', 'w').close()\n        while not os.path.exists('go'): time.sleep(0.01)"


def test_two_builds_never_mix(project: Project) -> None:
    one = project.start(script=SABOTAGE.format(at=20, when="before", what=HELD))
    try:
        for _ in range(20_000):
            if (project.folder / "held").exists():
                break
            time.sleep(0.01)
        project.rule(1, "pwsh.exe")
        found = project.files()
        for options, verb in ((("-q",), "using"), (("-q", "--check"), "writing to")):
            words = (
                f"out: error[B007]: another build is {verb} this folder\n"
                "  hint: wait until it has ended, or give this one another output folder\n"
            )
            assert project.build(*options) == (2, words)
        assert project.files() == found
    finally:
        (project.folder / "go").touch()
    _, said = one.communicate(timeout=300)
    assert one.returncode == 0, said
    lock = read(project.folder / "out" / "siemglot.lock")
    assert lock is not None
    assert set(lock.files) == set(project.files()) - {"siemglot.lock"}
    assert project.build()[1].endswith(" 2 written, 0 removed\n")


# ---- odd surroundings


ODD: Mapping[str, tuple[Mapping[str, str], Sequence[str]]] = {
    "another language, hash seed and zone": (
        {"LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295", "TZ": "Pacific/Chatham"},
        (),
    ),
    "no such zone, without assertions": ({"TZ": ":/no/such/zone", "PYTHONHASHSEED": "1"}, ("-O",)),
    "without docstrings": ({}, ("-OO",)),
    "one process": ({}, ()),
}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, bytes]]:
    """A build with every report, of rules in other scripts too."""
    project = Project(tmp_path_factory.mktemp("usual"))
    (project.folder / "rules" / "größer").mkdir()
    for path in sorted((ROOT / "rules" / "samples").glob("*.toml"))[::4]:
        shutil.copy(path, project.folder / "rules" / "größer")
    return project, surrounded(project, {}, (), ())


def surrounded(
    project: Project, environment: Mapping[str, str], flags: Sequence[str], options: Sequence[str]
) -> dict[str, bytes]:
    """What a build gives where there is nothing but the path, no home, and this environment."""
    shutil.rmtree(project.folder / "out", ignore_errors=True)
    targets = (
        "-t",
        "python,splunk",
        "-o",
        "out",
        "--report",
        "json,html,navigator,sarif,junit,markdown",
    )
    done = subprocess.run(
        [sys.executable, *flags, "-W", "error", "-m", "converter", "build", "rules", *targets, *options],
        cwd=project.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return project.files()


@pytest.mark.parametrize("name", ODD)
def test_surroundings_change_nothing(usual: tuple[Project, dict[str, bytes]], name: str) -> None:
    project, expected = usual
    environment, flags = ODD[name]
    found = surrounded(project, environment, flags, ("-j", "1") if name == "one process" else ())
    assert found.keys() == expected.keys()
    assert [path for path in found if found[path] != expected[path]] == []


def test_error_words_of_a_build_that_was_tampered_with(project: Project) -> None:
    out = project.folder / "out"
    out.mkdir()
    for text, said in (
        ("{", "error[B001]: it has not the shape that a build writes"),
        ('{"pending": 2, "files": {}}', "error[B001]: it has not the shape that a build writes"),
        ('{"pending": 1, "files": []}', "error[B001]: it has not the shape that a build writes"),
        (json.dumps({"pending": 1, "files": {"../x": ["0"]}}), "error[B003]: it names the file '../x', which is not"),
    ):
        (out / pending.FILE).write_text(text)
        code, err = project.build()
        assert code == 2
        assert err.startswith(f"out/{pending.FILE}: {said}"), err
        assert project.files() == {pending.FILE: text.encode()}


def test_names_beyond_utf8(project: Project) -> None:
    odd = os.fsdecode(os.fsencode(project.folder / "rules") + b"/b\xff\x1b[2J.toml")
    shutil.copy(project.folder / "rules" / "3.toml", odd)
    code, said = project.build("--report", "json,html,sarif,junit,markdown,navigator")
    assert code == 0, said
    assert "\x1b" not in said
    assert project.build()[1].endswith(" 0 written, 0 removed\n")
    assert project.status() == "up to date\n"
    Path(odd).unlink()
    assert project.build()[1].endswith(" 1 written, 1 removed\n")
