"""How the cost of a rule grows with each list that it can hold: CPU seconds for n, 2n, 4n members, and the ratios.

    python -m benchmarks.growth [N] [NAME...]

A list that doubles costs about twice as much; a ratio over 2.3 is growth that a hostile rule can use, and the run
ends with 1.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from converter import api
from converter.datasets.codes import M035
from converter.diagnostics.errors import ConverterError

TARGETS = ("splunk", "sentinel", "sigma", "python")
MOST = 2.3
LEAST = 1.0
"""Seconds below which a ratio is noise."""

_HEAD = """[metadata]
creation_date = "2024/01/01"
maturity = "production"
updated_date = "2024/01/01"

[rule]
author = ["t"]
description = "d"
license = "Apache-2.0"
name = "R"
risk_score = 21
rule_id = "11111111-1111-4111-8111-111111111111"
severity = "low"
"""


def _rule(query: str, language: str = "kuery", more: str = "", index: str = '["logs-endpoint.events.*"]') -> str:
    kind = {"eql": "eql", "esql": "esql"}.get(language, "query")
    place = "" if language == "esql" else f"index = {index}\n"
    return f"{_HEAD}{place}type = '{kind}'\nlanguage = '{language}'\nquery = {json.dumps(query)}\n{more}"


def _threat(entries: int) -> str:
    entry = '{field = "process.name", type = "mapping", value = "threat.indicator.file.name"}'
    mapping = ", ".join(f"{{entries = [{entry}]}}" for _ in range(entries))
    return (
        f"{_HEAD}index = ['logs-endpoint.events.*']\ntype = 'threat_match'\nlanguage = 'kuery'\n"
        "query = 'process.name: *'\n"
        f"threat_index = ['logs-ti_*']\nthreat_query = '*:*'\nthreat_language = 'kuery'\nthreat_mapping = [{mapping}]\n"
    )


LISTS: Mapping[str, Callable[[int], str]] = {
    "values of one field": lambda n: _rule(f"process.name: ({' or '.join(f'v{i}.exe' for i in range(n))})"),
    "wildcards of one field": lambda n: _rule(f"process.name: ({' or '.join(f'*v{i}*' for i in range(n))})"),
    "fields in an or": lambda n: _rule(" or ".join(f"f{i}.x: v{i}" for i in range(n))),
    "fields in an and": lambda n: _rule(" and ".join(f"not f{i}.x: v{i}" for i in range(n))),
    "pairs in an or": lambda n: _rule(" or ".join(f"(process.name: a{i} and user.name: b{i})" for i in range(n))),
    "excluded pairs": lambda n: _rule(
        "process.name: x" + "".join(f" and not (process.name: a{i} and user.name: b{i})" for i in range(n))
    ),
    "networks": lambda n: _rule(f"source.ip: ({' or '.join(f'10.{i // 250}.{i % 250}.0/24' for i in range(n))})"),
    "words of analysed text": lambda n: _rule(f"message: ({' or '.join(f'word{i}' for i in range(n))})"),
    "values of EQL": lambda n: _rule(
        f"process where process.name in~ ({', '.join(json.dumps(f'v{i}.exe') for i in range(n))})", "eql"
    ),
    "wildcards of EQL": lambda n: _rule(
        f"process where process.args : ({', '.join(json.dumps(f'*v{i}*') for i in range(n))})", "eql"
    ),
    "clauses of Lucene": lambda n: _rule(" OR ".join(f"process.name:v{i}" for i in range(n)), "lucene"),
    "clauses of ES|QL": lambda n: _rule(
        "FROM logs-endpoint.events.* METADATA _id, _version, _index | WHERE "
        + " OR ".join(f'process.name == "v{i}"' for i in range(n)),
        "esql",
    ),
    "columns of ES|QL": lambda n: _rule(
        'FROM logs-endpoint.events.* METADATA _id, _version, _index | WHERE process.name == "x" | EVAL '
        + ", ".join(f"c{i} = LENGTH(process.name) + {i}" for i in range(n)),
        "esql",
    ),
    "index patterns": lambda n: _rule(
        "process.name: x", index=json.dumps([f"logs-own{i}.events.*" for i in range(n)] + ["logs-endpoint.events.*"])
    ),
    "filters": lambda n: _rule(
        "process.name: x",
        more="".join(
            "[[rule.filters]]\n[rule.filters.meta]\nnegate = true\n[rule.filters.query.match_phrase]\n"
            f'"process.name" = "a{i}"\n'
            for i in range(n)
        ),
    ),
    "severity mappings": lambda n: _rule(
        "process.name: x",
        more="".join(
            f'[[rule.severity_mapping]]\nfield = "a"\noperator = "equals"\nseverity = "high"\nvalue = "v{i}"\n'
            for i in range(n)
        ),
    ),
    "threat entries": _threat,
    "techniques": lambda n: _rule(
        "process.name: x",
        more='[[rule.threat]]\nframework = "MITRE ATT&CK"\n'
        'tactic = {id = "TA0001", name = "Initial Access", reference = "r"}\n'
        + "".join(f'[[rule.threat.technique]]\nid = "T{i:04}"\nname = "n"\nreference = "r"\n' for i in range(n)),
    ),
    "tags": lambda n: _rule("process.name: x", more=f"tags = {json.dumps([f't{i}' for i in range(n)])}\n"),
    "references": lambda n: _rule(
        "process.name: x", more=f"references = {json.dumps([f'https://example.com/{i}' for i in range(n)])}\n"
    ),
    "false positives": lambda n: _rule("process.name: x", more=f"false_positives = {json.dumps(['f'] * n)}\n"),
    "authors": lambda n: _rule("process.name: x").replace('["t"]', json.dumps([f"t{i}" for i in range(n)])),
    "related integrations": lambda n: _rule(
        "process.name: x",
        more="".join(f'[[rule.related_integrations]]\npackage = "p{i}"\nversion = "^1.0.0"\n' for i in range(n)),
    ),
    "required fields": lambda n: _rule(
        "process.name: x",
        more="".join(f'[[rule.required_fields]]\nname = "f{i}.x"\ntype = "keyword"\necs = false\n' for i in range(n)),
    ),
    "investigation fields": lambda n: _rule(
        "process.name: x",
        more=f"[rule.investigation_fields]\nfield_names = {json.dumps([f'f{i}.x' for i in range(n)])}\n",
    ),
    "risk score mappings": lambda n: _rule(
        "process.name: x",
        more="".join(
            f'[[rule.risk_score_mapping]]\nfield = "a{i}"\noperator = "equals"\nvalue = ""\n' for i in range(n)
        ),
    ),
    "tactics": lambda n: _rule(
        "process.name: x",
        more="".join(
            f'[[rule.threat]]\nframework = "MITRE ATT&CK"\n[rule.threat.tactic]\nid = "TA{i:04}"\n'
            f'name = "Initial Access"\nreference = "r{i}"\n'
            for i in range(n)
        ),
    ),
    "clauses of a filter": lambda n: _rule(
        "process.name: x",
        more="[[rule.filters]]\n[rule.filters.query.bool]\nshould = [\n"
        + "".join(f' {{match_phrase = {{"process.name" = "a{i}"}}}},\n' for i in range(n))
        + "]\nminimum_should_match = 1\n",
    ),
    "steps of a sequence": lambda n: _rule(
        "sequence by host.id " + " ".join(f'[process where process.name == "a{i}"]' for i in range(2 + n // 32)), "eql"
    ),
    "keys of a sequence": lambda n: _rule(
        f"sequence by {', '.join(f'f{i}.x' for i in range(1 + n // 8))} [process where true] [file where true]", "eql"
    ),
    "nested brackets": lambda n: _rule("(" * (n // 32) + "process.name: x" + ")" * (n // 32)),
    "length of a value": lambda n: _rule(f'process.name: "{"a" * n * 16}"'),
    "length of a description": lambda n: _rule("process.name: x").replace('"d"', json.dumps("d " * n * 16)),
}
"""For each list, a rule whose list has n members."""


def convert(rule: Path, target: str, fields: str | None) -> None:
    """Read and convert a rule file; one that is refused counts too."""
    with suppress(ConverterError):
        api.convert(api.read_rule(rule), target, fields)


def is_too_many(rule: Path, target: str, fields: str) -> bool:
    """Whether the rule has more conditions than are bound to tables: growth is that up to the limit."""
    with suppress(ConverterError):
        return any(d.code == M035 for d in api.convert(api.read_rule(rule), target, fields).diagnostics)
    return False


def seconds(rule: Path, target: str, fields: str) -> float:
    """CPU time of reading and converting a rule file."""
    start = time.process_time()
    convert(rule, target, fields)
    return time.process_time() - start


def main(size: int, names: list[str]) -> int:
    """Print the table; 1 if some list grows faster than it should."""
    gc.set_threshold(200_000, 20, 20)  # as the command line does: values are trees without cycles
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        rule = Path(folder) / "rule.toml"
        rule.write_text(_rule("process.name: x"), "utf-8")
        for target in TARGETS:
            seconds(rule, target, "native")  # imports and tables
        for name, made in LISTS.items():
            if names and name not in names:
                continue
            for target in TARGETS:
                for fields in ("ecs", "native"):
                    times = []
                    rule.write_text(made(4 * size), "utf-8")
                    most = size // 4 if is_too_many(rule, target, fields) else size
                    for n in (most, 2 * most, 4 * most):
                        rule.write_text(made(n), "utf-8")
                        times.append(seconds(rule, target, fields))
                    # over both doublings: one of them alone is noisy
                    worst = (times[-1] / times[0]) ** 0.5 if times[-1] > LEAST else 0.0
                    mark = "  <-- grows" if worst > MOST else ""
                    bad += worst > MOST
                    shown = " ".join(f"{t:7.2f}" for t in times)
                    print(f"{name:26} {target:9} {fields:7} {shown}   x{worst:4.1f}{mark}", flush=True)  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    sys.exit(main(numbers[0] if numbers else 1000, [a for a in sys.argv[1:] if not a.isdigit()]))
