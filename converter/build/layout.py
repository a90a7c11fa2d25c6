"""Where everything a build makes goes below its output folder: a folder for each target, in it the tree of the rules.

Names that differ only in the case of letters or in how a letter is composed are one name to some file systems, so that
they are one name here too; rules that would share one get a part of their id at its end.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import PurePosixPath

from converter.build.codes import B004
from converter.build.files import LICENCES, one_name
from converter.build.record import Built, Made, Message
from converter.deferred import dataclass, replace
from converter.target.bundle import Bundled

_TAG = 8


@dataclass(slots=True)
class Layout:
    """The rules with the paths of their artifacts, and the bytes of every file by its path."""

    folders: Mapping[str, str]
    rules: list[Built] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def put(self, path: str, data: bytes) -> str:
        """Keep a file; its path is given back, with a number if another file has it. Equal files are one."""
        if self.files.get(path) == data:
            return path
        place = PurePosixPath(path)
        free, number = path, 1
        while one_name(free) in self.names:  # ids may stand twice
            number += 1
            free = str(place.with_name(f"{place.stem}_{number}{place.suffix}"))
        self.names.add(one_name(free))
        self.files[free] = data
        return free


def lay_out(
    rules: Sequence[Built],
    folders: Mapping[str, str],
    bundles: Mapping[str, Bundled],
    parts: Mapping[str, Sequence[tuple[int, int]]],
) -> Layout:
    """The files of all artifacts.

    `folders` and `bundles` by the name of a product (which is what an artifact's record calls its target); `parts`: for
    each bundle, whose artifacts it was made of, as the index of a rule and of the artifact among the rule's.
    """
    found = Layout(folders, list(rules))
    for target, bundle in bundles.items():
        for file in bundle.files:
            path = found.put(f"{folders[target]}/{file.path}", file.data)
            if file.artifact is not None:
                whose, which = parts[target][file.artifact]
                if not found.rules[whose].artifacts[which].path:
                    _at(found, whose, which, path)
    crowded = _crowded(found, rules, bundles)
    for number, rule in enumerate(rules):
        _own_files(found, number, rule, bundles, crowded)
    _licences(found)
    return found


def _at(found: Layout, rule: int, number: int, path: str) -> None:
    """Remember where an artifact stands."""
    artifacts = list(found.rules[rule].artifacts)
    artifacts[number] = replace(artifacts[number], path=path)
    found.rules[rule] = replace(found.rules[rule], artifacts=tuple(artifacts))


def _path(found: Layout, rule: Built, made: Made, name: str) -> str:
    return (PurePosixPath(found.folders[made.target]) / rule.folder / name).as_posix()


def _single(rule: Built, bundles: Mapping[str, Bundled]) -> Iterable[tuple[int, Made]]:
    """The artifacts of a rule that are files of their own."""
    return ((n, made) for n, made in enumerate(rule.artifacts) if made.text and made.target not in bundles)


def _crowded(found: Layout, rules: Sequence[Built], bundles: Mapping[str, Bundled]) -> frozenset[str]:
    """The names that several rules, or a rule and a bundle, would have."""
    owners: dict[str, set[int]] = defaultdict(set)
    for path in found.files:
        owners[one_name(path)].add(-1)
    for number, rule in enumerate(rules):
        for _, made in _single(rule, bundles):
            owners[one_name(_path(found, rule, made, made.name))].add(number)
    return frozenset(name for name, whose in owners.items() if len(whose) > 1)


def _own_files(
    found: Layout, number: int, rule: Built, bundles: Mapping[str, Bundled], crowded: frozenset[str]
) -> None:
    """Put the files of one rule's artifacts where they go."""
    told = False
    for index, made in _single(rule, bundles):
        tag = ""
        if one_name(_path(found, rule, made, made.name)) in crowded:
            tag, told = _tag(rule), True
        path = found.put(_path(found, rule, made, _tagged(made.name, made.name, tag)), made.text.encode("utf-8"))
        _at(found, number, index, path)
        for name, data in made.files:
            found.put(_path(found, rule, made, _tagged(name, made.name, tag)), data)
    if told:
        text = f"another rule has a file of the same name: _{_tag(rule)} is added"
        said = Message(str(B004), "note", text, "", rule.path)
        now = found.rules[number]
        last = len(now.messages)
        artifacts = tuple(
            replace(made, said=(*made.said, last)) if f"_{_tag(rule)}" in made.path else made for made in now.artifacts
        )
        found.rules[number] = replace(now, messages=(*now.messages, said), artifacts=artifacts)


def _tag(rule: Built) -> str:
    """What tells a rule's files from those of another: its id's beginning, or one made of its path."""
    own = "".join(c for c in rule.facts.rule_id.lower() if c.isalnum())[:_TAG]
    return own if len(own) == _TAG else hashlib.sha256(rule.path.encode("utf-8", "surrogatepass")).hexdigest()[:_TAG]


def _tagged(name: str, artifact: str, tag: str) -> str:
    """A file's name with the tag at the end of its artifact's stem."""
    stem = PurePosixPath(artifact).stem
    return f"{stem}_{tag}{name[len(stem) :]}" if tag and name.startswith(stem) else name


def _licences(found: Layout) -> None:
    """Elastic's licence and notice in each folder that holds something made from Elastic's rules."""
    folders = {
        found.folders[made.target] for rule in found.rules if rule.elastic for made in rule.artifacts if made.text
    }
    if any(rule.elastic for rule in found.rules):
        folders.add("")
    for folder in sorted(folders):
        for licence in sorted(LICENCES.glob("*.txt")):
            found.put(f"{folder}/{licence.name}" if folder else licence.name, licence.read_bytes())
