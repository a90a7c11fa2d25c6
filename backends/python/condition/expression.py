"""A predicate as a Python expression over `event`, by the runtime's functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import assert_never

from backends.python.detection.program import compile_regex
from converter.forms.choose import Ledger
from converter.languages.fragment import Fragment, join
from converter.model.duration import ROUND_MS
from converter.model.pattern import Case, Pattern, Regex, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Scalar, Value

# Python language reference, operator precedence.
_OR, _AND, _NOT = 1, 2, 3
_CONVERTERS = {
    Kind.KEYWORD: ("as_text", "reading"),
    Kind.TEXT: ("as_text", "reading"),
    Kind.LONG: ("to_long", "numeric"),
    Kind.DOUBLE: ("to_double", "numeric"),
    Kind.BOOLEAN: ("to_boolean", "numeric"),
    Kind.IP: ("to_address_name", "address"),
    Kind.DATE: ("to_moment", "moment"),
}
_WIDTH = 110


class Expressions:
    """Writes expressions and remembers which runtime pieces and constants they use."""

    def __init__(self) -> None:
        self.pieces: dict[str, None] = {"reading": None}
        self.constants: dict[str, str] = {}
        self.ledger = Ledger()

    def use(self, piece: str, name: str) -> str:
        """Note that a piece is used; its function's name comes back."""
        self.pieces[piece] = None
        return name

    def constant(self, stem: str, text: str) -> str:
        """A module constant for a long literal; an equal one is used again."""
        for name, known in self.constants.items():
            if known == text:
                return name
        name = f"{stem}_{len(self.constants) + 1}"
        self.constants[name] = text
        return name

    def converter(self, kind: Kind) -> str:
        """The function that reads a JSON value as a field of this kind."""
        name, piece = _CONVERTERS[kind]
        return self.use(piece, name)

    def write(self, node: Predicate, indent: int = 1) -> Fragment:
        """The expression of a predicate; `indent` is the depth, in steps of four blanks, of the line it begins on."""
        if isinstance(node, Leaf):
            self.ledger.wrote(node)
        match node:
            case And(terms):
                return self._chain("and", _AND, terms, indent)
            case Or(terms):
                return self._chain("or", _OR, terms, indent)
            case Not(term):
                return Fragment(f"not {self.write(term, indent).within(_NOT + 1)}", _NOT)
            case Constant(value):
                return Fragment(repr(value))
            case Element(path, term):
                self.use("reading", "objects")
                inner = self.write(term, indent).text
                return Fragment(f"any({inner} for event in objects(event, {text_literal(path)}))")
            case Present(field):
                return self._present(field)
            case Between():
                return self._between(node)
            case Compare():
                return self._compare(node)
            case OneOf(field, values, case):
                return self._one_of(field, values, case)
            case Like(field, patterns, case):
                name = self.use("matching", "is_like" + _any_case(case))
                return self._call(name, field, [pattern_literal(p, case) for p in patterns])
            case Matches(field, regexes, case):
                name = self.use("regular", "is_match" + _any_case(case))
                programs = [self.constant("REGULAR", regex_literal(r, case)) for r in regexes]
                return self._call(name, field, programs)
            case InNetwork(field, networks):
                ranges = self.constant("NETWORKS", tuple_literal(_range(n) for n in networks))
                return self._call(self.use("address", "in_network"), field, [ranges])
            case Phrase(field, tokens, analyzer):
                cut = "powershell_words" if analyzer is Analyzer.POWERSHELL else "standard_words"
                phrase = tuple_literal(pattern_literal(t, Case.SENSITIVE) for t in tokens)
                return self._call(self.use("words", "has_phrase"), field, [cut, phrase])
            case Holds(call):
                self.use("script", "holds")
                return Fragment(f"holds(event, {self.constant('SCRIPT', self._script(call))})")
            case _:
                assert_never(node)

    def network(self, text: str) -> str:
        """The first and last address of a network."""
        return _range(text)

    def _chain(self, operator: str, binds: int, terms: tuple[Predicate, ...], indent: int) -> Fragment:
        """The terms on one line if that is short, else one a line in parentheses."""
        parts = [self.write(t, indent + 1) for t in terms]
        line = join(f" {operator} ", binds, parts)
        if len(line.text) + 4 * indent <= _WIDTH and "\n" not in line.text:
            return line
        pad = "    " * (indent + 1)
        inner = f"\n{pad}{operator} ".join(p.within(binds + 1) for p in parts)
        return Fragment(f"(\n{pad}{inner}\n{'    ' * indent})")

    def _call(self, name: str, field: Field, arguments: Iterable[str]) -> Fragment:
        return Fragment(f"{name}({', '.join(['event', text_literal(field.path), *arguments])})")

    def _present(self, field: Field) -> Fragment:
        if field.kind in (Kind.KEYWORD, Kind.TEXT):
            return Fragment(f"bool(read(event, {text_literal(field.path)}))")
        name = self.use("numeric", "numbers")
        convert = "to_address" if field.kind is Kind.IP else self.converter(field.kind)
        if field.kind is Kind.IP:
            self.use("address", convert)
        return Fragment(f"bool({name}(event, {text_literal(field.path)}, {convert}))")

    def _one_of(self, field: Field, values: tuple[str, ...], case: Case) -> Fragment:
        name = self.use("matching", "is_one_of" + _any_case(case))
        shown = sorted({_folded(v) for v in values}) if case is Case.INSENSITIVE else list(dict.fromkeys(values))
        literal = tuple_literal(text_literal(v) for v in shown)
        if len(shown) > 8:  # noqa: PLR2004  # a longer list is read better beside the rule, and found faster in a set
            literal = self.constant("VALUES", f"frozenset({literal})")
        return self._call(name, field, [literal])

    def _compare(self, leaf: Compare) -> Fragment:
        field, relation = leaf.field, f'"{leaf.comparison.value}"'
        if field.kind is not Kind.IP and isinstance(leaf.value, str):
            return self._call(self.use("numeric", "compares_text"), field, [relation, text_literal(leaf.value)])
        wanted = self._wanted(leaf)
        if wanted is None:
            return Fragment("False")
        return self._call(self.use("numeric", "compares"), field, [self._reader(field), relation, wanted])

    def _between(self, leaf: Between) -> Fragment:
        wanted = [self._wanted(end) for end in leaf.ends]
        if None in wanted:
            return Fragment("False")
        ends = [f'"{end.comparison.value}", {value}' for end, value in zip(leaf.ends, wanted, strict=True)]
        return self._call(self.use("between", "lies_between"), leaf.field, [self._reader(leaf.field), *ends])

    def _reader(self, field: Field) -> str:
        """The function that reads a value as it is compared: an address as a number."""
        return self.use("address", "to_address") if field.kind is Kind.IP else self.converter(field.kind)

    def _wanted(self, leaf: Compare) -> str | None:
        """The right side of a comparison, of an address its number; None if it is none: nothing compares with it."""
        if not (isinstance(leaf.value, str) and leaf.field.kind is Kind.IP):
            return self._operand(leaf.value)
        address = _mapped(leaf.value)
        return None if address is None else repr(address)

    def _operand(self, value: Scalar) -> str:
        match value:
            case Instant(ms):
                return repr(ms)
            case Now(offset, unit):
                self.use("moment", "date_math")
                return f"date_math(now, {offset}, {ROUND_MS[unit] if unit else 0})"
            case str() | int() | float():  # bool is an int
                return repr(value)
            case _:
                assert_never(value)

    def _script(self, value: Value) -> str:
        match value:
            case Field(path, kind):
                return f'("field", {text_literal(path)}, {self.converter(kind)})'
            case Literal(constant):
                assert not isinstance(constant, Pattern)  # noqa: S101  # only the right side of LIKE is one
                return f'("value", {self._operand(constant) if constant is not None else None})'
            case Call(Function.LIKE, (source, *patterns), case):
                parts = [self._like(source, p, case) for p in patterns]
                return parts[0] if len(parts) == 1 else f'("or", False, {", ".join(parts)})'
            case Call(function, arguments, case):
                folds = case is Case.INSENSITIVE
                shown = [self._script(a) for a in arguments]
                return f"({text_literal(function.value)}, {folds}, {', '.join(shown)})"
            case _:
                assert_never(value)

    def _like(self, source: Value, pattern: Value, case: Case) -> str:
        assert isinstance(pattern, Literal)  # noqa: S101  # the model's contract of LIKE
        assert isinstance(pattern.value, Pattern)  # noqa: S101
        folds = case is Case.INSENSITIVE
        return f'("like", {folds}, {pattern_literal(pattern.value, case)}, {self._script(source)})'


def _any_case(case: Case) -> str:
    return "_any_case" if case is Case.INSENSITIVE else ""


def _folded(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def text_literal(text: str) -> str:
    r"""A literal of printable ASCII: nothing in it can end it or hide in it."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    body = "".join(_char(c) for c in text)
    return f'"{body}"'


def _char(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if " " <= char <= "~":
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def tuple_literal(items: Iterable[str]) -> str:
    """A tuple of expressions."""
    found = list(items)
    return f"({found[0]},)" if len(found) == 1 else f"({', '.join(found)})"


def pattern_literal(pattern: Pattern, case: Case) -> str:
    """A wildcard pattern as the runtime's tuple."""
    parts = []
    for part in pattern.parts:
        if isinstance(part, Wild):
            parts.append("ANY_RUN" if part is Wild.ANY_RUN else "ANY_ONE")
        else:
            parts.append(text_literal(_folded(part) if case is Case.INSENSITIVE else part))
    return tuple_literal(parts) if parts else "()"


def regex_literal(regex: Regex, case: Case) -> str:
    """A regular expression as the runtime's program."""
    return _program(compile_regex(regex, case))


def _program(steps: Iterable[tuple[object, ...]]) -> str:
    return tuple_literal(_step(s) for s in steps)


def _step(step: tuple[object, ...]) -> str:
    match step:
        case ("char", str(char)):
            return f'("char", {text_literal(char)})'
        case ("class", bool(negated), tuple(ranges)):
            shown = (
                tuple_literal(f"({text_literal(low)}, {text_literal(high)})" for low, high in ranges)
                if ranges
                else "()"
            )
            return f'("class", {negated}, {shown})'
        case _:
            return repr(step).replace("'", '"')


def _range(network: str) -> str:
    found = ipaddress.ip_network(network, strict=False)
    mapped = 0xFFFF << 32 if found.version == 4 else 0  # noqa: PLR2004
    low, high = int(found.network_address) | mapped, int(found.broadcast_address) | mapped
    return f"({low:#x}, {high:#x})"


def _mapped(text: str) -> int | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return int(found) | (0xFFFF << 32) if found.version == 4 else int(found)  # noqa: PLR2004
