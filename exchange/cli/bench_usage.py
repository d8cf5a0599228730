"""What a piece of work costs this machine: seconds, the hub's memory at its height, processor time by who used it.

The hub is this process and its children, however deep. The servers and whatever else ran below this process before the
watch began do not belong to it. Memory is the sum of the resident sets (RSS), taken every 100 ms, of the processes that
were there at the last look around, once a second; pages that several processes share count once for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter
from typing import TypeVar

import psutil

SAMPLE_SECONDS = 0.1
LOOK_AROUND = 10
"""After so many samples the processes are looked for anew: finding them costs as much as a hundred samples."""
T = TypeVar("T")


@dataclass(frozen=True)
class Watch:
    """`apart`: children of this process that are not the hub's work. `servers`: name → process id, where it is known."""

    apart: frozenset[int]
    servers: Mapping[str, int]


@dataclass(frozen=True)
class Usage:
    """`peak_rss`: bytes. `cpu`: seconds of processor time of "hub" and of each server that is watched."""

    seconds: float
    peak_rss: int
    cpu: Mapping[str, float]


def watch(servers: Mapping[str, int]) -> Watch:
    """A watch over what this process starts from now on, and over these servers."""
    return Watch(frozenset(child.pid for child in psutil.Process().children()), servers)


def measured(over: Watch, work: Callable[[], T]) -> tuple[T, Usage]:
    """What the work yields, and what it used from its first to its last moment."""
    ended, samples = Event(), [_resident(_hub(over))]

    def sample() -> None:
        while not ended.is_set():
            hub = _hub(over)
            for _ in range(LOOK_AROUND):
                samples.append(_resident(hub))
                if ended.wait(SAMPLE_SECONDS):
                    break

    sampling = Thread(target=sample, name="hub-bench-memory", daemon=True)
    before = _cpu(over)
    sampling.start()
    begun = perf_counter()
    try:
        result = work()
        seconds = perf_counter() - begun
    finally:
        ended.set()
        sampling.join()
    after = _cpu(over)
    samples.append(_resident(_hub(over)))
    return result, Usage(seconds, max(samples), {name: after[name] - before[name] for name in after})


def _resident(hub: Sequence[psutil.Process]) -> int:
    return int(sum(_of(each, lambda process: process.memory_info().rss) for each in hub))


def _cpu(over: Watch) -> dict[str, float]:
    """Seconds used so far: of living processes, and of those that ended and were waited for by a living one."""
    used = {"hub": sum(_of(each, _times) for each in _hub(over))}
    return used | {name: sum(_of(each, _times) for each in _tree(pid)) for name, pid in over.servers.items()}


def _times(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _hub(over: Watch) -> list[psutil.Process]:
    """This process and what it started since the watch began; parents come before their children."""
    this = psutil.Process()
    apart, found = set(over.apart), [this]
    for each in this.children(recursive=True):
        if each.pid in apart or _of(each, lambda process: process.ppid()) in apart:
            apart.add(each.pid)
        else:
            found.append(each)
    return found


def _tree(pid: int) -> list[psutil.Process]:
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _of(process: psutil.Process, figure: Callable[[psutil.Process], float]) -> float:
    """A figure of a process; 0 if it has just ended."""
    try:
        return figure(process)
    except psutil.NoSuchProcess:
        return 0
