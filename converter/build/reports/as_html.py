"""report.html: the report for people, one page that needs nothing beside it.

What the page shows at once is in its index; what it shows of a rule is unpacked when somebody looks at it, a chunk of
rules at a time. Lines and paragraphs that come back (the runtime of Python modules) stand in it once. Everything is
packed by LZMA, which remembers more than the deflate of browsers and gives a third less, and written in an alphabet of
91 signs, a tenth shorter than base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from converter import __version__
from converter.build.changes import Change
from converter.build.record import Built, Ended, Made, Message, Place
from converter.build.reports.as_json import change_json
from converter.build.run import Build, reasons, statuses
from converter.diagnostics.catalogue import all_codes
from converter.parallel import cores

_PAGE = Path(__file__).parent / "page"
_CHUNK = 192
"""Rules that are unpacked together, in about a tenth of a second."""
FILTERS = [{"id": lzma.FILTER_LZMA1, "preset": 3, "lc": 3, "lp": 0, "pb": 0, "dict_size": 1 << 23}]
"""How texts are packed; the page's script knows these numbers. Preset 6 takes 3.5 times as long for a tenth less."""
_ALPHABET = "".join(chr(c) for c in range(33, 127) if chr(c) not in "<&\\")
_BITS, _SIGNS = 13, len(_ALPHABET)
_PARAGRAPH = "\n\n"
_SHORTEST = 12
"""Characters of a line that gets a number: of a shorter one it saves nothing."""
_LONGEST, _HEAD = 1_000, 200
"""Characters of the longest line that is shown whole, and what is shown of a longer one: an investigation guide."""
_ENDINGS = ("emitted", "implied", "given up")


def report(build: Build, changes: Sequence[Change]) -> str:
    """The page."""
    texts = Texts(build)
    entries = _entries(build)
    parts: dict[str, object] = {"index": _index(build, changes, entries), "texts": texts.all}
    for number, start in enumerate(range(0, len(build.rules), _CHUNK)):
        some = build.rules[start : start + _CHUNK]
        parts[f"chunk-{number}"] = [_detail(rule, build, texts, entries) for rule in some]
    data = [f'<script type="text/plain" id="alphabet">{_ALPHABET}</script>']
    with ThreadPoolExecutor(cores()) as pool:  # LZMA is most of a report's time, and it runs beside other Python
        texts_of = dict(zip(parts, pool.map(packed, parts.values()), strict=True))
    data += [f'<script type="text/plain" id="{name}">{text}</script>' for name, text in texts_of.items()]
    style, script = (_PAGE / "page.css").read_text("utf-8"), (_PAGE / "page.js").read_text("utf-8")
    page = (_PAGE / "page.html").read_text("utf-8")
    filled = {"style_hash": _source(style), "script_hash": _source(script), "style": style, "script": script}
    for name, text in (filled | {"data": "\n".join(data)}).items():
        head, _, tail = page.partition(f"{{{name}}}")
        page = head + text + tail
    return page


def _source(text: str) -> str:
    """What a content security policy calls an inline text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def packed(content: object) -> str:
    """A value as JSON, by LZMA, after the JSON's size in four bytes; thirteen bits to two signs of the alphabet."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return _in_signs(len(data).to_bytes(4, "little") + lzma.compress(data, lzma.FORMAT_RAW, filters=FILTERS))


_PAIRS = [_ALPHABET[value % _SIGNS] + _ALPHABET[value // _SIGNS] for value in range(1 << _BITS)]


def _in_signs(data: bytes) -> str:
    """Bytes as signs; a block of thirteen bytes is eight pairs."""
    padded = data + bytes(-len(data) % _BITS)
    mask = (1 << _BITS) - 1
    found = []
    for start in range(0, len(padded), _BITS):
        block = int.from_bytes(padded[start : start + _BITS], "little")
        found += [_PAIRS[block >> shift & mask] for shift in range(0, 8 * _BITS, _BITS)]
    return "".join(found)


# ---- what the page looks at first


def _index(build: Build, changes: Sequence[Change], entries: Mapping[str, int]) -> dict[str, object]:
    said = sorted({m.code for rule in build.rules for m in rule.messages})
    known = {code: entry for code in said if (entry := all_codes().get(code)) is not None}
    evidence = {e.entry: [e.entry, e.known, *e.evidence] for r in build.rules for m in r.artifacts for e in m.account}
    found: dict[str, object] = {
        "version": __version__,
        "chunk": _CHUNK,
        "targets": [
            {"name": one.name, "title": one.target.title, "format": one.form or next(iter(one.target.formats), "")}
            for one in build.plan.products
        ],
        "reasons": list(reasons(build)),
        "codes": {code: [entry.summary, entry.meaning, entry.remedy] for code, entry in known.items()},
        "entries": [evidence[entry] if entry else None for entry in entries],
        "rules": [_row(rule, build) for rule in build.rules],
    }
    if changes:
        found["changes"] = [change_json(change) for change in changes]
    return found


def _row(rule: Built, build: Build) -> dict[str, object]:
    facts = rule.facts
    bad = {m.code for m in rule.messages if m.severity in ("error", "warning")}
    return {
        "name": facts.name or rule.path.rpartition("/")[2],
        "path": rule.path,
        "id": facts.rule_id,
        "type": facts.type,
        "severity": facts.severity,
        "datasets": list(facts.datasets),
        "tags": list(facts.tags),
        "codes": sorted(bad),
        "status": "".join(status[0] for status in statuses(rule, build.plan.names).values()),
    }


# ---- what it unpacks


class Texts:
    """The texts that a report says more than once, with their numbers; the most frequent have the least.

    What comes back in another chunk is cheaper as a number.
    """

    def __init__(self, build: Build) -> None:
        counts: Counter[str] = Counter()
        paragraphs: Counter[str] = Counter()
        for rule in build.rules:
            counts.update(rule.query.split("\n"))
            counts.update(one.words for one in rule.conditions)
            for message in rule.messages:
                counts.update((message.message, message.hint))
            for made in rule.artifacts:
                paragraphs.update(set(cut(made.text).split(_PARAGRAPH)))
                for ended in made.account:
                    counts.update((*ended.columns, ended.why))
        often = {text: n for text, n in paragraphs.items() if n > 1 and "\n" in text}
        for rule in build.rules:
            for made in rule.artifacts:
                for part in cut(made.text).split(_PARAGRAPH):
                    if part not in often:
                        counts.update(part.split("\n"))
        often |= {text: n for text, n in counts.items() if n > 1 and len(text) >= _SHORTEST}
        self.all = sorted(often, key=lambda text: (-often[text], text))
        self._numbers = {text: number for number, text in enumerate(self.all)}

    def one(self, text: str) -> str | int:
        """The number of a text that has one."""
        return self._numbers.get(text, text)

    def lines(self, text: str) -> list[str | int]:
        """A text as its lines; a whole paragraph where it has a number."""
        found: list[str | int] = []
        for part in text.split(_PARAGRAPH):
            found += [""] if found else []
            found += [self._numbers[part]] if part in self._numbers else map(self.one, part.split("\n"))
        return found


def cut(text: str) -> str:
    """A text with its very long lines shortened: those that hold a rule's guide, or a search within a search."""
    return "\n".join(
        line if len(line) <= _LONGEST else f"{line[:_HEAD]} ... ({len(line) - _HEAD:,} more characters, in the file)"
        for line in text.split("\n")
    )


def _entries(build: Build) -> dict[str, int]:
    """The table entries that accounts cite, with their numbers; the first is none."""
    cited = {ended.entry for rule in build.rules for made in rule.artifacts for ended in made.account} - {""}
    return {entry: number for number, entry in enumerate(("", *sorted(cited)))}


def _detail(rule: Built, build: Build, texts: Texts, entries: Mapping[str, int]) -> list[object]:
    """What the page shows of one rule; its script names the parts."""
    return [
        texts.lines(rule.query.rstrip("\n")),
        rule.line,
        rule.column,
        [list(_message(one, rule, texts)) for one in rule.messages],
        [[texts.one(one.words), *_place(one.place)] for one in rule.conditions],
        [_made(one, build, texts, entries) for one in rule.artifacts],
    ]


def _made(made: Made, build: Build, texts: Texts, entries: Mapping[str, int]) -> list[object]:
    shown = cut(made.text)
    return [
        build.plan.names.index(made.target),
        made.status[0],
        texts.lines(shown) if shown else [],
        made.path,
        ", ".join(filter(None, (made.dataset, made.table))) or made.fields,
        list(made.said),
        [_ended(one, texts, entries) for one in made.account],
        int(shown != made.text),
    ]


def _ended(one: Ended, texts: Texts, entries: Mapping[str, int]) -> list[object]:
    columns = [texts.one(column) for column in one.columns]
    found = [one.condition, _ENDINGS.index(one.ending), columns, texts.one(one.why), one.code, entries[one.entry]]
    while found and found[-1] in ("", 0):  # most have no more than a column
        found.pop()
    return found


def _message(one: Message, rule: Built, texts: Texts) -> Iterator[str | int]:
    yield from (one.code, one.severity, texts.one(one.message), texts.one(one.hint))
    place = f"{one.place.line}:{one.place.column}" if one.place.line else ""
    file = "" if one.file == rule.path else one.file
    yield f"{file}:{place}" if file and place else f"line {place}" if place else file


def _place(place: Place) -> list[int]:
    """Line and column of the start, then of the end, whose line is told as lines after that of the start."""
    return [place.line, place.column, place.end_line - place.line, place.end_column]
