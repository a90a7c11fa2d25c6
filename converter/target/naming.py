"""Names: of files made from a rule, and a user's own of places (the index that holds a data set, a macro)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from converter.deferred import dataclass, replace

if TYPE_CHECKING:
    from converter.model.rule import Rule
    from converter.target.contract import Binding, Bound

_INDEX, _MACRO, _ECS = "index", "macro", "ecs"
_PLACES = frozenset({_INDEX, _MACRO, "sourcetype", "source"})


def file_stem(rule: Rule) -> str:
    """The name of the rule's file, or one made of the rule's name; without ending."""
    if rule.stem and not rule.stem.startswith("<"):
        return rule.stem
    return re.sub(r"[^a-z0-9]+", "_", rule.meta.name.lower()).strip("_")[:100] or "rule"


@dataclass(frozen=True, slots=True)
class Naming:
    """`indexes`: by data set, the index that holds it (`ecs`: events that keep Elastic's names).

    `macros`: by a table's macro, the name of one's own.
    """

    indexes: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)

    def applied(self, bound: Bound) -> Bound:
        """The rule bound to the same places under the user's names."""
        return replace(bound, bindings=tuple(self._renamed(b) for b in bound.bindings))

    def _renamed(self, binding: Binding) -> Binding:
        header = dict(binding.header)
        ecs = binding.mode == _ECS
        index = self.indexes.get(_ECS if ecs else binding.dataset or "")
        if index is not None and (_PLACES & header.keys() or ecs):
            header.pop(_MACRO, None)  # an index that is named takes the place of a macro that names one
            header[_INDEX] = index
        if header.get(_MACRO) in self.macros:  # one's own says all, not only the index
            header = {k: v for k, v in header.items() if k not in _PLACES} | {_MACRO: self.macros[header[_MACRO]]}
        return replace(binding, header=header) if header != binding.header else binding
