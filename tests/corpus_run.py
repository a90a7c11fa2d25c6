"""Convert every rule of the shared corpus and count: python tests/corpus_run.py [--fields native] [--to splunk,...].

Prints, for each target, how many rules came out exact, approximate and refused, and the reasons by code. With
`--why CODE` the rules and messages of one code; with `--table NAME` only rules bound to that data set's table.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from shared import corpus_rules

import converter
from converter.diagnostics import Severity
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Opaque


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", default="ecs")
    parser.add_argument("--to", default="splunk,sentinel,sigma,python")
    parser.add_argument("--kind", default="", help="only rules whose type or language is this")
    parser.add_argument("--index", default="", help="only rules with this text in an index pattern or integration")
    parser.add_argument("--why", default="", help="show the rules of this code")
    parser.add_argument("--limit", type=int, default=20)
    options = parser.parse_args()
    targets = options.to.split(",")
    status = {t: collections.Counter() for t in targets}
    codes = {t: collections.Counter() for t in targets}
    fields = {t: collections.Counter() for t in targets}
    unread = collections.Counter()
    shown = 0
    start = time.process_time()
    rules = 0
    for path in corpus_rules():
        try:
            rule = converter.read_rule(path)
        except ConverterError as error:
            unread[error.diagnostics[0].code] += 1
            continue
        if isinstance(rule.detection, Opaque) and rule.detection.kind in ("esql", "machine_learning"):
            continue
        if options.kind and options.kind not in (rule.meta.type, rule.meta.language):
            continue
        if options.index and not any(options.index in i for i in (*rule.meta.index, *rule.meta.integration)):
            continue
        rules += 1
        for target in targets:
            artifact = converter.convert(rule, to=target, fields=options.fields if target != "python" else "ecs")
            status[target][artifact.status] += 1
            bad = [d for d in artifact.diagnostics if d.severity is not Severity.NOTE]
            for code in {d.code for d in bad}:
                codes[target][code] += 1
            for message in {d.message.split(" has no counterpart")[0] for d in bad if "no counterpart" in d.message}:
                fields[target][message] += 1
            if options.why and shown < options.limit:
                for d in artifact.diagnostics:
                    if d.code == options.why and shown < options.limit:
                        shown += 1
                        print(f"{target} {path.name}: {d.message}")
    print(f"{rules} rules, {time.process_time() - start:.2f} s of CPU; not read: {dict(unread)}")
    for target in targets:
        total = sum(status[target].values()) or 1
        parts = [f"{name} {n} ({100 * n / total:.1f} %)" for name, n in sorted(status[target].items())]
        print(f"{target:9} {', '.join(parts)}")
        print(f"          {dict(codes[target].most_common(14))}")
        if fields[target]:
            print(f"          {fields[target].most_common(25)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
