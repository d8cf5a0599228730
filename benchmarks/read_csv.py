"""How fast CSV is read: plain and quoted, on this machine.

Run: python benchmarks/read_csv.py [ROWS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from exchange.core.readers.csv import read_csv

COLUMNS = [
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
]
BLOCK_ROWS = 20_000


def blocks(rows: int, quote: str, encoding: str) -> Iterator[bytes]:
    """A delivery of invented companies, about 220 bytes a row."""
    yield (",".join(COLUMNS) + "\n").encode(encoding)
    for start in range(0, rows, BLOCK_ROWS):
        lines = []
        for number in range(start, min(start + BLOCK_ROWS, rows)):
            values = (
                f"91120116MA{number:08d}",
                f"滨海样例贸易有限公司{number}",
                "张三",
                f"11010119900307{number % 10_000:04d}",
                f"139{number:08d}",
                f"天津市滨海新区样例大街{number % 999}号样例大厦{number % 99}室东侧楼",
                "F51",
                "1000.000000",
                "2001-01-01",
                "1",
                "2026-01-01T00:00:00Z",
            )
            lines.append(",".join(f"{quote}{value}{quote}" for value in values))
        yield ("\n".join(lines) + "\n").encode(encoding)


def measure(rows: int, quote: str, encoding: str) -> float:
    """Rows per second of reading what is already in memory."""
    delivery = list(blocks(rows, quote, encoding))
    start = time.perf_counter()
    pages = read_csv(delivery, connector="bench_companies", encoding=encoding, columns=COLUMNS, page_rows=20_000)
    read = sum(page.rows.height - page.broken.height for page in pages)
    seconds = time.perf_counter() - start
    if read != rows:
        raise SystemExit(f"read {read} of {rows} rows")
    return rows / seconds


def main() -> None:
    """Print rows per second of each kind."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for name, quote, encoding in (("plain", "", "utf-8"), ("plain", "", "gb18030"), ("quoted", '"', "utf-8")):
        sys.stdout.write(f"{name} {encoding}: {measure(rows, quote, encoding):,.0f} rows/s\n")


if __name__ == "__main__":
    main()
