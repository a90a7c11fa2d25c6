"""Which entries of the data set tables a real event of the platform shows, and which of them say so.

`PYTHONPATH=.:tests python tests/evidence.py` prints, for each platform, the share of entries used by three or more
rules of the corpus that rest on a real event; with `--write TABLE ...` (files without suffix) it sets `row` where one
shows it.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pairs import pairs_of
from shared import SHARED, corpus_rule, corpus_rules

import converter
from converter.datasets.reading.load import FOLDER, builtin_tables
from converter.datasets.reading.table import Counterpart, Entry, Known, Place, Status, Table, When
from converter.diagnostics.errors import ConverterError
from converter.model.fact import Fact
from converter.target.account import Ending

Columns = frozenset[str]
"""The names under which a platform's events have a value."""

_FILES = ("platform_rows.ndjson.gz", "sentinel_rows.ndjson", "splunk_events.ndjson.gz")
_LOGS = {"sysmon": "Microsoft-Windows-Sysmon/Operational", "wineventlog_security": "Security",
         "powershell": "Microsoft-Windows-PowerShell/Operational"}  # fmt: skip
_DATASETS = {"sysmon": "windows.sysmon_operational", "wineventlog_security": "system.security",
             "powershell": "windows.powershell_operational"}  # fmt: skip
_COMPUTED = {"process_name": ("Image", "NewProcessName", "ProcessName"), "parent_process_name": ("ParentImage",),
             "file_name": ("TargetFilename",), "SHA256": ("Hashes",), "MD5": ("Hashes",), "IMPHASH": ("Hashes",),
             "EventCode": ("EventID",), "host": ("Computer",)}  # fmt: skip  # fields that the add-ons make of others
_HUB = "ms:defender:eventhub"
_NAME = re.compile(r"'([^']+)'|(?<![\w.\"'])([A-Za-z_][\w.]*)(?!\w*\s*\()")
_TEXT = re.compile(r'@?"(?:[^"\\]|\\.|"")*"')
_WORDS = frozenset(["and", "or", "not", "in", "null", "true", "false", "if", "case", "iff", "AND", "OR", "NOT", "IN", "has", "contains", "startswith", "endswith", "startswith_cs", "endswith_cs", "null", "datetime", "long", "string", "dynamic", "real", "like", "matches", "regex"])  # fmt: skip


def _object(text: str) -> object:
    """What a text of JSON holds; nothing where it is none, as a sample that was cut short."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _leaves(value: object, path: str = "", sign: str = "") -> Iterator[tuple[str, object]]:
    """The dotted paths of an object; an array's name ends in `sign`, text that is JSON is an object too."""
    if isinstance(value, str) and value[:1] in "{[" and path:
        yield from _leaves(_object(value), path, sign)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name), sign)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path + sign, sign)
    elif value not in (None, "", "-", "null"):
        yield path, value


def _read(name: str) -> Iterator[dict[str, object]]:
    path = SHARED / "events" / name
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def _systems(row: object) -> tuple[str, ...]:
    """The operating systems that a row of Defender XDR may be of, told by its paths."""
    paths = (
        [str(row.get(c) or "") for c in ("FolderPath", "InitiatingProcessFolderPath")]
        if isinstance(row, Mapping)
        else []
    )
    if any(path.startswith("/") for path in paths):
        return (" posix",)
    return (" windows",) if any(":\\" in path for path in paths) else (" posix", " windows")


def _listed(names: object) -> list[str]:
    """Names of fields where only these are known."""
    return [str(name) for name in names] if isinstance(names, list) else []


@functools.cache
def _by_source() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Table, source type or log -> column -> the values seen there, as text."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def put(source: str, value: object, sign: str = "") -> None:
        found[source][""].add("")
        for path, one in _leaves(value, "", sign):
            found[source][path].add(str(one))

    for row in (*_read(_FILES[0]), *_read(_FILES[1])):
        for system in ("", *_systems(row["row"])):
            put(str(row["table"]) + system, row["row"])
    for event in _read(_FILES[2]):
        kind, raw, fields = str(event["sourcetype"]).lower(), event["raw"], event.get("fields")
        whole = _object(raw) if isinstance(raw, str) and raw.startswith("{") else raw
        if kind == _HUB and isinstance(whole, Mapping):
            for system in ("", *_systems(whole.get("properties"))):
                put(_HUB + str(whole.get("category", "")) + system, whole)
                name = str(whole.get("category", "")).removeprefix("AdvancedHunting-")
                put(name + system, whole.get("properties"))
            continue
        data = dict(re.findall(r"""<Data Name=['"](\w+)['"]>([^<]+)<""", raw)) if isinstance(raw, str) else {}
        log = re.search(r"<Channel>([^<]+)<", raw) if isinstance(raw, str) else None
        for source in (kind, log[1] if log else kind):
            put(source, data)
            put(source, fields if isinstance(fields, Mapping) else dict.fromkeys(_listed(fields), "?"))
            put(source, whole if isinstance(whole, Mapping) else {}, "{}")
    for macro, dataset in _DATASETS.items():
        for pair in pairs_of(dataset, derived=400):
            inner = pair.raw.get("Event")
            parts = inner if isinstance(inner, Mapping) else {"System": {}, "EventData": pair.raw}
            put(_LOGS[macro], parts.get("System"))
            put(_LOGS[macro], parts.get("EventData"))
    return {source: {c: frozenset(v) for c, v in columns.items()} for source, columns in found.items()}


def seen(table: Table, platform: str, place: Place, *, own: bool = False) -> Mapping[str, frozenset[str]]:
    """The columns of a place that have a value in some real event, with the values.

    `own`: only in events that are of the table's operating system, where the platform's table holds those of all.
    """
    systems = {"windows": " windows", "linux": " posix", "macos": " posix"}
    system = systems.get(table.selector.os[0], "") if own and len(table.selector.os) == 1 else ""
    found = dict(_seen(platform, tuple(place.header.items()), place.base, place.like, system))
    if platform == "splunk" and place.mode == "native" and place.header.get("macro") not in _LOGS:
        found |= {
            column: found.get(column, frozenset()) | held for column, held in _raw(table.selector.datasets).items()
        }
    return found


@functools.cache
def _raw(datasets: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """The columns of events that their source sends as JSON, of which Splunk makes fields by itself."""
    found: dict[str, set[str]] = defaultdict(set)
    for dataset in datasets:
        for pair in pairs_of(dataset, derived=400):
            for path, value in _leaves({k: v for k, v in pair.raw.items() if k != "_raw"}, "", "{}"):
                found[path].add(str(value))
    return {column: frozenset(held) for column, held in found.items()}


@functools.cache
def _seen(
    platform: str, items: tuple[tuple[str, str], ...], base: str, like: str, system: str
) -> Mapping[str, frozenset[str]]:
    header, every = dict(items), _by_source()
    if platform == "sentinel":
        source = "" if "query" in header and like == "" else header.get("table", "")
    elif platform == "splunk":
        source = _LOGS.get(header.get("macro", ""), header.get("sourcetype", "").lower())
    else:
        return {}
    if source == _HUB:
        category = re.search(r'category == "([^"]+)"', base)
        source += category[1] if category else ""
    found = dict(every.get(source + system, {}))
    if platform == "splunk":
        found |= {made: frozenset({"?"}) for made, of in _COMPUTED.items() if set(of) & set(found)}
        if found:
            found.setdefault("category", frozenset({"?"}))
    return found


def columns_of(part: Counterpart) -> Columns:
    """The columns that a counterpart looks at."""
    texts = [part.to, part.grouped]
    if part.arguments:
        texts = list(part.arguments)
    texts += [r.condition for r in part.values.values() if isinstance(r, When)]
    if isinstance(part.present, When):
        texts.append(part.present.condition)
    if not part.computed and part.to:
        texts[0] = f"'{part.to}'"
    names: set[str] = set()
    for text in texts:
        for quoted, plain in _NAME.findall(_TEXT.sub("", text)):
            name = quoted or plain
            if name not in _WORDS and "{name" not in name:
                names.add(name)
    return frozenset(names)


def shown(table: Table, platform: str, place: Place, part: Counterpart) -> bool:
    """Whether real events of the place have every column that the counterpart looks at."""
    found = seen(table, platform, place)
    if not found or part.status in (Status.NONE, Status.ABSENT):
        return False
    if "{name" in part.to:  # as many columns as names: one is enough
        head, _, _ = part.to.partition("{name")
        return not part.computed and any(column.startswith(head) for column in found if column)
    columns = columns_of(part)
    if part.computed and "coalesce(" in part.to:  # whichever of several columns an event has
        return any(column in found for column in columns)
    return all(column in found for column in columns)


def fits(fact: Fact, value: str) -> bool:
    """Whether a value has a fact that a value by itself can have."""
    match fact:
        case Fact.LOWER_CASE:
            return value == value.lower()
        case Fact.DRIVE_PATH:
            return ":\\" not in re.sub(r"^(\\\\[?.]\\)?.(?=:\\)", "", value)[2:]
        case Fact.POSIX_PATH:
            return value.startswith("/")
        case Fact.ONE_LINE:
            return "\n" not in value and "\r" not in value
        case Fact.NEVER_EMPTY:
            return value != ""
        case Fact.ADDRESS:
            return re.fullmatch(r"[0-9.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.%]*", value) is not None
        case Fact.IDENTIFIER:
            return re.fullmatch(r"[A-Za-z0-9{}_:=-]*", value) is not None
        case _:
            return True


def rows_of(table: Table, entry: Entry) -> frozenset[str]:
    """The platforms of which a real event shows the entry, at one place at least."""
    found = set()
    for platform, parts in entry.places.items():
        judged = []
        for place in table.places.get(platform, ()):
            part = parts.get(place.name) or parts.get(place.like) or parts.get("")
            if part is None or part.status in (Status.NONE, Status.ABSENT) or not seen(table, platform, place):
                continue
            judged.append(shown(table, platform, place, part))
        if any(judged):
            found.add(platform)
    return frozenset(found)


def unfounded() -> list[str]:
    """Entries that say `row` and that no real event shows."""
    claims: dict[tuple[str, str, str], list[bool]] = {}  # an entry that several tables include: one of them shows it
    for table in builtin_tables():
        if not table.places:
            continue
        for entry in table.entries.values():
            said = {p for p, parts in entry.places.items() if any(part.known is Known.ROW for part in parts.values())}
            name = entry.source.name if entry.source else table.source.name
            for platform in said:
                claims.setdefault((name, entry.path, platform), []).append(platform in rows_of(table, entry))
    return [" ".join(claim) for claim, shows in claims.items() if not any(shows)]


def usage() -> Mapping[tuple[str, str], tuple[int, str]]:
    """(target, entry as file:line) -> how many rules of the corpus use it, and how it is known."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    known: dict[tuple[str, str], str] = {}
    for path in corpus_rules():
        rule = corpus_rule(path)
        if rule is None:
            continue
        for target in ("splunk", "sentinel"):
            try:
                artifact = converter.convert(rule, to=target, fields="native")
            except ConverterError:
                continue
            lines = [line for line in artifact.account if line.entry and line.ending is not Ending.GIVEN_UP]
            for entry, how in {(line.entry, line.known) for line in lines}:
                counts[target, entry] += 1
                known[target, entry] = how
    return {key: (n, known[key]) for key, n in counts.items()}


def share(least: int = 3) -> Mapping[str, tuple[int, int]]:
    """For each target: entries used by `least` or more rules that a real event shows, and all such entries."""
    found: dict[str, list[bool]] = defaultdict(list)
    for (target, _), (count, how) in usage().items():
        if count >= least:
            found[target].append(how == "row")
    return {target: (sum(flags), len(flags)) for target, flags in found.items()}


# ---- writing


def write(names: Iterable[str]) -> int:
    """Set `row` of the entries of these files (without suffix) as the real events have it; the number changed."""
    return sum(_write_file(FOLDER / f"{name}.yaml") for name in names)


def _write_file(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    tables = [t for t in builtin_tables() if path.name == Path(t.source.name).name]
    if path.name.startswith("_"):
        tables = [
            t
            for t in builtin_tables()
            if any(Path(e.source.name).name == path.name for e in t.entries.values() if e.source)
        ]
    changed = 0
    lines = text.split("\n")
    for at, line in enumerate(lines):
        head = re.match(r'  "?([\w.*]+)"?:( |$)', line)
        if head is None or line.startswith("   "):
            continue
        found: set[str] = set()
        for table in tables:
            entry = table.entries.get(head[1])
            if entry is not None and entry.source is not None and Path(entry.source.name).name == path.name:
                found |= rows_of(table, entry)
        whole = line if line.rstrip().endswith("}") else "\n".join(lines[at : at + 40])
        guessed = re.search(r"guess: \[([^\]]*)\]", line)
        found -= set(re.findall(r"\w+", guessed[1])) if guessed else set()
        if not found or "row: [" in line or not whole:
            continue
        listed = f"row: [{', '.join(sorted(found, reverse=True))}]"
        if "{" in line:
            lines[at] = re.sub(r"^(  \"?[\w.*]+\"?: (?:&\w+ )?)\{", rf"\1{{{listed}, ", line)
        elif lines[at].rstrip().endswith(":") and not (at + 1 < len(lines) and "row:" in lines[at + 1]):
            lines[at] = f"{line}\n    {listed}"
        else:
            continue
        changed += 1
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return changed


def main(arguments: list[str]) -> int:
    """Usage: python tests/evidence.py [--write TABLE ...]."""
    if arguments[:1] == ["--write"]:
        print(write(arguments[1:]), "entries")  # noqa: T201
        return 0
    for target, (rows, entries) in sorted(share().items()):
        print(f"{target}: {rows} of {entries} entries ({100 * rows / entries:.0f} %)")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
