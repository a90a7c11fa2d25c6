"""Pipelines of ES|QL: expressions over a row `r`, and the stages as data that the runtime follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.python.condition.expression import (
    Expressions,
    pattern_literal,
    regex_literal,
    text_literal,
    tuple_literal,
)
from backends.python.detection.operations import ARITHMETIC, BITS, CONVERT, EACH, PLAIN, UNITS, WHOLE
from converter.model.operation import Aggregator, Operation
from converter.model.pattern import Case
from converter.model.pipeline import (
    Adjoin,
    Aggregated,
    Aggregation,
    Apply,
    Column,
    Compute,
    Constant,
    Cutting,
    Documents,
    Drop,
    Expand,
    Expression,
    Extract,
    Filter,
    Found,
    InlineSummarise,
    Keep,
    Like,
    Limit,
    Matches,
    Named,
    Period,
    Pipeline,
    Reference,
    Rename,
    Scalar,
    Sort,
    Stage,
    Summarise,
    Type,
    type_of,
)
from converter.readers.esql.java import JavaRegexError, expression, replacement


class UnsayableError(Exception):
    """The operation has no form here; the message names it."""


class Rows:
    """Writes expressions over a row, and stages."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    def _use(self, piece: str, name: str) -> str:
        return self._expressions.use(piece, name) if piece else name

    # ---- expressions ----

    def value(self, node: Expression) -> str:
        """The value in a row `r`, at the time `now`."""
        match node:
            case Constant(value, kind, several):
                return f"[{', '.join(map(_scalar, several))}]" if several else _constant(value, kind)
            case Reference(column):
                return self._column(column)
            case Like(operand, patterns):
                self._use("matching", "like")
                shown = tuple_literal(pattern_literal(p, Case.SENSITIVE) for p in patterns)
                test = f"lambda t: any(like(t, p) for p in {shown})"
                return f"single({test}, {self.value(operand)})"
            case Matches(operand, regexes):
                self._use("regular", "accepts")
                programs = [self._expressions.constant("REGULAR", regex_literal(r, Case.SENSITIVE)) for r in regexes]
                test = f"lambda t: any(accepts(p, t, t) for p in {tuple_literal(programs)})"
                return f"single({test}, {self.value(operand)})"
            case Found(predicate):
                return f'(lambda event: {self._expressions.write(predicate).text})(r[""])'
            case Apply():
                return self._apply(node)
            case _:
                assert_never(node)

    def _column(self, column: Column) -> str:
        name = text_literal(column.name)
        if column.field is None:
            return f"r.get({name})"
        convert = self._use(*CONVERT[column.type])
        as_set = column.type in (Type.KEYWORD, Type.UNKNOWN, Type.IP)
        ordered = column.type not in (Type.TEXT, Type.POINT)
        found = f"stored(r, {text_literal(column.field.path)}, {convert}, {as_set}, {ordered})"
        return found if column.name == column.field.path else f"(r[{name}] if {name} in r else {found})"

    def _apply(self, node: Apply) -> str:
        arguments = [self.value(a) for a in node.arguments]
        operation = node.operation
        match operation:
            case Operation.AND | Operation.OR:
                words = "both" if operation is Operation.AND else "either"
                return f"{words}({', '.join(f'lambda: {a}' for a in arguments)})"
            case Operation.NOT:
                return f"negation({arguments[0]})"
            case Operation.IS_NULL | Operation.IS_NOT_NULL:
                return _presence(node.arguments[0], arguments[0], wanted=operation is Operation.IS_NOT_NULL)
            case Operation.IN:
                return f"among({', '.join(arguments)})"
            case Operation.CASE | Operation.COALESCE:
                words = "case" if operation is Operation.CASE else "first_known"
                return _wide(node.type, f"{words}({', '.join(f'lambda: {a}' for a in arguments)})")
            case Operation.NOW:
                return "now"
            case Operation.TO_STRING:
                return self._text(node, arguments[0])
            case Operation.TO_VERSION:
                return arguments[0]
            case _ if operation in WHOLE:
                return self._whole(node, arguments)
            case _ if operation in EACH:
                return f"per_value({self._use(*PLAIN[operation])}, {arguments[0]})"
            case _:
                return self._single(node, arguments)

    def _text(self, node: Apply, argument: str) -> str:
        names = {Type.DATE: "date_name", Type.IP: "address_text"}
        name = self._use("row_texts", names.get(type_of(node.arguments[0]), "name_of"))
        return f"per_value({name}, {argument})"

    def _whole(self, node: Apply, arguments: Sequence[str]) -> str:
        found = f"{self._use('row_many', WHOLE[node.operation])}({', '.join(arguments)})"
        bits = BITS.get(node.type)
        if node.operation is Operation.MV_SUM and bits is not None:
            return f"fitting({bits}, {found})"
        return _wide(node.type, found)

    def _single(self, node: Apply, arguments: Sequence[str]) -> str:
        inner = ", ".join(arguments)
        operation = node.operation
        if operation in ARITHMETIC:
            return self._arithmetic(node, arguments)
        if operation is Operation.NEGATE:
            bits = BITS.get(node.type)
            minus = f"single(lambda v: -v, {inner})"
            return minus if bits is None else f"fitting({bits}, {minus})"
        if operation is Operation.CIDR_MATCH:
            return self._networks(node, arguments)
        if operation is Operation.DATE_DIFF:
            return self._difference(node, arguments)
        if operation is Operation.REPLACE:
            return self._replaced(node, arguments)
        if Type.VERSION in map(type_of, node.arguments):
            raise UnsayableError("versions")
        found = PLAIN.get(operation)
        if found is None:
            raise UnsayableError(operation.value)
        name = self._use(*found)
        self._imports(name)
        text = f"single({name}, {inner})"
        return _wide(node.type, text) if operation in (Operation.GREATEST, Operation.LEAST) else text

    def _imports(self, name: str) -> None:
        if name.startswith("math."):
            self._use("row_numbers", "")

    def _arithmetic(self, node: Apply, arguments: Sequence[str]) -> str:
        left, right = arguments
        name = self._use("row_numbers", ARITHMETIC[node.operation])
        if node.type is Type.DATE:
            shifted = self._use("row_times", "shifted")
            sign = "" if node.operation is Operation.ADD else "-"
            by = node.arguments[1]
            if isinstance(by, Constant) and isinstance(by.value, Period):
                factor = -1 if sign else 1
                right = f"({factor * by.value.months}, {factor * by.value.days})"
                return f"single({shifted}, {left}, {right})"
            return f"single(lambda d, by: {shifted}(d, {sign}by), {left}, {right})"
        bits = BITS.get(node.type)
        self._use("row_numbers", "whole")
        if bits is None:
            return f"single(lambda a, b: decimal({name}, a, b), {left}, {right})"
        return f"single(lambda a, b: whole({bits}, {name}, a, b), {left}, {right})"

    def _networks(self, node: Apply, arguments: Sequence[str]) -> str:
        ranges = []
        self._use("address", "address_range")
        for argument in node.arguments[1:]:
            if not isinstance(argument, Constant) or not isinstance(argument.value, str):
                raise UnsayableError("cidr_match with a column of networks")
            try:
                ranges.append(self._expressions.network(argument.value))
            except ValueError:
                raise UnsayableError("a network that is none") from None
        shown = self._expressions.constant("NETWORKS", tuple_literal(ranges))
        return f"single(lambda ip: any(low <= ip <= high for low, high in {shown}), {arguments[0]})"

    def _difference(self, node: Apply, arguments: Sequence[str]) -> str:
        unit = node.arguments[0]
        word = unit.value.lower() if isinstance(unit, Constant) and isinstance(unit.value, str) else ""
        for words, shown in UNITS:
            if word in words.split():
                name = self._use("row_times", "difference")
                return f"single(lambda a, b: {name}({shown}, a, b), {arguments[1]}, {arguments[2]})"
        raise UnsayableError(f"date_diff by {word or 'a column'}")

    def _replaced(self, node: Apply, arguments: Sequence[str]) -> str:
        regex, template = node.arguments[1:]
        if not isinstance(regex, Constant) or not isinstance(template, Constant):
            raise UnsayableError("replace with an expression of a column")
        try:
            compiled = expression(str(regex.value))
            parts = replacement(str(template.value), compiled.groups)
        except JavaRegexError as error:
            raise UnsayableError(f"replace with this expression ({error})") from error
        name = self._use("row_texts", "replaced")
        text = f"re.compile({text_literal(compiled.pattern)}, re.ASCII)"
        shown = self._expressions.constant("EXPRESSION", text)
        pieces = tuple_literal(text_literal(p) if isinstance(p, str) else str(p) for p in parts) if parts else "()"
        return f"single(lambda t: {name}({shown}, {pieces}, t), {arguments[0]})"

    # ---- stages ----

    def settings(self, pipeline: Pipeline) -> list[str]:
        """The stages, and the columns of the result."""
        stages = [s for stage in pipeline.stages if (s := self._stage(stage))]
        kept = [Named(c, Reference(c)) for c in pipeline.columns if c.field is not None]
        if kept:
            # What the event itself holds is read when the row is shown.
            stages.append(f'("compute", {self._named(kept)})')
        body = "".join(f"\n        {s}," for s in stages)
        listed = f"[{body}\n    ]" if stages else "[]"
        shown = f'def stages(now):\n    """What is done to the rows, one after another."""\n    return {listed}\n'
        columns = "".join(f"\n    ({text_literal(c.name)}, {text_literal(c.type.value)})," for c in pipeline.columns)
        source = pipeline.source
        metadata = [text_literal(c.name) for c in source.metadata] if isinstance(source, Documents) else []
        return [shown, f"COLUMNS = ({columns}\n)" if columns else "COLUMNS = ()", f"METADATA = [{', '.join(metadata)}]"]

    def _row(self, node: Expression) -> str:
        return f"lambda r: {self.value(node)}"

    def _stage(self, stage: Stage) -> str:
        match stage:
            case Filter(where):
                return f'("filter", {self._row(where)})'
            case Compute(columns):
                return f'("compute", {self._named(columns)})'
            case Summarise(aggregates, keys):
                return f'("groups", {self._aggregates(aggregates)}, {self._named(keys)})'
            case InlineSummarise(aggregates, keys):
                return f'("beside", {self._aggregates(aggregates)}, {self._named(keys)})'
            case Keep() | Drop():
                return ""
            case Rename(pairs):
                shown = [
                    f"({self._row(Reference(old))}, {text_literal(old.name)}, {text_literal(new.name)})"
                    for old, new in pairs
                ]
                return f'("rename", [{", ".join(shown)}])'
            case Sort(orders):
                if any(type_of(o.expression) is Type.VERSION for o in orders):
                    raise UnsayableError("versions in order")
                shown = [f"({self._row(o.expression)}, {o.descending}, {o.nulls_first})" for o in orders]
                return f'("sort", [{", ".join(shown)}])'
            case Limit(count):
                return f'("limit", {count})'
            case Extract():
                return self._extract(stage)
            case Expand(column):
                return f'("expand", {text_literal(column.name)}, {self._row(Reference(column))})'
            case Adjoin():
                raise UnsayableError("a join with another table")
            case _:
                assert_never(stage)

    def _named(self, columns: Sequence[Named]) -> str:
        shown = [f"({text_literal(n.column.name)}, {self._row(n.expression)})" for n in columns]
        return f"[{', '.join(shown)}]"

    def _aggregates(self, aggregates: Sequence[Aggregated]) -> str:
        return f"[{', '.join(self._aggregate(a.column.name, a.aggregation) for a in aggregates)}]"

    def _aggregate(self, name: str, node: Aggregation) -> str:
        """(name, function, value, condition, what else the function needs)"""
        function, extra = node.function.value, "None"
        value = self._row(node.arguments[0]) if node.arguments else "None"
        if node.type is Type.VERSION:
            raise UnsayableError("versions in groups")
        if not node.arguments:
            function = "rows"
        elif node.function is Aggregator.SUM:
            extra = text_literal(node.type.value)
        elif node.function is Aggregator.TOP:
            count, *order = [a.value for a in node.arguments[1:] if isinstance(a, Constant)]
            extra = f"({count}, {bool(order) and str(order[0]).lower() == 'desc'})"
        elif node.function in (Aggregator.FIRST, Aggregator.LAST):
            function = "end"
            extra = f"({self._row(node.arguments[1])}, {node.function is Aggregator.LAST})"
        where = "None" if node.where is None else self._row(node.where)
        return f"({text_literal(name)}, {text_literal(function)}, {value}, {where}, {extra})"

    def _extract(self, stage: Extract) -> str:
        self._use("row_cuts", "cut_columns")
        names = tuple_literal(text_literal(c.name) for c in stage.columns)
        how = stage.how
        if isinstance(how, Cutting):
            keys = tuple_literal(
                f"({text_literal(k.into)}, {text_literal(k.delimiter)}, {k.append}, {k.rank}, {k.padded})"
                for k in how.keys
            )
            shown = f"({text_literal(how.head)}, {keys}, {text_literal(how.separator)})"
        else:
            pairs = []
            for one in how:
                groups = tuple_literal(
                    f"({text_literal(c.group)}, {text_literal(c.into)}, {text_literal(c.type.value)})"
                    for c in one.captures
                )
                pairs.append(f"(re.compile({text_literal(one.regex)}), {groups if one.captures else '()'})")
            shown = tuple_literal(pairs)
        constant = self._expressions.constant("CUT", shown)
        return f'("cut", {self._row(stage.source)}, lambda v: cut_columns({constant}, {names}, v))'


def _wide(kind: Type, text: str) -> str:
    return f"as_double({text})" if kind is Type.DOUBLE else text


def _constant(value: Scalar | None, kind: Type) -> str:
    if kind is Type.DOUBLE and isinstance(value, int):
        return repr(float(value))
    return "None" if value is None else _scalar(value)


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        return text_literal(value)
    return f"({value.months}, {value.days})" if isinstance(value, Period) else repr(value)


def _presence(node: Expression, text: str, *, wanted: bool) -> str:
    """Whether there is a value; of a constant it is said outright, as Python warns of comparing one with None."""
    if isinstance(node, Constant):
        return str((node.value is not None or bool(node.many)) is wanted)
    return f"({text} is {'not ' if wanted else ''}None)"
