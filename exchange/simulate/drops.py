"""The customs' folder: GB18030 CSV drops with done-markers, some lines broken, one file half-written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from exchange.simulate import feeds, truth
from exchange.simulate.defects import DEFECTS
from exchange.simulate.delivery import PART_ROWS, Feed, Moved, first_parts, later_day, newer_part
from exchange.simulate.distortions import EURO
from exchange.simulate.draw import draw
from exchange.simulate.plant import BROKEN_LINE, OTHER_ENCODING, judged
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
FOREIGN = "\ue002"
"""Stands for a line that is not in the file's encoding."""
MARK = "\ufeff"
BROKEN_KINDS = 4
SERIAL, FRAME, TYPED_HEADER = 25, 58, 59
SERIAL_ROWS = 3
"""Fewer numbers are no column."""
TOLD = ("source_key", "world", "role", "defect", "verdict", "reason", "day")


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


@dataclass(frozen=True)
class Sheet:
    """What a file holds beside its rows: the header as it is typed, a line of title above it, one of totals at the end."""

    header: tuple[str, ...] = COLUMNS
    title: str = ""
    total: str = ""
    mark: str = ""


PLAIN = Sheet()
_TYPED = {"统一社会信用代码": "shxydm", "注册海关": "zchg", "报关有效期": "bgyxq"}
TYPED = Sheet(tuple(_TYPED.get(name, name) for name in COLUMNS), mark=MARK)
"""Names typed by the first letters of their sounds (59), behind a byte order mark."""


def printed(number: int, count: int) -> Sheet:
    """A file as it was printed: with a title and a total, and names with blanks and remarks (58)."""
    varied = {"企业名称": "企业 名称", "法定代表人": "法定\u3000代表人", "报关有效期": "报关有效期（截止日期）"}
    total = ",".join([f"合计（第{number}号）", str(count), *[""] * (len(COLUMNS) - 2)])
    return Sheet(tuple(varied.get(name, name) for name in COLUMNS), f"海关注册企业登记表（第{number}号）", total)


def encoded(rows: pl.DataFrame, seed: int, sheet: Sheet = PLAIN) -> bytes:
    """The file of these rows: CRLF, GB18030 but for the lines in another encoding."""
    fields = _fields(rows)
    lines = fields.select(pl.concat_str(pl.all(), separator=",").alias("line"))["line"].to_list()
    kinds = (draw(rows["ordinal"], seed, "customs.broken") % BROKEN_KINDS).to_list()
    for place in (rows["defect"] == BROKEN_LINE).arg_true():
        lines[place] = broken(fields.row(place), kinds[place])
    foreign = []
    for place in (rows["defect"] == OTHER_ENCODING).arg_true():
        foreign.append(lines[place].encode())
        lines[place] = FOREIGN
    framed = [*filter(None, [sheet.title]), ",".join(sheet.header), *lines, *filter(None, [sheet.total]), ""]
    first, *rest = (sheet.mark + "\r\n".join(framed)).split(FOREIGN)
    return _gb(first) + b"".join(line + _gb(text) for line, text in zip(foreign, rest, strict=True))


def _gb(text: str) -> bytes:
    """GB18030, with byte 80 for the euro sign and no character where UNDECODABLE stands."""
    parts = (b"\x80".join(piece.encode("gb18030") for piece in part.split(EURO)) for part in text.split(UNDECODABLE))
    return b"\xff\xff".join(parts)


def _drop(home: Path, world: World, place: tuple[int, int], rows: pl.DataFrame, sheet: Sheet = PLAIN) -> None:
    """Write the file of that day and number, its truth and its marker."""
    day, number = place
    name = f"customs_{world.day(day):%Y%m%d}_{number:02d}.csv"
    told = rows.select(*TOLD, pl.lit(name).alias("place"))
    above, below = (_frame_line(day, name, told.schema)[: int(bool(text))] for text in (sheet.title, sheet.total))
    truth.write_rows(home, CUSTOMS.name, f"day{day}-{number:02d}", pl.concat([above, told, below]))
    folder = home / "customs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(encoded(rows, world.seed, sheet))
    (folder / f"{name}.done").touch()


def _frame_line(day: int, name: str, schema: pl.Schema) -> pl.DataFrame:
    """The truth about a line of title or of totals, which is no row."""
    told = {
        "source_key": "",
        "world": None,
        "role": "frame",
        "defect": FRAME,
        "verdict": DEFECTS[FRAME].verdict,
        "reason": DEFECTS[FRAME].reason,
        "day": day,
        "place": name,
    }
    return pl.DataFrame([told], schema=schema)


def write_first(home: Path, world: World) -> None:
    """Day 0: two files or more of originals and repeats, all but the first as printed, one of newer versions with typed
    names and spreadsheet dates, one still being written."""
    part_rows = min(PART_ROWS, (world.traders_on(0) + 1) // 2)
    number = 0
    for rows in first_parts(CUSTOMS, world, part_rows):
        number += 1
        _drop(home, world, (0, number), rows, printed(number, len(rows)) if number > 1 else PLAIN)
    for rows in newer_part(CUSTOMS, world):
        number += 1
        _drop(home, world, (0, number), _from_spreadsheet(rows), TYPED)
    half = encoded(feeds.customs(world, started(world)), world.seed)
    unfinished = home / "customs" / f"customs_{world.day(0):%Y%m%d}_{number + 1:02d}.csv"
    unfinished.write_bytes(half[: len(half) * 2 // 3])


def _from_spreadsheet(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a column of day numbers, if they are enough to tell a column; the first one stands for the header."""
    serial = len(rows) >= SERIAL_ROWS
    days = (pl.col("报关有效期").str.to_date() - pl.date(1899, 12, 30)).dt.total_days().cast(pl.String)
    rows = rows.with_columns(days.alias("报关有效期")) if serial else rows
    number = pl.when(pl.int_range(pl.len()) == 0).then(TYPED_HEADER).otherwise(SERIAL if serial else 0)
    return rows.with_columns(*judged(rows.select(number.cast(pl.UInt8).alias("defect")).to_series()))


def started(world: World) -> pl.Series:
    """The first few traders: what the half-written file speaks about."""
    return pl.int_range(0, min(20, world.traders_on(0)), dtype=pl.UInt64, eager=True)


def write_later(home: Path, world: World, day: int) -> Moved:
    """Day ≥ 1: one file of changed and new rows."""
    rows, moved = later_day(CUSTOMS, world, day)
    for number, first in enumerate(range(0, len(rows), PART_ROWS), 1):
        _drop(home, world, (day, number), rows.slice(first, PART_ROWS))
    return moved
