"""A connector: the frozen value that knows one feed of one agency.

A connector is data. It names the agency's columns and codes in the agency's own words, and which record and which
columns of the hub they become. It opens nothing: `exchange.edge.fetch` reads what `source` describes, at an address
that comes from settings (`HUB_<CONNECTOR>_URL`) or `hub run --from`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Parse = Literal["text", "date", "epoch_ms_date", "timestamp", "epoch_ms", "money_wan", "money_yuan_to_wan", "integer"]
"""How a text of the agency becomes a value; `exchange.core.translate` holds one parser per word."""


@dataclass(frozen=True)
class Title:
    """The same name in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True)
class SqlSource:
    """A table or view in an agency's PostgreSQL, read in key order after (timestamp, key), inclusive."""

    table: str
    columns: tuple[str, ...]
    """Columns to read, in the agency's words; anything the table has beyond these stops the batch by name."""
    timestamp: str
    """The agency's change timestamp. Never NULL."""
    key: str
    lag_seconds: int = 600
    """Rows younger than source now() minus the longest transaction may still be invisible: the window is read again."""
    deletes_by_keys: bool = True
    """Compare the key sets after each run, and withdraw what the agency no longer holds."""
    delete_guard_share: float = 0.05
    """A run that would withdraw more than this share of the feed's records is stopped."""


@dataclass(frozen=True)
class FileSource:
    """A folder of CSV drops, each read once. `done_suffix`: only files whose marker `<name><suffix>` exists are whole."""

    glob: str
    encoding: str
    columns: tuple[str, ...]
    done_suffix: str | None = None
    settle_seconds: int = 0
    """Without markers: a file changed less than this many seconds ago is still being written."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What a header may say instead → the name in `columns`. Blanks, width, `-` for `_` and remarks need no entry."""


@dataclass(frozen=True)
class HttpSource:
    """Pages of JSON objects behind a bearer token: GET path?cursor=…&limit=… → {"items": [...], "next": cursor|null}."""

    path: str
    items: str
    next_cursor: str
    columns: tuple[str, ...]
    page_rows: int = 5000


Source = SqlSource | FileSource | HttpSource


@dataclass(frozen=True)
class Column:
    """One column of the agency: the record's column it becomes and how its text is read."""

    to: str
    parse: Parse = "text"


@dataclass(frozen=True)
class Connector:
    """One feed of one agency.

    `name` is the file's stem and the feed's name. `key` are the agency's columns that identify a row for good;
    `version` the agency's column that orders its versions (None: the order of delivery decides).
    """

    name: str
    agency: str
    library: str
    title: Title
    source: Source
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    """Agency's column → the record's column. Every column of the source is here or in `ignore`."""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Agency's column → {agency's code or word: the hub's code}. A code that is not here refuses the row by name."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Record's column → a value the agency never sends because it is always the same (its own name, a code)."""
    ignore: frozenset[str] = frozenset()
    version: str | None = None
    version_parse: Parse = "timestamp"
    registering: bool = False
    """This agency registers the identifier itself: a code whose check digit fails is suspect and kept (standards §0.2)."""
    sample_encoding: str = "utf-8"
