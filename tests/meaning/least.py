"""How much each engine judges at the least, so that a judge that falls silent fails. Measured; only ever raised."""

from __future__ import annotations

from collections.abc import Mapping

LEAST: Mapping[tuple[str, str], int] = {}
"""Events (scenes for detections over several events) by engine and by run: chosen rules of the corpus, or all."""


def enough(engine: str, run: str, judged: int, offered: int) -> None:
    """Fail if the engine judged less than it once did, or nothing."""
    least = LEAST.get((engine, run), 1)
    assert judged >= least, f"{engine} judged {judged} of {offered} ({run}), once {least}"
