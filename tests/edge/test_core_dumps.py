"""No core dumps: neither the command, nor a process that prepares, nor a scheduled task leaves its memory in a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ALLOWED = """
import resource, sys
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
"""
"""A shell in which core dumps are allowed."""

COMMAND = """
from exchange.cli.main import main
sys.argv = ["hub", "feeds", "--json"]
try:
    main()
finally:
    print(resource.getrlimit(resource.RLIMIT_CORE))
"""
WORKER = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from exchange.edge.worker_begin import begin
with ProcessPoolExecutor(1, get_context("spawn"), initializer=begin) as executor:
    print(executor.submit(resource.getrlimit, resource.RLIMIT_CORE).result())
"""
TASK = """
from airflow.sdk.exceptions import AirflowException
from exchange import scheduled
try:
    scheduled.check_library("legal_person")
except AirflowException:
    print(resource.getrlimit(resource.RLIMIT_CORE))
"""


@pytest.mark.parametrize(
    "program", [COMMAND, WORKER, pytest.param(TASK, marks=pytest.mark.airflow)], ids=["command", "worker", "task"]
)
def test_no_process_leaves_its_memory(program: str, tmp_path: Path) -> None:
    """Where core dumps are allowed when it starts, each kind of process forbids them to itself, for good."""
    nowhere = {
        "AIRFLOW_HOME": str(tmp_path),
        "HUB_HOME": str(tmp_path),
        "HUB_DATABASE_URL": "postgresql://hub@127.0.0.1:1/hub",
        "HUB_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    }
    told = subprocess.run(
        [sys.executable, "-c", _ALLOWED + program],
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.splitlines()[-1:] == ["(0, 0)"], told.stderr
