"""The entry of the `hub` command. Kept bare: every process that prepares pages imports this file before its own work."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and leave with the exit code of design §6: 0 fine, 1 stopped, 2 wrong use, 3 something away."""
    # Read when polars is first imported, here and in the processes that prepare pages: two of them share the cores.
    os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))
    from exchange.cli.app import run

    sys.exit(run())
