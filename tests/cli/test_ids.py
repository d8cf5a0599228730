"""hub ids check: numbers on standard input, one verdict a line."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.cli.app import app
from exchange.core.identifiers import citizen_id, names
from exchange.edge.run import CHINA
from tests.cli.commands import Command

EXAMPLES = {
    "bank_card": ("6222020000000000018 ok", "6222020000000000019 suspect"),
    "chemicals_permit": (
        "津滨危化经字〔2015〕000123 ok",
        "津滨危化经字[2015]第000123号 repaired",
        "津滨危化经字 suspect",
    ),
    "ciq_no": ("1200600001 ok", "120060001 invalid"),
    "citizen_id": (
        *("11010519491231002X ok", "120116201501010026 ok", "150102880730303 repaired", "932682198501010017 ok"),
        *("110105194912310021 invalid", "360426199113010079 invalid", "120116199902300016 invalid"),
        *("110105194912310032 invalid", "990426199112010074 invalid", "120199199001010012 ok", "1.10105E+17 invalid"),
    ),
    "container": ("CSQU3054383 ok", "CSQU3054384 invalid", "csqu 305438 [3] repaired"),
    "customs_code": ("1207260001 ok", "1207860001 suspect", "120726000 invalid"),
    "device_permit": ("津滨食药监械经营备20160012号 ok", "津滨食药监械经营20160012号 suspect"),
    "document_no": ("津东保自贸审〔2019〕11号 ok", "津东保自贸审【2019】11号 repaired", "津东保自贸审11号 suspect"),
    "drug_permit": ("津DA0220001 ok", "津EA0220001 suspect"),
    "food_permit": ("JY11201160000016 ok", "JY11201160000017 suspect", "11201160000016 invalid"),
    "hk_macao_permit": ("H1234567801 ok", "M12345678 ok", "K12345678 invalid"),
    "hs_code": ("8471300000 ok", "8471.3000.00 repaired", "84713 invalid"),
    "imo": ("9074729 ok", "9319466 ok", "IMO 9074729 repaired", "9319467 invalid", "1234567 placeholder"),
    "landline": ("02266200001 ok", "022-66200001 repaired", "022-6620000 suspect", "022-662 invalid"),
    "mmsi": ("412000001 ok", "41200001 invalid"),
    "mobile": ("13800000000 ok", "+86 138-0000-0000 repaired", "12800000000 invalid"),
    "org_code": (
        *("35156027X ok", "MA05K9AD5 ok", "D2143569-X repaired", "123456789 placeholder", "000000000 placeholder"),
        *("D2143569-1 suspect", "D2143569 invalid"),
    ),
    "passport": ("E12345678 ok", "EA1234567 ok", "E123 invalid"),
    "permanent_residence": ("932682198501010017 ok", "XXA120080010101 ok", "990426199112010074 invalid"),
    "pollutant_permit": ("91130200699229617X001P ok", "91130200699229617X002P ok", "91130200699229616X001P suspect"),
    "reg_no": (
        *("310230001716146 ok", "310230001716154 ok", "340000000016368 ok", "110108020854380 ok"),
        *("440301104001818 suspect", "企合津总字第000123号 ok", "12 invalid", "无 placeholder"),
    ),
    "residence_permit": ("810000199003071237 ok", "830000199003071230 ok", "11010519491231002X invalid"),
    "safety_permit": ("(津)WH安许证字〔2016〕000123 ok", "（津）wh安许证字【2016】000123号 repaired", "津WH 1 suspect"),
    "ship_no": ("CN20150000017 ok", "CN02150000017 suspect", "CN2015000001 invalid"),
    "taiwan_permit": ("01234567 ok", "0123456701（B） suspect", "0123456 invalid"),
    "tax_no": (
        *("310229607334939 ok", "310115717859912 ok", "110105795123679 ok", "310229607334938 suspect"),
        *("91350100M000100Y43 ok", "91110000100003962T invalid", "11010519491231002X ok"),
    ),
    "uscc": (
        *("91350100M000100Y43 ok", "91120116244997951G ok", "91120118MA05K9AD5L ok", "91350100M000100Y4Z invalid"),
        *("91110000100003962T invalid", "911100007109320225 suspect", "000000000000000000 placeholder"),
        *("9112O116244997951G repaired", "9.11201E+17 invalid"),
    ),
}
"""Per type: what is typed, and the status it gets. True numbers and near misses that the standards print, or invented."""
LISTED = Path(__file__).parents[1] / "core" / "identifiers" / "stdnum_uscc.txt"


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


def test_every_type_has_its_examples() -> None:
    """No kind of identifier is without a true number and a near miss here."""
    assert set(EXAMPLES) == set(names())


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_type_is_judged_right(kind: str) -> None:
    """True numbers and near misses get the status they deserve; everything but ok comes with its rule."""
    typed, statuses = zip(*(line.rsplit(" ", 1) for line in EXAMPLES[kind]), strict=True)
    found = verdicts(kind, "\n".join(typed).encode())
    assert [(each["value"], each["status"]) for each in found] == list(zip(typed, statuses, strict=True))
    assert all(list(each) == ["value", "type", "status", "rule", "normalised"] for each in found)
    assert all((each["rule"] == "") == (each["status"] == "ok") for each in found)
    shown = CliRunner().invoke(app, ["ids", "check", kind], input="\n".join(typed))
    assert shown.exit_code == 0
    assert all(line.startswith("ok ") or " · " in line for line in shown.stdout.splitlines())


def test_the_public_list_is_right() -> None:
    """The two hundred credit codes of python-stdnum's own tests are ok."""
    codes = LISTED.read_text("utf-8").splitlines()[1:]
    assert Counter(each["status"] for each in verdicts("uscc", "\n".join(codes).encode())) == {"ok": 200}


@pytest.mark.parametrize("kind", ["citizen_id", "residence_permit", "permanent_residence"])
def test_nobody_is_born_tomorrow(kind: str) -> None:
    """A date of birth after today is refused, in every number that holds one."""
    place = {"citizen_id": "120116", "residence_permit": "810000", "permanent_residence": "932682"}[kind]
    born = {day: f"{place}{datetime.now(CHINA).date() + timedelta(day):%Y%m%d}001" for day in (-1, 2)}
    typed = "\n".join(body + citizen_id.calc_check_digit(body) for body in born.values())
    past, future = verdicts(kind, typed.encode())
    assert (past["status"], future["status"], future["rule"]) == ("ok", "invalid", "citizen_id.future")


def test_a_person_reads_the_rule_in_chinese(hub: Command) -> None:
    """A line says what is wrong, or everything that was changed, in both languages; the counts go to standard error."""
    shown = hub("ids", "check", "uscc", typed="911100007109320225\n91350100\u200bM000100Y43\n91 350100m000100Y43\n")
    suspect, repaired, twice = shown.stdout.splitlines()
    assert "第17位校验码不符 (GB 11714-1997)" in suspect
    assert "uscc.embedded" in suspect
    assert repaired.split()[:4] == ["repaired", r"91350100\u200bM000100Y43", "→", "91350100M000100Y43"]
    assert "不可见字符已去除" in repaired
    assert "[repair.blanks]" in twice
    assert "[repair.case]" in twice
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
    assert {verdicts(kind, b"\n")[0]["status"] for kind in names()} == {"placeholder"}


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
    assert set(names()) <= set(ended.error["hint"].split(", "))
    assert "110105194912310021" not in ended.stdout + ended.stderr


def test_the_help_lists_the_types() -> None:
    """`hub ids check --help` says how to use it and names each type."""
    shown = CliRunner().invoke(app, ["ids", "check", "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "--json" in shown.stdout
    assert {"uscc", "citizen_id", "document_no", "imo"} <= set(names())
    assert [kind for kind in names() if kind not in shown.stdout] == []
