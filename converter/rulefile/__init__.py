"""The files around queries: rules in every form people keep them, exceptions, and where everything stands.

`read_path` and `read_text` read one rule and raise `RuleFileError` with one diagnostic for each thing that is wrong;
`collection.read_file` reads whatever a file holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.deferred import homes

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
    "Collection": "converter.rulefile.collection",
    "read_collection": "converter.rulefile.collection",
    "read_file": "converter.rulefile.collection",
    "LARGEST_FILE": "converter.rulefile.decoding",
    "decode": "converter.rulefile.decoding",
    "read_bounded": "converter.rulefile.decoding",
    "RuleText": "converter.rulefile.ruletext",
    "query_place": "converter.rulefile.ruletext",
    "read_path": "converter.rulefile.single",
    "read_text": "converter.rulefile.single",
}


__getattr__ = homes(__name__, _HOMES)
"""The readers, imported at first use: who only knows of codes, or has every rule from a cache, reads nothing."""
