"""Commands that take text apart: rex, regex, spath, makemv, mvexpand and their kin."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from converter.proof.judges.spl.cursor import cook_eval, cook_quotes
from converter.proof.judges.spl.errors import SplError, UnknownCommand, whole
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.functions_text import substitute
from converter.proof.judges.spl.json_path import read_path, shown
from converter.proof.judges.spl.pcre import Matcher, compile_pattern
from converter.proof.judges.spl.search_match import wildcard
from converter.proof.judges.spl.syntax import Plain, Regex, Rex
from converter.proof.judges.spl.values import Row, Scalar, Stored, key, many, text, tidy, values

Step = Callable[[list[Row]], list[Row]]
_SPATH_CHARACTERS = 5000


def _pattern(raw: str, env: Environment) -> str:
    return cook_quotes(raw) if env.reading.regex_backslash == "raw" else cook_eval(raw)


def plan_regex(node: Regex, env: Environment) -> Step:
    """An unanchored pattern, any value; with != a row without the field stays."""
    pattern = compile_pattern(_pattern(node.pattern, env))

    def found(row: Row) -> bool:
        return any(pattern.search(text(one)) for one in values(row.get(node.name)))

    return lambda rows: [row for row in rows if found(row) is not node.negated]


def plan_rex(node: Rex, env: Environment) -> Step:
    if node.options.get("mode", "").lower() == "sed":
        return _plan_sed(node, _pattern(node.pattern, env))
    if "mode" in node.options or "offset_field" in node.options:
        raise SplError("rex is supported with field=, max_match= and mode=sed only", node.at)
    pattern = compile_pattern(_pattern(node.pattern, env))
    if not pattern.groupindex:
        raise SplError("the pattern of rex names no group", node.at)
    limit = whole(node.options.get("max_match", "1"), node.at)

    def one(row: Row) -> Row:
        collected: dict[str, list[Scalar]] = {}
        for value in values(row.get(node.name)):
            for groups in _matches(pattern, text(value), limit):
                for name, group in groups.items():
                    if group is not None:
                        collected.setdefault(name, []).append(group)
        changed = dict(row)
        for name, found in collected.items():
            stored = many(found)
            if stored is not None:
                changed[name] = stored
        return changed

    return lambda rows: [one(row) for row in rows]


def _matches(pattern: Matcher, subject: str, limit: int) -> Iterator[Mapping[str, str | None]]:
    at, done = 0, 0
    while at <= len(subject) and (limit == 0 or done < limit):
        found = pattern.search(subject, at)
        if found is None:
            return
        yield found.groupdict()
        done += 1
        at = found.end() + (found.end() == found.start())


def _plan_sed(node: Rex, script: str) -> Step:
    """s/pattern/replacement/[g | number]"""
    parts = re.fullmatch(r"s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1(g|\d*)", script, re.DOTALL)
    if parts is None:
        raise SplError("only s/pattern/replacement/flags is supported in rex mode=sed", node.at, script)
    pattern, replacement = parts.group(2), parts.group(3)
    if parts.group(4).isdigit():
        raise SplError("replacing only the n-th match is not supported", node.at, script)
    limit = 0 if parts.group(4) == "g" else 1
    compile_pattern(pattern)

    def one(row: Row) -> Row:
        stored = many(substitute(pattern, replacement, text(value), limit) for value in values(row.get(node.name)))
        return row if stored is None else {**row, node.name: stored}

    return lambda rows: [one(row) for row in rows]


def plan_plain(node: Plain, env: Environment) -> Step:
    match node.name:
        case "fillnull":
            return _plan_fillnull(node)
        case "makemv":
            return _plan_makemv(node)
        case "mvexpand":
            return _plan_mvexpand(node)
        case "nomv":
            return _plan_nomv(node)
        case "mvcombine":
            return _plan_mvcombine(node)
        case "spath":
            return _plan_spath(node)
        case "reverse":
            return lambda rows: rows[::-1]
        case "tail":
            count = whole(node.arguments[0], node.at) if node.arguments else 10
            return lambda rows: rows[::-1][:count]
        case "makeresults":
            if node.options.keys() - {"count"}:
                raise SplError("makeresults is supported with count= only", node.at)
            made = whole(node.options.get("count", "1"), node.at)
            return lambda _rows: [{"_time": tidy(env.now)} for _ in range(made)]
        case _:
            raise UnknownCommand(f"{node.name} is not executed here", node.at)


def _single(node: Plain) -> str:
    if len(node.arguments) != 1:
        raise SplError(f"{node.name} takes one field", node.at)
    return node.arguments[0]


def _plan_fillnull(node: Plain) -> Step:
    value = cook_eval(node.options.get("value", "0"))

    def step(rows: list[Row]) -> list[Row]:
        present = {name: None for row in rows for name in row}
        names: list[str] = []
        for argument in node.arguments or tuple(present):
            pattern = wildcard(argument, exact_case=True)
            names += [one for one in present if pattern.fullmatch(one)] if "*" in argument else [argument]
        return [{**{name: value for name in names if name not in row}, **row} for row in rows]

    return step


def _plan_makemv(node: Plain) -> Step:
    name = _single(node)
    if node.options.keys() - {"delim", "allowempty", "tokenizer"}:
        raise SplError("this option of makemv is not supported", node.at)
    tokenizer = node.options.get("tokenizer")
    pattern = None if tokenizer is None else compile_pattern(cook_quotes(tokenizer))
    delimiter = cook_eval(node.options.get("delim", " "))
    keep_empty = node.options.get("allowempty", "false").lower() in {"true", "t", "1"}

    def tokens(value: str) -> list[str]:
        if pattern is None:
            return [piece for piece in value.split(delimiter) if piece or keep_empty]
        found, at = [], 0
        while (one := pattern.search(value, at)) is not None:
            found.append((one.group(1) if pattern.groups else one.group(0)) or "")
            at = one.end() + (one.end() == one.start())
        return found

    def one(row: Row) -> Row:
        stored = many(piece for value in values(row.get(name)) for piece in tokens(text(value)))
        return row if stored is None else {**row, name: stored}

    return lambda rows: [one(row) for row in rows]


def _plan_mvexpand(node: Plain) -> Step:
    """A row per value; a row without the field stays as it is."""
    name = _single(node)
    limit = whole(node.options.get("limit", "0"), node.at) or None

    def expanded(row: Row) -> list[Row]:
        return [{**row, name: one} for one in values(row.get(name))[:limit]] or [row]

    return lambda rows: [one for row in rows for one in expanded(row)]


def _plan_nomv(node: Plain) -> Step:
    name = _single(node)

    def one(row: Row) -> Row:
        stored = row.get(name)
        return {**row, name: "\n".join(text(v) for v in stored)} if isinstance(stored, tuple) else row

    return lambda rows: [one(row) for row in rows]


def _plan_mvcombine(node: Plain) -> Step:
    name = _single(node)

    def step(rows: list[Row]) -> list[Row]:
        groups: dict[tuple[tuple[str, tuple[str, ...]], ...], tuple[Row, list[Scalar]]] = {}
        for row in rows:
            rest = {one: stored for one, stored in row.items() if one not in {name, "_raw"}}
            same = tuple(sorted((one, key(stored)) for one, stored in rest.items()))
            groups.setdefault(same, (rest, []))[1].extend(values(row.get(name)))
        combined = ((rest, many(found)) for rest, found in groups.values())
        return [rest if stored is None else {**rest, name: stored} for rest, stored in combined]

    return step


def _plan_spath(node: Plain) -> Step:
    source = node.options.get("input", "_raw")
    path = node.options.get("path") or (node.arguments[0] if node.arguments else None)
    if path is not None:
        target, wanted = node.options.get("output", path), path

        def at_path(row: Row) -> Row:
            stored = many(v for value in values(row.get(source)) for v in values(read_path(text(value), wanted)))
            return row if stored is None else {**row, target: stored}

        return lambda rows: [at_path(row) for row in rows]

    def everything(row: Row) -> Row:
        found: dict[str, list[Scalar]] = {}
        for value in values(row.get(source)):
            for name, leaf in _extracted(text(value)):
                found.setdefault(name, []).append(leaf)
        changed = dict(row)
        for name, leaves in found.items():
            stored: Stored | None = many(leaves)
            if stored is not None:
                changed[name] = stored
        return changed

    return lambda rows: [everything(row) for row in rows]


def _extracted(source: str) -> Iterator[tuple[str, Scalar]]:
    """Auto-extract mode reads the first 5,000 characters only (9.4.0, Spath)."""
    if len(source) > _SPATH_CHARACTERS:
        raise SplError("spath without path= reads the first 5,000 characters only; this text is longer")
    try:
        document: object = json.loads(source)
    except ValueError:
        return
    yield from _named_leaves("", document)


def _named_leaves(name: str, value: object) -> Iterator[tuple[str, Scalar]]:
    match value:
        case Mapping():
            for inner, one in value.items():
                yield from _named_leaves(f"{name}.{inner}" if name else inner, one)
        case list():
            for one in value:
                yield from _named_leaves(f"{name}{{}}", one)
        case _ if (leaf := shown(value)) is not None and name:
            yield name, leaf
