"""The grammar of tabular operators, one method each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from converter.proof.judges.kusto.cursor import Cursor
from converter.proof.judges.kusto.expressions import ExpressionParser
from converter.proof.judges.kusto.syntax import (
    Count,
    Distinct,
    Expansion,
    Expression,
    Extend,
    FunctionSource,
    Item,
    Join,
    Member,
    MvApply,
    MvExpand,
    Name,
    Operator,
    Partition,
    Project,
    Query,
    Rename,
    Scan,
    Select,
    Sort,
    SortKey,
    Star,
    Step,
    Summarize,
    TableName,
    Take,
    Union,
    Where,
)
from converter.proof.judges.kusto.values import Kind, kind_named

_JOIN_KINDS = (
    "innerunique",
    "inner",
    "leftouter",
    "rightouter",
    "fullouter",
    "leftsemi",
    "rightsemi",
    "leftanti",
    "leftantisemi",
    "anti",
    "rightanti",
    "rightantisemi",
)


class OperatorParser:
    def __init__(
        self,
        cursor: Cursor,
        expressions: ExpressionParser,
        query: Callable[[], Query],
        operators: Callable[[], tuple[Operator, ...]],
    ) -> None:
        self._cursor = cursor
        self._expressions = expressions
        self._query = query
        self._more = operators

    def operator(self) -> Operator:
        word = self._cursor.next().text
        match word:
            case "where" | "filter":
                return Where(self._expressions.expression())
            case "extend":
                return Extend(self._expressions.items())
            case "serialize":
                bare = self._cursor.sees("|", ")", ";") or self._cursor.token.kind == "end"
                return Extend(() if bare else self._expressions.items(), serializes=True)
            case "project":
                return Project(self._expressions.items())
            case "project-away" | "project-keep" | "project-reorder":
                how = cast("Literal['away', 'keep', 'reorder']", word.removeprefix("project-"))
                return Select(how, self._patterns())
            case "project-rename":
                return self._rename()
            case "summarize":
                return self._summarize()
            case "mv-expand":
                return self._mv_expand()
            case "mv-apply":
                return self._mv_apply()
            case "join":
                return self._join()
            case "lookup":
                return self._lookup()
            case "union":
                return self.union()
            case "sort" | "order":
                self._cursor.expect("by")
                return Sort(self._sort_keys())
            case "top":
                return self._top()
            case "take" | "limit":
                return Take(self._expressions.expression())
            case "distinct":
                return self._distinct()
            case "count":
                return Count()
            case "partition":
                return self._partition()
            case "scan":
                return self._scan()
            case _:
                raise self._cursor.error(f"operator {word} is not interpreted; before this")

    def union(self) -> Union:
        """("kind" "=" kind)? ("withsource" "=" name)? query ("," query)*"""
        kind: Literal["outer", "inner"] = "outer"
        source_column = None
        while self._cursor.is_named():
            option = self._cursor.next().text
            self._cursor.expect("=")
            value = self._option_value()
            match option:
                case "kind":
                    kind = cast("Literal['outer', 'inner']", value)
                case "withsource" | "with_source":
                    source_column = value
                case "isfuzzy":
                    pass
                case _:
                    self._cursor.fail(f"union option {option} is not interpreted")
        queries = [self._union_part()]
        while self._cursor.take(","):
            queries.append(self._union_part())
        return Union(kind, source_column, tuple(queries))

    def _option_value(self) -> str:
        """A word, with dots and signs of no meaning to us."""
        return self._cursor.next().text

    def _union_part(self) -> Query:
        if self._cursor.take("("):
            query = self._query()
            self._cursor.expect(")")
            return query
        name = self._cursor.name()
        if self._cursor.sees("("):
            return Query(FunctionSource(name, self._expressions.arguments()), ())
        return Query(TableName(name), ())

    def _patterns(self) -> tuple[str, ...]:
        """name or prefix*, comma separated"""
        found: list[str] = []
        while True:
            pattern = "*" if self._cursor.sees("*") else self._cursor.name()
            while self._cursor.take("*"):
                pattern = pattern.rstrip("*") + "*"
            found.append(pattern)
            if not self._cursor.take(","):
                return tuple(found)

    def _rename(self) -> Rename:
        pairs: list[tuple[str, str]] = []
        while True:
            new = self._cursor.name()
            self._cursor.expect("=")
            pairs.append((new, self._cursor.name()))
            if not self._cursor.take(","):
                return Rename(tuple(pairs))

    def _hints(self) -> dict[str, str]:
        """("hint" "." name "=" word)*"""
        found: dict[str, str] = {}
        while self._cursor.sees("hint") and self._cursor.ahead(1).text == ".":
            self._cursor.next()
            self._cursor.next()
            name = self._cursor.name()
            self._cursor.expect("=")
            found[name] = self._cursor.next().text
        return found

    def _summarize(self) -> Summarize:
        """hints (item, ...)? ("by" item, ...)?"""
        self._hints()
        aggregates = () if self._cursor.sees("by") else self._expressions.items()
        by = self._expressions.items() if self._cursor.take("by") else ()
        return Summarize(aggregates, by)

    def _mv_expand(self) -> MvExpand:
        """("kind" "=" word)? ("with_itemindex" "=" name)? expansion, ... ("limit" number)?"""
        bag_as_array = False
        index_name = None
        while self._cursor.sees("kind", "bagexpansion", "with_itemindex") and self._cursor.is_named():
            option = self._cursor.next().text
            self._cursor.expect("=")
            if option == "with_itemindex":
                index_name = self._cursor.name()
            else:
                bag_as_array = self._cursor.name() == "array"
        columns = [self._expansion()]
        while self._cursor.take(","):
            columns.append(self._expansion())
        limit = int(self._cursor.next().text) if self._cursor.take("limit") else None
        return MvExpand(bag_as_array, index_name, tuple(columns), limit)

    def _expansion(self) -> Expansion:
        """(name "=")? expression ("to" "typeof" "(" type ")")?"""
        item = self._expressions.item()
        kind: Kind = "dynamic"
        if self._cursor.take("to"):
            self._cursor.expect("typeof")
            self._cursor.expect("(")
            kind = kind_named(self._cursor.name())
            self._cursor.expect(")")
        return Expansion(item.name, item.expression, kind)

    def _mv_apply(self) -> MvApply:
        """expansions "on" "(" operator ("|" operator)* ")" """
        expand = self._mv_expand()
        self._cursor.expect("on")
        return MvApply(expand, self._body())

    def _body(self) -> tuple[Operator, ...]:
        """ "(" operator ("|" operator)* ")": a subquery whose source is implied"""
        self._cursor.expect("(")
        operators = (self.operator(), *self._more())
        self._cursor.expect(")")
        return operators

    def _join(self) -> Join:
        """("kind" "=" kind)? hints query "on" condition, ..."""
        kind = "innerunique"
        self._hints()
        if self._cursor.take("kind"):
            self._cursor.expect("=")
            kind = self._cursor.next().text
            if kind not in _JOIN_KINDS:
                self._cursor.fail(f"unknown join kind {kind}")
        self._hints()
        return Join(kind, self._union_part(), self._conditions())

    def _lookup(self) -> Join:
        kind = "leftouter"
        if self._cursor.take("kind"):
            self._cursor.expect("=")
            kind = self._cursor.next().text
        return Join(kind, self._union_part(), self._conditions(), is_lookup=True)

    def _conditions(self) -> tuple[tuple[Expression, Expression], ...]:
        """ "on" (name | "$left" "." name "==" "$right" "." name), ..."""
        self._cursor.expect("on")
        found: list[tuple[Expression, Expression]] = []
        while True:
            left = self._expressions.access()
            if self._cursor.take("=="):
                found.append(self._sides(left, self._expressions.access()))
            else:
                found.append((left, left))
            if not self._cursor.take(",", "and"):
                return tuple(found)

    def _sides(self, one: Expression, other: Expression) -> tuple[Expression, Expression]:
        match one, other:
            case Member(Name("$left"), left), Member(Name("$right"), right):
                return Name(left), Name(right)
            case Member(Name("$right"), right), Member(Name("$left"), left):
                return Name(left), Name(right)
            case _:
                raise self._cursor.error("a join condition compares $left.x with $right.y")

    def _sort_keys(self) -> tuple[SortKey, ...]:
        """expression ("asc" | "desc")? ("nulls" ("first" | "last"))?, ...; desc by default, nulls first only in asc"""
        found: list[SortKey] = []
        while True:
            expression = self._expressions.expression()
            descending = not self._cursor.take("asc")
            self._cursor.take("desc")
            nulls_first = not descending
            if self._cursor.take("nulls"):
                nulls_first = self._cursor.next().text == "first"
            found.append(SortKey(expression, descending, nulls_first))
            if not self._cursor.take(","):
                return tuple(found)

    def _top(self) -> Sort:
        """expression "by" key"""
        limit = self._expressions.expression()
        self._cursor.expect("by")
        return Sort(self._sort_keys(), limit)

    def _distinct(self) -> Distinct:
        if self._cursor.take("*"):
            return Distinct((Item(None, Star()),))
        return Distinct(self._expressions.items())

    def _partition(self) -> Partition:
        """hints "by" name "(" operators ")" """
        hints = self._hints()
        self._cursor.expect("by")
        key = self._cursor.name()
        return Partition(key, hints.get("strategy", "legacy"), self._body())

    def _scan(self) -> Scan:
        """("with_match_id" "=" name)? ("declare" "(" ... ")")? "with" "(" step+ ")" """
        match_id = None
        if self._cursor.take("with_match_id"):
            self._cursor.expect("=")
            match_id = self._cursor.name()
        declared: list[tuple[str, Kind, Expression | None]] = []
        if self._cursor.take("declare"):
            self._cursor.expect("(")
            while not self._cursor.take(")"):
                name = self._cursor.name()
                self._cursor.expect(":")
                kind = kind_named(self._cursor.name())
                default = self._expressions.expression() if self._cursor.take("=") else None
                declared.append((name, kind, default))
                self._cursor.take(",")
        self._cursor.expect("with")
        self._cursor.expect("(")
        steps: list[Step] = []
        while not self._cursor.take(")"):
            steps.append(self._step())
        return Scan(match_id, tuple(declared), tuple(steps))

    def _step(self) -> Step:
        """ "step" name ("output" "=" word)? ":" condition ("=>" item, ...)? ";" """
        self._cursor.expect("step")
        name = self._cursor.name()
        output = "all"
        if self._cursor.take("output"):
            self._cursor.expect("=")
            output = self._cursor.next().text
            if output not in ("all", "last", "none"):
                self._cursor.fail(f"unknown output {output}")
        self._cursor.expect(":")
        condition = self._expressions.expression()
        assignments = self._expressions.items() if self._cursor.take("=>") else ()
        self._cursor.expect(";")
        return Step(name, cast("Literal['all', 'last', 'none']", output), condition, assignments)
