"""What a target is: the contract that a platform fulfils, how targets are found, and what a conversion gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.deferred import homes

if TYPE_CHECKING:
    from converter.target.contract import Binding as Binding
    from converter.target.contract import Bound as Bound
    from converter.target.contract import Emission as Emission
    from converter.target.contract import Notebook as Notebook
    from converter.target.contract import Target as Target
    from converter.target.options import Options as Options
    from converter.target.support import SUPPORTED as SUPPORTED
    from converter.target.support import Gap as Gap
    from converter.target.support import Level as Level
    from converter.target.support import Partial as Partial
    from converter.target.support import Refusal as Refusal
    from converter.target.support import Support as Support

_HOMES = {
    "Binding": "converter.target.contract",
    "Bound": "converter.target.contract",
    "Emission": "converter.target.contract",
    "Notebook": "converter.target.contract",
    "Target": "converter.target.contract",
    "Options": "converter.target.options",
    "SUPPORTED": "converter.target.support",
    "Gap": "converter.target.support",
    "Level": "converter.target.support",
    "Partial": "converter.target.support",
    "Refusal": "converter.target.support",
    "Support": "converter.target.support",
}


__getattr__ = homes(__name__, _HOMES)
"""The contract, imported at first use: what a conversion gives (`artifact`) is known without it."""
