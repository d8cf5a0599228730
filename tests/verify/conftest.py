"""One small hub for all tests of this folder; each test breaks a copy."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from exchange.edge.settings import Address
from exchange.embedded.services import Services
from exchange.simulate.agencies import discard, start
from tests.verify.small_hub import SmallHub, build, copied, quiet

COMPANIES = 600
SEED = 7701
"""No other test's: I5 searches the whole cluster, and their invented people may lie there in the open."""


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory, services: Services, home: Path) -> Iterator[SmallHub]:
    """A hub that has run and published everything; no test changes it."""
    agencies = tmp_path_factory.mktemp("verify") / "agencies"
    try:
        running = start(agencies, companies=COMPANIES, seed=SEED, note=quiet)
        addresses = {name: Address(entry.url, entry.token) for name, entry in running.addresses.items()}
        yield build(home, services, addresses)
    finally:
        discard(agencies, quiet)


@pytest.fixture
def kafka_sockets() -> Iterator[None]:
    """kafka-python 3.0.12 forgets the socket of a connection that is still being made when its client is closed
    (`KafkaNetSocket.connect`); seen on a loaded machine. It is let go here, lest it fail whatever test comes next."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def copy(hub: SmallHub) -> Iterator[str]:
    """The name of a copy of the hub's database."""
    with copied(hub) as name:
        yield name


@pytest.fixture
def connection(hub: SmallHub, copy: str) -> Iterator[psycopg.Connection]:
    """A session in the copy."""
    with psycopg.connect(hub.ground(copy).database_url, autocommit=True) as session:
        yield session
