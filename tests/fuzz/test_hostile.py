"""Hostile values in every format: a small share of `make hostile`, and that it sees what escapes."""

from __future__ import annotations

from types import ModuleType

import pytest

from backends.sentinel.deploy import bicep
from backends.splunk.deploy import conf
from benchmarks import hostile
from benchmarks.hostile import OPENERS, run
from converter.languages import yaml
from converter.target import registry


def test_every_format_of_every_target_is_judged() -> None:
    targets = map(registry.load, registry.builtin_names())
    assert {(target.name, form) for target in targets for form in target.formats} == set(OPENERS)


def test_the_structure_stays_and_values_are_read_back() -> None:
    pytest.importorskip("pycep", reason="pycep-parser reads Bicep")
    tally = run(30, 5)
    assert not tally.wrong, "\n".join(tally.wrong[:5])
    assert dict(tally.equal) == {f"{target} {form}": 30 for target, form in OPENERS}


@pytest.mark.parametrize(
    ("module", "name", "way"),
    [
        (conf, "value", ("splunk", "savedsearches")),
        (bicep, "_text", ("sentinel", "bicep")),
        (yaml, "_text", ("sigma", "yaml")),
    ],
)
def test_what_is_not_escaped_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, way: tuple[str, str]
) -> None:
    monkeypatch.setattr(hostile, "OPENERS", {way: OPENERS[way]})
    quoted = "'{}'" if name == "_text" else "{}"
    monkeypatch.setattr(module, name, quoted.format)
    try:
        seen = bool(run(200, 5).wrong)
    except Exception:  # noqa: BLE001 - the format's own reader may refuse the text, which is seen too
        seen = True
    assert seen
