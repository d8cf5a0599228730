"""Wrong use, wrong settings, something away: exit code 2 or 3, one sentence, and JSON where it was asked for."""

from __future__ import annotations

import json
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
    for words in ((), ("ids",)):
        shown = hub(*words)
        assert shown.code == 2
        assert "Usage" in shown.stdout + shown.stderr
        assert "usage" not in shown.stderr


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
    ("words", "hint"),
    [
        (("nope",), "hub --help"),
        (("run",), "hub run --help"),
        (("check", "/does/not/exist", "-c", "x"), "hub check --help"),
        (("ids", "check", "--nope"), "hub ids check --help"),
    ],
)
def test_wrong_use_leads_to_the_help_of_its_command(hub: Command, words: tuple[str, ...], hint: str) -> None:
    """A command that can't be read is told in Chinese and English, with the help of that very command."""
    error = hub(*words, "--json").error
    assert error["message"].startswith("命令用法有误。")
    assert len(error["message"]) > len("命令用法有误。")
    assert error["hint"] == hint


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_an_output_that_lacks_a_character_still_gets_the_rest(tmp_path: Path, encoding: str) -> None:
    """Where standard output can't hold a character, its number stands for it, and the command ends as it would."""
    hub = Command(tmp_path, {"PYTHONIOENCODING": encoding})
    shown = hub.raw("feeds")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert b"customs_enterprises" in shown.stdout
    judged = hub.raw("ids", "check", "passport", typed="✓\n".encode())
    assert judged.returncode == 0
    assert rb"\u2713" in judged.stdout
    refused = hub.raw("run", "nope")
    assert refused.returncode == 2
    assert rb"\u2717" in refused.stderr
    assert b"[unknown_feed]" in refused.stderr


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (b"", "key_missing"),
        (b"\n", "key_missing"),
        (b" \t \r\n", "key_missing"),
        (b"\xd6\xd0\n", "key_not_utf8"),
        (b"1207900001\n1207900002\n", "one_key_only"),
    ],
)
def test_a_key_that_is_none_is_2(hub: Command, typed: bytes, code: str) -> None:
    """No key, one that is not UTF-8, or more than one: exit code 2 before any server is asked, and no key is shown."""
    ended = hub.raw("trace", "customs_enterprises", "--json", typed=typed)
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["error"]["code"] == code
    assert b"12079" not in ended.stdout + ended.stderr


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


def test_status_shows_servers_of_others_that_are_away(hub: Command) -> None:
    """Servers that the settings name are listed without their logins; a database that is away is exit code 3 after that."""
    shown = hub("status", "--json")
    assert (shown.code, shown.error["code"]) == (3, "database_away")
    found = json.loads(shown.stdout.splitlines()[0])
    away = {"state": "away", "address": "127.0.0.1:1", "since": "", "external": True}
    assert found["services"] == [{"name": "postgres", **away}, {"name": "kafka", **away}]
    assert found["waiting"] == {}
    assert "open-sesame" not in shown.stdout + shown.stderr


def test_a_folder_without_a_file_of_the_feed_is_told(hub: Command, tmp_path: Path) -> None:
    """Where no file of the folder has the feed's form, standard error says which was looked for, and where."""
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    shown = hub("run", "bench_companies", "--from", str(tmp_path), "--json")
    assert f".csv in {tmp_path}." in shown.stderr
    assert len([line for line in shown.stderr.splitlines() if "No file matches" in line]) == 1


def test_down_where_nothing_was_started(tmp_path: Path) -> None:
    """In a new home there is nothing to stop."""
    assert Command(tmp_path)("down", "--json").result == {"stopped": []}
