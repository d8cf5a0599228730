"""A small hub of its own for the DAGs: they publish to the libraries' real topics, so no other test may share its broker."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.cli.demo import remember
from exchange.edge.settings import from_environment
from exchange.embedded.airflow import prepare_airflow, stop_airflow
from exchange.embedded.postgres import start_postgres
from exchange.embedded.services import discard, ensure
from exchange.simulate import agencies
from tests.dags.hubs import Hub, tell_of_writing

COMPANIES = 200
SEED = 61_907


def note(text: str) -> None:
    """Show progress where pytest shows output."""
    sys.stderr.write(text + "\n")


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory, cache_home: Path) -> Iterator[Hub]:
    """Servers and agencies running, nothing fetched yet; Airflow ready, but not started."""
    home, agencies_home = tmp_path_factory.mktemp("dags"), tmp_path_factory.mktemp("dags-agencies")
    places = {"HUB_HOME": home, "HUB_AGENCIES_HOME": agencies_home, "XDG_CACHE_HOME": cache_home.parent}
    settings = from_environment({name: str(place) for name, place in places.items()})
    try:
        ensure(settings, note)
        remember(home, agencies.start(agencies_home, companies=COMPANIES, seed=SEED, note=note).entries())
        postgres = start_postgres(home / "postgres", note)
        airflow = prepare_airflow(settings, postgres, note)
        tell_of_writing(postgres)
        yield Hub(settings, postgres, airflow)
    finally:
        stop_airflow(home, note)
        discard(home)
        agencies.discard(agencies_home, note)
