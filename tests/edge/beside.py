"""A worker as tests have it: come up, and its process at hand."""

from __future__ import annotations

import os

import psutil

from exchange.edge.workers import Workers


def started(workers: Workers) -> psutil.Process:
    """The process of the one worker, which is started and waited for."""
    workers.start(os.getpid)
    [begun] = workers.begun
    pid = begun.result()
    assert isinstance(pid, int)
    assert workers.up
    return psutil.Process(pid)
