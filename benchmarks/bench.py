"""How fast it is, beside other tools and its goals: `make bench`. Prints tables in Markdown; asserts nothing.

    python -m benchmarks.bench [--runs 5] [--long-runs 1] [--only start,rules,corpus,growth,instructions]

`docs/performance.md` keeps the last tables. Needs the shared corpus (SIEMGLOT_SHARED). The other tool is sigma-cli,
beside the Python that runs this or at SIGMA_CLI; its figures are left out where it is not installed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import converter
from benchmarks.measure import ROOT, RUNS, Cost, cost, instructions
from converter import rulefile
from converter.diagnostics.errors import ConverterError

SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))
CORPUS = SHARED / "corpus" / "elastic-detection-rules"
SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"
TARGETS = ("splunk", "sentinel", "sigma", "python")
PROGRAM: tuple[str | Path, ...] = (sys.executable, "-m", "converter")
_MIB = 200
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_TIMES = 4


@dataclass(frozen=True, slots=True)
class Bench:
    """How often things are run."""

    runs: int
    long_runs: int


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table in Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


def _row(what: str, one: Cost, anchor: str = "", goal: str = "") -> tuple[str, ...]:
    return (what, f"{one.cpu:.3f}", f"{one.wall:.3f}", anchor, goal)


_HEAD = ("what", "CPU s", "wall s", "beside the anchor", "goal")


def start(bench: Bench, folder: Path) -> None:
    """What a user waits for before anything happens, and one rule: cold, and as an earlier run has kept it."""
    bare = cost([sys.executable, "-c", "pass"], bench.runs)
    typer = cost([sys.executable, "-c", "import typer"], bench.runs)
    helped = cost([*PROGRAM, "convert", "--help"], bench.runs)
    over = (helped.cpu - bare.cpu) / (typer.cpu - bare.cpu)
    rows = [
        _row("`python -c pass`", bare),
        _row("`python -c 'import typer'`", typer),
        _row("`python -c 'import converter'`", cost([sys.executable, "-c", "import converter"], bench.runs)),
        _row("`convert --help`", helped, f"{over:.1f} times typer over bare Python", "at most 3"),
    ]
    for target in TARGETS:
        one = cost([*PROGRAM, SEED, "--to", target], bench.runs)
        kept = {"SIEMGLOT_CACHE": str(folder / "cache")}
        cost([*PROGRAM, SEED, "--to", target], 1, environment=kept)
        warm = cost([*PROGRAM, SEED, "--to", target], bench.runs, environment=kept)
        for how, found in (("", one), (f", {WARM}", warm)):
            over_help = f"{found.cpu - helped.cpu:.3f} s over --help"
            rows.append(_row(f"the founding rule to {target}{how}", found, over_help, "at most 0.10"))
    table(_HEAD, rows)


def kueries() -> list[Path]:
    """The corpus's rules of one kuery query."""
    found = []
    for path in sorted(CORPUS.rglob("*.toml")):
        try:
            meta = rulefile.read_path(path).meta
        except ConverterError:
            continue
        if (meta.type, meta.language) == ("query", "kuery"):
            found.append(path)
    return found


def rules(bench: Bench, folder: Path) -> None:
    """Conversion of kuery rules, cold and with a warm cache, and sigma-cli's of as many Sigma rules: processes."""
    paths = kueries()
    ours = [*PROGRAM, *paths, "-j", "1", "--fields", "ecs", "-q"]
    splunk = cold_and_warm([*ours, "--to", "splunk"], folder / "splunk", bench.runs)
    four = cold_and_warm([*ours, "--to", ",".join(TARGETS)], folder / "four", bench.runs)
    sigma = os.environ.get("SIGMA_CLI") or shutil.which("sigma", path=str(Path(sys.executable).parent))
    theirs, count = _sigma(sigma, folder, bench) if sigma is not None else (None, 0)
    rows = []
    for what, targets, found, goal in (("splunk", 1, splunk, 5), ("four targets", len(TARGETS), four, 6)):
        for how, one in found.items():
            per = "rule" if targets == 1 else "artifact"
            times = theirs.cpu / count / (one.cpu / len(paths) / targets) if theirs is not None else 0
            anchor = f"{times:.1f} times as fast per {per} as sigma-cli" if theirs is not None else ""
            rows.append(_row(f"{len(paths)} kuery rules to {what}, {how}", one, anchor, f"at least {goal}"))
    if theirs is None:
        rows.append(("sigma-cli is not installed: `make bench` installs it", "", "", "", ""))
    else:
        rows.append(_row(f"sigma-cli: {count} Sigma rules to splunk", theirs))
    table(_HEAD, rows)


COLD, FILLS, WARM, AGAIN = "cold", "cold, and fills the cache", "warm", "warm, over the same artifacts"


def cold_and_warm(command: Sequence[str | Path], out: Path, runs: int) -> dict[str, Cost]:
    """What a run costs without a cache, with an empty one, with what a run has kept, and again over its artifacts.

    All but the last write every artifact anew.
    """
    cache, whole = out.with_name(f"{out.name}.cache"), [*command, "-o", out]
    kept = {"SIEMGLOT_CACHE": str(cache)}
    cold = cost(whole, runs, clear=out)
    cost(whole, 1, environment=kept)  # which files the program has is found once for all runs
    fills = []
    for _ in range(runs):
        shutil.rmtree(out)
        fills.append(cost(whole, 1, environment=kept, clear=cache / "runs"))
    filled = sorted(fills, key=lambda one: one.cpu)[len(fills) // 2]
    warm = cost(whole, runs, environment=kept, clear=out)
    return {COLD: cold, FILLS: filled, WARM: warm, AGAIN: cost(whole, runs, environment=kept)}


def _sigma(sigma: str, folder: Path, bench: Bench) -> tuple[Cost, int]:
    """Their conversion of our Sigma artifacts, without what their Splunk backend refuses."""
    given = folder / "sigma"
    given.mkdir()
    for path in (folder / "four").rglob("*.yml"):
        text = re.sub(r"\|cased\b", "", path.read_text(encoding="utf-8")).replace("taxonomy: ecs\n", "")
        (given / path.name).write_text(text, encoding="utf-8")
    command: list[str | Path] = [
        sigma,
        "convert",
        "-t",
        "splunk",
        "--without-pipeline",
        "-s",
        given,
        "-o",
        folder / "theirs",
    ]
    return cost(command, bench.runs), len(list(given.iterdir()))


def _whole(paths: Path, jobs: int) -> list[str | Path]:
    return [*PROGRAM, paths, "--to", ",".join(TARGETS), "--fields", "native", "-q", "-j", str(jobs)]


def corpus(bench: Bench, folder: Path) -> None:
    """All rules to four targets, native: one process, two, and memory; cold and with a warm cache."""
    count = len(list(CORPUS.rglob("*.toml")))
    found = cold_and_warm(_whole(CORPUS, 1), folder / "out1", bench.long_runs)
    one = found.pop(COLD)
    two = cost([*_whole(CORPUS, 2), "-o", folder / "out2"], bench.long_runs, clear=folder / "out2")
    rows = [
        _row(f"{count} rules to four targets, native, one process", one, f"{one.peak:.0f} MiB", f"under {_MIB} MiB"),
        _row("the same with -j 2", two, f"{one.wall / two.wall:.2f} times as fast in wall time", "at least 1.7"),
    ]
    for how, kept in found.items():
        anchor = f"{kept.cpu / one.cpu:.3f} of the cost, {kept.peak:.0f} MiB"
        rows.append(_row(f"the same with one process, {how}", kept, anchor, "at most 0.25" if how != FILLS else ""))
    table(_HEAD, rows)


def growth(bench: Bench, folder: Path) -> None:
    """The same work four times over, and with twice the tables."""
    out = folder / "out"
    one = cost([*_whole(CORPUS, 1), "-o", out], bench.long_runs, clear=out)
    often = folder / "often"
    for number in range(_TIMES):
        shutil.copytree(CORPUS, often / str(number))
    many = cost([*_whole(often, 1), "-o", out], bench.long_runs, clear=out)
    rows = [
        _row("the corpus", one),
        _row("the corpus four times over", many, f"{many.cpu / one.cpu / _TIMES:.2f} of the cost a rule", "0.9 to 1.1"),
    ]
    doubled = doubled_tables(folder / "doubled")
    cost([*PROGRAM, SEED, "--to", "splunk", "-o", folder / "first"], 1, root=doubled)  # prepares the tables
    tables = cost([*_whole(CORPUS, 1), "-o", out], bench.long_runs, root=doubled, clear=out)
    rows.append(_row("with twice the tables", tables, f"{tables.cpu / one.cpu:.2f} of the cost", "at most 1.05"))
    table(_HEAD, rows)


def doubled_tables(root: Path) -> Path:
    """A copy of the code with each table twice; no rule reads the second one."""
    for name in ("converter", "backends"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "prepared"))
    for path in sorted((root / "converter" / "datasets" / "tables").glob("[!_]*.yaml")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^dataset: (\S+)$", r"dataset: \1.again", text, count=1, flags=re.MULTILINE)
        text = re.sub(
            r"^match:.*?(?=^\S)", "match: {index: ['again-*']}\n", text, count=1, flags=re.MULTILINE | re.DOTALL
        )
        path.with_name(f"again_{path.name}").write_text(text, encoding="utf-8")
    return root


def counted() -> None:
    """Instructions of fixed inputs, which are the same on a busy machine."""
    commands: dict[str, Sequence[str | Path]] = {
        "`python -c pass`": [sys.executable, "-c", "pass"],
        "`python -c 'import typer'`": [sys.executable, "-c", "import typer"],
        "`convert --help`": [*PROGRAM, "convert", "--help"],
        "the founding rule to splunk": [*PROGRAM, SEED, "--to", "splunk"],
        "the founding rule to four targets": [*PROGRAM, SEED, "--to", ",".join(TARGETS)],
    }
    rows = []
    for what, command in commands.items():
        found = instructions(command)
        if found is None:
            sys.stdout.write("Instructions are counted where valgrind is installed.\n")
            return
        rows.append((what, f"{found / 1e6:.0f}"))
    table(("what", "million instructions"), rows)


_PARTS = ("start", "rules", "corpus", "growth", "instructions")


def main() -> int:
    """The parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--long-runs", type=int, default=1, help="of what takes minutes")
    parser.add_argument("--only", default=",".join(_PARTS))
    asked = parser.parse_args()
    bench = Bench(asked.runs, asked.long_runs)
    parts = asked.only.split(",")
    sys.stdout.write(
        f"siemglot {converter.__version__}, Python {sys.version.split()[0]}, medians of {bench.runs} runs "
        f"({bench.long_runs} of the corpus).\n\n"
    )
    if not CORPUS.is_dir():
        sys.stdout.write(f"No corpus at {SHARED.name}: set SIEMGLOT_SHARED.\n")
        parts = [part for part in parts if part in ("start", "instructions")]
    # In memory where there is some: what it costs to make files is of the disk, and differs by ten from run to run.
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        for part in parts:
            match part:
                case "start":
                    start(bench, folder)
                case "rules":
                    rules(bench, folder)
                case "corpus":
                    corpus(bench, folder)
                case "growth":
                    growth(bench, folder)
                case "instructions":
                    counted()
                case _:
                    parser.error(f"there is no part {part!r}: {', '.join(_PARTS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
