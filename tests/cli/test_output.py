"""What goes into a file or a pipe is whole: no line is broken, no character lost."""

from __future__ import annotations

import pytest

from exchange.cli.output import say, table


def test_a_long_line_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for a person is not broken where no terminal is."""
    said = "数据库 the database " * 20
    say(said)
    assert capsys.readouterr().err == said + "\n"


@pytest.mark.parametrize("cell", ["汉" * 201, "a" + "汉" * 201, "汉字 and words, " * 30, "/a/path" * 60])
def test_a_wide_cell_is_wrapped_whole(capsys: pytest.CaptureFixture[str], cell: str) -> None:
    """A cell wider than the table goes on in the next line with all its characters."""
    table("title", ("short", "long", "other"), [["x", cell, "y" * 50]])
    lines = capsys.readouterr().out.splitlines()[4:]
    shown = "".join(lines).replace(" ", "").replace("x", "").replace("y", "")
    assert shown == cell.replace(" ", "").replace("x", "").replace("y", "")
