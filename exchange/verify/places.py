"""Where plaintext could lie: messages as the broker hands them out, tables as SQL shows them, and the files under both."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from psycopg import sql

from exchange.verify.finding import Unreached
from exchange.verify.ground import Ground, rows, snapshot
from exchange.verify.topic import client_options, messages, require_broker

BLOCK_BYTES = 1 << 20
_COLUMNS = (
    "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL) = 'bytea' FROM pg_attribute a "
    "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname NOT LIKE 'pg\\_%' "
    "AND n.nspname <> 'information_schema' ORDER BY 1, 2, a.attnum"
)


def topics(ground: Ground, prefix: str) -> list[str]:
    """The hub's topics on the broker. Raises Unreached."""
    require_broker(ground)
    try:
        admin = KafkaAdminClient(**client_options(ground))
        try:
            return sorted(name for name in admin.list_topics() if name.startswith(f"{prefix}."))
        finally:
            admin.close()
    except (KafkaError, AssertionError) as error:
        what = type(error).__name__
        raise Unreached(f"Kafka 读取失败（{what}）", f"Kafka can't be read ({what})") from None


def message_blocks(ground: Ground, names: Iterable[str]) -> Iterator[bytes]:
    """Keys, headers and values of all messages, unpacked; also those of transactions that were given up."""
    for name in names:
        block = bytearray()
        for message in messages(ground, name, committed=False):
            parts = [message.key or b"", message.value or b""]
            parts += [part for key, value in message.headers for part in (key.encode(), value or b"")]
            block += b"\0".join(parts) + b"\0"
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        yield bytes(block)


def table_blocks(url: str) -> Iterator[bytes]:
    """All values of all tables as SQL shows them: text as it reads, binary as it is."""
    with snapshot(url) as connection:
        tables: dict[tuple[str, str, bool], list[str]] = {}
        for schema, table, column, binary in rows(connection, _COLUMNS):
            tables.setdefault((str(schema), str(table), bool(binary)), []).append(str(column))
        for (schema, table, binary), columns in tables.items():
            yield from _copied(connection, sql.Identifier(schema, table), columns, binary)
            yield b"\0" * 64


def _copied(connection: psycopg.Connection, table: sql.Identifier, columns: list[str], binary: bool) -> Iterator[bytes]:
    form = sql.SQL("binary") if binary else sql.SQL("text")
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT {})").format(names, table, form)
    block = bytearray()
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for line in copy:
            block += line
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    yield bytes(block)


def cluster(ground: Ground) -> Path:
    """The data directory of the hub's own PostgreSQL. Raises Unreached where it is not this machine's."""
    home = ground.settings.home / "postgres"
    try:
        place = home / str(json.loads((home / "server.json").read_text(encoding="utf-8"))["place"]) / "pgdata"
        if place.is_dir():
            return place
    except (OSError, ValueError, KeyError):
        pass
    raise Unreached("PostgreSQL 的数据文件不在本机", "PostgreSQL's data files are not on this machine")


def files(root: Path, but: Path | None = None) -> Iterator[Path]:
    """All regular files below a directory; a tree that is searched by itself is left out."""
    for folder, folders, names in os.walk(root):
        if but is not None:
            folders[:] = [name for name in folders if Path(folder, name) != but]
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def file_blocks(paths: Iterable[Path]) -> Iterator[bytes]:
    """The bytes of files; one that is gone meanwhile counts nothing, one that may not be read raises Unreached."""
    for path in paths:
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    yield block
        except FileNotFoundError:
            continue
        except PermissionError:
            raise Unreached(f"无权读取 {path.name}", f"{path.name} may not be read") from None
        yield b"\0" * 64
