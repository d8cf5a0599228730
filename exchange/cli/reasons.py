"""Rules and columns in the words of people: Chinese, then English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from exchange.cli.output import say, table

if TYPE_CHECKING:
    from exchange.edge.run import FeedRun

LINES = 20


def meaning(rule: str) -> str:
    """What a rule says; nothing for a rule that an older version of the hub had.

    >>> meaning("required"), meaning("forgotten")
    ('缺少必填值 · a required value is missing', '')
    """
    from schemas.messages import message

    try:
        found = message(rule)
    except KeyError:
        return ""
    return f"{found.zh} · {found.en}"


def titled(library: str, column: str) -> str:
    """A column's name with its titles, where the library has it; an agency's own column stays as it is.

    >>> titled("person", "name"), titled("person", "XM")
    ('name 姓名 · name', 'XM')
    """
    from schemas.columns import fact

    try:
        found = fact(library, column)
    except KeyError:
        return column
    return f"{column} {found.zh} · {found.en}"


def in_words(library: str, reasons: Iterable[tuple[str, str]]) -> str:
    """Reasons (column, rule) on one line each."""
    return "\n".join(f"{titled(library, column)}: {rule} {meaning(rule)}".strip(": ") for column, rule in reasons)


def show_reasons(run: FeedRun) -> None:
    """A table of why rows of the run are in quarantine, the most frequent reasons first; nothing where none is."""
    reasons = run.refusals.reasons
    if not reasons:
        return
    rows = [(each.rows, titled(run.library, each.column), each.rule, meaning(each.rule)) for each in reasons[:LINES]]
    title = f"{run.feed}: {run.counts.quarantined:,} 行隔离的原因 · why rows are in quarantine (a row may have several reasons)"
    table(title, ("rows", "column", "rule", "说明 · meaning"), rows)
    if len(reasons) > LINES:
        more = len(reasons) - LINES
        say(f"另有 {more} 种原因,见 --json。{more} more reasons: see --json.")


def remarks(run: FeedRun) -> Iterator[str]:
    """What is to be said of a run beside its counts: rows without a reason, files passed over, what was left unfinished."""
    if left := run.counts.quarantined - run.refusals.rows:
        yield (
            f"! {run.feed}: {left:,} 个隔离行没有原因,请运行 hub verify。"
            f"{left:,} rows in quarantine have no reason; run hub verify."
        )
    if run.waiting or run.skipped:
        yield (
            f"{run.feed}: {run.waiting:,} 个文件在等完成标记或刚被改动,未读;{run.skipped:,} 个以前已读。"
            f"{run.waiting:,} files wait (for their done-marker, or changed a moment ago); "
            f"{run.skipped:,} were read before."
        )
    if run.unfinished:
        yield (
            f"! {run.feed}: 上次中断的运行有 {run.unfinished:,} 个分区没有读完,来源已不再提供;再出现时会读。"
            f"{run.unfinished:,} partitions of the run that was cut off are left unfinished, for the source no longer "
            "offers them; they are read when they come again."
        )
