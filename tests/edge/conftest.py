"""A migrated database per test, copied from one made once, and a broker whose topics are the test's own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.edge.broker.address import Broker
from exchange.edge.store.database import Store
from exchange.embedded.services import Services
from tests.edge.firms import deliver, firm, run
from tests.edge.stores import Template, build_template, drop, opened


@pytest.fixture(scope="session")
def template(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """An empty hub: migrated, its keys opened; copied by each test, never used itself."""
    made = build_template(services.database_url, tmp_path_factory.mktemp("keys"))
    try:
        yield made
    finally:
        drop(made.url)


@pytest.fixture
def store(template: Template) -> Iterator[Store]:
    """An empty hub of the test's own."""
    with opened(template) as found:
        yield found


@pytest.fixture
def keys_home(template: Template) -> Path:
    """Where the master key of `store` lies, for a child process."""
    return template.home


@pytest.fixture
def broker(kafka_bootstrap: str) -> Broker:
    """The session's broker, with topics of the test's own."""
    return Broker(kafka_bootstrap, prefix=f"test_{secrets.token_hex(5)}")


@pytest.fixture
def loaded(store: Store, tmp_path: Path) -> tuple[Store, Path]:
    """A store with eight firms in two pages, not published, and the agency's folder."""
    folder = tmp_path / "drops"
    deliver(folder, "a.csv", [firm(n) for n in range(8)])
    run(store, folder)
    return store, folder
