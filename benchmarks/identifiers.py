"""How many identifiers a second are judged, beside python-stdnum; and what a real register's credit codes are judged to be.

On one core: `POLARS_MAX_THREADS=1 python -m benchmarks.identifiers`. With `--csv DIR` the credit codes of all CSV files
below DIR (column 统一社会信用代码) are counted by status and rule; no value is shown.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import polars as pl
import stdnum.cn.ric
import stdnum.cn.uscc

from benchmarks.repairs import card, credit_code
from exchange.core.identifiers import citizen_id, org_code, reg_no, uscc

ROWS = 1_000_000
LOOPED = 20_000
ROUNDS = 3
COLUMN = "统一社会信用代码"
BATCH = 200_000

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


def codes(folder: Path) -> Iterator[str]:
    """The credit codes of every CSV file below the folder; files without that column have none."""
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.DictReader(line.replace("\0", "") for line in file)
            if COLUMN in (rows.fieldnames or ()):
                yield from (row[COLUMN] or "" for row in rows)


def register(folder: Path) -> None:
    """Print how many credit codes have which status and rule, as an agency's and as the register's own."""
    counts = {False: Counter[tuple[str, str]](), True: Counter[tuple[str, str]]()}
    found = codes(folder)
    while batch := list(islice(found, BATCH)):
        for registering, counter in counts.items():
            verdicts = uscc.judged(pl.Series("code", batch), registering=registering)
            for status, rule, rows in verdicts.group_by("status", "rule").len().iter_rows():
                counter[status, rule] += rows
    for registering, counter in counts.items():
        sys.stdout.write("as the register's own\n" if registering else "as an agency's\n")
        for (status, rule), rows in sorted(counter.items(), key=lambda one: -one[1]):
            sys.stdout.write(f"  {rows:>10,}  {status}  {rule}\n")


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
