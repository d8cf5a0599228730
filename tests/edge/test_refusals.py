"""What a run tells beside its counts: why rows are in quarantine, which files it passed over, what was left unfinished."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

import connectors
from exchange.core.connector import Connector, FileSource
from exchange.edge.refusals import Reason, Refusals
from exchange.edge.run import run_feed
from exchange.edge.settle import Settled
from exchange.edge.store.database import Store
from exchange.edge.trace import trace_key
from tests.edge.firms import BENCH, SMALL, at, deliver, firm, run, tally
from tests.edge.stores import rows

pytestmark = pytest.mark.servers
INDUSTRY, DATE, NAME = (
    ("industry_code", "industry.unknown"),
    ("established_on", "date.impossible"),
    ("name", "required"),
)
CUSTOMS = connectors.load("customs_enterprises")


class Cut(Exception):
    """The run ends here, as if it were killed."""


def cut(_: Settled) -> None:
    """End the run after a page."""
    raise Cut


def told(*reasons: tuple[tuple[str, str], int], rows: int) -> Refusals:
    """So many refused rows for these reasons."""
    return Refusals(rows, tuple(Reason(*reason, count) for reason, count in reasons))


def test_reasons_are_counted_by_rows(store: Store, tmp_path: Path) -> None:
    """Each reason tells of how many rows it refused, the most frequent first, repeats and rows of several reasons too; the
    next batch tells of its own rows alone, also of those refused before."""
    industry, both = firm(0, industry="9901"), firm(1, industry="9902", established="2018-02-30")
    deliver(tmp_path, "a.csv", [industry, firm(2), both, industry, firm(3, name=""), firm(4)])
    first = run(store, tmp_path)
    assert first.refusals == told((INDUSTRY, 3), (DATE, 1), (NAME, 1), rows=4)
    assert first.refusals.rows == first.counts.quarantined
    deliver(tmp_path, "b.csv", [industry, firm(5, name=""), industry, industry, industry, industry])
    second = run(store, tmp_path)
    assert second.refusals == told((INDUSTRY, 5), (NAME, 1), rows=6)
    assert rows(store, "SELECT times, last_times FROM quarantine ORDER BY id") == [(7, 5), (1, 1), (1, 1), (1, 1)]
    full = run(store, tmp_path, options=replace(SMALL, full=True))
    assert full.refusals == told((INDUSTRY, 8), (NAME, 2), (DATE, 1), rows=10)


def test_lines_that_are_no_rows_have_their_reason(store: Store, tmp_path: Path) -> None:
    """A broken line is told with its rule and no column; where nothing is refused, nothing is told."""
    deliver(tmp_path, "a.csv", [firm(0)])
    with (tmp_path / "a.csv").open("a", encoding="utf-8") as file:
        file.write("a,b\nc,d\n")
    assert run(store, tmp_path).refusals == told((("", "too_few_fields"), 2), rows=2)
    deliver(tmp_path, "b.csv", [firm(1)])
    assert run(store, tmp_path).refusals == Refusals()


def test_a_batch_that_was_cut_off_tells_of_all_its_rows(store: Store, tmp_path: Path) -> None:
    """The run that ends a batch tells also why rows are in quarantine that an earlier try of it had settled."""
    bad = firm(0, industry="9901")
    deliver(tmp_path, "a.csv", [bad, *(firm(n) for n in range(1, 6)), bad])
    with pytest.raises(Cut):
        run_feed(store, at(tmp_path), SMALL, cut)
    found = run(store, tmp_path)
    assert found.refusals == told((INDUSTRY, 2), rows=2)
    assert (found.counts.quarantined, found.unfinished) == (2, 0)


def test_a_refused_row_is_traced_with_its_reasons(store: Store, tmp_path: Path) -> None:
    """Each time a record's row was refused its own reasons are told, the first time and again; an accepted one has none."""
    one, other = firm(0, industry="9901"), firm(0, established="2018-02-30")
    deliver(tmp_path, "a.csv", [one, other, firm(1), one])
    run(store, tmp_path)
    deliver(tmp_path, "b.csv", [other, firm(0)])
    run(store, tmp_path)
    seen = trace_key(store, BENCH, [one["uscc"]])
    assert [(each.batch, each.row, each.disposition, each.reasons) for each in seen] == [
        (1, 1, "quarantined", (INDUSTRY,)),
        (1, 2, "quarantined", (DATE,)),
        (1, 4, "quarantined", (INDUSTRY,)),
        (2, 1, "quarantined", (DATE,)),
        (2, 2, "new", ()),
    ]


def settling(seconds: int) -> Connector:
    """The benchmark's feed, whose files are whole so many seconds after their last change."""
    source = BENCH.source
    assert isinstance(source, FileSource)
    return replace(BENCH, source=replace(source, settle_seconds=seconds))


def test_files_passed_over_are_counted(store: Store, tmp_path: Path) -> None:
    """A run tells how many files wait, for their age or their marker, and how many were read before."""
    for name in ("a.csv", "b.csv", "c.csv"):
        deliver(tmp_path, name, [firm(ord(name[0]))])
    os.utime(tmp_path / "a.csv", (time.time() - 100_000,) * 2)
    first = run(store, tmp_path, settling(50_000))
    assert (first.counts.pulled, first.waiting, first.skipped) == (1, 2, 0)
    second = run(store, tmp_path, settling(0))
    assert (second.counts.pulled, second.waiting, second.skipped) == (2, 0, 1)
    (tmp_path / "customs_20260105_01.csv").write_bytes(b"half")
    third = run(store, tmp_path, CUSTOMS)
    assert (tally(third), third.waiting, third.skipped) == ({}, 1, 0)


def test_what_another_source_leaves_unfinished_is_told(store: Store, tmp_path: Path) -> None:
    """A batch cut off at one folder and ended with another tells how many partitions of the first it closed over; they are
    read from their beginning when they come again."""
    for name, first in (("a.csv", 0), ("b.csv", 10)):
        deliver(tmp_path / "k1", name, [firm(n) for n in range(first, first + 10)])
    deliver(tmp_path / "k2", "c.csv", [firm(20)])
    with pytest.raises(Cut):
        run_feed(store, at(tmp_path / "k1"), SMALL, cut)
    resumed = run(store, tmp_path / "k2")
    assert (tally(resumed), resumed.unfinished) == ({"pulled": 5, "new": 5}, 2)
    again = run(store, tmp_path / "k1")
    assert (tally(again), again.unfinished) == ({"pulled": 20, "new": 16, "unchanged": 4}, 0)
