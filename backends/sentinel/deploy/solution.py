"""A solution: the rules of a run as a folder, laid out as contributors to Azure-Sentinel lay out theirs.

https://github.com/Azure/Azure-Sentinel/blob/master/Tools/Create-Azure-Sentinel-Solution/V3/README.md
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import resources as package

from backends.sentinel.deploy.arm import deployment, json_text, resources
from backends.sentinel.deploy.rule import AnalyticsRule, Json
from converter.deferred import dataclass
from converter.target.artifact import Artifact
from converter.target.bundle import Bundled, File, Package

_MOST_RULES, _MOST_BYTES = 200, 3_000_000
"""Of one template: the service takes 800 resources and 4 MB
(https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/best-practices)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rule of a solution: the name of its file, itself, its YAML, that of its function, its guide, its last day."""

    stem: str
    rule: AnalyticsRule
    text: str
    parser: str
    guide: str
    updated: str


def solution(artifacts: Sequence[Artifact], wanted: Package) -> Bundled:
    """The folder `Solutions/<name>` of the artifacts."""
    title = wanted.title or "Detections converted by siemglot"
    root = f"Solutions/{wanted.name}"
    members = [(index, a.part) for index, a in enumerate(artifacts) if isinstance(a.part, Part)]
    stems = _stems([part for _, part in members])
    files: list[File] = []
    for (index, part), stem in zip(members, stems, strict=True):
        files.append(File(f"{root}/Analytic Rules/{stem}.yaml", part.text.encode(), index))
        if part.parser and part.rule.function is not None:
            files.append(File(f"{root}/Parsers/{part.rule.function.alias}.yaml", part.parser.encode(), index))
        if part.guide:
            files.append(File(f"{root}/Guides/{stem}.md", part.guide.encode(), index))
    listed = [file.path.removeprefix(f"{root}/") for file in files]
    rules = [part.rule for _, part in members]
    days = sorted(part.updated for _, part in members if part.updated)
    shared = {
        f"Data/Solution_{wanted.name}.json": _manifest(wanted, title, listed),
        "SolutionMetadata.json": _metadata(wanted, days),
        "ReleaseNotes.md": _notes(wanted, days, len(rules)),
        "README.md": _readme(title, rules),
        "Package/createUiDefinition.json": _interface(title),
        **_templates(rules),
        **_licences(rules),
    }
    files += [File(f"{root}/{path}", text.encode()) for path, text in shared.items()]
    return Bundled(tuple(files), tuple(artifacts))


def _stems(parts: Sequence[Part]) -> list[str]:
    """A file name for each rule: its own, or told apart from an equal one by the rule's id."""
    seen = Counter(part.stem.lower() for part in parts)
    return [f"{p.stem}_{p.rule.identity[:8]}" if seen[p.stem.lower()] > 1 else p.stem for p in parts]


def _of(folder: str, listed: Sequence[str]) -> list[Json]:
    return [path for path in listed if path.startswith(f"{folder}/")]


def _manifest(wanted: Package, title: str, listed: Sequence[str]) -> str:
    """What the repository's packaging tool reads."""
    return json_text(
        {
            "Name": title,
            "Author": wanted.author or "siemglot",
            "Logo": "",
            "Description": f"{title}: analytics rules converted from Elastic's detection rules.",
            "Analytic Rules": _of("Analytic Rules", listed),
            "Parsers": _of("Parsers", listed),
            "BasePath": f"C:\\GitHub\\Azure-Sentinel\\Solutions\\{wanted.name}",
            "Version": wanted.version,
            "Metadata": "SolutionMetadata.json",
            "TemplateSpec": True,
            "Is1PConnector": False,
        }
    )


def _metadata(wanted: Package, days: Sequence[str]) -> str:
    author = wanted.author or "siemglot"
    return json_text(
        {
            "publisherId": wanted.name.replace("_", "").lower(),
            "offerId": wanted.name.replace("_", "-").lower(),
            "firstPublishDate": days[0].replace("/", "-") if days else "2026-01-01",
            "lastPublishDate": days[-1].replace("/", "-") if days else "2026-01-01",
            "providers": [author],
            "categories": {"domains": ["Security - Threat Protection"], "verticals": []},
            "support": {"name": author, "tier": "Community", "link": "https://github.com/Azure/Azure-Sentinel/issues"},
        }
    )


def _notes(wanted: Package, days: Sequence[str], count: int) -> str:
    day = "-".join(reversed(days[-1].replace("/", "-").split("-"))) if days else "01-01-2026"
    head = "| **Version** | **Date Modified (DD-MM-YYYY)** | **Change History** |\n|---|---|---|\n"
    return f"{head}| {wanted.version} | {day} | {count} analytics rules |\n"


def _readme(title: str, rules: Sequence[AnalyticsRule]) -> str:
    needed = Counter(connector for rule in rules for connector, _ in rule.connectors)
    rows = "".join(f"| {connector} | {count} |\n" for connector, count in sorted(needed.items()))
    disabled = sum(not rule.enabled for rule in rules)
    return (
        f"# {title}\n\n{len(rules)} analytics rules of Microsoft Sentinel, converted from Elastic's detection rules and"
        f" modified; {disabled} of them are disabled because their authors deprecated them.\n\n"
        "- `Analytic Rules/`: the rules; `Parsers/`: functions that rules call, to be saved before them;"
        " `Guides/`: what a rule's description has no room for.\n"
        "- `Data/`: what the packaging tool of Azure-Sentinel reads.\n"
        "- `Package/`: the same rules as templates that create them in a workspace:\n\n"
        "```\naz deployment group create -g GROUP -f Package/mainTemplate.json -p workspace=WORKSPACE\n```\n\n"
        "A workspace has at most 512 enabled rules: choose among them.\n\n"
        f"| data connector | rules that need it |\n|---|---|\n{rows}"
    )


def _interface(title: str) -> str:
    """The page that asks for the workspace."""
    steps: list[Json] = [
        {
            "name": "workspace",
            "type": "Microsoft.Common.TextBox",
            "label": "Workspace",
            "toolTip": f"The Log Analytics workspace in which {title} are created.",
            "constraints": {"required": True, "regex": "^[A-Za-z0-9-]{4,63}$", "validationMessage": "4 to 63 letters"},
        }
    ]
    return json_text(
        {
            "$schema": "https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#",
            "handler": "Microsoft.Azure.CreateUIDef",
            "version": "0.1.2-preview",
            "parameters": {"basics": steps, "steps": [], "outputs": {"workspace": "[basics('workspace')]"}},
        }
    )


def _templates(rules: Sequence[AnalyticsRule]) -> dict[str, str]:
    """Templates of the rules, each within the limits of one: the first is the package's."""
    chunks = list(_chunks([(resources(rule), rule.notice) for rule in rules]))
    names = ["mainTemplate.json", *(f"mainTemplate-{n}.json" for n in range(2, len(chunks) + 1))]
    found = {f"Package/{name}": deployment(made, notice) for name, (made, notice) in zip(names, chunks, strict=False)}
    return found or {"Package/mainTemplate.json": deployment([])}


def _chunks(each: Sequence[tuple[list[Json], str]]) -> Iterator[tuple[list[Json], str]]:
    made: list[Json] = []
    size = count = 0
    notice = ""
    for one, notice in each:
        length = len(json_text({"of": one}))
        if made and (count == _MOST_RULES or size + length > _MOST_BYTES):
            yield made, notice
            made, size, count = [], 0, 0
        made = [*made, *one]
        size, count = size + length, count + 1
    if made:
        yield made, notice


def _licences(rules: Sequence[AnalyticsRule]) -> dict[str, str]:
    """The licence of Elastic's rules, where there are any."""
    if not any("Elastic License" in rule.notice for rule in rules):
        return {}
    folder = package.files("converter").joinpath("licences")
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir(), key=lambda f: f.name)}
