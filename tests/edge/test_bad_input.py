"""Bad input from end to end: row trouble goes to quarantine and the run goes on; systematic trouble stops the batch with
a sentence that names the file to edit. Whatever happens, no name and no citizen id of a bad row is shown anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import connectors
from exchange.core.connector import Connector
from exchange.core.errors import Away, HubError, Refuse
from exchange.edge.broker.address import Broker
from exchange.edge.publish import publish
from exchange.edge.run import FeedAt, FeedRun, Options, run_feed
from exchange.edge.settings import Address
from exchange.edge.store.database import Store
from tests.edge import firms
from tests.edge.firms import BENCH, deliver, firm, tally
from tests.edge.interface import BUSY, RESIDENTS, Answer, Interface, page, people, serving
from tests.edge.stores import number, rows
from tests.edge.topics import events, rising

pytestmark = pytest.mark.servers
NAME, CITIZEN = "欧阳镇疆", "110105194912310021"
"""Planted in every bad row: an invented name and the example number of a standard, one digit changed."""
CUSTOMS = connectors.load("customs_enterprises")
EVERYTHING = Options(page_rows=1_000)


@pytest.fixture(autouse=True)
def silence(store: Store, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """After each test: the planted values are in no output, no log line and no text of the hub's tables."""
    caplog.set_level(logging.DEBUG)
    yield
    shown = "".join(capfd.readouterr()) + caplog.text
    with psycopg.connect(store.url) as connection:
        for table in ("batch", "quarantine", "audit", "partition", "page", "link_conflict"):
            shown += str(connection.execute(f"SELECT row_to_json(t)::text FROM {table} t".encode()).fetchall())
    for planted in (NAME, CITIZEN):
        assert planted not in shown
        assert planted.encode().hex() not in shown


@pytest.fixture
def interface() -> Iterator[Interface]:
    """The agency's interface."""
    with serving() as found:
        yield found


def run(store: Store, where: Path | Address, connector: Connector = BENCH, options: Options = EVERYTHING) -> FeedRun:
    """Run the feed once."""
    address = where if isinstance(where, Address) else Address(str(where))
    return run_feed(store, FeedAt(connector, address), options, lambda _: None)


def stopped(ends: Callable[[], object], kind: type[HubError], code: str) -> HubError:
    """The error a run ends with; it shows no planted value."""
    with pytest.raises(kind) as ended:
        ends()
    for text in (str(ended.value), repr(ended.value), ended.value.message, ended.value.hint):
        assert NAME not in text
        assert CITIZEN not in text
    assert ended.value.code == code
    return ended.value


def refusals(store: Store) -> list[str]:
    """The reasons of all quarantine entries."""
    return [str(reasons) for (reasons,) in rows(store, "SELECT reasons FROM quarantine ORDER BY id")]


def bad(number: int, **changes: str) -> firms.Firm:
    """A firm with the planted values in it."""
    return firm(number, legal_rep=NAME, legal_rep_id=CITIZEN, **changes)


def line(number: int) -> str:
    """A firm's line with the planted values in it, without its line end."""
    return firms.text([bad(number)]).splitlines()[1]


BROKEN: dict[str, Callable[[str], bytes]] = {
    "too_few_fields": lambda text: text.rpartition(",")[0].encode(),
    "too_many_fields": lambda text: text.encode() + b",x",
    "encoding": lambda text: text.encode("gbk") + b"\xff",
    "open_quote": lambda text: b'"' + text.encode(),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_line_costs_itself_alone(store: Store, tmp_path: Path, rule: str) -> None:
    """One structurally broken line among good ones is one quarantined row with its reason; all others are taken."""
    good = firms.text([firm(n) for n in range(6)]).encode().splitlines()
    lines = [*good[:4], BROKEN[rule](line(9)), *good[4:]]
    (tmp_path / "a.csv").write_bytes(b"\n".join(lines) + b"\n")
    assert tally(run(store, tmp_path, options=firms.SMALL)) == {"pulled": 7, "new": 6, "quarantined": 1}
    assert refusals(store) == [f'[["","{rule}"]]']


def test_nul_bytes(store: Store, tmp_path: Path) -> None:
    """NULs in a delivery cost at most the line they stand in; the others are taken."""
    good = firms.text([firm(n) for n in range(4)]).encode().splitlines()
    spoilt = bytearray(line(9).encode())
    spoilt[spoilt.index(CITIZEN.encode()) + 5] = 0
    (tmp_path / "a.csv").write_bytes(b"\n".join([*good[:2], bytes(spoilt), *good[2:], b"\0\0\0", b""]))
    assert tally(run(store, tmp_path)) == {"pulled": 5, "new": 4, "quarantined": 1}
    assert refusals(store) == ['[["legal_rep_id_no","citizen_id.length"]]']


@pytest.mark.parametrize("kind", range(3))
def test_broken_lines_in_gb18030(store: Store, tmp_path: Path, kind: int) -> None:
    """In a GB18030 drop, too, a broken line costs itself alone."""
    sample = connectors.sample("customs_enterprises").read_bytes().splitlines()
    clean = run_once(store, tmp_path / "clean", sample).counts
    fields = sample[1].decode("gb18030").split(",")
    fields[0], fields[10], fields[11] = "1207999999", NAME, CITIZEN
    text = ",".join(fields).encode("gb18030")
    spoilt = (text[:-3], text + b",,", text[:20] + b"\xff\xff" + text[20:])[kind]
    again = run_once(store, tmp_path / "spoilt", [*sample[:2], spoilt, *sample[2:]]).counts
    assert again.pulled == clean.pulled + 1
    assert again.quarantined == clean.quarantined + 1
    assert again.unchanged == clean.new + clean.changed


def run_once(store: Store, folder: Path, lines: list[bytes]) -> FeedRun:
    """Run customs on a folder with one whole drop."""
    folder.mkdir()
    (folder / "customs_20260105_01.csv").write_bytes(b"\r\n".join([*lines, b""]))
    (folder / "customs_20260105_01.csv.done").touch()
    return run(store, folder, CUSTOMS)


def test_a_page_in_which_every_row_is_bad(store: Store, tmp_path: Path, broker: Broker) -> None:
    """A page of bad rows only is quarantined row by row, and the run goes on with the next page."""
    deliver(tmp_path, "a.csv", [firm(0), *(bad(n, industry="9901") for n in range(1, 12)), firm(12)])
    found = run(store, tmp_path, options=firms.SMALL)
    assert tally(found) == {"pulled": 13, "new": 2, "quarantined": 11}
    assert rows(store, "SELECT quarantined FROM page ORDER BY number") == [(3,), (4,), (4,), (0,)]
    assert all("industry_code" in reasons and "legal_rep_id_no" in reasons for reasons in refusals(store))
    assert publish(store, broker, "legal_person", lambda _: None).published == 2


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_field_of_ten_megabytes(store: Store, tmp_path: Path, interface: Interface, form: str) -> None:
    """A field of 10 MB is one quarantined row; the other rows are taken."""
    huge = NAME * 850_000
    if form == "csv":
        deliver(tmp_path, "a.csv", [firm(0), bad(1, address=huge), firm(2)])
        found = run(store, tmp_path)
    else:
        first, second, third = people(3)
        interface.answers[None] = [page([first, second | {"JZXZ": huge, "XM": NAME}, third], None)]
        found = run(store, interface.address, RESIDENTS)
    assert tally(found) == {"pulled": 3, "new": 2, "quarantined": 1}
    assert refusals(store) == ['[["","field_too_long"]]']


def header(text: str) -> Callable[[str], bytes]:
    """A delivery whose header was changed."""
    return lambda delivery: delivery.replace("address,industry", text, 1).encode()


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("unknown_column", header("address,曾用名,industry")),
        ("missing_column", header("address")),
        ("wrong_header", lambda delivery: delivery.encode("utf-16")),
        ("wrong_header", lambda delivery: delivery.partition("\n")[2].encode()),
    ],
)
def test_another_form_stops_the_batch(store: Store, tmp_path: Path, code: str, spoil: Callable[[str], bytes]) -> None:
    """An unknown or missing column, another encoding, or no header stops the batch and names the file to edit; what was
    settled before stays; mended, the delivery is taken."""
    deliver(tmp_path, "a.csv", [firm(0), firm(1)])
    delivery = firms.text([bad(2), bad(3)])
    (tmp_path / "b.csv").write_bytes(spoil(delivery))
    error = stopped(lambda: run(store, tmp_path), Refuse, code)
    assert error.exit_code == 1
    assert "connectors/bench_companies.py" in error.message + error.hint
    assert rows(store, "SELECT state, stopped_because, pulled, new FROM batch") == [("stopped", code, 2, 2)]
    assert number(store, "SELECT count(*) FROM quarantine") == 0
    deliver(tmp_path, "b.csv", [firm(2), firm(3)])
    assert tally(run(store, tmp_path)) == {"pulled": 2, "new": 2}


@pytest.mark.parametrize("spoilt", firms.GROWN_TOGETHER)
def test_a_header_that_holds_a_row_shows_nothing_of_it(store: Store, tmp_path: Path, spoilt: str) -> None:
    """Where a lost line end or a quote brings values of a row among the names, the batch stops and tells their places only."""
    first, _, rest = firms.text([bad(2), bad(3)]).partition("\n")
    (tmp_path / "a.csv").write_text(firms.GROWN_TOGETHER[spoilt](first, rest), encoding="utf-8")
    error = stopped(lambda: run(store, tmp_path), Refuse, "wrong_header")
    assert "connectors/bench_companies.py" in error.hint
    assert not {name for name in bad(2).values() if name in error.message + error.hint}
    assert rows(store, "SELECT state, stopped_because, pulled FROM batch") == [("stopped", "wrong_header", 0)]


def test_a_half_written_file_waits(store: Store, tmp_path: Path) -> None:
    """A file without its done-marker is not read; once it is whole and marked, it is read once."""
    sample = connectors.sample("customs_enterprises").read_bytes()
    drop = tmp_path / "customs_20260105_01.csv"
    drop.write_bytes(sample[: len(sample) // 2])
    assert tally(run(store, tmp_path, CUSTOMS)) == {}
    drop.write_bytes(sample)
    drop.with_name(drop.name + ".done").touch()
    assert run(store, tmp_path, CUSTOMS).counts.new > 0
    assert tally(run(store, tmp_path, CUSTOMS)) == {}


def test_an_empty_delivery(store: Store, tmp_path: Path, interface: Interface) -> None:
    """No file, an empty file, a header alone and an interface without items are fine and bring nothing."""
    assert tally(run(store, tmp_path)) == {}
    (tmp_path / "a.csv").write_bytes(b"")
    deliver(tmp_path, "b.csv", [])
    assert tally(run(store, tmp_path)) == {}
    interface.answers[None] = [page([], None)]
    assert tally(run(store, interface.address, RESIDENTS)) == {}
    assert {state for (state,) in rows(store, "SELECT state FROM batch")} == {"closed"}
    assert rows(store, "SELECT count(*) FROM page") == [(0,)]


def test_odd_items_cost_themselves_alone(store: Store, interface: Interface) -> None:
    """Among good objects, one that is no object, lacks a key or holds an unknown one, a nested value or a NUL is
    one quarantined row."""
    good = people(6)
    odd = [
        CITIZEN,
        good[0] | {"XM": NAME, "GMSFHM": CITIZEN, "SURPRISE": "x"},
        good[0] | {"XM": {"姓名": NAME}},
        good[0] | {"XM": NAME + "\0"},
        {name: value for name, value in good[0].items() if name != "LXDH"} | {"XM": NAME},
    ]
    interface.answers[None] = [page([*good[:3], *odd, *good[3:]], None)]
    assert tally(run(store, interface.address, RESIDENTS)) == {"pulled": 11, "new": 6, "quarantined": 5}
    rules = ["not_an_object", "unknown_key", "not_scalar", "encoding", "missing_key"]
    assert [reasons[6:-3] for reasons in refusals(store)] == rules


@pytest.mark.parametrize("code", ["page_malformed", "unknown_column", "missing_column", "wrong_header"])
def test_a_malformed_page_stops_the_batch(store: Store, interface: Interface, code: str) -> None:
    """A page that is no JSON, or whose objects changed their names or are keyed by people, stops the batch and names the
    file to edit; the pages before it stay, and once the interface is mended, nothing is missing."""
    everyone = people(6)
    planted = [person | {"XM": NAME} for person in everyone[3:]]
    spoilt = {
        "page_malformed": [*[BUSY] * 5, Answer(page(planted, None).body[:-40])],
        "unknown_column": [page([person | {"BYM": NAME} for person in planted], None)],
        "wrong_header": [page([person | {CITIZEN: "x", NAME: "y"} for person in planted], None)],
        "missing_column": [page([{k: v for k, v in person.items() if k != "XB"} for person in planted], None)],
    }
    interface.answers.update({None: [page(everyone[:3], "p1")], "p1": spoilt[code]})
    error = stopped(lambda: run(store, interface.address, RESIDENTS), Refuse, code)
    assert "connectors/public_security_residents.py" in error.message + error.hint
    assert rows(store, "SELECT state, stopped_because, new FROM batch") == [("stopped", code, 3)]
    interface.answers["p1"] = [page(everyone[3:], None)]
    assert tally(run(store, interface.address, RESIDENTS)) == {"pulled": 3, "new": 3}


def test_a_source_that_goes_away_mid_page(store: Store, interface: Interface, broker: Broker) -> None:
    """When the interface dies in the middle of an answer, the batch stays open with what is settled (exit code 3); the
    next run goes on there, and nothing is lost or published twice."""
    everyone = people(9)
    whole = page(everyone[3:6], "p2")
    dying = [*[BUSY] * 5, replace(whole, cut=len(whole.body) // 2)]
    interface.answers.update({None: [page(everyone[:3], "p1")], "p1": dying, "p2": [page(everyone[6:], None)]})
    error = stopped(lambda: run(store, interface.address, RESIDENTS), Away, "source_away")
    assert error.exit_code == 3
    assert rows(store, "SELECT state FROM batch") == [("open",)]
    assert publish(store, broker, "person", lambda _: None).published == 3
    interface.answers["p1"] = [whole]
    assert tally(run(store, interface.address, RESIDENTS)) == {"pulled": 9, "new": 9}
    assert rows(store, "SELECT state, pulled FROM batch") == [("closed", 9)]
    assert publish(store, broker, "person", lambda _: None).published == 6
    found = events(broker, "person")
    assert len(found) == len({(event.entity, event.version) for event in found}) == 9
    assert rising(found)


def test_a_folder_or_database_that_is_not_there(store: Store, tmp_path: Path) -> None:
    """An address where nothing is says so and leaves no half-made state; the next run is fine."""
    register = connectors.load("market_regulation_companies")
    nowhere = Address(f"postgresql://{NAME}:{CITIZEN}@127.0.0.1:1/binhai")
    assert stopped(lambda: run(store, nowhere, register), Away, "source_away").exit_code == 3
    with pytest.raises(HubError) as ended:
        run(store, tmp_path / "nowhere")
    assert ended.value.exit_code == 2
    deliver(tmp_path, "a.csv", [firm(0)])
    assert tally(run(store, tmp_path)) == {"pulled": 1, "new": 1}
