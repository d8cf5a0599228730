"""How fast a page of the benchmark's feed is translated and checked.

On one core: `POLARS_MAX_THREADS=1 python benchmarks/translate_check.py`.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

import polars as pl

from connectors import load
from exchange.core.check import check
from exchange.core.page import BROKEN, PAGE_ROWS_MAX, RawPage
from exchange.core.translate import translate
from exchange.simulate.bench import bench_chunk

ROUNDS = 5


def main() -> None:
    """Print seconds per page of 50,000 rows: the best of five rounds, and the counts of faults."""
    connector = load("bench_companies")
    rows = bench_chunk(0, PAGE_ROWS_MAX, seed=1).cast(pl.String)
    page = RawPage("bench", 0, rows, pl.DataFrame(schema=BROKEN), "", 0)
    today = datetime.now(UTC).date()
    best = (float("inf"), float("inf"))
    refused = 0
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        translated = translate(connector, page)
        middle = time.perf_counter()
        faults, _flags = check(connector.library, translated, registering=False, today=today)
        best = min(best, (middle - begun, time.perf_counter() - middle), key=sum)
        refused = faults["row"].n_unique()
    figures = {"rows": rows.height, "refused": refused, "translate_s": round(best[0], 3), "check_s": round(best[1], 3)}
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
