"""The customs' folder: GB18030 CSV drops with done-markers, some lines broken, one file half-written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import polars as pl

from exchange.simulate import feeds, truth
from exchange.simulate.delivery import PART_ROWS, Feed, Moved, first_parts, later_day, newer_part
from exchange.simulate.draw import draw
from exchange.simulate.plant import BROKEN_LINE
from exchange.simulate.world import World

CUSTOMS = Feed(feeds.CUSTOMS, "海关注册编码", feeds.customs, World.traders_on)
COLUMNS = (
    "海关注册编码",
    "统一社会信用代码",
    "组织机构代码",
    "企业名称",
    "企业英文名称",
    "注册海关",
    "注册日期",
    "报关有效期",
    "经营类别",
    "行业种类",
    "法定代表人",
    "法人证件号",
    "联系电话",
    "工商注册地址",
    "注销标志",
)
UNDECODABLE = "\ue000"
"""Stands in a line for bytes that are no GB18030."""
BROKEN_KINDS = 4


def _fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Each value as it stands in a line: in quotes where it holds a comma, a quote or a line break (RFC 4180)."""
    needs = [pl.col(name).str.contains('[,"\r\n]') for name in COLUMNS]
    quoted = [pl.concat_str(pl.lit('"'), pl.col(name).str.replace_all('"', '""'), pl.lit('"')) for name in COLUMNS]
    return rows.select(
        pl.when(need).then(text).otherwise(pl.col(name)).fill_null("").alias(name)
        for name, need, text in zip(COLUMNS, needs, quoted, strict=True)
    )


def broken(fields: Sequence[str], kind: int) -> str:
    """A line that is no row: too few fields, an unquoted comma too many, bytes of no encoding, an open quote.

    >>> broken(["a", "b", "c", "d"], 0), broken(["a", "b", "c", "d"], 1), broken(["a", "b", "c", "d"], 3)
    ('a,b', 'a,b,c,d,,东区', '"a,b,c,d')
    """
    line = ",".join(fields)
    forms = (
        ",".join(fields[: len(fields) // 2]),
        line + ",,东区",
        line[:25] + UNDECODABLE + line[25:],
        '"' + line,
    )
    return forms[kind]


def encoded(rows: pl.DataFrame, seed: int) -> bytes:
    """The file of these rows: a header, CRLF, GB18030."""
    fields = _fields(rows)
    lines = fields.select(pl.concat_str(pl.all(), separator=",").alias("line"))["line"].to_list()
    at = (rows["defect"] == BROKEN_LINE).arg_true().to_list()
    kinds = (draw(rows["ordinal"], seed, "customs.broken") % BROKEN_KINDS).to_list()
    for place in at:
        lines[place] = broken(fields.row(place), kinds[place])
    text = "\r\n".join([",".join(COLUMNS), *lines, ""])
    return text.encode("gb18030").replace(UNDECODABLE.encode("gb18030"), b"\xff\xff")


def _drop(home: Path, world: World, day: int, number: int, rows: pl.DataFrame) -> None:
    name = f"customs_{world.day(day):%Y%m%d}_{number:02d}.csv"
    place = rows.with_columns(pl.lit(name).alias("place"))
    truth.write_rows(home, CUSTOMS.name, f"day{day}-{number:02d}", place)
    folder = home / "customs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(encoded(rows, world.seed))
    (folder / f"{name}.done").touch()


def write_first(home: Path, world: World) -> None:
    """Day 0: two files or more of originals and repeats, one of newer versions, one still being written."""
    part_rows = min(PART_ROWS, (world.traders_on(0) + 1) // 2)
    number = 0
    for rows in chain(first_parts(CUSTOMS, world, part_rows), newer_part(CUSTOMS, world)):
        number += 1
        _drop(home, world, 0, number, rows)
    half = encoded(feeds.customs(world, started(world)), world.seed)
    unfinished = home / "customs" / f"customs_{world.day(0):%Y%m%d}_{number + 1:02d}.csv"
    unfinished.write_bytes(half[: len(half) * 2 // 3])


def started(world: World) -> pl.Series:
    """The first few traders: what the half-written file speaks about."""
    return pl.int_range(0, min(20, world.traders_on(0)), dtype=pl.UInt64, eager=True)


def write_later(home: Path, world: World, day: int) -> Moved:
    """Day ≥ 1: one file of changed and new rows."""
    rows, moved = later_day(CUSTOMS, world, day)
    for number, first in enumerate(range(0, len(rows), PART_ROWS), 1):
        _drop(home, world, day, number, rows.slice(first, PART_ROWS))
    return moved
