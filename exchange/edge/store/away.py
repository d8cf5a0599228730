"""What to say when the hub's database does not answer."""

from __future__ import annotations

from exchange.core.errors import Away


def database_away() -> Away:
    """The error for a database that can't be reached, or went away."""
    return Away(
        "database_away",
        "数据库连接不上。The hub's database can't be reached.",
        "运行 hub status,或检查 HUB_DATABASE_URL。Run hub status, or check HUB_DATABASE_URL.",
    )
