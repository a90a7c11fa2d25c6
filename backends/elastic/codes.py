"""Codes of the Elastic target."""

from __future__ import annotations

from converter.diagnostics.code import Code

T501 = Code(
    "T501",
    "no query of Elastic says it",
    "Neither kuery with filters nor EQL has a way to write this condition: EQL searches no analysed text and no nested "
    "arrays, and kuery computes nothing.",
    "Split the rule, so that each part can be said in one of the languages.",
)
T502 = Code(
    "T502",
    "not written as a rule of Elastic",
    "The rule's meaning has no form as a rule of Elastic that is written yet.",
    "Use another target, or export the rule as it is: `siemglot export`.",
)
T503 = Code(
    "T503",
    "read back differently",
    "The rule that was written does not read back as the meaning that it was made from, so that it is not given out.",
    "Report it with the rule.",
)
