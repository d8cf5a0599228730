"""What waits, for `hub status`: counts straight from the tables."""

from __future__ import annotations

from sqlalchemy import inspect, text

from exchange.edge.store.database import open_engine

_QUERIES = {
    "open_batches": "SELECT count(*) FROM batch WHERE state = 'open'",
    "quarantined_rows": "SELECT count(*) FROM quarantine WHERE state = 'open'",
    "link_conflicts": "SELECT count(*) FROM link_conflict",
    "legal_persons": "SELECT coalesce(sum(entities), 0) FROM library WHERE name = 'legal_person'",
    "persons": "SELECT coalesce(sum(entities), 0) FROM library WHERE name = 'person'",
}

ZH = {
    "open_batches": "未结批次",
    "quarantined_rows": "隔离行",
    "link_conflicts": "未判定的关联",
    "legal_persons": "法人",
    "persons": "人口",
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
