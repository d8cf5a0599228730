"""Period secrets in the database: one per place, wrapped; numbers that nobody gets twice; no key, no page."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, MetaData, create_engine, func, select, text, update
from sqlalchemy.exc import IntegrityError

from exchange.core.envelope import SealBroken
from exchange.core.errors import Misuse
from exchange.core.seal import DataKey, PageKeys, derive
from exchange.edge.keys import MASTER_KEY, FileKeys, open_file_keys
from exchange.edge.period_secrets import (
    close_period,
    current_secret,
    lease,
    open_keys,
    page_keys,
    secret_by_id,
)
from exchange.edge.store.key_tables import define

pytestmark = pytest.mark.servers

METADATA = MetaData()
TABLE = define(METADATA)
GROUPS = ("representative", "contact")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database that holds the table of period secrets alone."""
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://", 1), pool_size=8)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def keys(engine: Engine, tmp_path: Path) -> FileKeys:
    """A provider with a new master key."""
    with engine.connect() as connection:
        return open_keys(connection, tmp_path)


def test_first_call_opens_period_one_and_later_calls_read_it(engine: Engine, keys: FileKeys) -> None:
    """One secret per library, group and audience, the same for every caller and by its id."""
    with engine.begin() as connection:
        first = current_secret(connection, keys, "person", "identity")
        assert (first.period, first.audience, first.suite, len(first.secret)) == (1, "hub", 1, 32)
        assert current_secret(connection, keys, "person", "identity") == first
        assert secret_by_id(connection, keys, first.key_id) == first
        others = [
            current_secret(connection, keys, "person", "status"),
            current_secret(connection, keys, "legal_person", "identity"),
            current_secret(connection, keys, "person", "identity", "customs"),
        ]
    assert len({each.secret for each in (first, *others)}) == len({each.key_id for each in (first, *others)}) == 4


def test_the_database_holds_no_secret(engine: Engine, keys: FileKeys) -> None:
    """Neither a column of the row nor a repr shows the secret."""
    with engine.begin() as connection:
        secret = current_secret(connection, keys, "person", "identity")
        row = connection.execute(select(TABLE)).one()
    assert all(secret.secret not in value for value in row if isinstance(value, bytes))
    assert repr(secret.secret) not in repr(secret)
    assert secret.secret.hex() not in repr(secret)


def test_callers_at_once_get_one_secret(engine: Engine, keys: FileKeys) -> None:
    """Eight transactions that begin together see the same key id and secret."""
    barrier = Barrier(8)

    def ask(_: int) -> tuple[bytes, bytes]:
        with engine.begin() as connection:
            barrier.wait()
            made = current_secret(connection, keys, "person", "identity")
        return made.key_id, made.secret

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(TABLE)).scalar_one() == 1


def test_leases_at_once_never_overlap(engine: Engine, keys: FileKeys) -> None:
    """Four hundred numbers, leased by eight at once in blocks of five, are all different and begin with 1."""
    with engine.begin() as connection:
        key_id = current_secret(connection, keys, "person", "identity").key_id

    def take(_: int) -> range:
        with engine.begin() as connection:
            return lease(connection, key_id, 5)

    with ThreadPoolExecutor(8) as pool:
        numbers = [n for block in pool.map(take, range(80)) for n in block]
    assert sorted(numbers) == list(range(1, 401))


def test_a_closed_period_seals_no_more_and_still_opens(engine: Engine, keys: FileKeys) -> None:
    """After closing, no number is leased, the next secret is period 2, and the old one is found by its id."""
    with engine.begin() as connection:
        old = current_secret(connection, keys, "person", "identity")
        close_period(connection, old.key_id)
        with pytest.raises(Misuse, match="no open secret"):
            lease(connection, old.key_id)
        new = current_secret(connection, keys, "person", "identity")
        assert (new.period, new.secret == old.secret, new.key_id == old.key_id) == (2, False, False)
        assert secret_by_id(connection, keys, old.key_id) == old


def test_each_page_has_data_keys_of_its_own(engine: Engine, keys: FileKeys) -> None:
    """Two pages share index keys and secrets, but no number; the lease is committed when page_keys returns."""
    first, second = (page_keys(engine, keys, "legal_person", GROUPS) for _ in range(2))
    assert list(first.groups) == list(GROUPS)
    assert first.index == second.index
    for one, other in zip(data_keys(first), data_keys(second), strict=True):
        assert (one.key_id, one.n, one.commitment == other.commitment) == (other.key_id, other.n - 1, False)
    with engine.connect() as connection:
        contact = secret_by_id(connection, keys, first.groups["contact"].key_id)
        next_n = connection.execute(select(TABLE.c.next_n).where(TABLE.c.key_id == contact.key_id)).scalar_one()
    assert (contact.group, next_n) == ("contact", 3)
    assert derive(contact.secret, contact.key_id, 2, contact.suite) == second.groups["contact"]
    assert len({key.encryption for key in (*data_keys(first), *data_keys(second))}) == 8


def test_pages_at_once_share_no_data_key(engine: Engine, keys: FileKeys) -> None:
    """Eight workers of two libraries, from an empty table on: every data key is one page's, and none deadlocks."""

    def make(number: int) -> PageKeys:
        return page_keys(engine, keys, ("person", "legal_person")[number % 2], GROUPS[:: 1 if number % 3 else -1])

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(make, range(64)))
    named = [(key.key_id, key.n) for page in pages for key in data_keys(page)]
    assert len(set(named)) == len(named) == 64 * 4
    assert len({key_id for key_id, _ in named}) == 8
    assert len({page.index.link for page in pages}) == 1


def test_page_keys_follow_a_new_period(engine: Engine, keys: FileKeys) -> None:
    """When one group's period was closed, the next page seals that group under the next one."""
    first = page_keys(engine, keys, "person", ("identity", "status"))
    with engine.begin() as connection:
        close_period(connection, first.groups["identity"].key_id)
    second = page_keys(engine, keys, "person", ("identity", "status"))
    assert second.groups["identity"].key_id != first.groups["identity"].key_id
    assert (second.groups["identity"].n, second.groups["status"].n) == (1, 2)


def test_page_keys_can_be_sent_to_a_worker_and_show_nothing(engine: Engine, keys: FileKeys) -> None:
    """They cross to another process whole, and their repr holds no key."""
    page = page_keys(engine, keys, "person", ("identity",))
    near, far = Pipe()
    with near, far:
        near.send(page)
        assert far.recv() == page
    for hidden in (page.index.source_key, page.cursor.mac, page.quarantine.encryption):
        assert repr(hidden) not in repr(page)


def test_own_groups_are_not_field_groups(engine: Engine, keys: FileKeys) -> None:
    """A schema can't name a field group quarantine or cursor."""
    with pytest.raises(ValueError, match="own groups"):
        page_keys(engine, keys, "person", ("cursor",))


def test_without_the_master_key_there_is_no_page(engine: Engine, keys: FileKeys, tmp_path: Path) -> None:
    """The file gone: opening is refused and makes no new key. Another key: no data key comes out."""
    page_keys(engine, keys, "person", ("identity",))
    (tmp_path / MASTER_KEY).unlink()
    with engine.connect() as connection:
        with pytest.raises(Misuse) as refused:
            open_keys(connection, tmp_path)
        assert refused.value.code == "master_key_missing"
        assert not (tmp_path / MASTER_KEY).exists()
    with pytest.raises(Misuse, match="wrapped under master key"):
        page_keys(engine, other_keys(tmp_path), "person", ("identity",))


def test_a_secret_moved_to_another_group_does_not_unwrap(engine: Engine, keys: FileKeys) -> None:
    """Whoever can write the table can't give one group the secret of another, nor lower its suite."""
    with engine.begin() as connection:
        identity = current_secret(connection, keys, "person", "identity")
        status = current_secret(connection, keys, "person", "status")
        stolen = select(TABLE.c.wrapped).where(TABLE.c.key_id == identity.key_id).scalar_subquery()
        connection.execute(update(TABLE).where(TABLE.c.key_id == status.key_id).values(wrapped=stolen))
        connection.execute(update(TABLE).where(TABLE.c.key_id == identity.key_id).values(suite=2))
        for group in ("identity", "status"):
            with pytest.raises(SealBroken):
                current_secret(connection, keys, "person", group)


def test_unknown_key_id_is_refused(engine: Engine, keys: FileKeys) -> None:
    """A key id the database does not know is named in the refusal."""
    with engine.connect() as connection, pytest.raises(Misuse, match="00" * 8):
        secret_by_id(connection, keys, bytes(8))


@pytest.mark.parametrize("change", ["key_id = 'short'", "next_n = 0", "period = 0", "period = 2, closed_at = null"])
def test_table_refuses_what_can_not_be(engine: Engine, keys: FileKeys, change: str) -> None:
    """The database itself holds key ids to eight bytes, numbers to 1 and more, and a place to one open period."""
    with engine.begin() as connection:
        old = current_secret(connection, keys, "person", "identity")
        close_period(connection, old.key_id)
        current_secret(connection, keys, "person", "identity")
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(f"update period_secret set {change} where closed_at is not null"))


def data_keys(page: PageKeys) -> tuple[DataKey, ...]:
    """All data keys of a page."""
    return (*page.groups.values(), page.quarantine, page.cursor)


def other_keys(home: Path) -> FileKeys:
    """A provider with another master key."""
    return open_file_keys(home / "other", create=True)
