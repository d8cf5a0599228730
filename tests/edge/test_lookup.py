"""What settle asks of the database before it decides."""

from __future__ import annotations

from contextlib import closing

import polars as pl
import pytest
from sqlalchemy import insert

from exchange.core.resolve import LINKS
from exchange.edge.store import tables
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connect
from exchange.edge.store.lookup import held_links

pytestmark = pytest.mark.servers


def test_a_weak_identifier_knows_the_entitys_strong_one(store: Store) -> None:
    """An entity that learned its credit code through another link can't be joined by its old organisation code to a
    second credit code: what is held says which credit code it has."""
    entity, weak, strong = "1" * 20, b"w" * 16, b"s" * 16
    rows = [
        {"library_id": 1, "kind": "org_code", "key": weak, "entity_id": entity, "strong": None},
        {"library_id": 1, "kind": "uscc", "key": strong, "entity_id": entity, "strong": strong},
    ]
    with store.engine.begin() as connection:
        connection.execute(insert(tables.link_key), rows)
    asked = pl.DataFrame({"row": [0], "kind": ["org_code"], "key": [weak]}, schema=LINKS)
    with closing(connect(store.url)) as connection:
        found = held_links(connection, 1, asked, "uscc")
    assert found.rows() == [("org_code", weak, entity, strong)]
