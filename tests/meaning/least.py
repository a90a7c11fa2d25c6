"""How much each engine judges at the least, so that a judge that falls silent fails. Measured; only ever raised."""

from __future__ import annotations

from collections.abc import Mapping

LEAST: Mapping[tuple[str, str], int] = {
    ("python", "chosen"): 11_000,
    ("osmem", "chosen"): 5_000,
    ("spl", "chosen"): 4_000,
    ("kusto", "chosen"): 3_950,
    ("sigma", "chosen"): 5_100,
    ("duckdb", "chosen"): 1_400,  # not raised: it misreads the escapes of values that are joined by U+001F
    ("sqlite", "chosen"): 2_000,
    ("spl Sequence", "chosen"): 350,
    ("spl Threshold", "chosen"): 16,
    ("spl NewTerms", "chosen"): 160,
    ("kusto Sequence", "chosen"): 350,
    ("kusto Threshold", "chosen"): 16,
    ("kusto NewTerms", "chosen"): 160,
    ("python", "samples"): 76,
    ("spl", "samples"): 72,
    ("kusto", "samples"): 74,
    ("duckdb", "samples"): 43,
    ("sigma", "samples"): 39,
    ("sqlite", "samples"): 39,
    ("osmem", "samples"): 170,
    ("splunk rows", "random"): 400,
    ("sentinel rows", "random"): 150,
}
"""By engine and run. chosen, all: events of rules of the shared corpus (scenes, for detections over several events);
samples: our own sample rules. random: rows of random rules over the tables."""


def enough(engine: str, run: str, judged: int, offered: int) -> None:
    """Fail if the engine judged less than it once did, or nothing."""
    least = LEAST.get((engine, run), 1)
    assert judged >= least, f"{engine} judged {judged} of {offered} ({run}), once {least}"
