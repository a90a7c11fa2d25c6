"""What a target is: the contract that a platform fulfils, how targets are found, and what a conversion gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    "Binding": "contract",
    "Bound": "contract",
    "Emission": "contract",
    "Notebook": "contract",
    "Target": "contract",
    "Options": "options",
    "SUPPORTED": "support",
    "Gap": "support",
    "Level": "support",
    "Partial": "support",
    "Refusal": "support",
    "Support": "support",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """The contract, imported at first use: what a conversion gives (`artifact`) is known without it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
