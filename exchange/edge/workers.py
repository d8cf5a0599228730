"""Processes beside a run for pure work on its pages: preparing them, encoding their events (design §3).

Everything works without them as well, in the process that asks: before they have come up, and after one was killed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Generic, ParamSpec, TypeVar

import exchange.edge.crossing  # noqa: F401  how their pages go there and come back
from exchange.edge.worker_begin import begin

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Asked(Generic[Made]):
    """Work that was asked for: done, under way in a worker, or lost with it."""

    _work: Callable[[], Made] = field(repr=False)
    _future: Future[Made] = field(repr=False)

    def done(self) -> bool:
        """Whether `result` need not wait."""
        return self._future.done()

    def result(self) -> Made:
        """What the work made, or its error. Where the worker was killed the work is done here."""
        try:
            return self._future.result()
        except BrokenProcessPool:
            return self._work()


class Workers:
    """So many processes, for one run. There are none until `start` and after the `with` block; what waits then is not done.

    One of them beside the process that settles and publishes is what two cores bear.
    """

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._executor: ProcessPoolExecutor | None = None
        self.begun: list[Future[object]] = []
        """What each has made of its first work, once it has come up."""

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor, self.begun = None, []

    def start(self, first: Callable[[], object]) -> None:
        """Let them come up, which takes a second, and have each do this first; again: nothing."""
        if not self.count or self._executor is not None:
            return
        executor = ProcessPoolExecutor(self.count, get_context("spawn"), initializer=begin)
        self.begun = [executor.submit(first) for _ in range(self.count)]
        # All processes are there now. As long as this one can write to their pipe as well, it would wait for ever for the rest
        # of a result whose sender was killed (CPython's executor leaves it open, up to 3.14).
        executor._result_queue._writer.close()  # type: ignore[attr-defined]  # noqa: SLF001
        self._executor = executor

    @property
    def up(self) -> bool:
        """Whether they take work: all have come up, and none is known to be gone."""
        return bool(self.begun) and all(one.done() and not one.exception() for one in self.begun)

    def ask(self, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Asked[Made]:
        """Have a worker do this after what was asked before; if none is up, it is done at once, here."""
        here = partial(work, *given, **named)
        if self._executor is not None and self.up:
            try:
                return Asked(here, self._executor.submit(work, *given, **named))
            except BrokenProcessPool:
                self.begun = []
        return done(here)


def done(work: Callable[[], Made]) -> Asked[Made]:
    """Work that is done here, and at once."""
    future: Future[Made] = Future()
    future.set_result(work())
    return Asked(work, future)


NONE = Workers(0)
"""Where everything is done by the process that asks."""
