"""The app: a folder that Splunk installs, and the same as a package.

Its files are those that the admin manual and AppInspect ask of an app; people change `local/`, never `default/`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Sequence

from backends.splunk.deploy.conf import Stanza, commented, stanza
from backends.splunk.deploy.licence import licence_files
from backends.splunk.deploy.macro import macro_stanza
from backends.splunk.deploy.part import Parts, licensed
from backends.splunk.deploy.place import Source
from backends.splunk.deploy.savedsearch import SUFFIX
from backends.splunk.detection.table import Table
from converter.model.value import Macro
from converter.target.artifact import Artifact, File
from converter.target.bundle import Bundled, Package
from converter.target.lines import one_line

_TITLE = "Converted Elastic detections"
_LONGEST_NAME = 99
_FOLDER, _PLAIN = 0o755, 0o644


def app(artifacts: Sequence[Artifact], package: Package) -> Bundled:
    """The app of the rules: `<name>/`, and `<name>-<version>.spl` beside it."""
    parts = Parts(artifacts)
    tables, macros = parts.tables(), parts.macros()
    files = {
        "default/app.conf": _app(package),
        "default/savedsearches.conf": _searches(parts),
        "default/macros.conf": _macros(macros),
        **({"default/transforms.conf": _transforms(tables)} if tables else {}),
        **{f"lookups/{table.file}": empty(table) for table in tables},
        "metadata/default.meta": _META,
        "app.manifest": _manifest(package),
        "README.md": _readme(package, parts.sources(), len(parts.all)),
        **licence_files(elastic=licensed(parts.all)),
    }
    data = {f"{package.name}/{path}": text.encode("utf-8") for path, text in sorted(files.items())}
    packed = File(f"{package.name}-{package.version}.spl", packed_files(data))
    return Bundled((*(File(path, text) for path, text in data.items()), packed), parts.artifacts)


def packed_files(data: dict[str, bytes]) -> bytes:
    """A compressed archive of files, the same bytes for the same files: no times, no owners."""
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folders = {"/".join(path.split("/")[:depth]) for path in data for depth in range(1, path.count("/") + 1)}
        for path in sorted([*folders, *data]):
            entry = tarfile.TarInfo(path)
            if path in data:
                entry.size, entry.mode = len(data[path]), _PLAIN
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, _FOLDER
            archive.addfile(entry, io.BytesIO(data.get(path, b"")))
    return gzip.compress(inner.getvalue(), mtime=0)


def title_of(package: Package) -> str:
    """What people call the package."""
    return package.title or _TITLE


def _app(package: Package) -> str:
    stanzas = [
        stanza("install", {"is_configured": "0", "state": "enabled", "build": "1"}),
        stanza("ui", {"is_visible": "0", "label": title_of(package)}),
        stanza(
            "launcher",
            {
                "author": package.author or "siemglot",
                "version": package.version,
                "description": f"{title_of(package)}: scheduled searches, converted by siemglot",
            },
        ),
        stanza("package", {"id": package.name, "check_for_updates": "0"}),
        stanza("id", {"name": package.name, "version": package.version}),
    ]
    return "\n".join(one.text for one in stanzas)


def _searches(parts: Parts) -> str:
    """Every search once; what fills a lookup stands before the first rule that reads it."""
    heads = parts.names(lambda part: part.saved.rule.head, _LONGEST_NAME)
    found: dict[str, Stanza] = {}
    for part, head in zip(parts.all, heads, strict=True):
        old, new = (one.removesuffix(SUFFIX) for one in (part.saved.rule.head, head))
        for _, filling in part.saved.fillings:
            own = filling.head.replace(old, new)
            found.setdefault(own, filling.called(own))
        found[head] = part.saved.rule.called(head)
    about = ["Disabled as they come: switch on in local/, or on the page of searches, what you want to run."]
    return "\n".join([commented(about), *(one.text for one in found.values())])


def _macros(macros: Sequence[Macro]) -> str:
    about = ["Write your own values into local/macros.conf: above all where each source is (index=*)."]
    texts = [commented([one_line(macro.note)] if macro.note else []) + macro_stanza(macro).text for macro in macros]
    return "\n".join([commented(about), *texts])


def _transforms(tables: Sequence[Table]) -> str:
    about = ["The searches named Lookup Gen fill these lookups."]
    return "\n".join([commented(about), *(stanza(one.name, one.settings).text for one in tables)])


def empty(table: Table) -> str:
    """The CSV file before it is filled: its columns."""
    return rows(table, ())


def rows(table: Table, values: Iterable[Sequence[str]]) -> str:
    """The CSV file of a lookup."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([table.columns, *values])
    return out.getvalue()


_META = """# Everybody may read the searches, lookups and macros; Enterprise Security opens them from its own app.
[]
access = read : [ * ], write : [ admin, sc_admin ]
export = system
"""


def _manifest(package: Package) -> str:
    """The manifest, as the packaging toolkit's schema 2.0.0 has it."""
    document = {
        "schemaVersion": "2.0.0",
        "info": {
            "title": title_of(package),
            "id": {"group": None, "name": package.name, "version": package.version},
            "author": [{"name": package.author or "siemglot", "email": None, "company": None}],
            "releaseDate": None,
            "description": f"{title_of(package)}: scheduled searches, converted by siemglot",
            "classification": {"intendedAudience": "Security", "categories": [], "developmentStatus": None},
            "commonInformationModels": None,
            "license": {"name": None, "text": None, "uri": None},
            "privacyPolicy": {"name": None, "text": None, "uri": None},
            "releaseNotes": {"name": None, "text": None, "uri": None},
        },
        "dependencies": {},
        "tasks": [],
        "inputGroups": {},
        "incompatibleApps": {},
        "platformRequirements": {"splunk": {"Enterprise": "*"}},
        "supportedDeployments": ["_standalone", "_distributed", "_search_head_clustering"],
        "targetWorkloads": ["_search_heads"],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _readme(package: Package, sources: Sequence[Source], rules: int) -> str:
    rows = [f"| `{one.macros[0].name}` | {one.title} |" for one in sources if one.macros]
    called = [f"- `{one.macro}`: define it, or install the add-on that does" for one in sources if not one.own]
    lines = [
        f"# {one_line(title_of(package))}",
        "",
        f"{rules} detection rules as scheduled searches. Every search is disabled as it comes.",
        "",
        "1. Name the index of each source in `local/macros.conf`; as it comes, every index is searched.",
        "2. Enable the searches named `Lookup Gen` that go with the rules you want, then the rules.",
        "3. With Enterprise Security they give notable events and risk; without it, triggered alerts.",
        "",
        "| macro | source |",
        "|---|---|",
        *rows,
        *(["", "Macros of other apps that the searches call:", "", *called] if called else []),
    ]
    return "\n".join(lines) + "\n"
