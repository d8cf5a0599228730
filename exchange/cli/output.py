"""What the command prints: results on standard output, everything else on standard error (design §6)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from exchange.core.errors import HubError

ERRORS = Console(stderr=True)
WIDTH = 160
"""Columns of a table that goes to a file or a pipe."""
_SHORT = 40


def say(text: str) -> None:
    """A line for the person at the terminal; in a file or a pipe, too, it stays one."""
    ERRORS.print(text, highlight=False, markup=False, soft_wrap=True)


def emit(result: Mapping[str, object]) -> None:
    """One JSON object on one line of standard output, ASCII only."""
    sys.stdout.write(json.dumps(result, ensure_ascii=True, default=str) + "\n")
    sys.stdout.flush()


def emit_error(error: HubError, as_json: bool) -> None:
    """What happened and what to do; as JSON it is the last line."""
    if as_json:
        emit({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
        return
    say(f"✗ {error.message} [{error.code}]")
    if error.hint:
        say(f"  → {error.hint}")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on standard output; short cells stay on one line, long ones wrap."""
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for place, name in enumerate(columns):
        cells = [row[place] for row in rows]
        numeric = bool(cells) and all(type(cell) is int for cell in cells)
        short = max((len(str(cell)) for cell in cells), default=0) <= _SHORT
        shown.add_column(name, justify="right" if numeric else "left", no_wrap=short, overflow="fold")
    for row in rows:
        shown.add_row(*(f"{cell:,}" if type(cell) is int else str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(shown)


@contextmanager
def counting(what: str, total: int | None = None) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar for rows and its task; it shows on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as progress:
        yield progress, progress.add_task(what, total=total)
