"""What to say when the hub's database does not answer, can't do what it was asked for reasons of its own, or was told to stop."""

from __future__ import annotations

from exchange.core.errors import Away, HubError, Misuse

LIMITS = {"lock_timeout": "60s", "idle_in_transaction_session_timeout": "120s"}
"""What every connection of the hub sets: nobody waits without end, nor makes others wait."""

_GONE = ("08", "57P", "25P03")
"""SQLSTATE classes connection exception and operator intervention (shutdown, crash, a session ended by hand), and a session
ended for its idle transaction."""
_DISK_FULL, _RESOURCES, _LOCKED, _CANCELLED = "53100", "53", "55P03", "57014"
STATEMENT_CANCELLED = "statement_cancelled"
"""The driver tells of Ctrl-C in no other way: it cancels the statement that is under way."""


def trouble(state: str) -> HubError | None:
    """The error for a SQLSTATE that tells of the server and not of the statement; None for others."""
    if state == _DISK_FULL:
        return Misuse(
            "disk_full",
            "数据库所在的磁盘已满。The disk of the hub's database is full.",
            "腾出空间后重试，已入库的不会丢失。Free some space, then try again; what is settled stays.",
        )
    if state == _LOCKED:
        return Away(
            "database_locked",
            "等待数据库的锁太久。The hub waited too long for a lock in its database: another session holds it.",
            "等那个会话结束后重新运行。Run again once that session (hub run, publish or a SQL client) has ended.",
        )
    if state == _CANCELLED:
        return Away(
            STATEMENT_CANCELLED,
            "数据库中的一条语句被取消。A statement in the hub's database was cancelled, by Ctrl-C or by an administrator.",
            "重新运行，会从中断处继续。Run again: it goes on from there.",
        )
    if state.startswith(_RESOURCES):
        return Away(
            "database_short",
            "数据库的内存或连接数不足。The hub's database is short of memory or connections.",
            "稍后重新运行，或调高它的限额。Run again later, or raise the limits of that PostgreSQL.",
        )
    return database_away() if state.startswith(_GONE) else None


def database_away() -> Away:
    """The error for a database that can't be reached, or went away."""
    return Away(
        "database_away",
        "数据库连接不上。The hub's database can't be reached.",
        "运行 hub status,或检查 HUB_DATABASE_URL。Run hub status, or check HUB_DATABASE_URL.",
    )
