"""What commands stand on: settings from the environment, servers that run, an open and migrated database."""

from __future__ import annotations

import os
from dataclasses import dataclass

from exchange.cli.output import say
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import open_keys
from exchange.edge.settings import Settings, from_environment
from exchange.edge.store.database import Store, migrate, open_engine
from exchange.embedded.services import ensure


@dataclass(frozen=True)
class Ground:
    """Settings, database with keys, broker."""

    settings: Settings
    store: Store
    broker: Broker


def settings() -> Settings:
    """The settings of this process."""
    return from_environment(os.environ)


def ground() -> Ground:
    """Start what must run (or use the servers that settings name), migrate, open the keys."""
    chosen = settings()
    services = ensure(chosen, note=say)
    engine = open_engine(services.database_url)
    migrate(engine)
    with engine.begin() as connection:
        keys = open_keys(connection, chosen.home, chosen.suite)
    broker = Broker(services.kafka_bootstrap, chosen.kafka_security)
    return Ground(chosen, Store(services.database_url, engine, keys), broker)
