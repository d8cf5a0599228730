"""The hub's tables: the migrations make what the code declares, and the database itself refuses sums that do not hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, insert

from exchange.edge.store import tables
from exchange.edge.store.database import MIGRATIONS, Store, migrate, open_engine
from exchange.edge.store.golden_tables import define_golden
from exchange.embedded.services import Services
from tests.edge.stores import act, beside, create, drop, rows

pytestmark = pytest.mark.servers
MIGRATE = "import sys; from exchange.edge.store.database import *; migrate(open_engine(sys.argv[1]))"


@pytest.fixture
def empty(services: Services) -> Iterator[str]:
    """A database with nothing in it."""
    url = beside(services.database_url)
    create(url)
    try:
        yield url
    finally:
        drop(url)


def declared() -> MetaData:
    """All tables that the code declares, golden ones too."""
    found = MetaData(naming_convention=tables.metadata.naming_convention)
    for table in tables.metadata.sorted_tables:
        table.to_metadata(found)
    define_golden(found)
    return found


def test_migrations_make_the_declared_tables(store: Store) -> None:
    """Alembic sees no difference between a migrated database and the tables in the code."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, declared()) == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    """A migrated database is left as it is."""
    sql = "SELECT c.oid::bigint, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'"
    before = rows(store, sql + " ORDER BY 1")
    migrate(store.engine)
    assert rows(store, sql + " ORDER BY 1") == before


def test_two_processes_may_migrate_at_once(empty: str) -> None:
    """Two processes that migrate an empty database at the same time both end well, with one set of tables."""
    both = [subprocess.Popen([sys.executable, "-c", MIGRATE, empty], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=120)[1] for process in both] == [b"", b""]
    assert [process.returncode for process in both] == [0, 0]
    engine = open_engine(empty)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), declared()) == []
        assert len(connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()) == 1
    engine.dispose()


def test_an_older_database_keeps_what_its_entities_are_known_by(store: Store) -> None:
    """A credit code that stood beside each link key stands with its entity after the migration, and beside the keys again
    where that is taken back."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    entity = {"id": "1" * 20, "library_id": 1, "version": 1, "live": True, "strong": b"s" * 16}
    keys = [
        {"kind": kind, "key": key, "library_id": 1, "entity_id": entity["id"]}
        for kind, key in (("org_code", b"o" * 16), ("uscc", b"s" * 16))
    ]
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        connection.execute(insert(tables.entity), entity)
        connection.execute(insert(tables.link_key), keys)
        command.downgrade(config, "0002")
        assert connection.exec_driver_sql("SELECT DISTINCT strong FROM link_key").all() == [(b"s" * 16,)]
        connection.exec_driver_sql("UPDATE link_key SET strong = NULL WHERE kind = 'org_code'")
        command.upgrade(config, "head")
        assert connection.exec_driver_sql("SELECT strong FROM entity").all() == [(b"s" * 16,)]


def test_an_older_database_forgets_the_keys_of_peoples_names(store: Store) -> None:
    """A key of a name alone shows how often each surname comes: the migration takes it from people, not from firms."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    record = (
        "id, feed_id, entity_id, content_hash, ordering, contract, unsealed, filled, name_key, withdrawn, batch_id",
        "decode('0{feed}', 'hex'), {feed}, 'e', '', 1, 'c', '{{}}', 0, 'name', false, 1",
    )
    act(
        store,
        "INSERT INTO library (name, incarnation, digest) VALUES ('legal_person', 'x', ''), ('person', 'x', '')",
        "INSERT INTO feed (name, agency, library_id) SELECT name, 'a', id FROM library ORDER BY id",
        *(f"INSERT INTO record ({record[0]}) VALUES ({record[1].format(feed=feed)})" for feed in (1, 2)),
        "CREATE TABLE record_history_now PARTITION OF record_history DEFAULT",
        f"INSERT INTO record_history ({record[0]}, superseded_by_batch) SELECT {record[0]}, 2 FROM record",
    )
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        command.upgrade(config, "head")
    for table in ("record", "record_history"):
        assert rows(store, f"SELECT feed_id, name_key FROM {table} ORDER BY 1") == [(1, b"name"), (2, None)]


@pytest.fixture
def paged(store: Store) -> Store:
    """A store with a library, a feed, an open batch and a page of three rows."""
    act(
        store,
        "INSERT INTO library (name, incarnation, digest) VALUES ('legal_person', 'x', '')",
        "INSERT INTO feed (name, agency, library_id) VALUES ('f', 'a', 1)",
        "INSERT INTO batch (feed_id, contract) VALUES (1, 'c')",
        PAGE.format(number=0, pulled=3, new=2, quarantined=1, bytes=3),
    )
    return store


def test_an_older_database_keeps_how_often_a_row_was_refused(paged: Store) -> None:
    """An entry of a batch that is open during the migration counts all its rows for that batch; of an older one nobody asks."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    act(paged, REFUSED.format(fingerprint="a", first=1), REFUSED.format(fingerprint="b", first=0))
    with paged.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        command.upgrade(config, "head")
        asked = "SELECT times, last_times FROM quarantine ORDER BY fingerprint"
        assert connection.exec_driver_sql(asked).all() == [(3, 3), (3, 1)]


REFUSED = (
    "INSERT INTO quarantine (library_id, feed_id, fingerprint, reasons, envelope, contract, batch_id, partition, page, row, "
    "last_batch_id, times) VALUES (1, 1, '{fingerprint}', '[]', '', 'c', {first}, 'p', 0, 0, 1, 3)"
)
ENDED = (
    "UPDATE batch SET state = 'closed', pulled = 3, new = 1, changed = 0, unchanged = 0, duplicate = 0, superseded = 0, "
    "quarantined = 1"
)
PAGE = (
    "INSERT INTO page (batch_id, partition, number, feed_id, library_id, epoch, pulled, new, changed, unchanged, duplicate, "
    "superseded, quarantined, withdrawn, dispositions, record_ids, hashes, last_seq, digest) VALUES "
    "(1, 'p', {number}, 1, 1, 1, {pulled}, {new}, 0, 0, 0, 0, {quarantined}, 0, decode(repeat('00', {bytes}), 'hex'), "
    "'', '', 0, '')"
)


@pytest.mark.parametrize(
    "statement",
    [
        PAGE.format(number=1, pulled=4, new=2, quarantined=1, bytes=4),
        PAGE.format(number=1, pulled=3, new=2, quarantined=1, bytes=2),
        "UPDATE page SET unchanged = 1",
        ENDED,
        "UPDATE batch SET state = 'done'",
    ],
)
def test_the_database_refuses_unbalanced_sums(paged: Store, statement: str) -> None:
    """A page or batch whose counts do not sum to what was pulled can't be written, nor a page without a byte per row."""
    with pytest.raises(psycopg.errors.CheckViolation):
        act(paged, statement)


@pytest.mark.parametrize("state", ["closed", "stopped"])
def test_the_database_refuses_an_ended_batch_without_sums(paged: Store, state: str) -> None:
    """A batch can't end without its counts."""
    with pytest.raises(psycopg.errors.CheckViolation):
        act(paged, f"UPDATE batch SET state = '{state}'")


def test_a_page_is_settled_once(paged: Store) -> None:
    """The same page of the same partition and batch can't be written twice."""
    with pytest.raises(psycopg.errors.UniqueViolation):
        act(paged, PAGE.format(number=0, pulled=3, new=3, quarantined=0, bytes=3))


def test_a_feed_has_one_open_batch(paged: Store) -> None:
    """No second batch of a feed can be opened beside an open one."""
    with pytest.raises(psycopg.errors.UniqueViolation):
        act(paged, "INSERT INTO batch (feed_id, contract) VALUES (1, 'c')")
