"""SigmaHQ's rules as input: how many are read, that each is written again with the same meaning, and natively."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from shared import some_or_all
from sigmahq import needs_sigmahq, sigmahq_rules
from unordered import unordered_detection

from converter import api
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Rule

LEAST_READ = 0.97
EVERY = 110


def _read(*, everything: bool) -> tuple[list[tuple[Path, Rule]], Counter[str]]:
    """The rules that are read, and the codes of those that are not."""
    found: list[tuple[Path, Rule]] = []
    refused: Counter[str] = Counter()
    for path in sigmahq_rules(1 if everything else EVERY):
        try:
            found.append((path, api.read_rule(path)))
        except ConverterError as error:
            refused[str(error.diagnostics[0].code)] += 1
    return found, refused


@needs_sigmahq
@some_or_all
def test_rules_are_read_and_written_again(everything: bool) -> None:
    rules, refused = _read(everything=everything)
    statuses: Counter[str] = Counter()
    different = []
    for path, rule in rules:
        artifact = api.convert(rule, "sigma")
        statuses[artifact.status.value] += 1
        again = api.parse_rule(artifact.text, "again.yml")
        if unordered_detection(again.detection) != unordered_detection(rule.detection):
            different.append(path.name)
    sys.stdout.write(f"\nsigma: {len(rules)} read, {dict(refused)} refused, again {dict(statuses)}\n")
    assert len(rules) >= LEAST_READ * (len(rules) + refused.total()) or not everything
    assert rules
    assert different == []


@needs_sigmahq
@some_or_all
def test_rules_are_written_natively(everything: bool) -> None:
    rules, _ = _read(everything=everything)
    for target in ("splunk", "sentinel"):
        counts: Counter[str] = Counter()
        why: Counter[str] = Counter()
        for _, rule in rules:
            artifact = api.convert(rule, target)
            counts[artifact.status.value] += 1
            grave = {str(d.code) for d in artifact.diagnostics if d.severity.value in ("error", "warning")}
            why.update(f"{artifact.status.value} {code}" for code in grave)
        sys.stdout.write(f"\n{target}: {dict(counts)}, {why.most_common(6)}\n")
        assert counts["exact"] > len(rules) * 0.7
