"""What waits, for `hub status`: counts straight from the tables."""

from __future__ import annotations

from sqlalchemy import inspect, text

from exchange.edge.store.database import open_engine

_QUERIES = {
    "open batches · 未结批次": "SELECT count(*) FROM batch WHERE state = 'open'",
    "quarantined rows · 隔离行": "SELECT count(*) FROM quarantine WHERE state = 'open'",
    "unresolved links · 关联冲突": "SELECT count(*) FROM link_conflict",
    "legal persons · 法人": "SELECT coalesce(sum(entities), 0) FROM library WHERE name = 'legal_person'",
    "persons · 人口": "SELECT coalesce(sum(entities), 0) FROM library WHERE name = 'person'",
}


def waiting(database_url: str) -> dict[str, int]:
    """Name → count; empty where the hub's tables are not made yet."""
    engine = open_engine(database_url)
    try:
        if not inspect(engine).has_table("batch"):
            return {}
        with engine.connect() as connection:
            return {name: int(connection.execute(text(query)).scalar_one()) for name, query in _QUERIES.items()}
    finally:
        engine.dispose()
