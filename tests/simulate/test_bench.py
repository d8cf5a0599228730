"""The benchmark's truth equals what a plain reading of its files finds."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from exchange.simulate.bench import COLUMNS, bench_chunk, bench_truth, write_bench_csv, write_bench_delta
from exchange.simulate.names import TRADES
from tests.simulate.test_world import citizen_holds, uscc_holds

Row = dict[str, str]
MOBILE_LENGTH = 11
INDUSTRIES = frozenset(TRADES["industry"])
PAGES = (20_000, 5_000, 777)


@dataclass
class Library:
    """What a hub would have settled: the newest content of each key."""

    settled: dict[str, Row]


def why_bad(row: Row) -> str:
    """The first reason to refuse a row, or nothing."""
    return _why_bad(tuple(row.values()))


@cache
def _why_bad(values: tuple[str, ...]) -> str:
    row = dict(zip(COLUMNS, values, strict=True))
    try:
        date.fromisoformat(row["established"])
    except ValueError:
        return "impossible_date"
    checks = {
        "uscc_check": uscc_holds(row["uscc"]),
        "citizen_id_check": citizen_holds(row["legal_rep_id"]),
        "phone": len(row["phone"]) == MOBILE_LENGTH and row["phone"][1] in "3456789",
        "unknown_industry": row["industry"] in INDUSTRIES,
        "empty_name": bool(row["name"]),
    }
    return next((kind for kind, holds in checks.items() if not holds), "")


def load(path: Path, library: Library, page_rows: int) -> Counter[str]:
    """Count dispositions as design §3 orders them, page after page."""
    counts: Counter[str] = Counter()
    met: set[tuple[str, ...]] = set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, quoting=csv.QUOTE_NONE))
    for start in range(0, len(rows), page_rows):
        page = rows[start : start + page_rows]
        newest: dict[str, str] = {}
        for row in page:
            if not why_bad(row):
                newest[row["uscc"]] = max(newest.get(row["uscc"], ""), row["updated_at"])
        for row in page:
            counts[disposition(row, library, met, newest)] += 1
    return counts


def disposition(row: Row, library: Library, met: set[tuple[str, ...]], newest: dict[str, str]) -> str:
    """One row's count; settles it if it is new or changed."""
    if why_bad(row):
        return "quarantined"
    content = tuple(row.values())
    if content in met:
        return "duplicate"
    met.add(content)
    known = library.settled.get(row["uscc"])
    if row["updated_at"] < newest[row["uscc"]] or (known and row["updated_at"] < known["updated_at"]):
        return "superseded"
    if known == row:
        return "unchanged"
    library.settled[row["uscc"]] = row
    return "changed" if known else "new"


@pytest.mark.parametrize("page_rows", PAGES)
def test_truth_equals_brute_force(tmp_path: Path, page_rows: int) -> None:
    """Of 20,000 rows, first load, reload and delta give the counts that the truth foretells, for any page size."""
    truth = write_bench_csv(tmp_path / "load.csv", 20_000, 7)
    delta_truth = write_bench_delta(tmp_path / "delta.csv", 20_000, 7)
    library = Library({})
    first = load(tmp_path / "load.csv", library, page_rows)
    assert first["new"] == truth.keys
    assert first["changed"] + first["superseded"] == truth.newer_versions == 200
    assert (first["duplicate"], first["quarantined"]) == (truth.duplicates, truth.bad) == (400, 600)
    assert first.total() == truth.rows == 20_000
    again = load(tmp_path / "load.csv", library, page_rows)
    assert again == Counter(
        unchanged=truth.keys, duplicate=truth.duplicates, superseded=truth.newer_versions, quarantined=truth.bad
    )
    delta = load(tmp_path / "delta.csv", library, page_rows)
    assert delta == Counter(changed=delta_truth.changed, unchanged=delta_truth.unchanged)
    assert (delta_truth.changed, delta_truth.unchanged) == (100, 100)


def test_far_newer_versions() -> None:
    """Newer versions stand behind their older ones, some of them pages away, as many as the truth says."""
    lines = bench_chunk(0, 70_500, 3).with_row_index("line")
    versions = lines.unique([*COLUMNS], keep="first").group_by("uscc").agg("line", "updated_at")
    pairs = versions.filter(pl.col("line").list.len() > 1)
    assert len(pairs) == bench_truth(70_500, 3).newer_versions
    far = 0
    for _, places, times in pairs.iter_rows():
        (old, _), (new, _) = sorted(zip(places, times, strict=True), key=lambda pair: pair[1])
        assert old < new
        far += new - old > 50_000
    assert 0 < far < len(pairs)


def test_six_kinds_of_bad() -> None:
    """Each of the six kinds is one part in two hundred of the lines."""
    kinds = Counter(why_bad(row) for row in bench_chunk(0, 10_000, 1).iter_rows(named=True))
    del kinds[""]
    assert len(kinds) == 6
    assert set(kinds.values()) == {50}


def test_any_range_of_lines_alone() -> None:
    """Lines made in odd ranges equal the lines made at once."""
    parts = [bench_chunk(first, last, 4) for first, last in ((0, 1), (1, 999), (999, 61_234), (61_234, 63_000))]
    assert_frame_equal(pl.concat(parts), bench_chunk(0, 63_000, 4))


def test_unquoted_lines_of_the_stated_size(tmp_path: Path) -> None:
    """The file has no quote, eleven columns and about 220 bytes a line."""
    path = tmp_path / "load.csv"
    write_bench_csv(path, 5_000, 2)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 5_001
    assert all(line.count(",") == 10 and '"' not in line for line in lines)
    assert 200 <= path.stat().st_size / 5_001 <= 250


def test_truth_without_writing(tmp_path: Path) -> None:
    """`bench_truth` says of any number of rows what writing them says."""
    assert bench_truth(1_234, 8) == write_bench_csv(tmp_path / "load.csv", 1_234, 8)
