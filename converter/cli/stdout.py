"""What goes to standard output: whole bytes, the same whatever the locale, and a clear word where it cannot go."""

from __future__ import annotations

import sys

from converter.build.files import reason
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import EmitError
from converter.rulefile.codes import F022

NAME = "<stdout>"


def write(text: str) -> None:
    """Write a text at once. Raises EmitError where stdout is closed or full, BrokenPipeError where its reader left."""
    if sys.stdout is None:  # closed by who called us
        raise EmitError(Diagnostic(F022, "standard output is closed", source=Source(NAME, "")))
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise EmitError(Diagnostic(F022, f"cannot be written: {reason(error)}", source=Source(NAME, ""))) from error
