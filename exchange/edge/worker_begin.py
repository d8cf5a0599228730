"""What a worker does first. Kept bare: it runs before anything heavy is imported there."""

from __future__ import annotations

import signal
import sys
from multiprocessing import parent_process
from os import _exit
from threading import Thread

from exchange.edge import core_dumps


class _WithoutPandas:
    """pandera and pyarrow import pandas wherever it is installed. Here nothing uses it: a third of a second and 40 MB."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Says that pandas is not installed, and of all other modules nothing."""
        if fullname == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=fullname)


def begin() -> None:
    """A run that is killed must leave no process behind: this one ends when the one that started it is gone. Ctrl-C is for
    the command: it says what happened, and what was settled is published with this one's help. It leaves no core dump."""
    core_dumps.forbid()
    sys.meta_path.insert(0, _WithoutPandas())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            _exit(1)

    Thread(target=watch, daemon=True).start()
