"""What Airflow meets again and again, and before each task: the DAG files themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import connectors
from schemas import LIBRARIES

pytestmark = pytest.mark.airflow
DAGS = Path(__file__).resolve().parents[2] / "dags"
HEAVY = {
    *("polars", "pandera", "pandas", "pyarrow", "great_expectations", "psycopg", "adbc_driver_postgresql"),
    *("confluent_kafka", "kafka", "typer", "rich", "exchange.edge", "exchange.embedded", "exchange.cli"),
}


@cache
def parsed(seed: str, home: str) -> dict[str, Any]:
    """One parse, under a hash seed of its own, so that an order that hangs on it would show."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    script = Path(__file__).with_name("parse_dags.py")
    ended = subprocess.run(
        [sys.executable, script, DAGS], capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout.strip().rpartition("\n")[2])
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An AIRFLOW_HOME that nothing is written to but its settings."""
    return str(tmp_path_factory.mktemp("airflow"))


def test_a_dag_for_each_feed_and_library(home: str) -> None:
    """A connector's file is enough to have its DAG, each library is published by one, and one loads code lists."""
    expected = {*connectors.names(), *(f"publish_{library}" for library in LIBRARIES), "code_lists"}
    assert set(parsed("1", home)["dags"]) == expected


def test_parsing_brings_in_nothing_heavy(home: str) -> None:
    """A DAG file imports no data frame, database, broker or settings: it is read every half minute."""
    brought = parsed("1", home)["brought"]
    assert "connectors.customs_enterprises" in brought
    assert [name for name in brought if any(name == each or name.startswith(each + ".") for each in HEAVY)] == []


def test_two_parses_give_the_same_bytes(home: str) -> None:
    """A DAG that changes from parse to parse would be a new version each time."""
    assert parsed("1", home)["dags"] == parsed("2", home)["dags"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_feed_of_a_library_starts_its_publishing(library: str, home: str) -> None:
    """The library's DAG waits for any of the assets that the DAGs of its feeds bring."""
    feeds = [name for name in connectors.names() if connectors.load(name).library == library]
    dags = parsed("1", home)["dags"]
    waited = json.loads(dags[f"publish_{library}"])["timetable"]
    assert feeds
    for feed in feeds:
        assert f"hub://feed/{feed}" in json.dumps(waited)
        assert f"hub://feed/{feed}" in dags[feed]
    assert "asset_any" in json.dumps(waited)
