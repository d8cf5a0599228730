"""Code lists that were supplied: loaded into the hub's database and given back as values to the pure functions.

A loaded edition outranks one of the same name that the package brings. Loading is one transaction; a list whose text is
the same as what is loaded changes nothing, another text for the same edition replaces it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core import codes
from exchange.core.codes import CodeList, Entry, in_force
from exchange.core.codes.supplied import Label, read_supplied
from exchange.core.codes.table import written
from exchange.core.errors import Away, Misuse
from exchange.edge.store.frames import Value, append, connected, read, run
from schemas.rules import SUPPLIED

MOST_BYTES = 64 * 1024 * 1024
SUFFIXES = (".csv", ".tsv")
_DAYS = ("valid_from", "valid_to")
_FACTS = ("name", "edition", "standard", "source", "licence", "note", "complete", *_DAYS)


@dataclass(frozen=True)
class Loaded:
    """What became of one list. `changed`: it was not there before, or not with this text."""

    name: str
    edition: str
    entries: int
    changed: bool


@dataclass(frozen=True)
class Shelved:
    """One loaded edition, without its entries."""

    name: str
    edition: str
    standard: str
    valid_from: date | None
    valid_to: date | None
    source: str
    complete: bool
    entries: int
    loaded_at: datetime


def read_file(path: Path, label: Label) -> CodeList:
    """The list in a file. Raises Misuse `bad_code_list`, or `no_such_file` where it can't be read."""
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError:
        message = f"无法读取 {path.name}。{path.name} can't be read."
        raise Misuse("no_such_file", message, "检查路径和权限。Check path and permissions.") from None
    if content is None:
        message = f"{path.name} 超过 64 MB。{path.name} is larger than 64 MB."
        raise Misuse("bad_code_list", message, "代码表没有这么大。No code list is as large.")
    return read_supplied(content, label)


def load_list(url: str, listed: CodeList) -> Loaded:
    """Put the list into the hub's database, in one transaction."""
    digest = hashlib.sha256(written(listed).encode()).digest()
    with connected(url) as connection:
        changed = _put_list(connection, listed, digest)
        if changed:
            run(connection, "DELETE FROM code WHERE list = $1 AND edition = $2", listed.name, listed.edition)
            append(connection, "code", _entries(listed), {"list": listed.name, "edition": listed.edition})
        connection.commit()
    return Loaded(listed.name, listed.edition, len(listed.entries), changed)


def load_folder(url: str, folder: Path) -> list[Loaded]:
    """Load every file `LIST-EDITION.csv` or `.tsv` of a folder; good ones are loaded even where others are wrong.

    Raises Away where there is no such folder, and Misuse `bad_code_list` at the end, naming the files that are wrong.
    """
    if not folder.is_dir():
        message = "代码表文件夹打不开。The folder of code lists can't be opened."
        raise Away("codes_away", message, "检查 HUB_CODES_URL。Check HUB_CODES_URL.")
    loaded, wrong = [], []
    for path in sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file()):
        name, _, edition = path.stem.rpartition("-")
        try:
            loaded.append(load_list(url, read_file(path, Label(name, edition))))
        except Misuse as error:
            wrong.append(f"{path.name}: {error.message}")
    if wrong:
        raise Misuse(
            "bad_code_list", " ".join(wrong), "更正文件；其余已装入。Correct these files; the others are loaded."
        )
    return loaded


def shelved(url: str) -> list[Shelved]:
    """The loaded editions by name and edition."""
    columns = ", ".join(Shelved.__dataclass_fields__)
    with connected(url) as connection:
        found = read(connection, f"SELECT {columns} FROM code_list ORDER BY name, valid_from NULLS FIRST, edition")
    return [Shelved(**row) for row in found.to_dicts()]


def list_in_use(url: str, name: str, edition: str | None = None, on: date | None = None) -> CodeList:
    """The named edition of a list, else the one in force on a day, else the newest, loaded or brought by the package.

    KeyError where there is none.
    """
    with connected(url) as connection:
        loaded = {one.edition: one for one in _loaded(connection, name)}
    brought = {one.edition: one for one in codes.editions(name)} if name in codes.NAMES else {}
    every = tuple(sorted((brought | loaded).values(), key=lambda one: (one.valid_from or date.min, one.edition)))
    if edition is not None:
        return (brought | loaded)[edition]
    if not every:
        raise KeyError(name)
    return every[-1] if on is None else in_force(every, on)


def supplied_codes(url: str, library: str) -> Mapping[str, frozenset[str]]:
    """The codes, over all loaded editions, of each list that the library's columns are held to once it is loaded."""
    wanted = pl.Series(sorted(set(SUPPLIED[library].values())), dtype=pl.String)
    if not wanted.len():
        return {}
    with connected(url) as connection:
        found = read(connection, "SELECT DISTINCT list, code FROM code WHERE list = ANY($1)", wanted)
    return {str(name): frozenset(group["code"]) for (name,), group in found.group_by("list")}


def _put_list(connection: dbapi.Connection, listed: CodeList, digest: bytes) -> bool:
    """Write the list's row, which holds back whoever loads the same edition; whether it was not there as it is."""
    facts: dict[str, Value] = {name: getattr(listed, name) for name in _FACTS if name not in _DAYS}
    days = {name: day.isoformat() if (day := getattr(listed, name)) else "" for name in _DAYS}
    facts |= {"entries": len(listed.entries), "digest": digest, **days}
    casts = {"entries": "{}::int"} | dict.fromkeys(_DAYS, "nullif({}, '')::date")
    values = (casts.get(name, "{}").format(f"${place}") for place, name in enumerate(facts, start=1))
    renewed = ", ".join(f"{name} = EXCLUDED.{name}" for name in facts)
    sql = (
        f"INSERT INTO code_list ({', '.join(facts)}) VALUES ({', '.join(values)}) ON CONFLICT (name, edition) "
        f"DO UPDATE SET loaded_at = now(), {renewed} WHERE code_list.digest <> EXCLUDED.digest RETURNING name"
    )
    return read(connection, sql, *facts.values()).height > 0


def _entries(listed: CodeList) -> pl.DataFrame:
    rows = [
        (place, one.code, one.zh, one.en, one.valid_from, one.valid_to, one.parent, "|".join(one.also))
        for place, one in enumerate(listed.entries)
    ]
    schema = {"place": pl.Int32, "code": pl.String, "zh": pl.String, "en": pl.String, "valid_from": pl.Date}
    rest = {"valid_to": pl.Date, "parent": pl.String, "also": pl.String}
    return pl.DataFrame(rows, schema=schema | rest, orient="row")


def _loaded(connection: dbapi.Connection, name: str) -> list[CodeList]:
    lists = read(connection, "SELECT * FROM code_list WHERE name = $1", name)
    entries = read(
        connection,
        "SELECT edition, code, zh, en, valid_from, valid_to, parent, also FROM code WHERE list = $1 ORDER BY place",
        name,
    )
    of: dict[str, list[Entry]] = {}
    for row in entries.to_dicts():
        also = tuple(word for word in row.pop("also").split("|") if word)
        of.setdefault(row.pop("edition"), []).append(Entry(**row, also=also))
    return [
        CodeList(entries=tuple(of.get(row["edition"], ())), **{key: row[key] for key in _FACTS})
        for row in lists.to_dicts()
    ]
