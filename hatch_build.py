"""Prepares the data set tables when the package is built, so that an installed one never reads their YAML."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PreparedTables(BuildHookInterface[Any]):
    """Writes `converter/datasets/prepared/`, which the wheel holds and the repository does not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's interface
        """Called before files are collected."""
        sys.path.insert(0, self.root)
        try:
            from converter.datasets.reading import prepare  # the code that is being built

            prepare.main()
        finally:
            sys.path.remove(self.root)
