"""The truth kept for tests: who is who, and of every row an agency serves what is wrong with it and what must become
of it. Parquet files under `<agencies_home>/truth/`, one folder per feed and two for the world; no server shows them.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exchange.simulate import identifiers
from exchange.simulate.world import World, companies, residents


def write_rows(home: Path, feed: str, part: str, rows: pl.DataFrame) -> None:
    """Keep the truth of served rows: `source_key`, `world`, `role` (original, duplicate, newer or frame on day 0; changed, new
    or deleted later), `defect` (0 = none), `verdict`, `reason`, `day`, `place` (file or line of the delivery).
    """
    folder = home / "truth" / feed
    folder.mkdir(parents=True, exist_ok=True)
    rows.select("source_key", "world", "role", "defect", "verdict", "reason", "day", "place").write_parquet(
        folder / f"{part}.parquet"
    )


def read_rows(home: Path, feed: str) -> pl.DataFrame:
    """The truth of all rows that a feed served on any day."""
    return pl.scan_parquet(home / "truth" / feed / "*.parquet").collect()


def labelled(rows: pl.DataFrame, key: str, role: str, day: int, place: str = "") -> pl.DataFrame:
    """Rows of a feed with the columns of the truth beside their own."""
    return rows.with_columns(
        pl.col(key).alias("source_key"),
        pl.lit(role).alias("role"),
        pl.lit(day, dtype=pl.UInt32).alias("day"),
        pl.lit(place).alias("place"),
    )


def write_identities(home: Path, world: World, first: int, last: int) -> None:
    """Keep who is who: companies first … last − 1 with all their identifiers."""
    folder = home / "truth" / "companies"
    folder.mkdir(parents=True, exist_ok=True)
    truth = companies(first, last, world.seed)
    trader = truth["index"] // 3
    code = identifiers.customs_codes(trader, world.seed)
    truth.select(
        pl.col("index").alias("world"),
        "uscc",
        "org_code",
        "reg_no",
        pl.col("register_id").alias("pripid"),
        pl.when(pl.col("index") % 3 == 0).then(code).alias("customs_code"),
        "name",
        "resident",
    ).write_parquet(folder / f"{first:08d}.parquet")


def write_people(home: Path, world: World, first: int, last: int) -> None:
    """Keep who is who: residents first … last − 1."""
    folder = home / "truth" / "residents"
    folder.mkdir(parents=True, exist_ok=True)
    truth = residents(first, last, world.seed)
    truth.select(pl.col("index").alias("world"), "id_no", "name").write_parquet(folder / f"{first:08d}.parquet")


def read_identities(home: Path, kind: str) -> pl.DataFrame:
    """Who is who: `kind` is companies or residents."""
    return pl.scan_parquet(home / "truth" / kind / "*.parquet").collect().sort("world")
