"""What Splunk's own tools say of the app and the content pack of the shared corpus: `make splunk-check`.

    python -m benchmarks.splunk_check [--fields native|ecs]

The app goes through AppInspect, the content pack through `contentctl validate` and `contentctl build`. Prints tables in
Markdown; `docs/splunk.md` keeps the last ones. Fails if AppInspect finds an error or a failure, or a warning that is
not agreed, or if contentctl does not take the pack as a whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))
RULES = SHARED / "corpus"
TOOLS = Path(sys.executable).parent

AGREED = {
    "check_for_gratuitous_cron_scheduling": "rules that Elastic runs every minute or two",
    "check_hostnames_and_ips": "rules about the address of a cloud's metadata service, or about known bad ones",
}
"""Warnings that stay, each with its reason."""


def show(line: str) -> None:
    """One line of the account."""
    sys.stdout.write(f"{line}\n")


def converted(form: str, fields: Sequence[str], folder: Path) -> None:
    """Convert the corpus; refused rules make the exit code 1."""
    arguments = [str(RULES), "--to", "splunk", "--format", form, *fields, "-o", str(folder), "-q"]
    command = [sys.executable, "-m", "converter", "convert", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise SystemExit(done.stderr[-2000:])


def inspected(package: Path, answer: Path) -> dict[str, object]:
    """The report of AppInspect."""
    command = [str(TOOLS / "splunk-appinspect"), "inspect", str(package)]
    done = subprocess.run(
        [*command, "--output-file", str(answer), "--data-format", "json"], capture_output=True, text=True, check=False
    )
    if not answer.is_file():
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    found: dict[str, object] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def findings(report: dict[str, object]) -> Counter[tuple[str, str]]:
    """How many messages each check gave, by its result: error, failure, warning."""
    found: Counter[tuple[str, str]] = Counter()
    for one in report["reports"]:  # type: ignore[attr-defined]
        for group in one["groups"]:
            for check in group["checks"]:
                if check["result"] in ("error", "failure", "future_failure", "warning"):
                    found[check["result"], check["name"]] += max(len(check["messages"]), 1)
    return found


def accepted(pack: Path, step: str) -> bool:
    """Whether `contentctl validate` or `build` takes the pack; what it says is shown where it does not."""
    done = subprocess.run([str(TOOLS / "contentctl"), step], cwd=pack, capture_output=True, text=True, check=False)
    if done.returncode:
        show(done.stdout[-4000:] + done.stderr[-2000:])
    return done.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; 0 if all is as agreed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fields", default="", choices=("native", "ecs"), help="default: as convert has it")
    chosen = parser.parse_args(arguments).fields
    fields = ("--fields", chosen) if chosen else ()
    good = True
    with tempfile.TemporaryDirectory() as temporary:
        app, packs = Path(temporary) / "app", Path(temporary) / "pack"
        converted("app", fields, app)
        converted("contentctl", fields, packs)
        (package,) = app.glob("*.spl")
        searches = (app / "siemglot_detections/default/savedsearches.conf").read_text(encoding="utf-8")
        pack = packs / "siemglot_detections"
        detections = len(list(pack.glob("detections/*/*.yml")))
        count = sum(line.endswith(" - Rule]") for line in searches.split("\n"))
        how = chosen or "native where a table serves, else ecs"
        show(f"{count} searches in the app ({how}), {detections} detections in the content pack\n")
        report = inspected(package, Path(temporary) / "answer.json")
        show("| AppInspect | result | messages | why it stays |\n|---|---|---|---|")
        for (result, name), messages in findings(report).most_common():
            stays = AGREED.get(name, "**not agreed**") if result == "warning" else "**must go**"
            show(f"| {name} | {result} | {messages} | {stays} |")
            good &= result == "warning" and name in AGREED
        show(f"\nAppInspect: {json.dumps(report['summary'])}")
        for step in ("validate", "build"):
            taken = accepted(pack, step)
            show(f"contentctl {step}: {'passed' if taken else 'failed'}")
            good &= taken
        good &= count > 0 and detections == count
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
