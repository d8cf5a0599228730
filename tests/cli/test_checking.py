"""hub check and hub feeds: what needs no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import connectors
from exchange.cli.app import app
from exchange.core.connector import HttpSource
from tests.cli.commands import Command


@pytest.fixture
def hub(tmp_path: Path) -> Command:
    """The command in a home where nothing runs."""
    return Command(tmp_path)


@pytest.mark.parametrize("name", connectors.names())
def test_each_sample_can_be_checked(name: str) -> None:
    """A dry run of a connector's own sample accepts at least one row."""
    shown = CliRunner().invoke(app, ["check", str(connectors.sample(name)), "--connector", name, "--json"])
    assert shown.exit_code == 0
    found = json.loads(shown.stdout)
    assert set(found) == {"rows", "accepted", "fault_count", "faults"}
    assert 0 < found["accepted"] <= found["rows"]
    assert found["fault_count"] == len(found["faults"])
    assert {fault["row"] for fault in found["faults"]} <= set(range(1, found["rows"] + 1))
    assert found["rows"] - found["accepted"] == len({fault["row"] for fault in found["faults"]})


def test_a_fault_names_row_column_and_rule_alone(hub: Command, tmp_path: Path) -> None:
    """A fault says which row, which column and which rule, and never the value."""
    lines = connectors.sample("bench_companies").read_text("utf-8").splitlines()
    fields = lines[1].split(",")
    fields[3] = "110105194912310021"
    file = tmp_path / "delivery.csv"
    file.write_text("\n".join([lines[0], lines[1], ",".join(fields), "too,few", ""]), encoding="utf-8")
    shown = hub("check", str(file), "-c", "bench_companies", "--json")
    faults = shown.result["faults"]
    assert [set(fault) for fault in faults] == [{"row", "column", "rule"}] * len(faults)
    assert [fault["row"] for fault in faults] == [2, 3]
    assert faults[0]["column"] == "legal_rep_id_no"
    assert faults[1]["rule"] == "too_few_fields"
    assert fields[3] not in shown.stdout + shown.stderr
    assert not (hub.folder / "hub").exists()
    told = hub("check", str(file), "-c", "bench_companies")
    assert told.code == 0
    assert "legal_rep_id_no" in told.stdout
    assert "列数不足 · too few fields" in told.stdout
    assert fields[3] not in told.stdout + told.stderr


def test_a_delivery_of_another_form(hub: Command) -> None:
    """A file of another feed is exit code 1 and names the file to edit."""
    csv = next(name for name in connectors.names() if not isinstance(connectors.load(name).source, HttpSource))
    shown = hub("check", str(connectors.sample(csv)), "-c", "national_register_extract", "--json")
    assert shown.code == 1
    assert "connectors/national_register_extract.py" in shown.error["message"] + shown.error["hint"]


def test_feeds_are_the_connectors(hub: Command) -> None:
    """`hub feeds` lists each connector with its agency and library."""
    found = hub("feeds", "--json").result["feeds"]
    assert [feed["feed"] for feed in found] == list(connectors.names())
    for feed in found:
        connector = connectors.load(feed["feed"])
        assert (feed["agency"], feed["library"]) == (connector.agency, connector.library)
    assert "customs_enterprises" in hub("feeds").stdout
