"""Golden tables as the database itself describes them."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from exchange.verify.ground import rows

_COLUMNS = (
    "SELECT column_name::text, data_type = 'bytea' FROM information_schema.columns WHERE table_name = %s "
    "AND table_schema = current_schema() AND column_name NOT IN ('entity_id', 'version', 'sources') ORDER BY 1"
)


@dataclass(frozen=True)
class Golden:
    """A library's golden table: its columns of values, and its sealed groups, each with the record it came from beside."""

    name: str
    columns: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def identifier(self) -> sql.Identifier:
        """The table's name in SQL."""
        return sql.Identifier(f"golden_{self.name}")


def golden_table(connection: psycopg.Connection, library: str) -> Golden:
    """The golden table of a library."""
    found = [(str(column), bool(sealed)) for column, sealed in rows(connection, _COLUMNS, f"golden_{library}")]
    groups = tuple(column for column, sealed in found if sealed and not column.endswith("_record"))
    return Golden(library, tuple(column for column, sealed in found if not sealed), groups)
