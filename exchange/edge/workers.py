"""Processes beside this one for pure work on a run's pages: preparing them, encoding their events (design §3).

Everything works without them as well, in the process that asks; they come up once there is enough to do.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

import exchange.edge.crossing  # noqa: F401  how frames go there and come back
from exchange.edge.worker import begin

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Workers:
    """So many processes, none of which runs until `start`. Their work ends with the `with` block; what is waiting is
    left undone then."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._executor: ProcessPoolExecutor | None = None
        self._first: Future[object] | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def start(self, first: Callable[[], object]) -> None:
        """Let them come up, which takes a second, and do this first; again: nothing."""
        if self.count and self._executor is None:
            self._executor = ProcessPoolExecutor(self.count, get_context("spawn"), initializer=begin)
            self._first = self._executor.submit(first)

    @property
    def up(self) -> bool:
        """Whether one of them takes work at once."""
        return self._first is not None and self._first.done()

    def submit(self, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Future[Made]:
        """Have one of them do this, once they are `up`, after all that was asked before. The result raises
        BrokenProcessPool where one of them was ended from outside: then all are gone."""
        if self._executor is None:
            raise RuntimeError("no worker was started")
        try:
            return self._executor.submit(work, *given, **named)
        except BrokenProcessPool as error:
            lost: Future[Made] = Future()
            lost.set_exception(error)
            return lost
