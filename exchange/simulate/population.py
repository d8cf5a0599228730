"""The police's resident register as files, in the order in which its interface hands the rows out.

`<home>/residents/part-*.parquet` hold the rows; `parts.json` lists them with their number of rows and is replaced in
one step, so the running interface sees a new day whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import polars as pl

from exchange.embedded.state import write_private
from exchange.simulate import feeds, truth
from exchange.simulate.delivery import PART_ROWS, Feed, Moved, first_parts, later_day, newer_part
from exchange.simulate.world import World

POLICE = Feed(feeds.POLICE, "GMSFHM", feeds.residents, World.residents_on)
COLUMNS = (
    "RKBS",
    "GMSFHM",
    "XM",
    "CYM",
    "XB",
    "MZ",
    "CSRQ",
    "JGSSXQ",
    "WHCD",
    "HYZK",
    "ZY",
    "FWCS",
    "JMSFZJYXQQSRQ",
    "JMSFZJYXQJZRQ",
    "JZXZ",
    "HJSZD",
    "HKXZ",
    "LXDH",
    "ZXZT",
    "XZQH",
    "GXSJ",
)
Parts = list[tuple[str, int]]
"""File name and rows of each part, in order."""


def read_parts(home: Path) -> Parts:
    """The parts of the register now."""
    loaded = json.loads((home / "residents" / "parts.json").read_text(encoding="utf-8"))
    return [(str(name), int(rows)) for name, rows in loaded]


def _write_part(home: Path, name: str, rows: pl.DataFrame) -> tuple[str, int]:
    """A part in the interface's order, (GXSJ, GMSFHM); its truth beside it."""
    ordered = rows.sort("GXSJ", "GMSFHM", maintain_order=True)
    truth.write_rows(home, POLICE.name, name, ordered)
    ordered.select(COLUMNS).write_parquet(home / "residents" / f"{name}.parquet")
    return f"{name}.parquet", len(rows)


def write_first(home: Path, world: World, note: Callable[[str], None]) -> None:
    """Day 0."""
    (home / "residents").mkdir(exist_ok=True)
    parts: Parts = []
    for number, rows in enumerate(chain(first_parts(POLICE, world, PART_ROWS), newer_part(POLICE, world))):
        parts.append(_write_part(home, f"part-{number:05d}", rows))
        if number % 20 == 19:
            note(f"公安：{number + 1} 批居民。Public security: {number + 1} parts of residents.")
    write_private(home / "residents" / "parts.json", json.dumps(parts))


def write_later(home: Path, world: World, day: int) -> Moved:
    """Day ≥ 1: a part of changed and new rows at the end. Twice is once."""
    rows, moved = later_day(POLICE, world, day)
    part = _write_part(home, f"day-{day:05d}", rows)
    known = [each for each in read_parts(home) if each[0] != part[0]]
    write_private(home / "residents" / "parts.json", json.dumps([*known, part]))
    return moved
