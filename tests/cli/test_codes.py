"""hub codes, as far as it needs no server: what the package brings, and files that are refused before one is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.core.codes import NAMES
from tests.cli.commands import Command


@pytest.fixture
def hub(tmp_path: Path) -> Command:
    """The command in a home where nothing runs, with a database that nobody answers for."""
    nowhere = {"HUB_DATABASE_URL": "postgresql://hub:x@127.0.0.1:1/hub", "HUB_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    return Command(tmp_path, nowhere)


def test_the_packages_lists_are_shown(hub: Command) -> None:
    """`hub codes list --packaged` names every list with its editions and counts, without a server."""
    found = hub("codes", "list", "--packaged", "--json")
    assert found.code == 0
    lists = found.result["lists"]
    assert {one["list"] for one in lists} == set(NAMES)
    assert [one["codes"] for one in lists if one["list"] == "industry_division"] == [96, 97]
    assert "行政处罚法" in hub("codes", "list", "--packaged").stdout


@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        ("code,zh\n1,甲\n1,乙\n", ("--edition", "1"), "bad_code_list"),
        ("code,zh\n1,甲\n", (), "bad_code_list"),
        ("code,zh\n1,甲\n", ("--edition", "1", "--valid-from", "soon"), "usage"),
        (None, ("--edition", "1"), "no_such_file"),
    ],
)
def test_a_wrong_file_is_wrong_use(hub: Command, content: str | None, words: tuple[str, ...], code: str) -> None:
    """A wrong file is exit code 2 with the lines that are wrong, before any server is asked."""
    path = hub.folder / "craft.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    ended = hub("codes", "load", "craft", str(path), *words, "--json")
    assert (ended.code, ended.error["code"]) == (2, code)


def test_a_good_file_needs_the_database(hub: Command) -> None:
    """A list that is in order is loaded, for which the database must be there: exit code 3."""
    path = hub.folder / "craft.csv"
    path.write_text("code,zh\n1,甲\n", encoding="utf-8")
    ended = hub("codes", "load", "craft", str(path), "--edition", "1", "--json")
    assert (ended.code, ended.error["code"]) == (3, "database_away")
