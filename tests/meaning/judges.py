"""The emitted artifacts of rules under Elastic's names, as far as they claim to be exact."""

from __future__ import annotations

import functools

from converter import api
from converter.model.rule import Rule
from converter.proof import CannotJudgeError, Judge, Judged
from converter.target.artifact import Artifact


@functools.lru_cache(maxsize=64)
def converted(rule: Rule, target: str, fields: str) -> Artifact:
    """The converted rule; CannotJudgeError if it is refused or says that it differs."""
    made = api.convert(rule, target, fields=fields, bare=True, case="exact", inline_macros=True)
    # What reading the rule could not tell for sure (K, E, L) is settled in the model, which is what is judged here.
    codes = {d.code for d in made.diagnostics if d.severity.value != "note" and d.code[0] in "TMX"}
    if codes or not made.text:
        raise CannotJudgeError(f"{target}: {made.status} ({', '.join(sorted(codes))})")
    return made


def judged(judge: Judge) -> Judged:
    """The judge as an engine over what we convert."""
    return Judged(judge, converted)
