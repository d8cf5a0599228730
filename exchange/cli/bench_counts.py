"""What the benchmark's run must come to, count by count, as the generator knows it."""

from __future__ import annotations

from collections.abc import Mapping

from exchange.core.errors import Broken
from exchange.edge.publish import Published
from exchange.edge.store.batches import Counts
from exchange.simulate.bench import BenchTruth

Expected = Mapping[str, int]
"""Count (`a`, or `a + b` for a sum) → what it must be."""


def first_load(truth: BenchTruth) -> Expected:
    """Everything is new; which of a newer version and its older one comes to be settled depends on the pages."""
    return {
        "pulled": truth.rows,
        "new": truth.keys,
        "changed + superseded": truth.newer_versions,
        **_whole(truth, unchanged=0),
    }


def reload(truth: BenchTruth) -> Expected:
    """The same file again: every key stands, every older version is behind it, nothing is published."""
    return {
        "pulled": truth.rows,
        "new": 0,
        "changed": 0,
        "superseded": truth.newer_versions,
        **_whole(truth, unchanged=truth.keys),
    }


def delta(truth: BenchTruth, held: BenchTruth) -> Expected:
    """The delivery after it, over a library that holds the keys of the first load."""
    sums = {"pulled": truth.rows, "new": 0, "changed": truth.changed, "superseded": 0}
    rest = {"unchanged": truth.unchanged, "duplicate": 0, "quarantined": 0, "withdrawn": 0}
    return {**sums, **rest, "entities": held.keys}


def require(phase: str, expected: Expected, counts: Counts, published: Published) -> None:
    """Raise Broken `bench_mismatch` naming each count that is not as it must be.

    Always held besides: each new or changed record is one change of the library, and each change is published or
    overtaken.
    """
    found = {**counts.__dict__, **published.__dict__}
    changes = counts.new + counts.changed
    wanted = {**expected, "changes": changes, "published + overtaken": changes}
    sums = {name: sum(found[part] for part in name.split(" + ")) for name in wanted}
    require_same(phase, wanted, sums)


def require_same(phase: str, expected: Expected, found: Expected) -> None:
    """Raise Broken `bench_mismatch` naming each count of `expected` that `found` does not match."""
    wrong = [f"{name} = {found[name]}, not {count}" for name, count in expected.items() if found[name] != count]
    if wrong:
        raise Broken(
            "bench_mismatch",
            f"{phase} 的计数与生成器不符。Counts of {phase} differ from the generator's: {'; '.join(wrong)}.",
            "这是枢纽的错误,速度不作数。A fault of the hub: no figure of this run counts. Please report it.",
        )


def _whole(truth: BenchTruth, unchanged: int) -> Expected:
    """What is true of both readings of the whole file."""
    return {
        "unchanged": unchanged,
        "duplicate": truth.duplicates,
        "quarantined": truth.bad,
        "withdrawn": 0,
        "entities": truth.keys,
    }
