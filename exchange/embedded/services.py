"""Both servers of a home at once: up, down, status; or the servers that the settings name instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import SubprocessError
from threading import Thread
from typing import TypeVar

import psutil

from exchange.core.errors import HubError
from exchange.edge.settings import Settings
from exchange.embedded.child import Note
from exchange.embedded.kafka import Program, discard_kafka, find_kafka, start_kafka, stop_kafka
from exchange.embedded.postgres import discard_postgres, find_postgres, place_in, start_postgres, stop_postgres
from exchange.embedded.state import read_state

T = TypeVar("T")


@dataclass(frozen=True)
class Services:
    """Where the hub's database and broker are. `database_url` holds a password and is not shown."""

    database_url: str = field(repr=False)
    kafka_bootstrap: str


@dataclass(frozen=True)
class ServiceStatus:
    """One embedded server: where it listens, since when (None if it does not run), bytes its directory takes."""

    name: str
    running: bool
    pid: int | None
    address: str | None
    since: datetime | None
    bytes: int


@dataclass(frozen=True)
class Wishes:
    """What the caller demands of the embedded servers; None lets them choose and remember. `database`: name of the role
    and database of a new cluster. `small`: the broker has little to do."""

    cache: Path | None = None
    postgres_port: int | None = None
    kafka_port: int | None = None
    offline: bool = False
    database: str = "hub"
    small: bool = False


def up(home: Path, *, postgres: bool = True, kafka: bool = True, note: Note, wishes: Wishes | None = None) -> Services:
    """Start what does not run yet, reuse what does; both at the same time. Safe to call from several processes.

    A server that was not asked for has an empty address. Raises Misuse with one sentence if one can't be started;
    the other one is then left running for the next try.
    """
    wishes = wishes or Wishes()
    cache = wishes.cache or Path("~/.cache/binhai-exchange-hub").expanduser()
    program = Program(cache, wishes.offline, wishes.small)

    def database() -> str:
        return start_postgres(home / "postgres", note, port=wishes.postgres_port, name=wishes.database).url()

    def broker() -> str:
        return start_kafka(home / "kafka", program, note, port=wishes.kafka_port).bootstrap

    jobs = {"postgres": database} if postgres else {}
    addresses = _together(jobs | ({"kafka": broker} if kafka else {}))
    return Services(addresses.get("postgres", ""), addresses.get("kafka", ""))


def ensure(settings: Settings, note: Note) -> Services:
    """The servers to work with: those that the settings name, and embedded ones for those they don't."""
    own_postgres, own_kafka = settings.database_url is None, settings.kafka_bootstrap is None
    wishes = Wishes(settings.cache_home, settings.postgres_port, settings.kafka_port, settings.offline)
    started = Services("", "")
    if own_postgres or own_kafka:
        started = up(settings.home, postgres=own_postgres, kafka=own_kafka, note=note, wishes=wishes)
    return Services(settings.database_url or started.database_url, settings.kafka_bootstrap or started.kafka_bootstrap)


def down(home: Path, note: Note = lambda text: None) -> list[str]:
    """Stop what runs, both at the same time; the names of what was stopped. Data and ports are kept."""
    stopped = _together(
        {
            "postgres": lambda: stop_postgres(home / "postgres", note),
            "kafka": lambda: stop_kafka(home / "kafka", note),
        }
    )
    return [name for name, ran in stopped.items() if ran]


def discard(home: Path, note: Note = lambda text: None) -> None:
    """Stop both servers and delete their data, also those that lie with a system user outside `home`."""
    discard_postgres(home / "postgres", note)
    discard_kafka(home / "kafka", note)


def status(home: Path) -> list[ServiceStatus]:
    """Both embedded servers of `home`, running or not; an empty list if none was ever started."""
    found = {"postgres": find_postgres, "kafka": find_kafka}
    return [_status(name, home / name, find(home / name)) for name, find in found.items() if read_state(home / name)]


def _together(jobs: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """Run the jobs at the same time; the first one's error if any fails, after all have ended.

    The threads are daemons: Ctrl-C ends a long wait for recovery at once, and the server recovers on by itself.
    """
    results: dict[str, Future[T]] = {name: Future() for name in jobs}

    def run(job: Callable[[], T], result: Future[T]) -> None:
        try:
            result.set_result(job())
        except (HubError, OSError, psutil.Error, SubprocessError) as failed:
            result.set_exception(failed)
        finally:
            result.cancel()  # only for an exception that isn't named: no one may wait for its result

    for name, job in jobs.items():
        Thread(target=run, args=(job, results[name]), name=f"hub-{name}", daemon=True).start()
    wait(results.values())
    return {name: result.result() for name, result in results.items()}


def _status(name: str, directory: Path, process: psutil.Process | None) -> ServiceStatus:
    state = read_state(directory)
    since = datetime.fromtimestamp(process.create_time(), UTC) if process else None
    size = _size(directory)
    place = place_in(directory)
    if place and not place.is_relative_to(directory.resolve()):
        size += _size(place)
    address = f"127.0.0.1:{state['port']}" if "port" in state else None
    return ServiceStatus(name, process is not None, process.pid if process else None, address, since, size)


def _size(directory: Path) -> int:
    """Bytes on disk below a directory; files that vanish meanwhile count nothing."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except OSError:
                continue
    return total
