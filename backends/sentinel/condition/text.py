"""Tests of one text: equality, wildcards and regular expressions, each in its plainest form."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import escaped, finite, fold, order, regex, tree
from backends.sentinel.condition.place import Place, stem
from converter.deferred import dataclass
from converter.languages.kusto.syntax import Binary, Expression, Number, Text
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern, Regex, Wild
from converter.model.value import Field

_SHAPES = {
    Case.SENSITIVE: ("startswith_cs", "endswith_cs", "contains_cs"),
    Case.INSENSITIVE: ("startswith", "endswith", "contains"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text, the field whose value it is, and how the texts of a rule are compared with it."""

    text: Expression
    field: Field
    case: Case
    place: Place

    def of(self, text: Expression) -> Wanted:
        """The same of another text."""
        return Wanted(text, self.field, self.case, self.place)

    def seen(self, texts: Sequence[str]) -> Wanted:
        """The same of the text that is cheapest to look at, of which these are the whole, the beginning or the end."""
        raw = escaped.raw(self.text)
        if raw is None or not escaped.plain(texts):
            return self
        self.place.names.suggest(raw, stem(self.field))
        return self.of(raw)


def equal(wanted: Wanted, values: Sequence[str]) -> Expression:
    """The text is one of these."""
    wanted = wanted.seen(values)
    if wanted.case is Case.SENSITIVE:
        return tree.one_of(wanted.text, tree.texts(values))
    plain = [v for v in values if v.isascii()]
    parts: list[Expression] = []
    if plain:
        parts.append(_folded(wanted, plain))
    # The insensitive operators may fold beyond ASCII; `matches regex` says exactly what folds.
    other = [regex.of_pattern(Pattern((v,))) for v in values if not v.isascii()]
    return tree.any_of([*parts, *([matching(wanted, other)] if other else [])])


def _folded(wanted: Wanted, values: Sequence[str]) -> Expression:
    place, text = wanted.place, wanted.text
    lower = list(dict.fromkeys(v.lower() for v in values))
    forms = (
        place.form("lower", 0, lambda: tree.one_of(text, tree.texts(lower)), Fact.LOWER_CASE),
        place.form("folded", 1, lambda: tree.one_of(text, tree.texts(values), "=~", "in~")),
    )
    return place.choose(forms, wanted.field) or tree.FALSE


def patterned(wanted: Wanted, patterns: Sequence[Pattern]) -> Expression:
    """The text matches one of the patterns; those that begin with the same number of `?` look at what follows."""
    ahead: dict[int, list[Pattern]] = {}
    for pattern in patterns:
        count = _leading(pattern)
        ahead.setdefault(count, []).append(Pattern(pattern.parts[count:]))
    parts = []
    for count, rest in ahead.items():
        if not count:
            parts.append(_anchored(wanted, rest))
            continue
        tail = tree.call("substring", wanted.text, Number(count))
        wanted.place.names.suggest(tail, f"{_base(wanted.field)}Path")
        parts.append(_anchored(wanted.of(tail), rest))
    return tree.any_of(parts)


def _base(field: Field) -> str:
    """FileTail, but ParentPath for what follows the drive of process.parent.executable."""
    name = stem(field)
    for ending in ("Executable", "Path"):
        name = name.removesuffix(ending)
    return name


def _leading(pattern: Pattern) -> int:
    """How many `?` a pattern begins with, if what follows asks for some text: a value too short has none."""
    count = _ones(pattern.parts)
    return count if _asks(pattern.parts[count:]) else 0


def _ones(parts: Sequence[str | Wild]) -> int:
    """How many `?` stand first."""
    return next((i for i, p in enumerate(parts) if p is not Wild.ANY_ONE), len(parts))


def _asks(parts: Sequence[str | Wild]) -> bool:
    """Whether only a text that is not empty passes."""
    return any(isinstance(p, str) for p in parts)


def _anchored(wanted: Wanted, patterns: Sequence[Pattern]) -> Expression:
    whole = [p.literal for p in patterns if p.literal is not None]
    parts: list[Expression] = [equal(wanted, whole)] if whole else []
    left: list[Regex] = []
    ordered = [p for p in patterns if order.places(p.parts)]
    many = len(ordered) > order.MOST_PATTERNS
    for pattern in patterns:
        if pattern.literal is not None:
            continue
        apart = pattern in ordered and (many or not _placed(wanted, pattern))
        shape = None if apart else _shape(wanted, pattern.parts)
        if shape is None:
            left.append(regex.of_pattern(pattern))
        else:
            parts.append(shape)
    if left:
        parts.append(matching(wanted, left))
    return tree.any_of(parts)


def _placed(wanted: Wanted, pattern: Pattern) -> bool:
    """Whether places in the value may say a pattern; a letter beyond ASCII moves them: only where more is found."""
    if order.places(pattern.parts) > order.MOST:
        return False
    if not order.folds(pattern.parts, wanted.case):
        return True
    if not wanted.place.positive or not wanted.place.ledger.holds(Fact.ASCII_CASE, wanted.field):
        return False
    wanted.place.ledger.use(Fact.ASCII_CASE, wanted.field)
    return True


def present(text: Expression) -> Expression:
    """The text is not empty."""
    return tree.call("isnotempty", text)


def _shape(wanted: Wanted, parts: Sequence[str | Wild]) -> Expression | None:
    """A pattern of a few texts and signs between them by the plain operators; None if it needs more."""
    if not _foldable(wanted, parts):
        return None
    match parts:
        case (Wild.ANY_RUN,):
            return present(wanted.text)
        case (Wild.ANY_ONE, *more) if set(more) <= {Wild.ANY_ONE, Wild.ANY_RUN}:
            return _long(wanted, more)
        case (str(a),):
            return equal(wanted, [a])
        case (str(a), Wild.ANY_RUN):
            return _starts(wanted, a)
        case (Wild.ANY_RUN, str(a)):
            return _ends(wanted, a)
        case (Wild.ANY_RUN, str(a), Wild.ANY_RUN):
            return _holds(wanted, a)
        case (Wild.ANY_RUN, str(a), Wild.ANY_RUN, str(b)):
            return _before(wanted, a, b)
        case (Wild.ANY_RUN, str(a), Wild.ANY_RUN, *rest):
            return _one_by_one(wanted, a, rest)
        case (Wild.ANY_RUN, str(b), *_) if Wild.ANY_RUN not in parts[1:]:
            return _last(wanted, "", parts[1:])
        case (str(a), Wild.ANY_RUN, str(b), *_) if Wild.ANY_ONE in parts and Wild.ANY_RUN not in parts[2:]:
            return _last(wanted, a, parts[2:])
        case (str(a), Wild.ANY_RUN, *rest):
            return _after(wanted, a, rest)
        case (str(a), Wild.ANY_ONE, *_):
            return _fixed(wanted, a, parts[1:])
        case _:
            return None


def _long(wanted: Wanted, more: Sequence[str | Wild]) -> Expression | None:
    """At least (with a run) or exactly so many characters."""
    count = 1 + sum(m is Wild.ANY_ONE for m in more)
    if Wild.ANY_RUN not in more:
        return Binary("==", tree.call("strlen", wanted.text), Number(count))
    return present(wanted.text) if count == 1 else Binary(">=", tree.call("strlen", wanted.text), Number(count))


def _before(wanted: Wanted, inner: str, ending: str) -> Expression:
    """The text ends so, and what stands before that holds the inner one."""
    apart = not _overlap(inner, ending, wanted.case) and not _within(inner, ending, wanted.case)
    # where it is neither in the ending nor runs into it, it may be looked for anywhere
    length = Binary("-", tree.call("strlen", wanted.text), Number(len(ending)))
    head = wanted if apart else wanted.of(tree.call("substring", wanted.text, Number(0), length))
    return tree.all_of([_holds(head, inner), _ends(wanted, ending)])


def _one_by_one(wanted: Wanted, first: str, rest: Sequence[str | Wild]) -> Expression | None:
    """The text holds the first, and what stands behind it matches `*` and the rest."""
    if Wild.ANY_ONE in rest:
        return None
    if not rest:
        return _holds(wanted, first)
    tail = order.behind(wanted.text, first, wanted.case)
    wanted.place.names.suggest(tail, f"{_base(wanted.field)}Rest")
    follows = _shape(wanted.of(tail), (Wild.ANY_RUN, *rest))
    return None if follows is None else tree.all_of([_holds(wanted, first), follows])


def _last(wanted: Wanted, head: str, parts: Sequence[str | Wild]) -> Expression | None:
    """The text begins with the head, and its last characters are a text, some characters and perhaps a text."""
    texts = [p for p in parts if isinstance(p, str)]
    match parts[0], parts[-1]:
        case str(first), str() | Wild.ANY_ONE if len(texts) == 1 + isinstance(parts[-1], str):
            count = order.length(parts)
            tests = [
                *([_starts(wanted, head)] if head else []),
                order.at_least(wanted.text, len(head) + count),
                _starts(wanted.of(order.last(wanted.text, count)), first),
                *([_ends(wanted, parts[-1])] if isinstance(parts[-1], str) else []),
            ]
            return tree.all_of(tests)
        case _:
            return None


def _fixed(wanted: Wanted, head: str, rest: Sequence[str | Wild]) -> Expression | None:
    """The text begins with the head, then so many characters, and what follows matches the rest."""
    ones = _ones(rest)
    if not _asks(rest[ones:]):
        return None
    tail = wanted.of(tree.call("substring", wanted.text, Number(len(head) + ones)))
    follows = _shape(tail, rest[ones:])
    return None if follows is None else tree.all_of([_starts(wanted, head), follows])


def _after(wanted: Wanted, head: str, rest: Sequence[str | Wild]) -> Expression | None:
    """The text begins with the head, and what follows it matches `*` and the rest."""
    texts = [p for p in rest if isinstance(p, str)]
    apart = all(not _overlap(head, t, wanted.case) and not _within(t, head, wanted.case) for t in texts)
    # what cannot lie inside of the head, nor begin there, need not be looked for behind it
    tail = wanted if apart else wanted.of(tree.call("substring", wanted.text, Number(len(head))))
    follows = _shape(tail, (Wild.ANY_RUN, *rest))
    return None if follows is None else tree.all_of([_starts(wanted, head), follows])


def _foldable(wanted: Wanted, parts: Sequence[str | Wild]) -> bool:
    return wanted.case is Case.SENSITIVE or all(isinstance(p, Wild) or p.isascii() for p in parts)


def _starts(wanted: Wanted, text: str) -> Expression:
    return Binary(_SHAPES[wanted.case][0], wanted.seen([text]).text, Text(text))


def _ends(wanted: Wanted, text: str) -> Expression:
    return Binary(_SHAPES[wanted.case][1], wanted.seen([text]).text, Text(text))


def _holds(wanted: Wanted, text: str) -> Expression:
    found = wanted if escaped.inside(text) else wanted.seen([text])
    return Binary(_SHAPES[wanted.case][2], found.text, Text(text))


def _overlap(left: str, right: str, case: Case) -> bool:
    """Whether an end of the left text is a beginning of the right one."""
    a, b = (t if case is Case.SENSITIVE else t.lower() for t in (left, right))
    return any(a.endswith(b[:n]) for n in range(1, min(len(a), len(b)) + 1))


def _within(inner: str, outer: str, case: Case) -> bool:
    return inner in outer if case is Case.SENSITIVE else inner.lower() in outer.lower()


def expressions(wanted: Wanted, nodes: Sequence[Regex]) -> Expression:
    """The text matches one of the expressions, which are short lists of patterns where they can be."""
    listed = [finite.listed(n) for n in nodes]
    # the empty text is a missing value: it passes nothing
    patterns = [p for found in listed if found is not None for p in found if p.parts]
    rest = [n for n, found in zip(nodes, listed, strict=True) if found is None]
    parts: list[Expression] = []
    if patterns:
        parts.append(patterned(wanted, patterns))
    for node in rest:
        found = matching(wanted, [node])
        parts.append(tree.all_of([present(wanted.text), found]) if regex.takes_empty(node) else found)
    return tree.any_of(parts)


def matching(wanted: Wanted, nodes: Sequence[Regex], apart: str = "") -> Expression:
    """The text matches one expression for all. One that folds more than ASCII stands in positive places only."""
    place, case = wanted.place, wanted.case

    def form(*, lenient: bool) -> Expression:
        return Binary("matches regex", wanted.text, Text(fold.text(nodes, case, lenient=lenient, apart=apart)))

    needs = (Fact.ASCII_CASE,) if fold.needs_ascii(nodes, case) else ()
    forms = [place.form("ascii", 41, lambda: form(lenient=False))]
    if place.positive or not needs:
        forms.append(place.form("unicode", 40, lambda: form(lenient=True), *needs))
    return place.choose(forms, wanted.field) or tree.FALSE
