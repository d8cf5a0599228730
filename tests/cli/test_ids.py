"""hub ids check: numbers on standard input, one verdict a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.cli.ids import TYPES
from exchange.cli.main import app
from tests.cli.commands import Command


@pytest.fixture
def hub(tmp_path: Path) -> Command:
    """The command in a home where nothing runs."""
    return Command(tmp_path)


def verdicts(kind: str, typed: bytes) -> list[dict[str, str]]:
    """The objects that the command prints."""
    shown = CliRunner().invoke(app, ["ids", "check", kind, "--json"], input=typed)
    assert shown.exit_code == 0
    assert shown.stdout.isascii()
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_each_line_has_its_verdict(hub: Command) -> None:
    """One object a line and nothing else: value, type, status, rule and normalised; exit code 0 whatever the numbers are."""
    typed = "91350100M000100Y43\n91 350100m000100Y43\n911100007109320225\n91110000100003962T\n00000000000000000X\n"
    shown = hub("ids", "check", "uscc", "--json", typed=typed)
    assert (shown.code, shown.stderr) == (0, "")
    found = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [set(each) for each in found] == [{"value", "type", "status", "rule", "normalised"}] * 5
    assert [each["status"] for each in found] == ["ok", "repaired", "suspect", "invalid", "placeholder"]
    assert [each["rule"] for each in found][2:] == ["uscc.embedded", "uscc.check_digit", "uscc.placeholder"]
    assert [each["value"] for each in found] == typed.splitlines()
    assert {each["type"] for each in found} == {"uscc"}
    assert found[1]["normalised"] == "91350100M000100Y43"


def test_a_person_reads_the_rule_in_chinese(hub: Command) -> None:
    """Without --json a line says what is wrong in Chinese and English; how many there were goes to standard error."""
    shown = hub("ids", "check", "uscc", typed="911100007109320225\n91350100\u200bM000100Y43\n")
    suspect, repaired = shown.stdout.splitlines()
    assert "第17位校验码不符 (GB 11714-1997)" in suspect
    assert "uscc.embedded" in suspect
    assert repaired.split() == ["repaired", r"91350100\u200bM000100Y43", "→", "91350100M000100Y43"]
    assert "suspect: 1" in shown.stderr


def test_nothing_is_kept(hub: Command) -> None:
    """The command writes no file."""
    hub("ids", "check", "citizen_id", typed="11010519491231002X\n")
    assert list(hub.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"9074729", ["9074729"]),
        (b"9074729\n", ["9074729"]),
        (b"9074729\n\n9319466\n", ["9074729", "", "9319466"]),
        (b"9074729\r\n9319466\r\n", ["9074729", "9319466"]),
        (b"9074729\r9319466\n", ["9074729\r9319466"]),
        ("9074729\u2028\x0b\x0c\x85\n".encode(), ["9074729\u2028\x0b\x0c\x85"]),
    ],
)
def test_only_a_line_feed_ends_a_line(typed: bytes, values: list[str]) -> None:
    """One verdict for each line feed, and for what stands after the last; Windows' carriage return belongs to the end."""
    assert [each["value"] for each in verdicts("imo", typed)] == values


def test_an_empty_line_is_a_placeholder() -> None:
    """Whatever the type, nothing is a placeholder."""
    assert {verdicts(kind, b"\n")[0]["status"] for kind in TYPES} == {"placeholder"}


def test_bytes_that_are_no_text_are_invalid() -> None:
    """Bytes that are not UTF-8 are invalid by the rule `encoding`, and the next line is judged as ever."""
    lost, right = verdicts("imo", b"90\xff4729\n9074729\n")
    assert (lost["status"], lost["rule"], lost["value"]) == ("invalid", "encoding", "90\ufffd4729")
    assert right["status"] == "ok"


def test_a_terminal_obeys_no_value() -> None:
    """Control characters of a value are shown as escapes."""
    shown = CliRunner().invoke(app, ["ids", "check", "imo"], input=b"\x1b[31m9074729\x07\n")
    assert "\x1b" not in shown.stdout
    assert "\x07" not in shown.stdout


def test_an_unknown_type_is_wrong_use(hub: Command) -> None:
    """Exit code 2, with the list of types and without what was typed, which might be a number."""
    ended = hub("ids", "check", "110105194912310021", "--json")
    assert (ended.code, ended.error["code"]) == (2, "unknown_type")
    assert set(TYPES) <= set(ended.error["hint"].split(", "))
    assert "110105194912310021" not in ended.stdout + ended.stderr


def test_the_help_lists_the_types() -> None:
    """`hub ids check --help` says how to use it and names each type."""
    shown = CliRunner().invoke(app, ["ids", "check", "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "--json" in shown.stdout
    assert {"uscc", "citizen_id", "document_no", "imo"} <= set(TYPES)
    assert [kind for kind in TYPES if kind not in shown.stdout] == []
