"""What `hub run` says beside its counts, in both languages."""

from __future__ import annotations

import pytest

from exchange.cli.reasons import LINES, in_words, remarks, show_reasons
from exchange.edge.refusals import Reason, Refusals
from exchange.edge.run import FeedRun
from exchange.edge.store.batches import Counts
from schemas.messages import MESSAGES

FAULTS = [rule for rule, message in MESSAGES.items() if message.severity == "fault"]
NONE = Refusals()


def ran(quarantined: int, refusals: Refusals = NONE, **more: int) -> FeedRun:
    """A run of customs with so many rows in quarantine."""
    counts = Counts(pulled=quarantined, quarantined=quarantined)
    other = {"waiting": 0, "skipped": 0, "unfinished": 0} | more
    return FeedRun("customs_enterprises", "customs", "legal_person", counts, 1, refusals, **other)


def test_reasons_stand_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """A line tells how many rows, which column by both its titles, and the rule by both its messages."""
    reasons = Reason("legal_rep_id_no", "citizen_id.length", 1_203), Reason("", "open_quote", 2)
    show_reasons(ran(1_204, Refusals(1_204, reasons)))
    shown = capsys.readouterr().out
    for part in ("1,204", "1,203", "legal_rep_id_no", "citizen_id.length", "公民身份号码不是18位", "not 18 characters"):
        assert part in shown
    assert "引号未闭合 · a quote is left open" in shown
    assert shown.index("1,203") < shown.index("open_quote")


def test_a_long_table_says_how_much_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Of very many reasons the first twenty are shown, and how many there are more."""
    assert len(FAULTS) > LINES
    show_reasons(ran(1, Refusals(1, tuple(Reason("name", rule, 1) for rule in FAULTS))))
    shown = capsys.readouterr()
    assert FAULTS[LINES - 1] in shown.out
    assert FAULTS[LINES] not in shown.out
    assert f"{len(FAULTS) - LINES} more reasons" in shown.err


def test_a_sound_run_says_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is refused, passed over or left, there is no table and no remark."""
    show_reasons(ran(0))
    assert capsys.readouterr().out == ""
    assert list(remarks(ran(0))) == []


@pytest.mark.parametrize(
    ("run", "zh", "en"),
    [
        (ran(0, waiting=2), "2 个文件在等", "2 files wait"),
        (ran(0, skipped=3), "3 个以前已读", "3 were read before"),
        (ran(0, unfinished=4), "4 个分区没有读完", "4 partitions"),
        (ran(9, Refusals(7)), "2 个隔离行没有原因", "2 rows in quarantine have no reason"),
    ],
)
def test_what_a_person_should_know_is_one_line(run: FeedRun, zh: str, en: str) -> None:
    """Files passed over, partitions left and rows without a reason are told in Chinese and in English."""
    [line] = remarks(run)
    assert zh in line
    assert en in line
    assert "customs_enterprises" in line


def test_reasons_of_a_traced_row_are_said_in_words() -> None:
    """Each reason is a line with the column's titles and the rule's messages; a rule of an older hub stands by its name."""
    said = in_words("legal_person", [("uscc", "uscc.length"), ("", "open_quote"), ("name", "forgotten.rule")])
    first, second, third = said.splitlines()
    assert first.startswith("uscc 统一社会信用代码 · ")
    assert "not 18 characters (GB 32100-2015)" in first
    assert second == "open_quote 引号未闭合 · a quote is left open"
    assert third.endswith(": forgotten.rule")
