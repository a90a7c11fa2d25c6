"""Functions over text: comparison with patterns, conversion, cutting, hashing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final
from urllib.parse import unquote

from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.functions import Arguments, Environment, Function
from converter.proof.judges.spl.network import inside, network
from converter.proof.judges.spl.pcre import compile_pattern
from converter.proof.judges.spl.values import Evaluated, Scalar, many, number, scalar, text, tidy

_MAX_INDEX: Final = 1_000_000


def _text(value: Evaluated) -> str:
    found = scalar(value)
    return "" if found is None else text(found)


def _whole(value: Evaluated) -> int:
    found = scalar(value)
    parsed = None if found is None else number(found)
    if parsed is None:
        raise SplError(f"{value!r} is not a number")
    return int(parsed)


@lru_cache(maxsize=1024)
def like_pattern(pattern: str) -> re.Pattern[str]:
    """% any run, _ one character. How to escape them is documented nowhere, so an attempt to is refused."""
    if re.search(r"\\[%_]", pattern):
        raise SplError("like() has no documented escape for % and _", 0, pattern)
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in pattern), re.DOTALL)


def _like(_env: Environment, args: Arguments) -> Evaluated:
    return like_pattern(_text(args[1])).fullmatch(_text(args[0])) is not None


def _match(_env: Environment, args: Arguments) -> Evaluated:
    return compile_pattern(_text(args[1])).search(_text(args[0])) is not None


def _cidrmatch(env: Environment, args: Arguments) -> Evaluated:
    subnet = network(_text(args[0]))
    found = None if subnet is None else inside(subnet, _text(args[1]))
    if found is None and env.reading.cidr_bad_address == "false":
        return False
    return found


def _replace(_env: Environment, args: Arguments) -> Evaluated:
    return substitute(_text(args[1]), _text(args[2]), _text(args[0]), 0)


def _group(groups: Sequence[str], reference: re.Match[str]) -> str:
    number = int(reference.group(1))
    return groups[number] if number < len(groups) else ""


def substitute(pattern: str, replacement: str, subject: str, limit: int) -> str:
    r"""`subject` with the first `limit` matches replaced, or all for 0; \1 in `replacement` is a group."""
    compiled = compile_pattern(pattern)
    out: list[str] = []
    at, done = 0, 0
    while at <= len(subject) and (limit == 0 or done < limit):
        found = compiled.search(subject, at)
        if found is None:
            break
        groups = ("", *(one or "" for one in found.groups()))
        filled = re.sub(r"\\(\d)", partial(_group, groups), replacement)
        start, end = found.start(), found.end()
        out += [subject[at:start], filled]
        done += 1
        if end == start:
            out.append(subject[end : end + 1])
            end += 1
        at = end
    out.append(subject[at:])
    return "".join(out)


def _substr(_env: Environment, args: Arguments) -> Evaluated:
    subject, start = _text(args[0]), _whole(args[1])
    if start == 0:
        raise SplError("substr() counts from 1; a start of 0 is undocumented")
    begin = start - 1 if start > 0 else max(0, len(subject) + start)
    length = _whole(args[2]) if len(args) > 2 else _MAX_INDEX
    if length < 0:
        raise SplError("substr() with a negative length is undocumented")
    return subject[begin : begin + length]


def _split(_env: Environment, args: Arguments) -> Evaluated:
    subject, delimiter = _text(args[0]), _text(args[1])
    return many(subject.split(delimiter) if delimiter else list(subject))


def _trim(strip: Callable[[str, str | None], str]) -> Function:
    def apply(_env: Environment, args: Arguments) -> Evaluated:
        return strip(_text(args[0]), _text(args[1]) if len(args) > 1 else " \t")

    return Function(1, 2, apply, mapped=0)


def _tonumber(_env: Environment, args: Arguments) -> Evaluated:
    found = scalar(args[0])
    if found is None or len(args) == 1:
        parsed = None if found is None else number(found)
        return None if parsed is None else tidy(parsed)
    try:
        return int(text(found), _whole(args[1]))
    except ValueError:
        return None


def _tostring(_env: Environment, args: Arguments) -> Evaluated:
    found = scalar(args[0])
    if found is None or len(args) == 1:
        return None if found is None else text(found)
    parsed = number(found)
    if parsed is None:
        return None
    match _text(args[1]):
        case "hex":
            return f"0x{int(parsed):X}"
        case "commas":
            return f"{round(parsed, 2):,}"
        case "duration":
            days, rest = divmod(int(parsed), 86400)
            shown = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
            return f"{days}+{shown}" if days else shown
        case other:
            raise SplError(f"tostring() knows no format {other}")


def _printf(_env: Environment, args: Arguments) -> Evaluated:
    rest = iter(args[1:])

    def one(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        value = next(rest, None)
        kind = found.group()[-1]
        if kind == "s":
            return str(found.group() % _text(value))
        parsed = None if value is None else number(_text(value))
        whole = kind in "dixXo"
        return str(found.group() % (int(parsed or 0) if whole else float(parsed or 0)))

    return re.sub(r"%[-+ 0#]*\d*(?:\.\d+)?[sdixXofeEgG]|%%", one, _text(args[0]))


def _hash(name: str) -> Function:
    def apply(_env: Environment, args: Arguments) -> Evaluated:
        return hashlib.new(name, _text(args[0]).encode()).hexdigest()

    return Function(1, 1, apply, mapped=0)


def _on_text(convert: Callable[[str], Scalar]) -> Function:
    return Function(1, 1, lambda _env, args: convert(_text(args[0])), mapped=0)


def _upper(subject: str) -> str:
    return subject.upper()


FUNCTIONS: Final[dict[str, Function]] = {
    "like": Function(2, 2, _like, mapped=0, predicate=True),
    "match": Function(2, 2, _match, mapped=0, regex=1, predicate=True),
    "cidrmatch": Function(2, 2, _cidrmatch, mapped=1, predicate=True),
    "replace": Function(3, 3, _replace, mapped=0, regex=1),
    "substr": Function(2, 3, _substr, mapped=0),
    "split": Function(2, 2, _split, mapped=0),
    "trim": _trim(str.strip),
    "ltrim": _trim(str.lstrip),
    "rtrim": _trim(str.rstrip),
    "tonumber": Function(1, 2, _tonumber, mapped=0),
    "tostring": Function(1, 2, _tostring, mapped=0),
    "printf": Function(1, 99, _printf),
    "len": _on_text(len),
    "lower": _on_text(str.lower),
    "upper": _on_text(_upper),
    "urldecode": _on_text(unquote),
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
}
