"""Opening the hub's database: the SQLAlchemy engine for small statements, migrations, and the URL for whole columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url

from exchange.edge.keys import KeyProvider

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Store:
    """The hub's database and the keys to what is sealed in it."""

    url: str = field(repr=False)
    engine: Engine
    keys: KeyProvider = field(repr=False)


def open_engine(url: str) -> Engine:
    """An engine over psycopg for a `postgresql://` URL; statements that wait for a lock give up after a minute."""
    options = {"connect_timeout": 10, "options": "-c lock_timeout=60000 -c idle_in_transaction_session_timeout=120000"}
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args=options, hide_parameters=True)


def migrate(engine: Engine) -> None:
    """Bring the database to the newest migration; safe when two processes do it at once."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727000)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
