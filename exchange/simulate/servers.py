"""The agencies' servers: a PostgreSQL cluster, a Kafka broker and the police's HTTP interface, all of their own.

They are child processes with directories below `agencies_home`; nothing is shared with the hub but the program.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from exchange.embedded import services
from exchange.embedded.child import Launch, Note, attempt_start, find, launch, stop, wait_ready
from exchange.embedded.kafka import find_kafka
from exchange.embedded.postgres import Postgres, find_postgres, start_postgres
from exchange.embedded.services import Wishes
from exchange.embedded.state import answers, choose_port, password, read_state, tail, write_state

DATABASE = "binhai"
REGISTER, BROKER, INTERFACE = "postgres", "kafka", "interface"
"""Each server by the name of its directory."""


@dataclass(frozen=True)
class Servers:
    """The running database and broker; `bootstrap` is the address that the broker's clients begin with."""

    database: Postgres
    bootstrap: str


def start_servers(home: Path, wishes: Wishes | None, note: Note) -> Servers:
    """Database and broker, running; `wishes` says where Kafka's jars are kept and whether they may be fetched."""
    theirs = replace(wishes or Wishes(), database=DATABASE, small=True)
    bootstrap = services.up(home, note=note, wishes=theirs).kafka_bootstrap
    return Servers(start_postgres(home / REGISTER, note), bootstrap)


def start_interface(home: Path, note: Note) -> str:
    """The police's interface, running over the residents that were built: its address."""
    directory = home / INTERFACE
    directory.mkdir(mode=0o700, exist_ok=True)
    password(directory / "token")

    def attempt() -> str | None:
        port = choose_port(None, read_state(directory).get("port"))
        write_state(directory, {"port": port})
        log = directory / "server.log"
        written = log.stat().st_size if log.exists() else 0
        command = (sys.executable, "-m", "exchange.simulate.residents_api", str(directory), str(port))
        process = launch(Launch(command, directory), directory / "server.pid", log)
        ready = wait_ready(process, lambda: answers(port), note, "等待公安接口。Waiting for the police's interface")
        return None if ready else tail(log, written)

    if _find_interface(home) is None:
        attempt_start(attempt, fixed_port=False, what="The police's interface", where=directory)
    return f"http://127.0.0.1:{read_state(directory)['port']}"


def processes(home: Path) -> Mapping[str, int | None]:
    """Each server's process id; None for one that does not run."""
    found = {
        REGISTER: find_postgres(home / REGISTER),
        BROKER: find_kafka(home / BROKER),
        INTERFACE: _find_interface(home),
    }
    return {name: process.pid if process else None for name, process in found.items()}


def stop_servers(home: Path, note: Note) -> bool:
    """Stop them and keep what they hold; whether any ran."""
    process = _find_interface(home)
    if process is not None:
        stop(process, [(signal.SIGTERM, 10), (signal.SIGKILL, 10)], note)
    return bool(services.down(home, note)) or process is not None


def _find_interface(home: Path) -> psutil.Process | None:
    directory = home / INTERFACE
    return find(directory / "server.pid", Path(sys.executable).name, str(directory))
