"""Hostile values in every format of every target: the structure stays, and each value is read back equal.

    python -m benchmarks.hostile [VALUES] [SEED]

Values are made of the signs that end, open or mean something in some format, of control and invisible characters and of
words that YAML takes for other things. `BATCH` of them stand in the condition of a rule, others in its name and texts.
Each artifact is read by what reads its format, beside the artifact of a harmless rule:

- the document (conf, YAML, JSON, CSV, Bicep, TOML, Python) has the same shape: keys, lengths of lists, kinds of values;
- the query in it is the query that the target writes alone, and that one is read back as the rule's own condition;
- Sigma's and Python's artifacts are also run: each value is found, and the value with a letter more is not;
- what can be printed of the name and of the description stands in the document.

Exit code 1 if anything differs. What a target does not call exact is counted by its codes, value by value.
"""

from __future__ import annotations

import ast
import csv
import functools
import io
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent / "tests")]  # whose readers of formats serve here too

import yaml
from fuzz.hostile import values
from targets.test_splunk_format import parsed as conf

from benchmarks.differences import told
from converter import api, rulefile
from converter.diagnostics import Source
from converter.languages.kusto import parse as kusto
from converter.languages.kusto.write import program
from converter.languages.spl import parse as spl
from converter.languages.spl.syntax import Pipeline
from converter.languages.spl.write import write
from converter.model.metadata import Metadata, Window
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.model.rule import Match, Rule
from converter.model.value import Field
from converter.proof.judge import CannotJudgeError
from converter.proof.panel.sigma import sigma_found
from converter.proof.panel.splunk import SplJudge
from converter.proof.readback import Checked, Outcome
from converter.proof.staging import Scene
from converter.target import registry
from converter.target.artifact import Artifact, Status
from converter.target.bundle import Package

BATCH = 10
NAME = Field("process.name", many=False)


def rule(wanted: Sequence[str], texts: Sequence[str]) -> Rule:
    """A rule for the values, with seven texts: letters around them, for a text that shows nothing is left out."""
    name, description, author, tag, reference, note, positive = (f"n{text}n" for text in texts)
    meta = Metadata(
        name,
        "query",
        rule_id="11111111-1111-4111-8111-111111111111",
        description=description,
        author=(author,),
        tags=(tag,),
        references=(reference,),
        note=note,
        false_positives=(positive,),
        index=("logs-endpoint.events.*",),
        severity="low",
        window=Window(360_000, 0, 300_000),
    )
    source = Source("r.toml", "")
    return Rule(meta, Match(OneOf(NAME, tuple(wanted), Case.SENSITIVE)), source, source)


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as data, and the query that it holds ("" where the text is read in another way)."""

    tree: object
    query: str = ""


def shape(tree: object) -> object:
    """The document without its texts."""
    match tree:
        case dict():
            return {key: shape(value) for key, value in tree.items()}
        case list() | tuple():
            return [shape(value) for value in tree]
        case _:
            return type(tree).__name__


def printed(text: object) -> str:
    """What can be seen of every text in a document, without blanks and escapes."""
    match text:
        case dict():
            return "".join(printed(one) for pair in text.items() for one in pair)
        case list() | tuple():
            return "".join(map(printed, text))
        case _:
            return "".join(c for c in str(text) if c.isalnum())


def _search(text: str) -> str:
    return write(tuple(part for part in spl.document(text) if isinstance(part, Pipeline)))


def _stanzas(text: str) -> list[object]:
    """Stanzas in their order: the names of searches are the rule's, and are texts."""
    return [[name, settings] for name, settings in conf(text).items()]


def _documents(files: Mapping[str, bytes]) -> list[object]:
    """The files of a bundle as data, in the order of their names; prose is a text."""
    readers: Mapping[str, Callable[[str], object]] = {
        ".conf": _stanzas,
        ".yml": lambda text: list(yaml.safe_load_all(text)),
        ".yaml": lambda text: list(yaml.safe_load_all(text)),
        ".json": json.loads,
        ".csv": lambda text: list(csv.reader(io.StringIO(text))),
    }
    return [
        [path, readers.get(Path(path).suffix, str)(data.decode())]
        for path, data in sorted(files.items())
        if not path.endswith((".png", ".spl", ".tgz", ".gz"))
    ]


def _bundled(artifact: Artifact, target: str, form: str) -> Opened:
    """The files of a bundle of one rule, and the search that stands in one of them."""
    bundled = registry.load(target).bundles[form]([artifact], Package())
    tree = _documents({file.path: file.data for file in bundled.files})
    searches = [settings["search"] for settings in _settings(tree) if "search" in settings]
    return Opened(tree, _unwrapped(_search(str(searches[0]))) if len(searches) == 1 else "")


def _unwrapped(search: str) -> str:
    """A search of a bundle without the macros around it: where the events are, and a filter of its user's."""
    return re.sub(r"\n\| `\w+_filter`\n?\Z", "\n", re.sub(r"\A`elastic_ecs`", "index=*", search))


def _settings(tree: object) -> Iterator[Mapping[str, object]]:
    match tree:
        case dict():
            yield tree
        case list():
            for one in tree:
                yield from _settings(one)
        case _:
            pass


def _python(text: str) -> object:
    """The program without its texts: a comment or a text that ends early changes the tree."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def _bicep(text: str) -> Opened:
    import pycep  # a parser of Bicep, which only this format needs
    from targets.test_sentinel_templates import read

    tree = pycep.BicepParser().parse(text=text)["resources"]["rule"]["config"]
    return Opened(read(tree), str(read(tree["properties"]["query"])))


def _template(artifact: Artifact) -> Opened:
    tree = json.loads(artifact.text)
    query = tree["resources"][-1]["properties"]["query"]
    return Opened(tree, query.removeprefix("[") if query.startswith("[[") else query)


def _elastic(artifact: Artifact) -> Opened:
    meta = rulefile.read_text(artifact.text, artifact.filename).meta
    kept = (meta.name, meta.description, meta.author, meta.tags, meta.references, meta.note, meta.false_positives)
    return Opened(list(kept))


def _yaml(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


OPENERS: Mapping[tuple[str, str], Callable[[Artifact], Opened]] = {
    ("splunk", "spl"): lambda a: Opened("", _search(a.text)),
    ("splunk", "search"): lambda a: Opened("", _search(a.text)),
    ("splunk", "savedsearches"): lambda a: Opened(
        _stanzas(a.text), _search(next(iter(conf(a.text).values()))["search"])
    ),
    ("splunk", "app"): lambda a: _bundled(a, "splunk", "app"),
    ("splunk", "contentctl"): lambda a: _bundled(a, "splunk", "contentctl"),
    ("sentinel", "kusto"): lambda a: Opened("", program(kusto.program(a.text))),
    ("sentinel", "query"): lambda a: Opened("", program(kusto.program(a.text))),
    ("sentinel", "yaml"): lambda a: Opened(_yaml(a.text), yaml.safe_load(a.text)["query"]),
    ("sentinel", "arm"): _template,
    ("sentinel", "bicep"): lambda a: _bicep(a.text),
    ("sentinel", "watchlists"): _template,
    ("sentinel", "xdr"): lambda a: Opened(json.loads(a.text), json.loads(a.text)["queryCondition"]["queryText"]),
    ("sentinel", "solution"): lambda a: replace(_bundled(a, "sentinel", "solution"), query=_yaml(a.text)[0]["query"]),
    ("sigma", "yaml"): lambda a: Opened(_yaml(a.text)),
    ("python", "module"): lambda a: Opened(_python(a.text)),
    ("python", "panther"): lambda a: Opened([_python(a.text), _documents({f.path: f.data for f in a.files})]),
    ("elastic", "toml"): _elastic,
    ("elastic", "ndjson"): _elastic,
}
"""How each format is read."""


@dataclass(slots=True)
class Tally:
    """By format: values whose artifact kept its shape and was read back equal, and codes of what is not exact."""

    equal: Counter[str] = field(default_factory=Counter)
    inexact: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def _found(target: str, form: str, artifact: Artifact, wanted: Sequence[str]) -> str:
    """What is wrong with the verdicts of an artifact that runs here."""
    events = [{"process.name": value} for one in wanted for value in (one, f"{one}a")]
    if (target, form) == ("sigma", "yaml"):
        verdicts = sigma_found(artifact.text, events)
    elif target == "python":
        names: dict[str, Callable[[object], object]] = {}
        exec(compile(artifact.text, "artifact.py", "exec"), names)  # noqa: S102 - what was just written
        verdicts = [bool(names["rule" if form == "panther" else "matches"](event)) for event in events]
    else:
        return ""
    right = [event["process.name"] in wanted for event in events]
    return "" if verdicts == right else f"it finds {verdicts}, not {right}"


def _wrong(target: str, form: str, made: Rule, artifact: Artifact, plain: Mapping[str, str]) -> str:
    """What is wrong with an exact artifact, "" for nothing."""
    opened = OPENERS[target, form](artifact)
    if target == "elastic":
        meta = made.meta
        kept = [meta.name, meta.description, meta.author, meta.tags, meta.references, meta.note, meta.false_positives]
        return "" if opened.tree == kept else f"texts: {opened.tree}"
    if target != "sigma" and shape(opened.tree) != _harmless(target, form):
        return f"shape: {shape(opened.tree)}, not {_harmless(target, form)}"
    if opened.tree and form != "module":
        seen = printed(opened.tree)
        if any(printed(text) not in seen for text in (made.meta.name, made.meta.description)):
            return "the name or the description is not in it"
    if plain.get(target) and opened.query and opened.query.strip() != plain[target].strip():
        return f"query: {opened.query}, not {plain[target]}"
    return _found(target, form, artifact, _values(made))


@functools.cache
def _harmless(target: str, form: str) -> object:
    """The shape of the document of a rule whose texts are letters."""
    return shape(OPENERS[target, form](_made(rule(["x", "y"], ["t"] * 7), target, form)).tree)


BINDINGS: Mapping[str, str | None] = {"xdr": None}
"""By format, where it is not that of Elastic's names: custom detections have tables of their own."""


def _made(one: Rule, target: str, form: str) -> Artifact:
    fields = BINDINGS.get(form, "ecs")
    return api.convert(one, target, fields=fields, format=form, case="exact", inline_macros=True)


@functools.lru_cache(maxsize=64)
def _read(one: Rule, target: str, fields: str | None) -> Checked:
    return api.read_back(one, target, fields, case="exact")


def judge(wanted: Sequence[str], texts: Sequence[str], tally: Tally) -> None:
    """Convert a rule for the values to every format, and look at each artifact."""
    one, plain = rule(wanted, texts), dict[str, str]()
    for target, form in OPENERS:
        if not _judged(one, target, form, plain, tally):
            for value in wanted:
                single = rule([value], texts)
                if not _judged(single, target, form, {}, tally):
                    tally.inexact[f"{target} {form}: {_why(single, target, form)}"] += 1


def _judged(one: Rule, target: str, form: str, plain: dict[str, str], tally: Tally) -> bool:
    """Whether the artifact is to be judged: what is wrong with it is kept; `plain` has the query of each target."""
    wanted = _values(one)
    read = _read(one, target, BINDINGS.get(form, "ecs"))
    made = _made(one, target, form)
    if made.status is Status.REFUSED or (read.outcome is Outcome.NOT_READ and target != "splunk"):
        return False
    if read.outcome is Outcome.NOT_READ:
        wrong = _ran(one)
    else:
        wrong = "" if read.outcome is Outcome.EQUAL else f"{read.outcome.value}: {read.why}"
    wrong = wrong or _wrong(target, form, one, made, plain if form not in BINDINGS else {})
    if target in ("splunk", "sentinel") and target not in plain:
        plain[target] = OPENERS[target, form](made).query
    tally.equal[f"{target} {form}"] += 0 if wrong else len(wanted)
    if wrong:
        tally.wrong.append(f"{target} {form}: {wrong[:600]}\n  {wanted!r} {one.meta.name!r} {one.meta.description!r}")
    return True


def _ran(one: Rule) -> str:
    """What is wrong with what a search finds that our reader has no tree for."""
    search = api.convert(one, "splunk", fields="ecs", case="exact", bare=True, inline_macros=True)
    wanted = _values(one)
    events = tuple({"process.name": value} for value in (*wanted, *(f"{value}a" for value in wanted)))
    try:
        found = SplJudge().run(one, search, Scene("hostile", events))
    except CannotJudgeError as why:
        return f"not run: {why}"
    right = [event["process.name"] in wanted for event in events]
    return "" if found == right else f"it finds {found}, not {right}"


def _why(one: Rule, target: str, form: str) -> str:
    codes = sorted({str(d.code) for d in _made(one, target, form).diagnostics if d.severity.value != "note"})
    return ", ".join(codes) or _read(one, target, BINDINGS.get(form, "ecs")).why


def _values(one: Rule) -> tuple[str, ...]:
    match one.detection:
        case Match(OneOf(_, values)):
            return values
        case _:
            raise AssertionError("`rule` makes no other")


def run(count: int, seed: int) -> Tally:
    """Judge so many values in every format."""
    rng = random.Random(seed)  # noqa: S311 - texts, no secrets
    made, tally = values(rng), Tally()
    for _ in range(0, count, BATCH):
        wanted = list(dict.fromkeys(next(made) for _ in range(BATCH)))
        while len(wanted) < BATCH:
            wanted = list(dict.fromkeys([*wanted, next(made)]))
        judge(wanted, [next(made) for _ in range(7)], tally)
    return tally


def main() -> int:
    """Print the tally."""
    count, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1000, int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004
    tally = run(count, seed)
    say = sys.stdout.write
    for target, form in OPENERS:
        say(f"{target:9} {form:14} {tally.equal[f'{target} {form}']:8,} values equal\n")
    for what, times in sorted(tally.inexact.items()):
        say(f"not exact, {what}: {times:,}\n")
    return told(tally.wrong)


if __name__ == "__main__":
    sys.exit(main())
