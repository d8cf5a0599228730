"""hub demo and what a person does after it, in a home of its own: one demo, a second one, a look around, down."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from exchange.embedded.services import discard
from exchange.simulate import agencies
from tests.cli.commands import Command, Outcome

pytestmark = pytest.mark.servers
ROWS = 300
SUM = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")


@dataclass(frozen=True)
class Session:
    """A person's session in a new home, command by command."""

    hub: Command
    first: Outcome
    second: Outcome
    status: Outcome
    trace: Outcome
    run: Outcome
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
    try:
        yield Session(
            hub=hub,
            first=hub(*demo),
            second=hub(*demo),
            status=hub("status", "--json"),
            trace=hub("trace", "customs_enterprises", "--json", typed=customs_code(hub) + "\n"),
            run=hub("run", "customs_enterprises", "--full"),
            down=hub("down", "--json"),
            stopped=hub("status", "--json"),
        )
    finally:
        discard(hub.folder / "hub", note)
        agencies.discard(hub.folder / "agencies", note)


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


def test_a_row_is_traced_from_the_command_line(session: Session) -> None:
    """`hub trace` says of a key on standard input where the hub saw it."""
    sightings = session.trace.result["sightings"]
    assert sightings
    assert {"batch", "settled_at", "partition", "page", "row", "disposition"} == set(sightings[0])
    assert sightings[0]["row"] >= 1


def test_for_a_person_there_is_a_table(session: Session) -> None:
    """Without --json the table goes to standard output."""
    assert session.run.code == 0, session.run.stderr
    assert "customs_enterprises" in session.run.stdout
    assert "quarantined" in session.run.stdout
    assert "legal_person" in session.run.stdout


def test_addresses_are_kept_from_others(session: Session) -> None:
    """The file with the agencies' addresses and token can be read by its owner alone, and no output shows a token."""
    path = session.hub.folder / "hub" / "agencies.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = json.loads(path.read_text("utf-8"))["public_security_residents"]["token"]
    outcomes = [each for each in session.__dict__.values() if isinstance(each, Outcome)]
    assert len(outcomes) == 7
    assert all(token not in each.stdout + each.stderr for each in outcomes)
    assert all("Traceback" not in each.stderr for each in outcomes)


def test_down_stops_everything(session: Session) -> None:
    """`hub down` stops both servers and the agencies, and status shows them stopped."""
    assert sorted(session.down.result["stopped"]) == ["agencies", "kafka", "postgres"]
    assert {each["state"] for each in session.stopped.result["services"]} == {"stopped"}
    found = agencies.status(session.hub.folder / "agencies")
    assert found is not None
    assert {name for name, runs in found.running.items() if runs} == {"customs_enterprises"}
