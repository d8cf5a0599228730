"""A real Airflow: API server, scheduler and DAG processor, metadata in the hub's own PostgreSQL."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from exchange.embedded.airflow import Airflow, airflow_status, find_airflow, start_airflow, stop_airflow
from tests.dags.conftest import note
from tests.dags.hubs import SECONDS, Hub

pytestmark = [pytest.mark.airflow, pytest.mark.servers]
FEED, PUBLISH, LIBRARY = "public_security_residents", "publish_person", "person"
UNFINISHED = frozenset({None, "queued", "scheduled", "running", "restarting", "up_for_retry", "deferred"})


@pytest.fixture(scope="module")
def airflow(hub: Hub) -> Iterator[Airflow]:
    """Airflow, started as `hub up` does; stopped afterwards, and nothing of it may be left."""
    try:
        yield start_airflow(hub.settings, hub.postgres, note)
        started = [
            child for process in find_airflow(hub.airflow).values() for child in process.children(recursive=True)
        ]
    finally:
        stopped = stop_airflow(hub.settings.home, note)
    assert stopped
    assert [each.running for each in airflow_status(hub.settings.home)] == [False]
    assert find_airflow(hub.airflow) == {}
    assert [child for child in started if child.is_running() and child.status() != "zombie"] == []
    assert not stop_airflow(hub.settings.home, note)


@pytest.fixture(scope="module")
def delivered(hub: Hub, airflow: Airflow) -> str:
    """The id of a run of the feed that somebody triggered by hand, after it ended well."""
    hub.wait("parsing", lambda: _dags(hub) >= {FEED, PUBLISH})
    _asked(airflow, "PATCH", f"dags/{FEED}", {"is_paused": False})
    _asked(airflow, "POST", f"dags/{FEED}/dagRuns", {"dag_run_id": "by_hand", "logical_date": None})
    hub.wait("the feed's run", lambda: _states(hub, FEED, "by_hand")[0] not in UNFINISHED)
    return "by_hand"


def test_a_triggered_feed_is_published_by_its_library(hub: Hub, delivered: str) -> None:
    """A feed that is triggered runs to its end, and its asset starts the publishing of the library, gate and all."""
    assert _states(hub, FEED, delivered) == (
        "success",
        {"open_batch": "success", "settle": "success", "close_batch": "success"},
    )
    [publishing] = _runs_started_by(hub, delivered)
    hub.wait("publishing", lambda: _states(hub, PUBLISH, publishing)[0] not in UNFINISHED)
    assert _states(hub, PUBLISH, publishing) == ("success", {"check": "success", "publish": "success"})
    told = hub.metadata("SELECT value FROM xcom WHERE run_id = %s AND task_id = 'publish'", publishing)
    [[entities, changes]] = hub.library("SELECT entities, last_seq FROM library WHERE name = %s", LIBRARY)
    overtaken = changes - entities
    counts = {
        "library": LIBRARY,
        "entities": entities,
        "changes": changes,
        "published": entities,
        "overtaken": overtaken,
    }
    assert told == [(counts,)]
    assert entities > 200


def test_a_held_gate_publishes_nothing(hub: Hub, delivered: str) -> None:
    """Where the library does not pass, the gate fails at once, in words without values, and publishing does not begin."""
    [publishing] = _runs_started_by(hub, delivered)
    hub.wait("publishing", lambda: _states(hub, PUBLISH, publishing)[0] not in UNFINISHED)
    with _one_entity_too_many(hub):
        hub.cli("dags", "trigger", PUBLISH, "--run-id", "held")
        hub.wait("the held run", lambda: _states(hub, PUBLISH, "held")[0] not in UNFINISHED)
    assert _states(hub, PUBLISH, "held") == ("failed", {"check": "failed", "publish": "upstream_failed"})
    [log] = (hub.airflow / "logs").glob(f"dag_id={PUBLISH}/run_id=held/task_id=check/*.log")
    said = log.read_text(encoding="utf-8")
    assert "[gate_held]" in said
    assert "entity_id.row_count" in said


def test_its_pages_ask_for_a_login(airflow: Airflow, hub: Hub) -> None:
    """The steward's generated password opens the API; without one it is closed; the files with passwords are private."""
    assert httpx.get(f"{airflow.url}/api/v2/dags", timeout=SECONDS).status_code == 401
    assert FEED in [each["dag_id"] for each in _asked(airflow, "GET", "dags", None)["dags"]]
    for name in ("environment", "users.json", "steward.password", "database.password", "jwt.secret", "fernet.key"):
        assert stat.S_IMODE((hub.airflow / name).stat().st_mode) == 0o600, name


def test_it_is_started_once(airflow: Airflow, hub: Hub) -> None:
    """A second start finds the first: the same processes, port and password."""
    before = {part: process.pid for part, process in find_airflow(hub.airflow).items()}
    assert len(before) == 3
    assert start_airflow(hub.settings, hub.postgres, note) == airflow
    assert {part: process.pid for part, process in find_airflow(hub.airflow).items()} == before
    [status] = airflow_status(hub.settings.home)
    assert (status.running, status.address) == (True, f"127.0.0.1:{airflow.port}")


def _asked(airflow: Airflow, method: str, path: str, body: dict[str, object] | None) -> dict[str, Any]:
    """The answer of Airflow's API, asked as the steward's browser asks it: four seconds of a processor less than the CLI."""
    login = {"username": airflow.user, "password": airflow.password}
    with httpx.Client(base_url=airflow.url, timeout=SECONDS) as client:
        token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.request(method, f"/api/v2/{path}", json=body, headers=headers).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _dags(hub: Hub) -> set[str]:
    return {str(dag_id) for [dag_id] in hub.metadata("SELECT dag_id FROM dag WHERE NOT is_stale")}


def _states(hub: Hub, dag_id: str, run_id: str) -> tuple[str | None, dict[str, str]]:
    """The state of a run and of its tasks (a mapped task's once)."""
    runs = hub.metadata("SELECT state FROM dag_run WHERE dag_id = %s AND run_id = %s", dag_id, run_id)
    tasks = hub.metadata("SELECT task_id, state FROM task_instance WHERE dag_id = %s AND run_id = %s", dag_id, run_id)
    return (str(runs[0][0]) if runs else None), {str(task): str(state) for task, state in tasks}


def _runs_started_by(hub: Hub, run_id: str) -> list[str]:
    """Runs of the library's DAG that the asset of this run of the feed started; waits for the first."""
    query = (
        "SELECT r.run_id FROM dagrun_asset_event d JOIN asset_event e ON e.id = d.event_id "
        "JOIN dag_run r ON r.id = d.dag_run_id WHERE e.source_dag_id = %s AND e.source_run_id = %s AND r.dag_id = %s"
    )
    hub.wait("the library's run", lambda: bool(hub.metadata(query, FEED, run_id, PUBLISH)))
    return [str(found) for [found] in hub.metadata(query, FEED, run_id, PUBLISH)]


@contextmanager
def _one_entity_too_many(hub: Hub) -> Iterator[None]:
    """Let the library claim an entity that its golden table lacks."""
    hub.library("UPDATE library SET entities = entities + 1 WHERE name = %s", LIBRARY)
    try:
        yield
    finally:
        hub.library("UPDATE library SET entities = entities - 1 WHERE name = %s", LIBRARY)
