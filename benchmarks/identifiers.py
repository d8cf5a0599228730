"""How many identifiers a second are judged, beside python-stdnum; and what a real register's credit codes are judged to be.

On one core: `POLARS_MAX_THREADS=1 python -m benchmarks.identifiers`. With `--csv DIR` the credit codes of all CSV files
below DIR (column 统一社会信用代码) are counted by status, rule and shape; no value is shown.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import polars as pl
import stdnum.cn.ric
import stdnum.cn.uscc

from benchmarks.repairs import card, credit_code
from exchange.core.identifiers import citizen_id, org_code, reg_no, uscc
from exchange.core.readers.csv import CsvPage, read_csv

ROWS = 1_000_000
LOOPED = 20_000
ROUNDS = 3
COLUMN = "统一社会信用代码"
BATCH = 200_000
BLOCK_BYTES = 1 << 20

Chance = random.Random


def registration(chance: Chance) -> str:
    """An invented registration number."""
    body = f"120116{chance.randrange(10**8):08}"
    return body + reg_no.calc_check_digit(body)


KINDS = {
    "credit code": (credit_code, uscc, stdnum.cn.uscc.is_valid),
    "citizen id": (card, citizen_id, stdnum.cn.ric.is_valid),
    "organisation code": (lambda chance: credit_code(chance)[8:17], org_code, None),
    "registration number": (registration, reg_no, None),
}
"""Kind → a maker of numbers, our module, stdnum's verdict (None: it has no such number)."""


def rate(work: Callable[[], object], rows: int) -> str:
    """The best of some rounds: seconds of the clock for a million rows, rows a second, seconds of the processor."""
    clock = processor = float("inf")
    for _ in range(ROUNDS):
        begun, used = time.perf_counter(), time.process_time()
        work()
        clock, processor = min(clock, time.perf_counter() - begun), min(processor, time.process_time() - used)
    return f"{clock / rows * 1e6:.2f} s a million, {rows / clock:,.0f} a second ({processor / rows * 1e6:.2f} s of the processor)"


def each(judge: Callable[[str], object], texts: list[str]) -> list[object]:
    """What is said of one text after another."""
    return [judge(text) for text in texts]


def speed(kind: str) -> None:
    """Print the speed of `judged`, of `check` and of stdnum's loop."""
    made, module, known = KINDS[kind]
    chance = Chance(kind)
    texts = [made(chance) for _ in range(LOOPED)]
    column = pl.Series("number", texts * (ROWS // LOOPED))
    small = column.str.to_lowercase()
    module.judged(column[:10])  # the tables of the first call
    say = sys.stdout.write
    say(f"{kind}: whole column {rate(partial(module.judged, column), ROWS)}\n")
    if kind == "credit code":
        say(f"{kind}: whole column, every code in small letters {rate(partial(module.judged, small), ROWS)}\n")
    say(f"{kind}: one by one {rate(partial(each, module.check, texts), LOOPED)}\n")
    if known is None:
        say(f"{kind}: stdnum has no such number\n")
        return
    say(f"{kind}: stdnum {rate(partial(each, known, texts), LOOPED)}\n")
    refused = sum(not known(text) for text in texts)
    say(f"{kind}: of {LOOPED:,} right numbers stdnum refuses {refused:,}\n")


def pages(folder: Path) -> Iterator[CsvPage]:
    """The rows of every CSV file below the folder, as the hub's own reader reads them."""
    for path in sorted(folder.rglob("*.csv")):
        with path.open("rb") as file:
            blocks = iter(partial(file.read, BLOCK_BYTES), b"")
            yield from read_csv(blocks, connector="register", encoding="utf-8", columns=None, page_rows=BATCH)


def shape(code: pl.Expr) -> pl.Expr:
    """What a code that is refused or doubtful looks like, so that no value is shown."""
    lost = code.str.contains("\ufffd", literal=True)
    return (
        pl.when(lost)
        .then(pl.lit("characters lost at the source"))
        .when(code.str.contains(reg_no.BARE_FORM))
        .then(pl.format("{} digits", code.str.len_chars()))
        .when(code.str.contains(reg_no.WORDS_FORM))
        .then(pl.lit("a registration number in words"))
        .when(code.str.contains(r"\p{Han}"))
        .then(pl.lit("other words"))
        .otherwise(pl.format("{} characters", code.str.len_chars()))
    )


def register(folder: Path) -> None:
    """Print how many credit codes have which status and rule, as an agency's and as the register's own."""
    counts = {False: Counter[tuple[str, ...]](), True: Counter[tuple[str, ...]]()}
    broken = 0
    for page in pages(folder):
        broken += page.broken.height
        codes = page.rows[COLUMN].drop_nulls()
        for registering, counter in counts.items():
            verdicts = uscc.judged(codes, registering=registering)
            kinds = verdicts.group_by("status", "rule", shape(pl.col("after")).alias("shape")).len()
            for status, rule, look, rows in kinds.iter_rows():
                counter[status, rule, look] += rows
    sys.stdout.write(f"{broken:,} lines that are no rows\n")
    for registering, counter in counts.items():
        sys.stdout.write("as the register's own\n" if registering else "as an agency's\n")
        for kind, rows in counter.most_common():
            sys.stdout.write(f"  {rows:>10,}  {'  '.join(kind)}\n")


def main() -> None:
    """The speed, or with --csv the counts of a register."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--csv", type=Path, help="a folder of CSV files with the column 统一社会信用代码")
    folder = arguments.parse_args().csv
    if folder is None:
        for kind in KINDS:
            speed(kind)
    else:
        register(folder)


if __name__ == "__main__":
    main()
