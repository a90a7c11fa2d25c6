"""Memory that Python has freed goes back to the system where the C library can do that."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Let go of free pages: thousands of rule files were read, and their texts left holes a page and more wide.

    malloc_trim(3): "Since glibc 2.8 this function frees memory in all arenas and in all chunks with whole free pages";
    other libraries have none.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
