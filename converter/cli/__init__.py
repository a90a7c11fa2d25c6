"""The command line: the only part that prints, reads arguments and picks exit codes.

stdout carries artifacts, stderr everything else. Exit codes: see `exit.Exit`.
"""

import gc

_thresholds = gc.get_threshold()
gc.set_threshold(200_000)  # what imports make stays: the collector would go through it for nothing

from converter.cli.app import main as main  # noqa: E402 - see above

gc.set_threshold(*_thresholds)
