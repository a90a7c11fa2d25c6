"""Random rules and events of every kind of leaf and detection, by a seeded generator: the same seed, the same rules.

Few fields and few values, so that events meet rules; texts that are hard to quote are among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from converter.diagnostics import Source
from converter.model.metadata import Metadata, Window
from converter.model.normalise import normalise
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild, of
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.rule import Detection, Distinct, Key, Match, NewTerms, Rule, Sample, Step, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Call, Field, Function, Instant, Kind, Literal
from converter.proof.example import NOW, iso

T = TypeVar("T")

NAME = Field("process.name", many=False)
USER = Field("user.name", many=False)
ARGS = Field("process.args")
PORT = Field("destination.port", Kind.LONG, many=False)
SCORE = Field("event.risk_score", Kind.DOUBLE, many=False)
TRUSTED = Field("process.code_signature.trusted", Kind.BOOLEAN, many=False)
ADDRESS = Field("source.ip", Kind.IP, many=False)
RELATED = Field("related.ip", Kind.IP)
CREATED = Field("file.created", Kind.DATE, many=False)
MESSAGE = Field("message", Kind.TEXT, many=False)
KEYWORDS = (NAME, USER, ARGS)
SECTIONS = "process.pe.sections"

WORDS = ("a", "A", "ab", "Ab", "cmd.exe", "C:\\x y", "10", "é", "a*b", 'q"t', "$x", "%", "[", "|", "it's", "`")
NETWORKS = ("10.0.0.0/8", "10.1.2.0/30", "192.168.0.0/16", "2001:db8::/32")
ADDRESSES = ("10.1.2.3", "10.1.2.4", "9.9.9.9", "192.168.3.4", "2001:db8::7", "2001:db9::7")
TEXTS = ("load", "Load it", "it loads", "no", "LOAD-b2")


@dataclass(frozen=True, slots=True)
class Generator:
    """Draws rules and events."""

    random: Random

    def rule(self) -> Rule:
        """A rule: mostly on single events, else on several."""
        source = Source("random.toml", "")
        meta = Metadata(name="A random rule", type="query", window=Window(360_000, 0, 300_000))
        return Rule(meta, self.detection(), source, source)

    def detection(self) -> Detection:
        """A detection of any kind that has results on every platform."""
        keys = tuple(self.random.sample((NAME, USER), self.random.randint(1, 2)))
        by = tuple(map(Key, keys))
        match self.random.randint(0, 19):
            case 0:
                distinct = Distinct(ADDRESS, 2) if self.random.random() < 0.5 else None  # noqa: PLR2004 - a coin
                return Threshold(self.predicate(2), keys, self.random.randint(1, 4), distinct)
            case 1:
                return NewTerms(self.predicate(2), keys, 604_800_000)
            case 2:
                return Sample((Step(self.predicate(2), by), Step(self.predicate(2), by)))
            case 3 | 4:
                steps = [Step(self.predicate(2), by) for _ in range(self.random.randint(2, 3))]
                until = Step(self.predicate(1), by) if self.random.random() < 0.3 else None  # noqa: PLR2004
                return EqlSequence(tuple(steps), 60_000, until)
            case _:
                return Match(self.predicate(5))

    def predicate(self, most: int) -> Predicate:
        """A predicate of at most so many leaves, in normal form and not constant."""
        while True:
            found = normalise(self._tree(self.random.randint(1, most)))
            if not isinstance(found, Constant):
                return found

    def _tree(self, size: int) -> Predicate:
        if size <= 1:
            leaf = self.leaf()
            return Not(leaf) if self.random.random() < 0.3 else leaf  # noqa: PLR2004
        left = self.random.randint(1, size - 1)
        terms = (self._tree(left), self._tree(size - left))
        both: Predicate = And(terms) if self.random.random() < 0.6 else Or(terms)  # noqa: PLR2004
        return Not(both) if self.random.random() < 0.15 else both  # noqa: PLR2004

    def leaf(self) -> Predicate:
        """A leaf of any kind, or a nested element."""
        pick, some = self.random.choice, self._some
        word, case = pick(KEYWORDS), pick(tuple(Case))
        order = pick(tuple(Comparison))
        match self.random.randint(0, 12):
            case 0 | 1 | 2:
                return OneOf(word, tuple(some(WORDS, 3)), case)
            case 3 | 4:
                return Like(word, tuple(self._pattern() for _ in range(self.random.randint(1, 2))), case)
            case 5:
                return Matches(word, (self._regex(2),), case)
            case 6:
                between = Between(ARGS, End("A", included=pick((True, False))), End("b", included=pick((True, False))))
                port = Compare(PORT, order, self.random.randint(-1, 4))
                return between if self.random.random() < 0.25 else port  # noqa: PLR2004
            case 7:
                return pick(
                    (Compare(SCORE, order, pick((0.5, 2.0))), Compare(TRUSTED, Comparison.EQ, pick((True, False))))
                )
            case 8:
                return InNetwork(pick((ADDRESS, RELATED)), tuple(some(NETWORKS, 2)))
            case 9:
                return pick(
                    (Compare(CREATED, order, Instant(NOW - 1_000)), Phrase(MESSAGE, (of("load"),), Analyzer.STANDARD))
                )
            case 10:
                return Present(pick((*KEYWORDS, PORT, ADDRESS, RELATED)))
            case 11:
                return Holds(self._script(case))
            case _:
                names = tuple(Field(f"{SECTIONS}.{name}") for name in ("name", "flags"))
                return Element(SECTIONS, And(tuple(OneOf(name, tuple(some(WORDS, 2)), case) for name in names)))

    def _script(self, case: Case) -> Call:
        pick = self.random.choice
        length = Call(Function.LENGTH, (pick((NAME, USER)),))
        return pick(
            (
                Call(pick((Function.GT, Function.LE)), (length, Literal(self.random.randint(1, 4)))),
                Call(pick((Function.STARTS_WITH, Function.ENDS_WITH, Function.STRING_CONTAINS)), (NAME, USER), case),
                Call(Function.EQ, (Call(Function.MODULO, (PORT, Literal(2))), Literal(0))),
            )
        )

    def _pattern(self) -> Pattern:
        parts: list[str | Wild] = [self.random.choice((*Wild, *WORDS)) for _ in range(self.random.randint(1, 3))]
        return of(*parts)

    def _regex(self, depth: int) -> Regex:
        match self.random.randint(0, 6 if depth else 3):
            case 0 | 1:
                return Char(self.random.choice("abA.$"))
            case 2:
                return AnyChar()
            case 3:
                return CharClass((("a", "c"),), negated=self.random.random() < 0.3)  # noqa: PLR2004
            case 4:
                return Concat((self._regex(depth - 1), self._regex(depth - 1)))
            case 5:
                return Alternate((self._regex(depth - 1), self._regex(depth - 1)))
            case _:
                return Repeat(self._regex(depth - 1), self.random.randint(0, 1), self.random.choice((None, 2)))

    def _some(self, every: Sequence[T], most: int) -> list[T]:
        return self.random.sample(every, self.random.randint(1, most))

    def events(self, count: int) -> tuple[dict[str, object], ...]:
        """Events of the last minutes, in the order of their times."""
        times = sorted(self.random.randint(NOW - 120_000, NOW - 1_000) for _ in range(count))
        return tuple({"@timestamp": iso(at), **self._event()} for at in times)

    def _event(self) -> dict[str, object]:
        pick = self.random.choice
        whole: dict[str, object] = {
            NAME.path: pick(WORDS),
            USER.path: pick(WORDS),
            ARGS.path: pick((pick(WORDS), self._some(WORDS, 3))),
            PORT.path: self.random.randint(-1, 4),
            SCORE.path: pick((0.5, 1, 2.0, 7.25)),
            TRUSTED.path: pick((True, False)),
            ADDRESS.path: pick(ADDRESSES),
            RELATED.path: pick((pick(ADDRESSES), self._some(ADDRESSES, 2))),
            CREATED.path: iso(NOW - pick((500, 1_000, 1_001))),
            MESSAGE.path: pick(TEXTS),
            SECTIONS: [{"name": pick(WORDS), "flags": pick(WORDS)} for _ in range(self.random.randint(1, 2))],
        }
        return {path: value for path, value in whole.items() if self.random.random() < 0.7}  # noqa: PLR2004
