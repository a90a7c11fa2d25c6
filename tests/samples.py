"""Our own sample rules, one feature each, with the events that tell whether it is understood.

Beside NAME.toml stands NAME.yaml: `scenes` of events with what is found, or `refused`: the code of a rule that no
target converts. `at` is in seconds from the scene's start, which is ten minutes before the rule runs. `excuses` say
for an engine that cannot judge the sample why not, in the words of the markers notimpl, notyet and never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

import yaml
from shared import ROOT

from converter import api
from converter.model.rule import Rule
from converter.proof import Scene
from converter.proof.example import NOW, iso

FOLDER = ROOT / "rules" / "samples"
START = NOW - 300_000
GAPS = ("notimpl", "notyet", "never")


@dataclass(frozen=True, slots=True)
class Expected:
    """A scene and, for each of its events, whether it is found."""

    scene: Scene
    found: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Native:
    """Rows of a place of one platform, one for each event of the first scene."""

    target: str
    source: str
    rows: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why an engine has no verdict on the sample."""

    gap: str
    because: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample rule with what is expected of it."""

    path: Path
    refused: str = ""
    scenes: tuple[Expected, ...] = ()
    native: tuple[Native, ...] = ()
    excuses: Mapping[str, Excuse] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.stem

    @property
    def rule(self) -> Rule:
        """The rule as it is read."""
        return _read(self.path)


@cache
def _read(path: Path) -> Rule:
    return api.read_rule(path)


class _Loader(yaml.SafeLoader):
    """Texts stay texts: no moments are made of them, and a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT002
        keys = [key.value for key, _ in node.value]
        assert len(set(keys)) == len(keys), f"{node.start_mark}: a key twice"
        return cast("dict[object, object]", super().construct_mapping(node, deep))


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def samples() -> tuple[Sample, ...]:
    """Every sample, by name."""
    return tuple(_load(path) for path in sorted(FOLDER.glob("*.toml")))


def _load(path: Path) -> Sample:
    data = yaml.load(path.with_suffix(".yaml").read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    unknown = set(data) - {"refused", "scenes", "native", "excuses"}
    assert not unknown, f"{path.stem}: {unknown}"
    return Sample(
        path,
        data.get("refused", ""),
        tuple(map(_scene, data.get("scenes", ()))),
        tuple(Native(one["target"], one["source"], tuple(one["rows"])) for one in data.get("native", ())),
        {engine: Excuse(**told) for engine, told in data.get("excuses", {}).items()},
    )


def _scene(data: Mapping[str, object]) -> Expected:
    listed = cast("list[dict[str, object]]", data["events"])
    events = tuple({"@timestamp": iso(START + 1000 * cast("int", one["at"])), **_event(one)} for one in listed)
    indicators = cast("list[dict[str, object]]", data.get("indicators", []))
    scene = Scene(str(data["name"]), events, tuple(indicators), NOW)
    return Expected(scene, tuple(one["found"] is True for one in listed))


def _event(told: Mapping[str, object]) -> dict[str, object]:
    return cast("dict[str, object]", told["event"])
