"""A content pack as contentctl reads it: detections, baselines, macros, lookups and data sources, a YAML file each.

What the fields may hold is what contentctl's models ask for (`contentctl validate`): names of at most 67 characters, a
file named after each, a filter macro named after the file, no technique beside its subtechnique.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence

from backends.splunk.codes import T236
from backends.splunk.deploy.app import empty, rows, title_of
from backends.splunk.deploy.conf import Stanza
from backends.splunk.deploy.licence import licence_files
from backends.splunk.deploy.part import Part, Parts, licensed
from backends.splunk.deploy.place import Source
from backends.splunk.deploy.risk import message, score, token
from backends.splunk.deploy.savedsearch import detection_id, security_domain
from backends.splunk.detection.table import Table
from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.languages import yaml
from converter.languages.spl.syntax import Macro as Called
from converter.languages.spl.syntax import Pipeline
from converter.languages.spl.write import pipeline
from converter.model.metadata import Metadata
from converter.model.value import Macro
from converter.plan.credit import credit
from converter.plan.uncarried import retired
from converter.target.artifact import Artifact, File
from converter.target.bundle import Bundled, Package
from converter.target.lines import one_line

Document = dict[str, object]

LONGEST_NAME = 67
_LABEL = "ELST"
_LONGEST_DESCRIPTION = 10_000
_LONGEST_AUTHOR = 255
_FIRST_DAY = "2020-01-01"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:contentctl")
_RULES = Table("elastic_rules", ("detection", "rule_id", "rule", "severity", "risk_score"))
_PRODUCTS = ["Splunk Enterprise", "Splunk Enterprise Security", "Splunk Cloud"]
_FOLDERS = {"network": "network", "access": "cloud", "audit": "cloud", "identity": "cloud", "threat": "application"}
_ASSETS = {"network": "Network", "access": "Account", "audit": "Account", "identity": "Identity"}
_TECHNIQUE = compiled(r"T\d{4}(?:\.\d{3})?")
_URL = compiled(r"https?://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d{1,5})?(?:[/?#][!-~]*)?")
_DATE = compiled(r"(\d{4})[/-](\d{2})[/-](\d{2})")


def contentctl(artifacts: Sequence[Artifact], package: Package) -> Bundled:
    """The content pack of the rules, a folder in which `contentctl build` makes an app."""
    parts = Parts(artifacts)
    pack = _Pack(package, title_of(package))
    macros, sources = _all_macros(parts), parts.sources()
    others = [pack.story, *(macro.name for macro in macros), *map(_events, sources)]
    names = parts.names(lambda part: detection_name(part.meta), LONGEST_NAME, others)
    files = []
    for number, (part, name) in enumerate(zip(parts.all, names, strict=True)):
        if name != one_line(part.meta.title):
            message = f"contentctl takes no such name: it is called {name}"
            parts.say(number, Diagnostic(T236, message, Severity.NOTE))
        files.append(pack.file(f"detections/{_folder(part)}", _detection(part, name, pack), number))
    files += [pack.file("baselines", document) for document in _baselines(parts, names, pack)]
    files += [pack.file("macros", _macro(macro)) for macro in macros]
    files += [pack.file("data_sources", _data_source(source)) for source in sources]
    filled = [_lookup(table, f"Filled by the search Lookup {table.name}.") for table in parts.tables()]
    listed = _lookup(_RULES, "The detections, and the rules that they were made of.")
    files += [pack.file("lookups", document) for document in (*filled, listed)]
    files.append(pack.file("stories", _story(pack)))
    texts = {
        "contentctl.yml": dumped(_configuration(package, pack)),
        **{f"lookups/{table.file}": empty(table) for table in parts.tables()},
        f"lookups/{_RULES.file}": rows(_RULES, _listed(parts, names)),
        **{f"{folder}/.gitkeep": "" for folder in _EMPTY},
        **_TEMPLATE,
        **{f"app_template/{name}": text for name, text in licence_files(elastic=licensed(parts.all)).items()},
    }
    files += [pack.text(path, text) for path, text in texts.items()]
    return Bundled(tuple(sorted(files, key=lambda file: file.path)), parts.artifacts)


@dataclass(frozen=True, slots=True)
class _Pack:
    """The folder, and the story that all detections are of."""

    package: Package
    story: str

    def file(self, folder: str, document: Mapping[str, object], number: int | None = None) -> File:
        """A document in the file that its name asks for."""
        path = f"{self.package.name}/{folder}/{stem(str(document['name']))}.yml"
        return File(path, dumped(document).encode("utf-8"), number)

    def text(self, path: str, text: str) -> File:
        return File(f"{self.package.name}/{path}", text.encode("utf-8"))


def detection_text(part: Part) -> str:
    """One detection's file."""
    return dumped(_detection(part, detection_name(part.meta), _Pack(Package(), title_of(Package()))))


# ---- names


def detection_name(meta: Metadata) -> str:
    """The rule's name in letters, digits, blanks and dashes, as long as contentctl takes it."""
    words = re.sub(r"[^A-Za-z0-9 _-]+", " ", meta.title)
    return " ".join(words.split())[:LONGEST_NAME].strip(" -_") or f"Rule {detection_id(meta)[:8]}"


def stem(name: str) -> str:
    """The file of a name, as contentctl derives it."""
    return re.sub(r"[ \-./]", "_", name).lower()


def _events(source: Source) -> str:
    """The name of a data source; contentctl wants each name once, whatever it is of."""
    return f"Events of {source.macro}"


def _folder(part: Part) -> str:
    return _FOLDERS.get(security_domain(part.meta), "endpoint")


# ---- documents


def _detection(part: Part, name: str, pack: _Pack) -> Document:
    meta, rule, objects = part.meta, part.saved.rule, part.saved.objects
    search = pipeline(Pipeline((*part.saved.stages, Called(f"{stem(name)}_filter"))))
    document: Document = {
        "name": name,
        "id": detection_id(meta),
        "version": meta.version or 1,
        "date": _date(meta),
        "author": _author(meta),
        "status": "experimental",
        "type": _type(part),
        "description": _description(meta),
        "data_source": [_events(source) for source in part.sources],
        "search": search,
        "how_to_implement": _implement(part),
        "known_false_positives": "\n".join(map(one_line, meta.false_positives)) or "Unknown.",
        "references": [one for one in dict.fromkeys(meta.references) if _URL.fullmatch(one)],
    }
    if objects.risk:
        document["drilldown_searches"] = _drilldowns(objects.columns)
        document["rba"] = {
            "message": message(meta, objects),
            "risk_objects": [{"field": c, "type": kind, "score": score(meta)} for c, kind in objects.risk],
            "threat_objects": [{"field": c, "type": kind} for c, kind in objects.threat],
        }
    document["tags"] = _tags(part, pack)
    document["deployment"] = _deployment(rule, part)
    return {key: value for key, value in document.items() if value != []} | {"rba": document.get("rba")}


def _type(part: Part) -> str:
    if not part.saved.objects.risk:
        return "Hunting"
    return "Anomaly" if part.meta.building_block_type else "TTP"


def _description(meta: Metadata) -> str:
    opening = "Deprecated by its authors. " if retired(meta) else ""
    notice = f"\n\n{one_line(credit(meta).notice)} {one_line(credit(meta).origin)}".rstrip()
    room = _LONGEST_DESCRIPTION - len(opening) - len(notice)
    return f"{opening}{meta.description.strip()[:room]}{notice}"


def _author(meta: Metadata) -> str:
    return one_line(", ".join(meta.author))[:_LONGEST_AUTHOR] or "Unknown"


def _date(meta: Metadata) -> str:
    found = _DATE.fullmatch(meta.updated_date) or _DATE.fullmatch(meta.creation_date)
    return "-".join(found.groups()) if found else _FIRST_DAY


def _implement(part: Part) -> str:
    named = [source.macros[0].name for source in part.sources if source.macros]
    where = f"Name the index of the events in the macro {', '.join(named)}." if named else "The search names its index."
    guide = f"Investigation guide:\n\n{part.meta.note.strip()}" if part.meta.note.strip() else ""  # has no other place
    return "\n\n".join(filter(None, (where, part.meta.setup.strip(), guide)))


def _drilldowns(columns: Sequence[str]) -> list[Document]:
    named = " and ".join(map(token, columns))
    only = " ".join(f'"{column}"="{token(column)}"' for column in columns)
    either = " OR ".join(f'risk_object="{token(column)}"' for column in columns)
    times = {"earliest_offset": "$info_min_time$", "latest_offset": "$info_max_time$"}
    return [
        {
            "name": f"Results of the search for {named}",
            "search": f"%original_detection_search% | search {only}",
            **times,
        },
        {
            "name": f"Risk of {named} in the last 7 days",
            "search": f"index=risk ({either}) | table _time, source, risk_object, risk_score, risk_message",
            "earliest_offset": "-7d",
            "latest_offset": "now",
        },
    ]


def _tags(part: Part, pack: _Pack) -> Document:
    domain = security_domain(part.meta)
    tags: Document = {
        "analytic_story": [pack.story],
        "asset_type": _ASSETS.get(domain, "Endpoint"),
        "product": list(_PRODUCTS),
        "security_domain": domain,
    }
    techniques = _techniques(part.meta)
    if techniques:
        tags["mitre_attack_id"] = techniques
    fields = part.saved.rule.get("alert.suppress.fields")
    if fields:
        tags["throttling"] = {"fields": fields.split(","), "period": part.saved.rule.get("alert.suppress.period")}
    return tags


def _techniques(meta: Metadata) -> list[str]:
    """Techniques of ATT&CK, without those of which a subtechnique is named."""
    found: dict[str, None] = {}
    for threat in meta.threat:
        for technique in threat.techniques if "ATT&CK" in threat.framework else ():
            own = [one.id for one in technique.subtechniques] or [technique.id]
            found |= dict.fromkeys(one for one in own if _TECHNIQUE.fullmatch(one))
    parents = {one.partition(".")[0] for one in found if "." in one}
    return [one for one in found if one not in parents]


def _schedule(stanza: Stanza) -> Document:
    return {
        "cron_schedule": stanza.get("cron_schedule"),
        "earliest_time": stanza.get("dispatch.earliest_time") or "-24h",
        "latest_time": stanza.get("dispatch.latest_time") or "now",
        "schedule_window": "auto",
    }


def _deployment(rule: Stanza, part: Part) -> Document:
    """The schedule and the actions of one detection; contentctl's own default is a search an hour."""
    action: Document = {"rba": {"enabled": bool(part.saved.objects.risk)}}
    if not part.meta.building_block_type:
        action["notable"] = {
            "rule_description": "%description%",
            "rule_title": "%name%",
            "nes_fields": list(part.saved.objects.columns),
        }
    return {"scheduling": _schedule(rule), "alert_action": action}


def _baselines(parts: Parts, names: Sequence[str], pack: _Pack) -> Iterable[Document]:
    """The searches that fill lookups, each once, with the detections that read them."""
    readers: dict[str, list[int]] = {}
    filled: dict[str, Stanza] = {}
    for number, part in enumerate(parts.all):
        for table, filling in part.saved.fillings:
            readers.setdefault(table.name, []).append(number)
            filled.setdefault(table.name, filling)
    for table_name, numbers in sorted(readers.items()):
        meta, filling = parts.all[numbers[0]].meta, filled[table_name]
        name = f"Lookup {table_name}"[:LONGEST_NAME].rstrip("_")
        yield {
            "name": name,
            "id": _id(f"baseline/{table_name}"),
            "version": 1,
            "date": _date(meta),
            "author": _author(meta),
            "type": "Baseline",
            "status": "production",
            "description": filling.get("description"),
            "search": filling.get("search"),
            "how_to_implement": "Switch it on before the detections that read the lookup.",
            "known_false_positives": "None.",
            "tags": {
                "analytic_story": [pack.story],
                "detections": [names[number] for number in numbers],
                "product": list(_PRODUCTS),
                "security_domain": security_domain(meta),
            },
            "deployment": {"scheduling": _schedule(filling)},
        }


def _all_macros(parts: Parts) -> list[Macro]:
    """The macros, and a stand-in for those that an add-on defines, without which contentctl builds nothing."""
    outside = [
        Macro(source.macro, (), f"`{source.macro}`", "index=*", _OUTSIDE)
        for source in parts.sources()
        if not source.own
    ]
    return [*parts.macros(), *outside]


def _id(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))


def _macro(macro: Macro) -> Document:
    document: Document = {
        "name": macro.name,
        "id": _id(f"macro/{macro.name}"),
        "version": 1,
        "date": _FIRST_DAY,
        "author": "siemglot",
        "description": macro.note or f"The macro {macro.name}.",
        "definition": macro.definition,
    }
    return {**document, "arguments": list(macro.parameters)} if macro.parameters else document


def _listed(parts: Parts, names: Sequence[str]) -> Iterable[Sequence[str]]:
    for part, name in zip(parts.all, names, strict=True):
        yield name, one_line(part.meta.rule_id), one_line(part.meta.name), part.meta.severity, str(part.meta.risk_score)


def _lookup(table: Table, description: str) -> Document:
    return {
        "name": table.name,
        "id": _id(f"lookup/{table.name}"),
        "version": 1,
        "date": _FIRST_DAY,
        "author": "siemglot",
        "lookup_type": "csv",
        "description": description,
        "case_sensitive_match": True,
        **({"match_type": [f"{how}({column})" for column, how in table.matches]} if table.matches else {}),
    }


def _data_source(source: Source) -> Document:
    terms = dict(source.terms)
    return {
        "name": _events(source),
        "id": _id(f"data source/{source.macro}"),
        "version": 1,
        "date": _FIRST_DAY,
        "author": "siemglot",
        "description": f"Events found by the macro {source.macro}: {source.title}.",
        "source": terms.get("source", "*"),
        "sourcetype": terms.get("sourcetype", "*"),
    }


def _story(pack: _Pack) -> Document:
    return {
        "name": pack.story,
        "id": _id(f"story/{pack.story}"),
        "version": 1,
        "date": _FIRST_DAY,
        "author": pack.package.author or "siemglot",
        "status": "production",
        "description": "Detections converted from rules of Elastic Security.",
        "narrative": "Each detection says which rule it was made of, and by whom that was written.",
        "references": [],
        "tags": {"category": ["Adversary Tactics"], "product": list(_PRODUCTS), "usecase": "Advanced Threat Detection"},
    }


def _configuration(package: Package, pack: _Pack) -> Document:
    return {
        "path": ".",
        "app": {
            "uid": 99999,
            "title": pack.story,
            "appid": package.name,
            "version": package.version,
            "description": f"{pack.story}, converted by siemglot",
            "prefix": _LABEL,
            "label": _LABEL,
            "author_name": package.author or "siemglot",
            "author_email": "author@example.com",
            "author_company": package.author or "siemglot",
        },
        "enrichments": False,
        "build_app": True,
        "build_api": False,
        "build_path": "dist",
    }


_TEMPLATE = {
    "app_template/metadata/default.meta": (
        "[]\naccess = read : [ * ], write : [ admin, sc_admin ]\nexport = system\n\n"
        "[savedsearches/default]\nexport = none\n"
    ),
    "app_template/lookups/mitre_enrichment.csv": "mitre_id,technique,tactics,groups\n",
}
"""What every app that contentctl builds begins with."""

_OUTSIDE = "stands for the macro of an add-on: say here where the events are"

_EMPTY = ("baselines", "dashboards", "deployments", "investigations", "playbooks", "removed")
"""Folders that contentctl wants, whether they hold anything or not."""


# ---- text


def dumped(document: Mapping[str, object]) -> str:
    """A document as YAML, its keys in the given order, without those that have no value."""
    kept = {key: value for key, value in document.items() if value is not None}
    return yaml.dump(kept, step="  ")
