"""navigator.json: layers for the ATT&CK Navigator, the rules' techniques before and after conversion.

A file may hold several layers as a list
(https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md): first that of all rules, then
one for each target with what its artifacts cover.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence

from converter.build.changes import Change
from converter.build.record import Built
from converter.build.run import Build, statuses
from converter.deferred import compiled

_FRAMEWORK = "MITRE ATT&CK"
_TECHNIQUE = compiled(r"T\d{4}(?:\.\d{3})?")
_GRADIENTS = {"before": ["#ffffff", "#3d6ea5"], "after": ["#d1493f", "#f2c14e", "#3f9b5f"]}

Key = tuple[str, str]
"""A technique under a tactic."""


def report(build: Build, changes: Sequence[Change]) -> str:
    """The layers as JSON text."""
    del changes
    before = _covered(build, lambda _: True)
    layers = [_before(before)]
    for target in build.plan.names:

        def written(rule: Built, target: str = target) -> bool:
            return statuses(rule, (target,))[target] != "refused"

        layers.append(_after(target, before, _covered(build, written)))
    return json.dumps(layers, ensure_ascii=False, indent=1) + "\n"


def _covered(build: Build, counts: Callable[[Built], bool]) -> Counter[Key]:
    """How many of the rules that count name each technique under each tactic."""
    found: Counter[Key] = Counter()
    for rule in build.rules:
        if counts(rule):
            found.update(
                {
                    (technique, "-".join(tactic.name.lower().split()))
                    for tactic in rule.facts.tactics
                    if tactic.framework == _FRAMEWORK
                    for technique in tactic.techniques
                    if _TECHNIQUE.fullmatch(technique)
                }
            )
    return found


def _before(before: Counter[Key]) -> dict[str, object]:
    techniques = [
        {"techniqueID": technique, "tactic": tactic, "score": count, "comment": f"{count} rules"}
        for (technique, tactic), count in sorted(before.items())
    ]
    most = max(before.values(), default=1)
    return _layer("before: Elastic rules", "How many rules name each technique.", techniques, "before", most)


def _after(target: str, before: Counter[Key], after: Counter[Key]) -> dict[str, object]:
    techniques = [
        {
            "techniqueID": technique,
            "tactic": tactic,
            "score": 100 * after[technique, tactic] // count,
            "comment": f"{after[technique, tactic]} of {count} rules",
        }
        for (technique, tactic), count in sorted(before.items())
    ]
    return _layer(f"after: {target}", f"How many in a hundred of them {target} has.", techniques, "after", 100)


def _layer(
    name: str, description: str, techniques: list[dict[str, object]], colours: str, most: int
) -> dict[str, object]:
    return {
        "name": name,
        "versions": {"layer": "4.5", "navigator": "5.0.0"},
        "domain": "enterprise-attack",
        "description": description,
        "sorting": 3,
        "gradient": {"colors": _GRADIENTS[colours], "minValue": 0, "maxValue": most},
        "techniques": techniques,
    }
