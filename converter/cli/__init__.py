"""The command line: the only part that prints, reads arguments and picks exit codes.

stdout carries artifacts, stderr everything else. Exit codes: see `exit.Exit`.
"""

from converter.cli.app import main as main
