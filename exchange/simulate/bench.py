"""The benchmark's input: a seeded CSV of legal persons, and the count of everything the hub must find in it.

Lines come in blocks of 1,000 with a fixed share of each role, in an order drawn from the seed: 30 bad (5 of each kind),
20 exact duplicates, 10 newer versions, 940 good. A duplicate or newer version copies a good line further up; no line is
copied twice. Half of the newer versions stand `FAR` blocks behind their older one, so in another page of any size.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from exchange.simulate import addresses, identifiers, names
from exchange.simulate.draw import days, draw, joined, pick

COLUMNS = (
    "uscc",
    "name",
    "legal_rep",
    "legal_rep_id",
    "phone",
    "address",
    "industry",
    "reg_capital",
    "established",
    "status",
    "updated_at",
)
BAD_KINDS = ("uscc_check", "citizen_id_check", "phone", "impossible_date", "unknown_industry", "empty_name")
BLOCK = 1_000
FAR = 60
"""Blocks between an older line and half of the newer versions: more than a page of 50,000 rows."""
DELTA_PER_BLOCK = 10
CHUNK_BLOCKS = 100
STATUSES = pl.Series(["存续"] * 17 + ["吊销", "注销", "注销"])

GOOD, DUPLICATE, NEWER, BAD = 0, 1, 2, 3
"""Roles of a line; BAD + k is bad of kind k."""
DELTA_NEWER, DELTA_SAME = 1, 2
"""Roles in the delta; 0 is not in it."""


@dataclass(frozen=True)
class BenchTruth:
    """Counts of lines. Whichever way the file is cut into pages:

    first load: new = keys, duplicate = duplicates, quarantined = bad, changed + superseded = newer_versions;
    the same file again: unchanged = keys, duplicate = duplicates, quarantined = bad, superseded = newer_versions;
    a delta after it: changed and unchanged as they stand here, everything else 0.
    """

    rows: int
    keys: int = 0
    duplicates: int = 0
    newer_versions: int = 0
    bad: int = 0
    changed: int = 0
    unchanged: int = 0


@cache
def _plan(seed: int) -> pl.DataFrame:
    """One line per place in a block: `role`, `near` (the place it copies, or its own), `far`, `delta`."""
    order = random.Random(f"bench/{seed}")
    places = list(range(BLOCK))
    order.shuffle(places)
    bad, sources = places[:30], sorted(places[30:])
    role = [GOOD] * BLOCK
    for at, place in enumerate(bad):
        role[place] = BAD + at % len(BAD_KINDS)
    # Copied places stand early in the block and copies late, so each copy is behind its own.
    originals, copies = sources[:120], sources[-400:]
    order.shuffle(originals)
    order.shuffle(copies)
    near, far = list(range(BLOCK)), list(range(BLOCK))
    for at in range(30):
        role[copies[at]] = DUPLICATE if at < 20 else NEWER
        near[copies[at]] = originals[at]
        far[copies[at]] = originals[at if at < 25 else at + 10]
    touched = {*originals, *copies}
    quiet = [place for place in sources if place not in touched]
    order.shuffle(quiet)
    half = DELTA_PER_BLOCK // 2
    delta = [0] * BLOCK
    for at, place in enumerate(quiet[:DELTA_PER_BLOCK]):
        delta[place] = DELTA_NEWER if at < half else DELTA_SAME
    schema = {"role": pl.UInt8, "near": pl.UInt32, "far": pl.UInt32, "delta": pl.UInt8}
    return pl.DataFrame({"role": role, "near": near, "far": far, "delta": delta}, schema=schema)


def _lines(first: int, last: int, seed: int) -> pl.DataFrame:
    """`line`, `role` and `base`, the line whose company this one is about, for lines first … last − 1."""
    line = pl.int_range(first, last, dtype=pl.UInt64, eager=True).alias("line")
    block = line // BLOCK
    plan = _plan(seed)[(line % BLOCK).cast(pl.UInt32)]
    elsewhere = (plan["far"] != plan["near"]) & (block >= FAR)
    near = block * BLOCK + plan["near"]
    base = near.zip_with(~elsewhere, block * BLOCK - FAR * BLOCK * elsewhere.cast(pl.UInt64) + plan["far"])
    return pl.DataFrame([line, plan["role"], plan["delta"], base.alias("base")])


def _content(base: pl.Series, newer: pl.Series, seed: int) -> pl.DataFrame:
    """The company of each base line; where `newer`, another phone, address and capital, and a later `updated_at`."""
    version = base * 2 + newer.cast(pl.UInt64)
    uscc = identifiers.usccs(base, seed)
    person = identifiers.citizens(base, seed)
    trade, form = names.trades(base, seed), names.forms(base, seed)
    drawn = draw(base, seed, "bench")
    founded = pick(drawn, days("1985-01-01", 11_000)).zip_with(uscc.old, pick(drawn, days("2015-10-01", 2_600)))
    cents = identifiers.numbers(draw(version, seed, "bench.capital") % 100, 2)
    capital = pick(draw(version, seed, "bench.wan"), addresses.UNITS)
    second = identifiers.numbers(drawn // 60 % 60, 2)
    updated = joined(
        pl.Series(["2023-", "2024-"]).gather(newer.cast(pl.UInt32)),
        identifiers.numbers(drawn // 10_000 % 9 + 1, 2),
        "-",
        identifiers.numbers(drawn // 1_000_000 % 28 + 1, 2),
        pl.Series([" 08:", " 11:", " 17:"]).gather((drawn % 3).cast(pl.UInt32)),
        identifiers.numbers(drawn % 60, 2),
        ":",
        second,
    )
    values = (
        uscc.code,
        names.companies(base, trade["trade"], form["form"], seed),
        names.people(base, person.male, seed),
        person.number,
        identifiers.mobiles(draw(version, seed, "bench.phone")),
        addresses.offices(version, seed),
        trade["industry"],
        joined(capital, ".", cents),
        founded,
        pick(drawn // 1_000, STATUSES),
        updated,
    )
    return pl.DataFrame([value.alias(name) for name, value in zip(COLUMNS, values, strict=True)])


def _next_digit(column: str, place: int) -> pl.Expr:
    """The column with the digit (or letter) at `place` replaced by another digit."""
    text = pl.col(column)
    other = text.str.slice(place, 1).replace_strict({str(at): str((at + 1) % 10) for at in range(10)}, default="3")
    return pl.concat_str(text.str.slice(0, place), other, text.str.slice(place + 1))


def _spoiled(content: pl.DataFrame, role: pl.Series) -> pl.DataFrame:
    """The bad kinds, each in its own column."""
    changes = (
        ("uscc", _next_digit("uscc", 12)),
        ("legal_rep_id", _next_digit("legal_rep_id", 15)),
        ("phone", pl.concat_str(pl.lit("12"), pl.col("phone").str.slice(2))),
        ("established", pl.concat_str(pl.col("established").str.slice(0, 4), pl.lit("-02-30"))),
        ("industry", pl.lit("9901")),
        ("name", pl.lit("")),
    )
    kinds = zip(range(BAD, BAD + len(BAD_KINDS)), changes, strict=True)
    return content.with_columns(
        pl.when(pl.lit(role) == kind).then(change).otherwise(pl.col(column)).alias(column)
        for kind, (column, change) in kinds
    )


def _write(path: Path, chunks: Iterator[pl.DataFrame]) -> None:
    with path.open("wb") as out:
        out.write((",".join(COLUMNS) + "\n").encode())
        for chunk in chunks:
            chunk.write_csv(out, include_header=False, quote_style="never")


def bench_chunk(first: int, last: int, seed: int) -> pl.DataFrame:
    """Lines first … last − 1 of the benchmark's file; any range can be made alone."""
    lines = _lines(first, last, seed)
    return _spoiled(_content(lines["base"], lines["role"] == NEWER, seed), lines["role"])


def write_bench_csv(path: Path, rows: int, seed: int) -> BenchTruth:
    """Write `rows` lines under a header (UTF-8, unquoted, about 230 bytes a line) and say what is in them."""
    size = CHUNK_BLOCKS * BLOCK
    _write(path, (bench_chunk(first, min(first + size, rows), seed) for first in range(0, rows, size)))
    return bench_truth(rows, seed)


def bench_truth(rows: int, seed: int) -> BenchTruth:
    """The counts of `write_bench_csv(…, rows, seed)`, without writing it."""
    roles = _plan(seed)["role"]
    blocks, rest = divmod(rows, BLOCK)

    def count(which: pl.Series) -> int:
        return int(which.sum()) * blocks + int(which.head(rest).sum())

    duplicates, newer, bad = count(roles == DUPLICATE), count(roles == NEWER), count(roles >= BAD)
    return BenchTruth(rows, rows - duplicates - newer - bad, duplicates, newer, bad)


def _delta_chunk(first: int, last: int, seed: int) -> tuple[pl.DataFrame, int]:
    """The delta's lines out of lines first … last − 1, and how many of them are newer than the file's."""
    lines = _lines(first, last, seed).filter(pl.col("delta") > 0)
    newer = lines["delta"] == DELTA_NEWER
    return _content(lines["base"], newer, seed), int(newer.sum())


def write_bench_delta(path: Path, rows: int, seed: int) -> BenchTruth:
    """Write the delivery that follows: 1 % of the file's lines, some with newer content, some as they were."""
    size = CHUNK_BLOCKS * BLOCK
    totals = [0, 0]

    def chunks() -> Iterator[pl.DataFrame]:
        for first in range(0, rows, size):
            chunk, newer = _delta_chunk(first, min(first + size, rows), seed)
            totals[0] += len(chunk)
            totals[1] += newer
            yield chunk

    _write(path, chunks())
    return BenchTruth(totals[0], changed=totals[1], unchanged=totals[0] - totals[1])
