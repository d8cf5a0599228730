"""Session fixtures: a real PostgreSQL and a real Kafka for each worker, in a temporary home that is deleted after."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from exchange.edge.settings import from_environment
from exchange.embedded.services import Services, Wishes, discard, up
from tests.databases import drop_database
from tests.distribution import ByServers, turn

if TYPE_CHECKING:
    from xdist.remote import Producer


def pytest_configure() -> None:
    """Let compiled bytecode be kept, whatever the caller's environment says: a hundred child processes start here. And let
    no property fail for the time it takes: that tells of the machine."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with servers first."""
    items.sort(key=lambda item: turn(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServers:
    """Two workers, each with servers of its own."""
    return ByServers(config, log)


def note(text: str) -> None:
    """Show what the servers' start has to say where pytest shows output."""
    sys.stderr.write(text + "\n")


@pytest.fixture(scope="session")
def cache_home() -> Path:
    """Where Kafka's jars are kept between runs."""
    return from_environment(os.environ).cache_home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HUB_HOME of the whole session."""
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="session")
def services(home: Path, cache_home: Path) -> Iterator[Services]:
    """PostgreSQL and Kafka of the session's home, running."""
    try:
        yield up(home, note=note, wishes=Wishes(cache=cache_home, small=True))
    finally:
        discard(home)


@pytest.fixture
def database_url(services: Services) -> Iterator[str]:
    """A database of the test's own, empty, dropped after it."""
    name = f"hub_test_{secrets.token_hex(6)}"
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield services.database_url.rpartition("/")[0] + "/" + name
    finally:
        drop_database(services.database_url, name)


@pytest.fixture
def kafka_bootstrap(services: Services) -> str:
    """The broker's address; topics stay until the end of the session, so each test names its own."""
    return services.kafka_bootstrap
