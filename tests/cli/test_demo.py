"""hub demo and what a person does after it, in a home of its own: one demo, a second one, a look around, down."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from exchange.edge.settings import from_environment
from exchange.embedded.services import discard, ensure
from exchange.simulate import agencies
from tests.cli.commands import Command, Outcome

pytestmark = pytest.mark.servers
ROWS = 700
"""Companies; their residents fill more than one page of the interface."""
PAGE_ROWS = 1_000
"""Rows that the residents' connector asks for at a time."""
SUM = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")


@dataclass(frozen=True)
class Session:
    """A person's session in a new home, command by command."""

    hub: Command
    first: Outcome
    second: Outcome
    other_size: Outcome
    status: Outcome
    status_read: Outcome
    trace: Outcome
    run: Outcome
    publish: Outcome
    several: Outcome
    several_read: Outcome
    held: Outcome
    down: Outcome
    stopped: Outcome


def note(text: str) -> None:
    """Show progress where pytest shows output."""
    sys.stderr.write(text + "\n")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The session, had once; whatever it started is stopped and deleted afterwards."""
    hub = Command(tmp_path_factory.mktemp("demo"))
    demo = ("demo", "--rows", str(ROWS), "--once", "--json")
    without_bench = Command(hub.folder, {"HUB_BENCH_COMPANIES_URL": str(hub.folder / "nowhere")})
    several = ("run", "customs_enterprises", "bench_companies", "public_security_residents")
    try:
        yield Session(
            hub=hub,
            first=hub(*demo),
            second=hub(*demo),
            other_size=hub("demo", "--rows", str(ROWS + 1), "--once", "--json"),
            status=hub("status", "--json"),
            status_read=hub("status"),
            trace=hub("trace", "customs_enterprises", "--json", typed=customs_code(hub) + "\n"),
            run=hub("run", "customs_enterprises", "--full"),
            publish=hub("publish", "legal_person", "--json"),
            several=without_bench(*several, "--json"),
            several_read=without_bench(*several),
            held=held(hub),
            down=hub("down", "--json"),
            stopped=hub("status", "--json"),
        )
    finally:
        discard(hub.folder / "hub", note)
        agencies.discard(hub.folder / "agencies", note)


def held(hub: Command) -> Outcome:
    """`hub publish` while a change waits and the library counts one entity too many."""
    with psycopg.connect(ensure(from_environment(hub.environ), note).database_url) as database:
        database.execute("UPDATE library SET last_seq = last_seq + 1, entities = entities + 1")
        database.commit()
        shown = hub("publish", "legal_person", "--json")
        database.execute("UPDATE library SET last_seq = last_seq - 1, entities = entities - 1")
    return shown


def customs_code(hub: Command) -> str:
    """The key of the first row that customs delivered."""
    first = min((hub.folder / "agencies" / "customs").glob("*.csv"))
    return first.read_bytes().splitlines()[1].decode("gb18030").split(",")[0]


def balanced(feed: dict[str, Any]) -> bool:
    """Whether the six counts of a feed sum to what was pulled."""
    return bool(feed["pulled"] == sum(feed[name] for name in SUM))


def test_the_demo_balances(session: Session) -> None:
    """Three feeds and two libraries, every sum holds, and what an agency reads back is what the libraries hold."""
    assert session.first.code == 0, session.first.stderr
    result = session.first.result
    assert list(result) == ["feeds", "libraries", "balanced"]
    assert result["balanced"] is True
    assert [feed["feed"] for feed in result["feeds"]] == [
        "market_regulation_companies", "customs_enterprises", "public_security_residents",
    ]  # fmt: skip
    assert all(balanced(feed) and feed["new"] > 0 and feed["quarantined"] > 0 for feed in result["feeds"])
    assert [library["library"] for library in result["libraries"]] == ["legal_person", "person"]
    for library in result["libraries"]:
        assert library["changes"] == library["published"] + library["overtaken"]
        assert 0 < library["entities"] <= library["published"]


def test_a_second_demo_changes_nothing(session: Session) -> None:
    """The second demo pulls nothing new and publishes 0 changes."""
    assert session.second.code == 0, session.second.stderr
    result = session.second.result
    assert result["balanced"] is True
    assert [(feed["new"], feed["changed"], feed["withdrawn"]) for feed in result["feeds"]] == [(0, 0, 0)] * 3
    assert [(library["changes"], library["published"]) for library in result["libraries"]] == [(0, 0)] * 2
    pulled = {feed["feed"]: feed["pulled"] for feed in result["feeds"]}
    police = session.first.result["feeds"][2]
    assert pulled["customs_enterprises"] == 0
    assert 0 < pulled["public_security_residents"] <= PAGE_ROWS < police["pulled"]
    entities = [library["entities"] for library in session.first.result["libraries"]]
    assert [library["entities"] for library in result["libraries"]] == entities


def test_status_says_what_runs_and_waits(session: Session) -> None:
    """While the servers run, `hub status` shows them and what waits."""
    result = session.status.result
    assert [(each["name"], each["state"]) for each in result["services"]] == [
        ("postgres", "running"),
        ("kafka", "running"),
    ]
    refused = sum(feed["quarantined"] for feed in session.first.result["feeds"])
    assert refused in result["waiting"].values()
    assert [each["external"] for each in result["services"]] == [False, False]
    assert result["unpublished_changes"] == {"legal_person": 0, "person": 0}
    assert result["open"] == []
    runs = {each["feed"]: each for each in result["last_runs"]}
    assert set(runs) == {feed["feed"] for feed in session.first.result["feeds"]}
    assert all(each["state"] == "closed" and each["closed_at"] for each in runs.values())


def test_status_for_a_person_has_times_to_read(session: Session) -> None:
    """Without --json times are those of this machine's clock, to the second."""
    shown = session.status_read.stdout
    assert "unpublished_changes legal_person" in shown
    assert re.search(r"running +127\.0\.0\.1:\d+ +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d *$", shown, re.MULTILINE)
    assert not re.search(r":\d\d\.\d", shown)


def test_a_demo_of_another_size_is_refused(session: Session) -> None:
    """Another number of companies would look to the hub as if the others were gone: refused before anything is built."""
    refused = session.other_size
    assert (refused.code, refused.error["code"]) == (2, "demo_of_another_size")
    assert f"--rows {ROWS}" in refused.error["hint"]
    assert "HUB_AGENCIES_HOME" in refused.error["hint"]


def test_publishing_alone_says_whether_it_balances(session: Session) -> None:
    """`hub publish --json` is as the demo's: no feed, one library, and whether it balances."""
    assert session.publish.code == 0, session.publish.stderr
    result = session.publish.result
    assert list(result) == ["feeds", "libraries", "balanced"]
    assert (result["feeds"], result["balanced"]) == ([], True)
    assert [library["library"] for library in result["libraries"]] == ["legal_person"]


def test_a_feed_that_is_stopped_hides_no_other(session: Session) -> None:
    """Where one of several feeds is stopped, those before it are told before its error, and those after it named."""
    assert (session.several.code, session.several.error["code"]) == (2, "folder_missing")
    told, _ = (json.loads(line) for line in session.several.stdout.splitlines())
    assert [feed["feed"] for feed in told["feeds"]] == ["customs_enterprises"]
    assert (told["stopped"], told["not_tried"]) == ("bench_companies", ["public_security_residents"])
    assert session.several_read.code == 2
    assert "customs_enterprises" in session.several_read.stdout
    assert "feeds not tried: public_security_residents" in session.several_read.stderr


def test_a_row_is_traced_from_the_command_line(session: Session) -> None:
    """`hub trace` says of a key on standard input where the hub saw it."""
    sightings = session.trace.result["sightings"]
    assert sightings
    assert {"batch", "settled_at", "partition", "page", "row", "disposition", "reasons"} == set(sightings[0])
    assert sightings[0]["row"] >= 1
    assert all(bool(each["reasons"]) == (each["disposition"] == "quarantined") for each in sightings)


def test_why_rows_are_in_quarantine(session: Session) -> None:
    """The counts of each feed come with the reasons for what was refused, which a person reads in a table, in both languages."""
    for feed in session.first.result["feeds"]:
        because = feed["quarantined_because"]
        assert all(set(each) == {"column", "rule", "rows"} for each in because)
        assert sum(each["rows"] for each in because) >= feed["quarantined"]
    assert "行隔离的原因 · why rows are in quarantine" in session.run.stdout
    customs = session.first.result["feeds"][1]["quarantined_because"]
    assert all(each["rule"] in session.run.stdout for each in customs)
    assert "have no reason" not in session.run.stderr


def test_files_passed_over_are_told(session: Session) -> None:
    """A run says in one line, in both languages, that customs is still writing a file; a script reads how many were read."""
    assert "1 个文件在等完成标记" in session.run.stderr
    assert "1 files wait" in session.run.stderr
    customs = session.second.result["feeds"][1]
    assert (customs["waiting"], customs["unfinished"]) == (1, 0)
    assert customs["skipped"] > 1


def test_for_a_person_there_is_a_table(session: Session) -> None:
    """Without --json the table goes to standard output."""
    assert session.run.code == 0, session.run.stderr
    assert "customs_enterprises" in session.run.stdout
    assert "quarantined" in session.run.stdout
    assert "legal_person" in session.run.stdout
    assert "平衡 · balanced: 是 · yes" in session.run.stderr


def test_publish_asks_the_gate_when_something_waits(session: Session) -> None:
    """Where nothing waits `hub publish` is done at once; a library that does not pass its checks is held, exit code 1."""
    assert session.publish.code == 0, session.publish.stderr
    [library] = session.publish.result["libraries"]
    assert (library["library"], library["changes"], library["published"]) == ("legal_person", 0, 0)
    assert session.held.code == 1
    assert session.held.error["code"] == "gate_held"
    assert "entity_id.row_count" in session.held.error["message"]


def test_addresses_are_kept_from_others(session: Session) -> None:
    """The file with the agencies' addresses and token can be read by its owner alone, and no output shows a token."""
    path = session.hub.folder / "hub" / "agencies.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = json.loads(path.read_text("utf-8"))["public_security_residents"]["token"]
    outcomes = [each for each in session.__dict__.values() if isinstance(each, Outcome)]
    assert len(outcomes) == 13
    assert all(token not in each.stdout + each.stderr for each in outcomes)
    assert all("Traceback" not in each.stderr for each in outcomes)


def test_down_stops_everything(session: Session) -> None:
    """`hub down` stops both servers and the agencies, and status shows them stopped."""
    assert sorted(session.down.result["stopped"]) == ["agencies", "kafka", "postgres"]
    assert {each["state"] for each in session.stopped.result["services"]} == {"stopped"}
    found = agencies.status(session.hub.folder / "agencies")
    assert found is not None
    assert {name for name, runs in found.running.items() if runs} == {"customs_enterprises"}
