"""Pipelines by chance over the vocabulary of Elastic's rules, and events that meet them.

`Chance` is what hypothesis draws, or a `random.Random`: one choice of a sequence at a time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from esql_queries import rule

from converter.diagnostics import Severity
from converter.model.rule import Rule
from converter.proof.staging import Scene

T = TypeVar("T")


class Chance(Protocol):
    """Chooses one of several."""

    def __call__(self, options: Sequence[T], /) -> T: ...


TEXT, WHOLE, REAL, BOOL, IP, DATE = "text", "whole", "real", "bool", "ip", "date"
KINDS = (TEXT, WHOLE, REAL, BOOL, IP, DATE)


@dataclass(frozen=True, slots=True)
class Column:
    kind: str
    many: bool = False


FIELDS = {
    "process.name": Column(TEXT),
    "user.name": Column(TEXT),
    "host.name": Column(TEXT),
    "user.id": Column(TEXT),
    "process.command_line": Column(TEXT),
    "event.type": Column(TEXT, many=True),
    "process.args": Column(TEXT, many=True),
    "process.pid": Column(WHOLE),
    "source.bytes": Column(WHOLE),
    "event.risk_score": Column(REAL),
    "process.code_signature.exists": Column(BOOL),
    "source.ip": Column(IP),
    "host.ip": Column(IP, many=True),
    "@timestamp": Column(DATE),
    "event.created": Column(DATE),
}
TEXTS = (
    "alpha",
    "Beta",
    "gamma delta",
    "a",
    "al-pha",
    "10",
    "007",
    "1e3",
    "true",
    "ALPHA",
    'q"b\\c',
    "a,b a",
    "é",
    "%41+b",
)
WHOLES = (0, 1, 2, 7, -7, 250, 3_000_000_000)
REALS = (0.0, 0.5, 1.5, -2.5, 7.0)
ADDRESSES = ("10.0.0.1", "10.1.2.3", "203.0.113.9", "2001:db8::1")
MOMENTS = (
    "2024-06-01T11:30:00.000Z",
    "2024-06-01T11:30:01.500Z",
    "2024-06-01T11:37:59.999Z",
    "2024-06-01T11:59:59.000Z",
)
POOLS: dict[str, Sequence[object]] = {
    TEXT: TEXTS,
    WHOLE: WHOLES,
    REAL: REALS,
    BOOL: (True, False),
    IP: ADDRESSES,
    DATE: MOMENTS,
}


def events(chance: Chance, *, count: int, empty: bool) -> tuple[dict[str, object], ...]:
    """Events with few values, so that groups meet; `empty`: the empty text is one."""
    found = []
    for _ in range(count):
        event: dict[str, object] = {"@timestamp": chance(MOMENTS)}
        for name, column in FIELDS.items():
            pool = (*POOLS[column.kind][:6], *(("",) if empty and column.kind == TEXT else ()))
            dice = chance(range(10))
            if name == "@timestamp" or dice < 2:
                continue
            event[name] = chance(pool)
            if column.many and dice < 5:
                event[name] = list(dict.fromkeys(chance(pool) for _ in range(3)))
        found.append(event)
    return tuple(found)


def by_chance(seed: int) -> tuple[Rule, str, Scene]:
    """A pipeline and events. One draw instead of hundreds: hypothesis needs longer for these than the judges do."""
    chance = random.Random(seed).choice
    read, query = pipeline(chance)
    return read, query, scene(chance)


def pipeline(chance: Chance) -> tuple[Rule, str]:
    """A rule that the reader takes, and its query."""
    query = Maker(chance).query()
    read = rule(query)
    assert not [d for d in read.notes if d.severity is Severity.ERROR], (query, read.notes)
    return read, query


def scene(chance: Chance) -> Scene:
    """One event, or a few."""
    return Scene("by chance", events(chance, count=chance((1, 4, 8)), empty=chance((True, False))))


@dataclass(slots=True)
class Maker:
    """Writes one query."""

    chance: Chance
    scope: dict[str, Column] = field(default_factory=lambda: dict(FIELDS))
    number: int = 0
    grouped: bool = False

    def fresh(self) -> str:
        self.number += 1
        return f"c{self.number}"

    def columns(self, kind: str, *, many: bool | None = None) -> list[str]:
        return [n for n, c in self.scope.items() if c.kind == kind and (many is None or c.many is many)]

    # ---- expressions

    def any_of(self, kinds: Sequence[str], depth: int) -> tuple[str, str]:
        kind = self.chance(kinds)
        return kind, self.value(kind, depth)

    def value(self, kind: str, depth: int) -> str:
        made: list[Callable[[], str]] = [lambda: self.constant(kind)] if depth < 2 else []
        made += [lambda name=name: name for name in self.columns(kind)[:5]]  # type: ignore[misc]
        if depth > 0:
            made += [lambda m=m: m(depth - 1) for m in self._ways(kind)]  # type: ignore[misc]
        return self.chance(made or [lambda: self.constant(kind)])()

    def constant(self, kind: str) -> str:
        match kind:
            case "text":
                return quoted(self.chance(TEXTS[:9]))
            case "whole" | "real":
                return str(self.chance(POOLS[kind])).replace("-7", "7")
            case "bool":
                return self.chance(("true", "false"))
            case "ip":
                return f'"{self.chance(ADDRESSES)}"::ip'
            case _:
                return self.chance(("now()", "@timestamp") if "@timestamp" in self.scope else ("now()",))

    def _ways(self, kind: str) -> list[Callable[[int], str]]:
        v, c = self.value, self.chance

        def call(name: str, *kinds: str) -> Callable[[int], str]:
            return lambda d: f"{name}({', '.join(v(k, d) for k in kinds)})"

        shared: list[Callable[[int], str]] = [
            lambda d: f"case({self.condition(d)}, {v(kind, d)}, {v(kind, d)})",
            lambda d: f"case({self.condition(d)}, {v(kind, d)})",
            lambda d: f"coalesce({v(kind, d)}, {v(kind, d)})",
            lambda d: f"mv_min({v(kind, d)})",
            lambda d: f"mv_max({v(kind, d)})",
            lambda d: f"mv_first({v(kind, d)})",
            lambda d: f"mv_last({v(kind, d)})",
            lambda d: f"mv_dedupe({v(kind, d)})",
            lambda d: f"mv_slice({v(kind, d)}, 0, {c((0, 1, 2))})",
        ]
        match kind:
            case "text":
                return [
                    call("to_lower", TEXT),
                    call("to_upper", TEXT),
                    call("concat", TEXT, TEXT),
                    lambda d: f"concat({v(TEXT, d)}, {c(BETWEEN)}, {v(TEXT, d)})",
                    lambda d: f"replace({v(TEXT, d)}, {c(REPLACED)})",
                    lambda d: f"substring({v(TEXT, d)}, {c((1, 2, 3, -2))}, {c((0, 1, 2, 9))})",
                    lambda d: f"left({v(TEXT, d)}, {c((1, 3))})",
                    lambda d: f"right({v(TEXT, d)}, {c((1, 3))})",
                    call("trim", TEXT),
                    lambda d: f"to_string({v(c((WHOLE, IP, BOOL, REAL, TEXT)), d)})",
                    lambda d: f"split({v(TEXT, d)}, {c(DELIMITERS)})",
                    lambda d: f"mv_concat({v(TEXT, d)}, {c(BETWEEN)})",
                    call("url_decode", TEXT),
                    *shared,
                ]
            case "whole":
                return [
                    call("length", TEXT),
                    lambda d: f"mv_count({v(c((TEXT, WHOLE, IP)), d)})",
                    lambda d: f"({v(WHOLE, d)} {c(('+', '-', '*', '/', '%'))} {v(WHOLE, d)})",
                    lambda d: f"date_diff({c(UNITS)}, {v(DATE, d)}, {v(DATE, d)})",
                    lambda d: f"locate({v(TEXT, d)}, {c(PARTS)})",
                    call("abs", WHOLE),
                    lambda d: f"-{v(WHOLE, min(d, 0))}",
                    lambda d: f"{c(('to_long', 'to_integer'))}({v(c((TEXT, WHOLE, REAL)), d)})",
                    lambda d: f"mv_sum({v(WHOLE, d)})",
                    *shared,
                ]
            case "real":
                return [
                    lambda d: f"({v(REAL, d)} {c(('+', '-', '*', '/'))} {v(c((REAL, WHOLE)), d)})",
                    lambda d: f"round({v(REAL, d)}, {c((0, 1, 2))})",
                    lambda d: f"{c(('round', 'floor', 'ceil', 'abs'))}({v(REAL, d)})",
                    lambda d: f"to_double({v(c((WHOLE, TEXT, REAL)), d)})",
                    *shared,
                ]
            case "bool":
                return [lambda d: f"({self.condition(d)})", *shared[:4]]
            case "ip":
                # What VALUES makes of addresses has no order that artifacts would keep.
                return [lambda d: f"to_ip({v(c((IP, IP, TEXT)), d)})", *shared[:5], shared[7]]
            case _:
                return [
                    lambda d: f"date_trunc({c(SPANS)}, {v(DATE, d)})",
                    lambda d: f"({v(DATE, d)} {c(('+', '-'))} {c(SPANS[:3])})",
                    *shared,
                ]

    def condition(self, depth: int) -> str:
        v, c = self.value, self.chance
        leaves: list[Callable[[], str]] = [
            lambda: f"{v(TEXT, depth)} {c(('==', '!='))} {v(TEXT, min(depth, 1))}",
            lambda: f"{v(TEXT, depth)} {c(('like', 'not like'))} {c(LIKES)}",
            lambda: f"{v(TEXT, depth)} {c(('rlike', 'not rlike'))} {c(RLIKES)}",
            lambda: f"{v(TEXT, depth)} {c(('in', 'not in'))} ({quoted(c(TEXTS))}, {quoted(c(TEXTS))})",
            lambda: f"{v(WHOLE, depth)} {c(COMPARED)} {v(c((WHOLE, REAL)), min(depth, 1))}",
            lambda: f"{v(WHOLE, depth)} {c(COMPARED)} {c(WHOLES)}",
            lambda: f"{v(REAL, depth)} {c(COMPARED)} {v(REAL, min(depth, 1))}",
            lambda: f"{v(WHOLE, depth)} {c(('in', 'not in'))} ({c(WHOLES)}, {c(WHOLES)})",
            lambda: f"{v(IP, depth)} {c(('==', '!='))} {self.constant(IP)}",
            lambda: f'cidr_match({v(IP, depth)}, "10.0.0.0/8", "2001:db8::/32")',
            lambda: f"{v(DATE, depth)} {c(COMPARED)} {v(DATE, min(depth, 1))}",
            lambda: f"{v(c(KINDS), depth)} is {c(('null', 'not null'))}",
            lambda: f"{c(('starts_with', 'ends_with', 'contains'))}({v(TEXT, depth)}, {c(PARTS)})",
            lambda: f"mv_contains({v(TEXT, depth)}, {quoted(c(TEXTS[:4]))})",
            lambda: f"{v(BOOL, 0)} == {c(('true', 'false'))}",
            lambda: v(BOOL, 0),
        ]
        if depth > 0:
            leaves += [
                lambda: f"({self.condition(depth - 1)} {c(('and', 'or'))} {self.condition(depth - 1)})",
                lambda: f"not ({self.condition(depth - 1)})",
            ]
        return c(leaves)()

    # ---- commands

    def eval(self) -> str:
        kind, value = self.any_of((TEXT, TEXT, WHOLE, WHOLE, REAL, BOOL, IP, DATE), self.chance((1, 2)))
        name = self.fresh()
        self.scope[name] = Column(kind, many=True)  # what it is, the reader knows
        return f"eval {name} = {value}"

    def where(self) -> str:
        return f"where {self.condition(self.chance((0, 1, 1, 2)))}"

    def stats(self, words: str = "stats") -> str:
        v, c = self.value, self.chance
        made: dict[str, Column] = {}
        parts = []
        for _ in range(c((1, 2, 3))):
            name = self.fresh()
            text, made[name] = self._aggregate()
            parts.append(f"{name} = {text}")
        keys = []
        for _ in range(c((1, 1, 2))):
            kind = c((TEXT, TEXT, TEXT, WHOLE, BOOL, DATE, IP))
            plain = [n for n in self.columns(kind) if n not in made]
            if plain and c((0, 0, 1)) == 0:
                keys.append(name := c(plain))
            else:
                name = self.fresh()
                keys.append(f"{name} = {v(kind, 1)}")
            made[name] = Column(kind)
        if words == "stats":
            self.scope = made
            self.grouped = True
        else:
            self.scope |= made
        return f"{words} {', '.join(parts)} by {', '.join(dict.fromkeys(keys))}"

    def _aggregate(self) -> tuple[str, Column]:
        v, c = self.value, self.chance
        kind = c(KINDS)
        options: list[tuple[Callable[[], str], Column]] = [
            (lambda: "count(*)", Column(WHOLE)),
            (lambda: f"count({v(kind, 1)})", Column(WHOLE)),
            (lambda: f"count_distinct({v(kind, 1)})", Column(WHOLE)),
            (lambda: f"values({v(kind, 1)})", Column(kind, many=True)),
            (lambda: f"{c(('min', 'max'))}({v(kind, 1)})", Column(kind)),
            (lambda: f"{c(('min', 'max'))}({v(DATE, 1)})", Column(DATE)),
            (lambda: f"sum({v(WHOLE, 1)})", Column(WHOLE)),
            (lambda: f"sum(case({self.condition(1)}, 1, 0))", Column(WHOLE)),
            (lambda: f"avg({v(c((WHOLE, REAL)), 1)})", Column(REAL)),
            (lambda: f"max({v(WHOLE, 1)}) - min({v(WHOLE, 1)})", Column(WHOLE)),
            (lambda: f"mv_slice(values({v(TEXT, 1)}), 0, 1)", Column(TEXT, many=True)),
        ]
        make, column = c(options)
        text = make()
        if " - " not in text and not text.startswith("mv_") and c((0, 0, 0, 1)):
            text += f" where {self.condition(1)}"
        return text, column

    def expand(self) -> str:
        many = [n for n, c in self.scope.items() if c.many]
        return f"mv_expand {self.chance(many)}" if many else self.where()

    def dissect(self) -> str:
        texts = self.columns(TEXT)
        if not texts:
            return self.where()
        one, other = self.fresh(), self.fresh()
        self.scope |= {one: Column(TEXT), other: Column(TEXT)}
        source = self.chance(texts)
        pattern = self.chance(
            (f"%{{{one}}} %{{{other}}}", f"a%{{{one}}}-%{{{other}}}", f"%{{{one}}},%{{{other}}} %{{}}")
        )
        return f'dissect {source} "{pattern}"'

    def grok(self) -> str:
        texts = self.columns(TEXT)
        if not texts:
            return self.where()
        one, other = self.fresh(), self.fresh()
        self.scope |= {one: Column(TEXT), other: Column(TEXT)}
        form = self.chance(
            (f"(?<{one}>[a-z]+)(?<{other}>.*)", f"(?<{one}>[^ ]+) (?<{other}>[a-z]*)", f"^(?<{one}>.)(?<{other}>l|e)?")
        )
        return f'grok {self.chance(texts)} """{form}"""'

    def keep(self) -> str:
        names = [n for n in self.scope if self.chance((0, 1))] or list(self.scope)[:1]
        self.scope = {n: self.scope[n] for n in names}
        return f"keep {', '.join(names)}"

    def rename(self) -> str:
        old, new = self.chance(list(self.scope)), self.fresh()
        self.scope[new] = self.scope.pop(old)
        return f"rename {old} as {new}"

    def query(self) -> str:
        commands = ["from logs-*"]
        ways: tuple[Callable[[], str], ...] = (
            self.eval,
            self.eval,
            self.where,
            self.where,
            self.stats,
            self.stats,
            self.expand,
            self.dissect,
            self.grok,
            self.keep,
            self.rename,
            lambda: self.stats("inline stats"),
        )
        commands += [way() for way in map(self.chance, [ways] * self.chance((1, 2, 3, 3, 4)))]
        if not commands[-1].startswith("where"):
            commands.append(self.where())
        return " | ".join(commands)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


REPLACED = ('"a", "_"', '"[aeiou]", ""', '"(a)l", "x$1"', '" ", "-"', '"l+", ""', '"^a", "_"', '"a$", "z"')
LIKES = ('"a*"', '"*a"', '"*l*"', '"?lpha"', '"alpha"', '"*,*"', '("a*", "*a")', '"*"')
RLIKES = ('"a.*"', '".*[0-9].*"', '"(al|Be).*"', '".{1,3}"', '".*"')
COMPARED = ("==", "!=", "<", "<=", ">", ">=")
UNITS = ('"second"', '"minute"', '"hour"', '"day"')
SPANS = ("1 minute", "1 hour", "1 day", "1 week", "1 month", "30 seconds")
BETWEEN = ('"-"', '", "', '""')
DELIMITERS = ('" "', '","', '"a"')
PARTS = ('"a"', '"lp"', '"10"', '" "')
