"""A worker as tests have it: come up, and its process at hand."""

from __future__ import annotations

import os
from collections.abc import Callable

import psutil

from exchange.edge.workers import Workers


def begun(workers: Workers, first: Callable[[], object]) -> object:
    """What the one worker, which is started and waited for, has made of its first work."""
    workers.start(first)
    [begins] = workers.begun
    made = begins.result()
    assert workers.up
    return made


def started(workers: Workers) -> psutil.Process:
    """The process of the one worker, which is started and waited for."""
    pid = begun(workers, os.getpid)
    assert isinstance(pid, int)
    return psutil.Process(pid)
