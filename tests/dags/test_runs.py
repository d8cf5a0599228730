"""The DAGs run to their end by `dag.test()`, against real servers and the simulated agencies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.dags.hubs import Hub

pytestmark = [pytest.mark.airflow, pytest.mark.servers]
MARKET, CUSTOMS = "market_regulation_companies", "customs_enterprises"
PUBLISH = "publish_legal_person"


@dataclass(frozen=True)
class Ran:
    """What the runs came to: states in order, asset events and what the tasks passed on, as Airflow kept them."""

    states: list[list[str]]
    assets: list[tuple[str, dict[str, Any]]]
    passed: list[tuple[str, str, int, Any]]


@pytest.fixture(scope="module")
def ran(hub: Hub) -> Ran:
    """Two feeds of one library, its publishing, then one feed and the publishing again."""
    said = json.loads(hub.script("run_dags.py", "", MARKET, CUSTOMS, PUBLISH, MARKET, PUBLISH))
    assert said["import_errors"] == {}
    assets = hub.metadata("SELECT a.uri, e.extra FROM asset_event e JOIN asset a ON a.id = e.asset_id ORDER BY e.id")
    passed = hub.metadata(
        "SELECT x.dag_id, x.task_id, octet_length(x.value::text), x.value FROM xcom x "
        "JOIN dag_run r ON r.dag_id = x.dag_id AND r.run_id = x.run_id WHERE r.dag_id = ANY(%s) ORDER BY r.id",
        [MARKET, CUSTOMS, PUBLISH],
    )
    return Ran(said["states"], [(uri, extra) for uri, extra in assets], [(a, b, c, d) for a, b, c, d in passed])


def test_each_run_ends_well(ran: Ran) -> None:
    """Feeds and library run to their end, also a second time."""
    assert ran.states == [[dag, "success"] for dag in (MARKET, CUSTOMS, PUBLISH, MARKET, PUBLISH)]


def test_the_asset_tells_the_counts(ran: Ran, hub: Hub) -> None:
    """What came in stands with the feed's asset, and is what the hub's own database says of that batch."""
    first, second = (extra for uri, extra in ran.assets if uri == f"hub://feed/{MARKET}")
    [kept] = hub.library("SELECT pulled, new, quarantined, state FROM batch WHERE id = %s", first["batch"])
    assert kept == (first["pulled"], first["new"], first["quarantined"], "closed")
    assert first["agency"] == "market_regulation"
    assert first["new"] > 100
    assert second["new"] == second["changed"] == 0
    assert second["batch"] > first["batch"]


def test_partitions_are_settled_in_mapped_tasks(ran: Ran) -> None:
    """The customs' files are shared out over several tasks, whose rows are the batch's."""
    [counts] = [extra for uri, extra in ran.assets if uri == f"hub://feed/{CUSTOMS}"]
    shares = [value["rows"] for dag, task, _, value in ran.passed if (dag, task) == (CUSTOMS, "settle")]
    assert len(shares) > 1
    assert sum(shares) == counts["pulled"] > 0


def test_a_library_is_published_once(ran: Ran, hub: Hub) -> None:
    """The library's DAG publishes every change; run again after a feed that brought nothing, none."""
    first, second = (value for dag, task, _, value in ran.passed if (dag, task) == (PUBLISH, "publish"))
    [[entities, changes]] = hub.library("SELECT entities, last_seq FROM library WHERE name = 'legal_person'")
    assert (first["entities"], first["changes"]) == (entities, changes)
    assert first["published"] + first["overtaken"] == changes
    assert (second["changes"], second["published"]) == (0, 0)


def test_tasks_pass_on_counts_only(ran: Ran) -> None:
    """What tasks hand to one another is small: ids, names of the hub's own, and numbers."""
    assert {(dag, task) for dag, task, _, _ in ran.passed} >= {(MARKET, "open_batch"), (PUBLISH, "check")}
    assert max(size for _, _, size, _ in ran.passed) < 1_000
