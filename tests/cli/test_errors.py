"""Wrong use, wrong settings, something away: exit code 2 or 3, one sentence, and JSON where it was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.cli.app import app
from tests.cli.commands import Command

COMMANDS = ("demo", "up", "down", "status", "feeds", "run", "publish", "check", "trace", "verify", "bench")


@pytest.fixture
def hub(tmp_path: Path) -> Command:
    """The command in a home where nothing runs, with servers that nobody answers for."""
    nowhere = {
        "HUB_DATABASE_URL": "postgresql://hub:open-sesame@127.0.0.1:1/hub",
        "HUB_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    }
    return Command(tmp_path, nowhere)


def test_help_names_every_command(hub: Command) -> None:
    """`hub --help` names each command and says where to begin."""
    shown = hub("--help")
    assert shown.code == 0
    assert "hub demo" in shown.stdout
    assert set(COMMANDS) <= set(re.findall(r"^│ (\w+) ", shown.stdout, re.MULTILINE))


def test_a_bare_hub_shows_its_help(hub: Command) -> None:
    """`hub` alone shows its help, as wrong use."""
    shown = hub()
    assert shown.code == 2
    assert "Usage" in shown.stdout + shown.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_help(command: str) -> None:
    """Each command says what it does and which options it has, --json among them."""
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "--json" in shown.stdout
    assert "Usage" in shown.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "nope"), "unknown_feed"),
        (("run",), "usage"),
        (("run", "bench_companies", "customs_enterprises", "--from", "."), "one_feed_only"),
        (("run", "bench_companies", "--from", "/does/not/exist"), "no_such_source"),
        (("run", "bench_companies"), "no_address"),
        (("publish", "nope"), "unknown_library"),
        (("check", "/does/not/exist", "--connector", "bench_companies"), "usage"),
        (("nope",), "usage"),
    ],
)
def test_wrong_use_is_2(hub: Command, words: tuple[str, ...], code: str) -> None:
    """Wrong use is exit code 2 with an error in JSON, before any server is asked."""
    ended = hub(*words, "--json")
    assert (ended.code, ended.error["code"]) == (2, code)
    assert "Traceback" not in ended.stderr


def test_without_json_the_error_is_a_sentence(hub: Command) -> None:
    """For a person the error goes to standard error, with what to do next; standard output stays empty."""
    ended = hub("run", "nope")
    assert (ended.code, ended.stdout) == (2, "")
    assert "没有来源 nope" in ended.stderr
    assert "hub feeds" in ended.stderr


@pytest.mark.parametrize(
    "words", [("run", "bench_companies", "--from", "."), ("publish", "person"), ("trace", "bench_companies")]
)
def test_a_database_that_is_away_is_3(hub: Command, words: tuple[str, ...]) -> None:
    """A database that does not answer is exit code 3; its password is not shown."""
    ended = hub(*words, "--json", typed="x\n")
    assert (ended.code, ended.error["code"]) == (3, "database_away")
    assert "HUB_DATABASE_URL" in ended.error["hint"]
    assert "open-sesame" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("HUB_DATABASE_URL", "mysql://x"), ("HUB_KAFKA_PORT", "many"), ("HUB_OFFLINE", "perhaps")]
)
def test_a_wrong_setting_is_2(tmp_path: Path, name: str, value: str) -> None:
    """A setting that can't be read is exit code 2 and named."""
    ended = Command(tmp_path, {name: value})("status", "--json")
    assert (ended.code, ended.error["code"]) == (2, "bad_setting")
    assert name in ended.error["message"]


def test_status_where_nothing_was_started(tmp_path: Path) -> None:
    """In a new home nothing runs, and looking starts nothing."""
    shown = Command(tmp_path)("status", "--json")
    assert (shown.code, shown.result["services"]) == (0, [])
    assert not (tmp_path / "hub" / "postgres").exists()


def test_down_where_nothing_was_started(tmp_path: Path) -> None:
    """In a new home there is nothing to stop."""
    assert Command(tmp_path)("down", "--json").result == {"stopped": []}
