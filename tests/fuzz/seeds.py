"""Short texts of each reader to begin with, which together have what its language has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from fuzz.rule_text import rule_text

KUERY = (
    'process.name: (cmd.exe or "a b" or *x*) and not user.id: S-1-5-* and source.port >= 1024',
    "nested: { a: 1 and b: (x or y) } or @timestamp > now-5m/d",
    "a: b",
    "process.pe.imp*: x* or process.na*: y",
    'source.ip: (10.0.0.0/8 or "::1") and not destination.port: (80 or 443)',
    'message: "it is" or file.path: C\\:\\\\a\\\\*.exe',
    "event.category: process and event.type: (start and not (end or x))",
    "a.b: true and c: null and d < 1.5e3 and not e: *",
    "(a: 1 or (b: 2 and (c: 3 or not d: 4)))",
    "threat.indicator.ip: * and process.code_signature.trusted: false",
)
EQL = (
    'process where process.name : ("a*", "b?") and length(process.args) > 2 and not process.parent.name in~ ("c")',
    "sequence by host.id with maxspan=1m [process where true] by user.id with runs=2 ![file where file.size > 3] by a",
    'sequence [any where a == 1] by b [network where cidrmatch(source.ip, "10.0.0.0/8")] by c until [a where true] by d',
    "any where true",
    'file where ?file.path != null and `a-b` == """x"y"""',
    'process where endsWith~(a, "b") or stringContains(c, d) or indexOf(e, "f", 1) == 2',
    'sample by host.id [process where a == "x"] [file where b regex~ "c.*"]',
    'registry where registry.data.strings : "1" and not (a < 5 or b >= 6.5) | head 5',
    "sequence with maxspan=5s [any where a == b] [any where c + 1 == d * 2 - -3 % 4]",
    'any where between(a, "x", "y") == "z" and concat(a, ":", b) : "c*" and number(d, 16) > 3',
    'process where process.args in ("a", "b") and process.args like~ "c*" and not a.b : "d"',
    'any where substring(a, 1, -2) == "b" and add(c, 2) == modulo(d, 3) and string(e) == "4"',
)
LUCENE = (
    'a:(x OR "y z"~2) AND NOT b:/[a-c]+d{2,3}/ AND c:[1 TO 5} AND _exists_:d AND e:f*g?',
    "a:b",
    "+a:x -b:y c:z^2",
    'source.ip:"10.0.0.0/8" AND NOT destination.port:(80 OR 443)',
    "a:>=5 || b:<3 && !c:d",
    "@timestamp:[now-1d TO *] AND a:x~1",
    "x* y\\:z",
    "(a:1 OR (b:2 AND (c:3 OR NOT d:4)))",
    "process.nam\\*:x AND a:/a|b(c)*.@&~<1-5>/",
)
ESQL = (
    'FROM logs-* METADATA _id | WHERE a == "x" AND b RLIKE "c.*" | EVAL d = CASE(e > 1, "f", null) | KEEP d, a*',
    'FROM logs-* | GROK g "%{IP:h} %{WORD:i}" | STATS n = COUNT_DISTINCT(i), v = VALUES(g) BY h | LIMIT 9',
    "FROM logs-* | STATS n = COUNT(*) WHERE a > 1 BY k = DATE_TRUNC(1 hour, @timestamp), b | SORT n DESC | DROP k",
    "FROM a",
    'FROM a | WHERE b LIKE "c*" OR d IN ("e", "f") OR g IS NOT NULL',
    "FROM a | EVAL b = TO_LOWER(c), d = e::integer + 1 | RENAME b AS f",
    'FROM a | DISSECT b "%{c} %{d}" | MV_EXPAND c | WHERE d == "x" | LIMIT 5',
    'FROM a | WHERE CIDR_MATCH(source.ip, "10.0.0.0/8") AND NOT b : "c" | KEEP source.*',
    'FROM a | INLINESTATS m = MAX(b) BY c | WHERE b == m AND STARTS_WITH(d, "e")',
    "FROM a | ENRICH p ON b WITH c = d | LOOKUP JOIN e ON f",
    'FROM a | WHERE @timestamp > NOW() - 5 minutes AND MATCH(b, "c") | SORT d ASC NULLS LAST',
    "ROW a = 1, b = [1, 2] | EVAL c = MV_COUNT(b) // end",
)
SIGMA = (
    """title: A
logsource: {category: process_creation, product: windows}
detection:
  one: {Image|endswith: ['\\\\a.exe', 'b*'], CommandLine|contains|all: [x, '?'], Hash|re|i: 'a(b|c)'}
  two: [{User|cidr: 10.0.0.0/8}, keyword]
  condition: 1 of o* and not all of t*
level: high
""",
    """title: B
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 4624
        LogonType|gt: 3
        User|exists: true
        Field|base64offset|contains: x
    filter:
        Process: null
    condition: selection and not filter
""",
    """title: C
name: c
logsource: {product: linux}
detection:
  a: {Image|fieldref: Other, B|wide|base64: x, C: null, D|windash|contains: ' -a'}
  condition: a
---
title: D
correlation: {type: event_count, rules: [c], group-by: [User], timespan: 5m, condition: {gte: 3}}
""",
    "title: E\nlogsource: {category: x}\ndetection:\n  k: [a, 'b*', 1]\n  condition: k\n",
)
TABLES = (
    """dataset: a.b
title: T
family: f
rank: 3
match:
  index: ["logs-a.b-*"]
  datasets: [a.b]
evidence:
  E: "a page"
platforms:
  splunk: {own: {header: {index: main}, show: [x]}}
  sentinel: {Own: {}}
fields:
  a.c: {type: keyword, splunk: exact x, sentinel: exact X, sigma: none, ev: [E]}
  a.d: {type: long, many: true, splunk: {status: approx, to: y, note: "n"}, sentinel: none, sigma: none, ev: [E]}
  event.kind: {type: keyword, values: {alert: true, "*": false}, splunk: implied, sentinel: none, sigma: none, ev: [E]}
""",
    "dataset: a\ntitle: T\nmatch: {index: [x-*]}\nfields:\n  a: {type: ip, splunk: none, sentinel: none, sigma: none}\n",
)
FILTERS = (
    '[{query = {match_phrase = {"a.b" = "x"}}, meta = {negate = true}}]',
    '[{meta = {disabled = true, type = "exists"}, query = {exists = {field = "a"}}}]',
    '[{query = {bool = {should = [{term = {a = 1}}, {terms = {b = ["x", "y"]}}], minimum_should_match = 1}}}]',
    '[{query = {range = {"@timestamp" = {gte = "now-1d", lt = 5}}}}, {query = {wildcard = {a = {value = "b*"}}}}]',
    '[{query = {bool = {must_not = {prefix = {a = "b"}}, filter = [{match = {c = "d e"}}]}}}]',
    '[{query = {query_string = {query = "a:b AND c:*", fields = ["x*"]}}}, {query = {match_all = {}}}]',
)
EVENTS = (
    '{"a": {"b": [1, "x", null]}}\n{"a.b": 1.5}\n',
    "[{}, {}]",
    '{"@timestamp": "2024-01-01T00:00:00Z", "c": [{"d": true}, {"d": -1e9}]}',
    '[{"a": "\\u00e9\\ud83d\\ude00", "b": [[1], []], "c": {}}]',
)
_RULE: Mapping[str, object] = {"rule_id": "a", "type": "query", "name": "n", "query": "a: b", "language": "kuery"}


def _exported(**more: object) -> str:
    return json.dumps({**_RULE, **more})


NDJSON = (
    _exported(),
    f"{_exported()}\n{_exported(rule_id='b', type='eql', language='eql', query='any where true')}\n",
    _exported(type="threshold", threshold={"field": ["a"], "value": 3, "cardinality": [{"field": "b", "value": 2}]}),
    _exported(severity="high", risk_score=21, index=["logs-*"], tags=["x"], interval="5m", **{"from": "now-9m"}),
    _exported(exceptions_list=[{"list_id": "l", "type": "detection", "namespace_type": "single", "id": "i"}])
    + '\n{"list_id": "l", "name": "n", "type": "detection", "namespace_type": "single"}\n'
    + '{"list_id": "l", "item_id": "i", "entries": [{"field": "a", "operator": "included", "type": "match", "value": "b"}]}',
    _exported(alert_suppression={"group_by": ["a"], "duration": {"value": 5, "unit": "m"}}, threat=[]),
    '{"attributes": ' + _exported(meta={"a": 1}) + ', "id": "x", "type": "security-rule"}',
)
_THREAT = """threat_index = ["logs-ti_*"]
threat_query = "*:*"
threat_language = "kuery"
threat_mapping = [{entries = [{field = "a", type = "mapping", value = "b"}]}]
"""
_MORE = """interval = "5m"
from = "now-9m"
max_signals = 100
tags = ["a", "b"]
references = ["https://example.com"]
note = '''x'''
setup = "s"
timestamp_override = "event.ingested"
rule_name_override = "a.b"
[[rule.severity_mapping]]
field = "a"
operator = "equals"
severity = "high"
value = "v"
[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0001"
name = "n"
reference = "r"
"""
_ASKED = """[rule.alert_suppression]
group_by = ["a.b"]
duration = {value = 5, unit = "h"}
missing_fields_strategy = "suppress"
[[rule.required_fields]]
name = "a.b"
type = "keyword"
ecs = false
[rule.investigation_fields]
field_names = ["a", "b.c"]
"""
TOML = (
    rule_text("a: b"),
    rule_text("a: b and not c: (d or e*)", extra=_MORE),
    rule_text("a: b", extra=_ASKED),
    rule_text("any where a == 1", "eql"),
    rule_text("FROM logs-* METADATA _id, _version, _index | KEEP _id", "esql", kind="esql"),
    rule_text("a:b", "lucene"),
    rule_text("a: b", kind="threshold", extra='[rule.threshold]\nfield = ["a", "b"]\nvalue = 5\n'),
    rule_text(
        "a: b",
        kind="new_terms",
        extra='[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["a"]\n[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-7d"\n',
    ),
    rule_text("a: b", kind="threat_match", extra=_THREAT),
    rule_text("a: b", kind="machine_learning", extra='anomaly_threshold = 50\nmachine_learning_job_id = ["j"]\n'),
    rule_text("a: b", extra=f"filters = {FILTERS[2]}\n"),
)
OWN: Mapping[str, Sequence[str]] = {
    "kuery": KUERY,
    "eql": EQL,
    "lucene": LUCENE,
    "esql": ESQL,
    "toml": TOML,
    "ndjson": NDJSON,
    "sigma": SIGMA,
    "tables": TABLES,
    "filters": FILTERS,
    "events": EVENTS,
}
"""By reader."""
