"""What Sigma's own tools say of the artifacts of the shared corpus: `make sigma-check`.

    python -m benchmarks.sigma_check [--fields native|ecs]

Every document is converted by pySigma's backends and looked at by the validators of pySigma and SigmaHQ. Prints
tables in Markdown; `docs/sigma.md` keeps the last ones, and says why each agreed kind of issue stays. Fails if
a backend converts less of the documents than `LEAST`, or a validator reports a kind that is not agreed.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from sigma.collection import SigmaCollection
from sigma.conversion.base import Backend
from sigma.exceptions import SigmaError
from sigma.plugins import InstalledSigmaPlugins
from sigma.rule import SigmaRule
from sigma.validation import SigmaValidator

import converter
from converter.diagnostics.errors import ConverterError

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))
RULES = SHARED / "corpus" / "elastic-detection-rules"
Document = Mapping[str, object]

LEAST = 0.95
"""The share of detection documents that each backend has to convert."""

AGREED = {
    "SigmahqFieldsExistenceIssue": "`fields` tells an analyst where to look; --bare leaves it out",
    "SigmahqStatusIssue": "a rule that Elastic deprecated is deprecated here; the folder is the user's",
    "SigmahqTitleCaseIssue": "the title is Elastic's name of the rule",
    "SigmahqGithubLinkIssue": "the references are Elastic's",
    "SigmahqLinkInDescriptionIssue": "the description is Elastic's",
    "SigmahqFalsepositivesBannedWordIssue": "the false positives are Elastic's words",
    "SigmahqLogsourceUnknownIssue": "SigmaHQ has no rules for the log source (Kubernetes, Zeek conn, Falco ...)",
    "SpecificInsteadOfGenericLogsourceIssue": "the rule asks for events of several of Sysmon's categories at once",
    "SigmahqInvalidFieldnameIssue": "a rule that asks for a column of one category in a union of several",
    "SigmahqFieldUserIssue": "the rule asks for the account by its English name",
    "EscapedWildcardIssue": "the rule asks for the sign itself",
    "ControlCharacterIssue": "the rule holds the character",
    "NumberAsStringIssue": "a text of digits with leading zeros is no number",
    "SigmahqInvalidHashKvIssue": "the digest is looked for whatever its algorithm is called",
    "DuplicateTitleIssue": "two rules of Elastic's have one name",
}
"""Kinds of issues that stay, each with its reason."""

# They read MITRE's data from the network; one crashes on nested detections (SigmaHQ's own settings leave it out).
_LEFT_OUT = frozenset(
    {"attacktag", "d3_fendtag", "sigmahq_tags_techniques_without_tactics", "sigmahq_sysmon_missing_eventid"}
)


def backends() -> Mapping[str, Callable[[], Backend]]:
    """The backends, those that are installed."""
    found = InstalledSigmaPlugins.autodiscover(include_pipelines=False, include_validators=False).backends
    known = cast("Mapping[str, Callable[[], Backend]]", found)  # they are classes, whatever the plugin's hints say
    return {name: known[name] for name in ("splunk", "lucene", "esql", "kusto") if name in known}


@dataclass(frozen=True, slots=True)
class File:
    """One artifact: its rule's path and its documents."""

    path: str
    documents: tuple[Document, ...]


def files(fields: str) -> Iterable[File]:
    """The Sigma artifacts of the shared corpus."""
    for path in sorted(RULES.rglob("*.toml")):
        try:
            artifact = converter.convert(converter.read_rule(path), "sigma", fields)
        except ConverterError:
            continue
        if artifact.text:
            yield File(path.relative_to(RULES).as_posix(), tuple(yaml.safe_load_all(artifact.text)))


def _plain(document: Document) -> dict[str, Any]:
    return {key: str(value) if key in ("date", "modified") else value for key, value in document.items()}


def _converts(make: Callable[[], Backend], documents: Iterable[Document]) -> bool:
    """Whether a backend makes a query of them. What a plugin raises, whatever its type, is a no."""
    try:
        return bool(make().convert(SigmaCollection.from_dicts([_plain(d) for d in documents])))
    except (SigmaError, NotImplementedError, ValueError, KeyError, TypeError, AttributeError):
        return False


def conversions(artifacts: Iterable[File]) -> dict[str, Counter[str]]:
    """By backend: how many detections and correlations there are (`of ...`), and how many it converts."""
    found: dict[str, Counter[str]] = {name: Counter() for name in backends()}
    for file in artifacts:
        for document in file.documents:
            kind = "correlation" if "correlation" in document else "detection"
            together = file.documents if kind == "correlation" else (document,)
            for name, make in backends().items():
                found[name][f"of {kind}"] += 1
                found[name][kind] += _converts(make, together)
    return found


def issues(artifacts: Iterable[File]) -> Counter[str]:
    """The kinds of issues that validators report, with their counts."""
    known = InstalledSigmaPlugins.autodiscover(include_backends=False, include_pipelines=False).validators
    validator = SigmaValidator({cast("type", one) for name, one in known.items() if name not in _LEFT_OUT})
    rules = [rule for file in artifacts for rule in SigmaCollection.from_dicts([*map(_plain, file.documents)]).rules]
    found = Counter(
        type(issue).__name__ for rule in rules for issue in validator.validate_rule(cast("SigmaRule", rule))
    )
    found.update(type(one).__name__ for one in validator.finalize())
    return found


def show(line: str) -> None:
    """One line of the account."""
    sys.stdout.write(f"{line}\n")


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; 0 if all is as agreed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fields", default="native", choices=("native", "ecs"))
    fields = parser.parse_args(arguments).fields
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # the validators first look for newer data on the network
    artifacts = list(files(fields))
    documents = sum(len(file.documents) for file in artifacts)
    show(f"{len(artifacts)} artifacts ({fields}), {documents} documents\n")
    show("| backend | detections | correlations |\n|---|---|---|")
    good = True
    for name, counts in conversions(artifacts).items():
        kinds = ("detection", "correlation")
        cells = [f"{counts[k]} of {counts[f'of {k}']} ({counts[k] / max(counts[f'of {k}'], 1):.1%})" for k in kinds]
        show(f"| {name} | {' | '.join(cells)} |")
        good &= counts["detection"] >= LEAST * counts["of detection"]
    show("\n| issue | documents | why it stays |\n|---|---|---|")
    for name, count in issues(artifacts).most_common():
        show(f"| {name} | {count} | {AGREED.get(name, '**not agreed**')} |")
        good &= name in AGREED
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
