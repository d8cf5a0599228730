"""Databases that tests make for themselves on the session's server."""

from __future__ import annotations

import psycopg
from psycopg import sql


def drop_database(url: str, name: str) -> None:
    """End the role's sessions there and drop it. Not WITH (FORCE): that wants a superuser as soon as an autovacuum worker
    is in the database, while a plain DROP ends such a worker by itself."""
    own = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(own, (name,))
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
