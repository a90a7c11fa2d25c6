"""The command line, run in this process: exit code, stdout and stderr as bytes would have arrived."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

from converter.cli import main


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def run(*arguments: str, stdin: bytes = b"", terminal: bool = False) -> Ran:
    """Run `siemglot ARGUMENTS`."""
    saved = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    kind = _Terminal if terminal else io.TextIOWrapper
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    sys.stdout = stdout = io.TextIOWrapper(out, encoding="ascii", write_through=True)  # the locale must not matter
    sys.stderr = stderr = kind(err, encoding="utf-8", write_through=True)
    code: object = 0
    try:
        main(list(arguments))
    except SystemExit as stop:
        code = stop.code or 0
    finally:
        sys.stdin, sys.stdout, sys.stderr = saved
        stdout.detach()
        stderr.detach()
    assert isinstance(code, int)
    return Ran(code, out.getvalue().decode(), err.getvalue().decode())
