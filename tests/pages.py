"""The report page unpacked again, as its script does it."""

from __future__ import annotations

import json
import lzma
import re
from typing import Any

from converter.build.reports.as_html import FILTERS


def unpacked(page: str) -> dict[str, Any]:
    """Each part of the page by its name; the texts of rules with their numbers replaced."""
    parts = dict(re.findall(r'<script type="text/plain" id="([\w-]+)">([^<]*)</script>', page))
    values = {sign: number for number, sign in enumerate(parts.pop("alphabet"))}
    found = {name: json.loads(_inflated(text, values)) for name, text in parts.items()}
    texts = found.pop("texts")
    return {
        name: [_rule(rule, texts) for rule in part] if name.startswith("chunk-") else part
        for name, part in found.items()
    }


def _inflated(text: str, values: dict[str, int]) -> bytes:
    out, held, bits = bytearray(), 0, 0
    for low, high in zip(text[::2], text[1::2], strict=True):
        held |= (values[low] + len(values) * values[high]) << bits
        bits += 13
        while bits >= 8:
            out.append(held & 255)
            held >>= 8
            bits -= 8
    return _lzma(bytes(out))


def _lzma(data: bytes) -> bytes:
    size = int.from_bytes(data[:4], "little")
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=FILTERS).decompress(data[4:], size)


def _rule(rule: list[Any], texts: list[str]) -> list[Any]:
    def said(text: str | int) -> str:
        return texts[text] if isinstance(text, int) else text

    query, line, column, messages, conditions, made = rule
    return [
        [said(one) for one in query],
        line,
        column,
        [[code, severity, said(message), said(hint), place] for code, severity, message, hint, place in messages],
        [[said(words), *place] for words, *place in conditions],
        [[target, status, [said(one) for one in lines], *rest] for target, status, lines, *rest in made],
    ]
