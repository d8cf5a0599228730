"""hub bench: how fast, how large, and against what the machine can do at all."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.output import emit, say, table
from exchange.cli.servers import AsJson

if TYPE_CHECKING:
    from exchange.cli.bench_run import Phase, Report

MEGABYTE = 1_000_000


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(bench)


def bench(
    rows: Annotated[int, typer.Option("--rows", min=1000, help="Rows of the first load.")] = 100_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, other companies.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Measure a first load, an unchanged reload, a 1 % change and the machine's own legs, in a scratch database and
    topics. Every count is compared with the generator's truth; a mismatch is exit 1. docs/performance.md explains the
    figures."""
    from exchange.cli.bench_run import bench as run
    from exchange.cli.ground import ground

    with _terminated_like_interrupted():
        report = run(ground(), rows, seed)
    if as_json:
        emit(as_result(report))
    else:
        _show(report)
    return 0


def as_result(report: Report) -> dict[str, object]:
    """The report as design §6 has it; `cpu` beside it: seconds of processor time by who used them."""
    phases = {name: _figures(getattr(report, name)) for name in ("first_load", "reload", "delta")}
    legs = {name: round(seconds, 3) for name, seconds in report.legs.items()}
    limit = {"seconds": round(sum(report.legs.values()), 3), "legs": legs}
    return {**phases, "limit": limit, "ratio": round(report.ratio, 2)}


def _figures(phase: Phase) -> dict[str, object]:
    usage = phase.usage
    return {
        "rows": phase.rows,
        "seconds": round(usage.seconds, 3),
        "rows_per_second": round(phase.rows / usage.seconds),
        "peak_rss_mb": round(usage.peak_rss / MEGABYTE),
        "cpu": {name: round(seconds, 2) for name, seconds in usage.cpu.items()},
    }


def _show(report: Report) -> None:
    """The same as tables."""
    phases = {"首次 · first load": report.first_load, "重读 · reload": report.reload, "增量 · delta": report.delta}
    figures = {title: _figures(phase) for title, phase in phases.items()}
    columns = ("rows", "seconds", "rows_per_second", "peak_rss_mb")
    servers = list(report.first_load.usage.cpu)
    shown = [
        (title, *(each[name] for name in columns), *(f"{phases[title].usage.cpu[name]:.1f}" for name in servers))
        for title, each in figures.items()
    ]
    table("基准 · benchmark", ("phase", *columns, *(f"cpu s {name}" for name in servers)), shown)
    legs = [(name, f"{seconds:.2f}") for name, seconds in report.legs.items()]
    table("机器 · limit", ("the machine's own legs", "seconds"), [*legs, ("Σ", f"{sum(report.legs.values()):.2f}")])
    say(f"ratio {report.ratio:.2f} = first load / legs")


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """A polite kill, too, ends in the tidying up that Ctrl-C ends in."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
