"""A user's own names of places: the index that holds a data set, the macro that stands for another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from converter.deferred import dataclass
from converter.target.contract import Binding, Bound

_INDEX, _MACRO = "index", "macro"


@dataclass(frozen=True, slots=True)
class Naming:
    """`indexes`: by data set, the index that holds it; `macros`: by a table's macro, the name of one's own."""

    indexes: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)

    def applied(self, bound: Bound) -> Bound:
        """The rule bound to the same places under the user's names."""
        return replace(bound, bindings=tuple(self._renamed(b) for b in bound.bindings))

    def _renamed(self, binding: Binding) -> Binding:
        header = dict(binding.header)
        index = self.indexes.get(binding.dataset or "")
        if index is not None and {_INDEX, _MACRO} & header.keys():
            header.pop(_MACRO, None)  # an index that is named takes the place of a macro that names one
            header[_INDEX] = index
        if header.get(_MACRO) in self.macros:
            header[_MACRO] = self.macros[header[_MACRO]]
        return replace(binding, header=header) if header != binding.header else binding
