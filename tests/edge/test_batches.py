"""Batches: many partitions in one claim, and the months of the history by the database's own clock."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from exchange.core.contract import contract_of
from exchange.edge.store import batch_state, batches
from exchange.edge.store.database import Store
from tests.edge.firms import BENCH, deliver, firm, run, tally
from tests.edge.stores import number, rows

pytestmark = pytest.mark.servers
MANY = 70_000
"""More files than a statement may have parameters."""


def test_a_folder_of_many_files_is_claimed_at_once(store: Store) -> None:
    """However many partitions: each is claimed once, given back as asked for, and claimed again with a higher epoch."""
    batch = batches.open_batch(store.engine, BENCH, contract_of(BENCH))
    names = [f"drop-{each}.csv" for each in reversed(range(MANY))]
    claims = batches.claim(store.engine, batch, names)
    assert [each.name for each in claims] == names
    assert {(each.epoch, each.pages, each.cursor, each.done) for each in claims} == {(1, 0, None, False)}
    again = batches.claim(store.engine, batch, names[:3])
    assert [(each.name, each.epoch) for each in again] == [(name, 2) for name in names[:3]]
    assert number(store, "SELECT count(*) FROM partition WHERE batch_id = %s AND feed_id = %s", batch.id, batch.feed_id)
    assert batch_state.settled(store.engine, batch, names) == (0, 0)


def test_history_goes_by_the_databases_clock(store: Store, tmp_path: Path) -> None:
    """Where the database's clock is two months ahead of the hub's, a changed record still finds its month, and the one
    after."""
    with psycopg.connect(store.url, autocommit=True) as connection:
        for statement in (
            "CREATE FUNCTION now() RETURNS timestamptz STABLE RETURN pg_catalog.now() + interval '2 months'",
            "ALTER TABLE record_history ALTER superseded_at SET DEFAULT public.now()",
            f"ALTER DATABASE {store.url.rpartition('/')[2]} SET search_path = public, pg_catalog",
        ):
            connection.execute(statement.encode())
    store.engine.dispose()  # a setting of the database holds for new sessions
    deliver(tmp_path, "a.csv", [firm(0)])
    run(store, tmp_path)
    deliver(tmp_path, "b.csv", [firm(0, updated_at="2024-02-01 08:00:00", phone="")])
    assert tally(run(store, tmp_path)) == {"pulled": 1, "changed": 1}
    part = "SELECT tableoid::regclass::text = to_char(superseded_at AT TIME ZONE 'UTC', '\"record_history_\"YYYY_MM')"
    assert rows(store, f"{part}, superseded_at > pg_catalog.now() + interval '50 days' FROM record_history") == [
        (True, True)
    ]
    months = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 month' * n, 'YYYY_MM') FROM generate_series(0, 1) n"
    wanted = [f"record_history_{month}" for (month,) in rows(store, months)]
    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'record_history'::regclass"
    assert set(wanted) <= {str(name) for (name,) in rows(store, parts)}
