"""The files around queries: rules in every form people keep them, exceptions, and where everything stands.

`read_path` and `read_text` read one rule and raise `RuleFileError` with one diagnostic for each thing that is wrong;
`collection.read_file` reads whatever a file holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from converter.rulefile.collection import Collection as Collection
    from converter.rulefile.collection import read_collection as read_collection
    from converter.rulefile.collection import read_file as read_file
    from converter.rulefile.decoding import LARGEST_FILE as LARGEST_FILE
    from converter.rulefile.decoding import decode as decode
    from converter.rulefile.decoding import read_bounded as read_bounded
    from converter.rulefile.ruletext import RuleText as RuleText
    from converter.rulefile.ruletext import query_place as query_place
    from converter.rulefile.single import read_path as read_path
    from converter.rulefile.single import read_text as read_text

_HOMES = {
    "Collection": "collection",
    "read_collection": "collection",
    "read_file": "collection",
    "LARGEST_FILE": "decoding",
    "decode": "decoding",
    "read_bounded": "decoding",
    "RuleText": "ruletext",
    "query_place": "ruletext",
    "read_path": "single",
    "read_text": "single",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """The readers, imported at first use: who only knows of codes, or has every rule from a cache, reads nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
