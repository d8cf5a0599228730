"""What the scripts beside it share: where the package keeps its lists, and how one is put there."""

from __future__ import annotations

from pathlib import Path

from exchange.core.codes import CodeList
from exchange.core.codes.table import written

CODES = Path(__file__).resolve().parents[2] / "exchange/core/codes"


def put(*made: CodeList) -> None:
    """Write each list to the file of its name and edition."""
    for one in made:
        (CODES / "lists" / f"{one.name}-{one.edition}.tsv").write_text(written(one), encoding="utf-8")
