"""The entry of the `hub` command. Kept bare: every process that prepares pages imports this file before its own work."""

from __future__ import annotations

import os
import sys

from exchange.edge import core_dumps


def main() -> None:
    """Run the command line and leave with the exit code of design §6: 0 fine, 1 stopped, 2 wrong use, 3 something away."""
    core_dumps.forbid()
    # Both are read when polars is first imported, here and in the processes that prepare pages. Two of these share the
    # cores; and each works on one page after the other, so that memory given back to the system between them would only
    # be asked for again: two fifths of the page faults, in no more memory.
    os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))
    os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:10000,muzzy_decay_ms:0")
    from exchange.cli.app import run

    sys.exit(run())
