"""Opening the hub's database: the SQLAlchemy engine for small statements, migrations, and the URL for whole columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, ExceptionContext, create_engine, event, make_url

from exchange.edge.keys import KeyProvider
from exchange.edge.store.away import LIMITS, database_away, trouble

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Store:
    """The hub's database and the keys to what is sealed in it."""

    url: str = field(repr=False)
    engine: Engine
    keys: KeyProvider = field(repr=False)


def open_engine(url: str) -> Engine:
    """An engine over psycopg for a `postgresql://` URL; statements that wait for a lock give up after a minute. Where the
    database can't be reached, goes away or has a full disk, its statements raise Away or Misuse `disk_full`."""
    limits = " ".join(f"-c {name}={limit}" for name, limit in LIMITS.items())
    options = {"connect_timeout": 10, "options": limits}
    target = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(target, connect_args=options, hide_parameters=True)
    event.listen(engine, "handle_error", _away_when_lost)
    return engine


def _away_when_lost(context: ExceptionContext) -> None:
    """Without a connection the trouble was connecting."""
    found = trouble(getattr(context.original_exception, "sqlstate", None) or "")
    if found is None and (context.is_disconnect or context.connection is None):
        found = database_away()
    if found is not None:
        raise found from context.original_exception


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
