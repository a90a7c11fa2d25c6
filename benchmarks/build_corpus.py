"""The build of the shared corpus: `python -m benchmarks.build_corpus [TARGET=FORMAT ...]`, what docs/build.md shows.

Every rule has a status for every target, a second run gives the same bytes, and a rule that is gone takes its files
with it; any of these failing makes the exit code 1. Prints times and sizes, and how long the page takes to open.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(os.environ.get("SIEMGLOT_SHARED", Path(__file__).parent.parent.parent / "shared"))
TARGETS = "python,sentinel,sigma,splunk"


def build(rules: Path, out: Path, formats: list[str], cache: Path | None = None) -> float:
    """Build in a process of its own, with this cache or none; seconds."""
    start = time.monotonic()
    environment = {**os.environ, "SIEMGLOT_CACHE": "off" if cache is None else str(cache)}
    options = ["--to", TARGETS, "-o", str(out), "-q", "--fail-on", "never", *(f"--format={form}" for form in formats)]
    command = [sys.executable, "-m", "converter", "build", str(rules), *options]
    subprocess.run(command, check=True, env=environment)
    return time.monotonic() - start


def digests(out: Path) -> dict[str, str]:
    """The hash of each file below a folder."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def opened(page: Path) -> str:
    """How long the report page takes to be ready, as it says itself, where Chromium is installed."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        return "the page was not opened: no chromium is installed"
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    ready = re.search(r'data-ready="(\d+)"', shown)
    return f"the page is ready after {ready[1]} ms" if ready else "THE PAGE WAS NOT READY"


def main(formats: list[str]) -> int:
    """Build twice, remove a rule, build again."""
    with tempfile.TemporaryDirectory() as folder:
        rules, out = Path(folder) / "rules", Path(folder) / "out"
        shutil.copytree(SHARED / "corpus" / "elastic-detection-rules", rules)
        first = build(rules, out, formats)
        one = digests(out)
        second = build(rules, out, formats)
        same = digests(out) == one
        cache = Path(folder) / "cache"
        kept = [build(rules, out, formats, cache) for _ in range(2)][-1]
        same = same and digests(out) == one
        page = opened(out / "report.html")
        gone = next(path for path in sorted(rules.rglob("*.toml")) if any(f"/{path.stem}." in name for name in one))
        gone.unlink()
        build(rules, out, formats)
        left = [name for name in digests(out) if f"/{gone.stem}." in name]
        sizes = [f"{name} {(out / name).stat().st_size:,} bytes" for name in ("report.html", "siemglot.lock")]
    times = f"{first:.1f} s, again {second:.1f} s, with a warm cache {kept:.1f} s"
    lines = [f"{len(one)} files; {times}; {'the same bytes' if same else 'OTHER BYTES'}"]
    lines += [", ".join(sizes), page, f"a removed rule leaves {len(left)} files"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return not same or bool(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
