"""What settle asks of the database before it decides."""

from __future__ import annotations

from contextlib import closing

import polars as pl
import pytest
from sqlalchemy import insert

from exchange.edge.store import tables
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connect
from exchange.edge.store.lookup import held_links

pytestmark = pytest.mark.servers


def test_a_weak_identifier_knows_the_entitys_strong_one(store: Store) -> None:
    """An entity that learned its credit code through another link can't be joined by its old organisation code to a
    second credit code: what is held says which credit code it has."""
    entity, weak, strong = "1" * 20, b"w" * 16, b"s" * 16
    with store.engine.begin() as connection:
        connection.execute(
            insert(tables.entity), {"id": entity, "library_id": 1, "version": 2, "live": True, "strong": strong}
        )
        connection.execute(
            insert(tables.link_key), {"library_id": 1, "kind": "org_code", "key": weak, "entity_id": entity}
        )
    with closing(connect(store.url)) as connection:
        found = held_links(connection, pl.Series([weak, b"u" * 16]))
    assert found.rows() == [("org_code", weak, entity, strong)]
