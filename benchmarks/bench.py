"""How fast it is, beside other tools: `make bench`. Prints CPU seconds and ratios; asserts nothing.

Needs the shared corpus (SIEMGLOT_SHARED). Figures of other tools are printed where they are installed.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import converter
from converter import rulefile
from converter.readers import eql, esql, kuery

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))
RUNS = 3


def cpu_of_process(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """CPU and wall seconds of the quickest of some runs, start-up included."""
    found = []
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=False, capture_output=True, cwd=ROOT, env={**os.environ, **(environment or {})})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append((cpu, time.perf_counter() - start))
    return min(found)


def cpu_of(action: Callable[[], object]) -> float:
    """CPU seconds of the quickest of some runs in this process."""
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        action()
        found.append(time.process_time() - start)
    return min(found)


def line(what: str, value: str) -> None:
    """One figure."""
    sys.stdout.write(f"{what:<78}{value}\n")


def seconds(value: float) -> str:
    """Aligned."""
    return f"{value:8.3f} s"


def conversion(paths: Sequence[Path], folder: Path) -> None:
    """The whole run of the command, and sigma-cli on as many rules."""
    program = [sys.executable, "-m", "converter"]
    out = folder / "out"
    command: list[str | Path] = [*program, *paths, "--to", "all", "--fields", "ecs", "-q", "-o", out]
    all_four, _ = cpu_of_process(command)
    line(f"{len(paths)} kuery rules to four targets, one process with start-up (CPU)", seconds(all_four))
    splunk, _ = cpu_of_process([*program, *paths, "--to", "splunk", "--fields", "ecs", "-q", "-o", folder / "splunk"])
    line(f"{len(paths)} kuery rules to splunk, one process with start-up (CPU)", seconds(splunk))
    sigma = shutil.which("sigma", path=str(Path(sys.executable).parent))
    if sigma is None:
        line("sigma-cli is not installed: `make bench` installs it", "")
        return
    rules = folder / "sigma"
    rules.mkdir()
    for path in out.rglob("*.yml"):
        # Its Splunk backend refuses `cased`; without it the rules are as long and as many.
        text = re.sub(r"\|cased\b", "", path.read_text(encoding="utf-8")).replace("taxonomy: ecs\n", "")
        (rules / path.name).write_text(text, encoding="utf-8")
    count = len(list(rules.iterdir()))
    theirs, _ = cpu_of_process([sigma, "convert", "-t", "splunk", "--without-pipeline", "-s", rules])
    line(f"{count} Sigma rules to splunk by sigma-cli {importlib.metadata.version('sigma-cli')} (CPU)", seconds(theirs))
    line("sigma-cli / siemglot, CPU per rule, to splunk", f"{(theirs / count) / (splunk / len(paths)):8.1f} x")
    line("sigma-cli / siemglot, CPU per artifact", f"{(theirs / count) / (all_four / len(paths) / 4):8.1f} x")


def parsing(rules: Sequence[rulefile.RuleText]) -> None:
    """Readers alone."""
    kueries = [r.meta.query for r in rules if r.meta.language == "kuery"]
    ours = cpu_of(lambda: [kuery.parse(q) for q in kueries])
    line(f"parsing {len(kueries)} kuery queries (CPU)", seconds(ours))
    queries = [r.meta.query for r in rules if r.meta.language == "eql"]
    pipelines = [r.meta.query for r in rules if r.meta.type == "esql"]
    line(f"parsing {len(pipelines)} ES|QL queries (CPU)", seconds(cpu_of(lambda: [esql.parse(q) for q in pipelines])))
    ours = cpu_of(lambda: [eql.parse(q) for q in queries])
    line(f"parsing {len(queries)} EQL queries (CPU)", seconds(ours))
    if importlib.util.find_spec("eql") is None:
        return
    import eql as theirs

    def parse_all() -> None:
        contexts = (
            theirs.parser.elasticsearch_syntax,
            theirs.parser.ignore_missing_functions,
            theirs.parser.allow_runs,
            theirs.parser.allow_sample,
            theirs.parser.allow_negation,
        )
        with contexts[0], contexts[1], contexts[2], contexts[3], contexts[4]:
            for query in queries:
                theirs.parse_query(query)

    other = cpu_of(parse_all)
    line(f"parsing {len(queries)} EQL queries by eql {theirs.__version__} (CPU)", seconds(other))
    line("eql / siemglot", f"{other / ours:8.1f} x")


def start_up() -> None:
    """What a user waits for before anything happens."""
    _, bare = cpu_of_process([sys.executable, "-c", "pass"])
    line("python -c pass (wall)", seconds(bare))
    _, light = cpu_of_process([sys.executable, "-c", "import converter"])
    line("import converter (wall)", seconds(light))
    _, helped = cpu_of_process([sys.executable, "-m", "converter", "--help"])
    line("convert --help (wall)", seconds(helped))
    seed = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"
    _, one = cpu_of_process([sys.executable, "-m", "converter", seed, "--to", "splunk"])
    line("convert one rule to splunk (wall)", seconds(one))


def main() -> int:
    """All of it."""
    line(f"siemglot {converter.__version__}, Python {sys.version.split()[0]}, the quickest of {RUNS} runs", "")
    start_up()
    paths = sorted((SHARED / "corpus").rglob("*.toml"))
    if not paths:
        line(f"no corpus at {SHARED}: set SIEMGLOT_SHARED", "")
        return 1
    rules = [rulefile.read_path(path) for path in paths]
    line(f"reading {len(paths)} rule files (CPU)", seconds(cpu_of(lambda: [rulefile.read_path(p) for p in paths])))
    parsing(rules)
    chosen = [p for p, r in zip(paths, rules, strict=True) if (r.meta.type, r.meta.language) == ("query", "kuery")]
    with tempfile.TemporaryDirectory() as folder:
        conversion(chosen, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
