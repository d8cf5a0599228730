"""The simulated agencies: built once for a seed and size, served by processes that outlive the command.

`start` gives the addresses under which the hub reaches them, and nothing else of them: a PostgreSQL, a folder, an HTTP
interface, a Kafka broker. `<agencies_home>/world.json` says which world was built; written last, so a half-built one is
made anew.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from exchange.core.errors import Misuse
from exchange.embedded import services
from exchange.embedded.child import Note
from exchange.embedded.postgres import Postgres
from exchange.embedded.services import Wishes
from exchange.embedded.state import password, write_private
from exchange.simulate import drops, population, register
from exchange.simulate.delivery import Moved
from exchange.simulate.servers import (
    BROKER,
    DATABASE,
    INTERFACE,
    REGISTER,
    Servers,
    processes,
    start_interface,
    start_servers,
    stop_servers,
)
from exchange.simulate.truth import write_identities, write_people
from exchange.simulate.world import LARGEST, World

FORM = 4
"""Raised whenever the same seed and size would give another world: what an older version built is made anew."""
IDENTITIES = 100_000


@dataclass(frozen=True)
class Address:
    """Where the hub finds a feed; both may hold a secret and are not shown."""

    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Agencies:
    """The running agencies: address of each connector, their own broker's bootstrap address, process of each server, the
    world and its day."""

    addresses: Mapping[str, Address]
    bootstrap: str
    pids: Mapping[str, int | None]
    seed: int
    companies: int
    days: int

    def entries(self) -> dict[str, dict[str, str | None]]:
        """What belongs into `<HUB_HOME>/agencies.json`."""
        return {name: {"url": address.url, "token": address.token} for name, address in self.addresses.items()}


@dataclass(frozen=True)
class Status:
    """What was built, and which servers run: those of the feeds by the feed's name, and the broker."""

    seed: int
    companies: int
    days: int
    running: Mapping[str, bool]


def start(agencies_home: Path, *, companies: int, seed: int, note: Note, wishes: Wishes | None = None) -> Agencies:
    """The agencies of this world, built if they aren't there yet, and running.

    Another seed or size replaces what is there. `wishes`: where Kafka's jars are kept, whether they may be fetched. Safe
    to call at once from several processes. Raises Misuse if there are no or too many companies, or a server can't start.
    """
    if not 1 <= companies <= LARGEST:
        message = f"企业数须在 1 到 {LARGEST:,} 之间。The number of companies must lie between 1 and {LARGEST:,}."
        raise Misuse("rows_out_of_range", message, "换一个 --rows。Choose another --rows.")
    home = agencies_home.resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(home / "lock"):
        wanted = {"form": FORM, "seed": seed, "companies": companies}
        built = _built(home)
        if {name: built.get(name) for name in wanted} != wanted:
            _clear(home, note)
            _build(home, World(seed, companies), start_servers(home, wishes, note).database, note)
            write_private(home / "world.json", json.dumps(wanted | {"days": 0}) + "\n")
        return _serve(home, start_servers(home, wishes, note), note)


def advance(agencies_home: Path, days: int, note: Note) -> tuple[dict[str, Moved], ...]:
    """Let `days` more days pass in the running agencies; for each day and connector, what it brought."""
    home = agencies_home.resolve()
    with FileLock(home / "lock"):
        built = _require_built(home)
        world = World(built["seed"], built["companies"])
        database = start_servers(home, None, note).database
        passed = []
        for day in range(built["days"] + 1, built["days"] + days + 1):
            _identities(home, world, day)
            moved = {
                register.MARKET.name: register.write_later(home, world, database.url(), day),
                drops.CUSTOMS.name: drops.write_later(home, world, day),
                population.POLICE.name: population.write_later(home, world, day),
            }
            passed.append(moved)
            write_private(home / "world.json", json.dumps(built | {"days": day}) + "\n")
        return tuple(passed)


def stop(agencies_home: Path, note: Note) -> bool:
    """Stop the agencies' servers and keep what they hold; whether any ran."""
    home = agencies_home.resolve()
    if not home.exists():
        return False
    with FileLock(home / "lock"):
        return stop_servers(home, note)


def discard(agencies_home: Path, note: Note) -> None:
    """Stop the agencies and delete all they hold, the truth too."""
    home = agencies_home.resolve()
    if home.exists():
        with FileLock(home / "lock"):
            _clear(home, note)
        shutil.rmtree(home)


def status(agencies_home: Path) -> Status | None:
    """What was built and what runs; None if nothing was built."""
    home = agencies_home.resolve()
    built = _built(home)
    if not built:
        return None
    found = processes(home)
    running = {
        register.MARKET.name: found[REGISTER] is not None,
        drops.CUSTOMS.name: (home / "customs").is_dir(),
        population.POLICE.name: found[INTERFACE] is not None,
        BROKER: found[BROKER] is not None,
    }
    return Status(built["seed"], built["companies"], built["days"], running)


def _built(home: Path) -> dict[str, int]:
    try:
        loaded: dict[str, int] = json.loads((home / "world.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return loaded


def _require_built(home: Path) -> dict[str, int]:
    built = _built(home)
    if not built:
        message = f"{home} 中没有模拟机构。There are no simulated agencies in {home}."
        raise Misuse("no_agencies", message, "先运行 hub demo。Run hub demo first.")
    return built


def _build(home: Path, world: World, database: Postgres, note: Note) -> None:
    note(f"新建模拟机构：{world.companies:,} 家企业。Building the simulated agencies: {world.companies:,} companies.")
    _identities(home, world, 0)
    _reader(home, database)
    register.write_first(home, world, database.url(), note)
    drops.write_first(home, world)
    population.write_first(home, world, note)


def _identities(home: Path, world: World, day: int) -> None:
    """Keep who is who among those that this day added."""
    for count, write in ((world.companies_on, write_identities), (world.residents_on, write_people)):
        begin, end = (count(day - 1) if day else 0), count(day)
        for first in range(begin, end, IDENTITIES):
            write(home, world, first, min(first + IDENTITIES, end))


def _reader(home: Path, database: Postgres) -> str:
    server = f"127.0.0.1:{database.port}/{DATABASE}"
    return register.make_reader(home, database.superuser_url(DATABASE), server)


def _serve(home: Path, servers: Servers, note: Note) -> Agencies:
    interface = start_interface(home, note)
    built = _require_built(home)
    addresses = {
        register.MARKET.name: Address(_reader(home, servers.database)),
        drops.CUSTOMS.name: Address(str(home / "customs")),
        population.POLICE.name: Address(interface, password(home / INTERFACE / "token")),
    }
    return Agencies(addresses, servers.bootstrap, processes(home), built["seed"], built["companies"], built["days"])


def _clear(home: Path, note: Note) -> None:
    """Delete the world, its marker first: whatever is left when we are killed here is made anew."""
    (home / "world.json").unlink(missing_ok=True)
    stop_servers(home, note)
    services.discard(home, note)
    for name in ("customs", "residents", INTERFACE, "truth", "reader.password"):
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
