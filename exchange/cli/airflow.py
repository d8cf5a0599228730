"""Airflow beside the hub's embedded servers: started with them, and asked to run feeds."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from exchange.cli.output import say
from exchange.core.errors import Misuse

if TYPE_CHECKING:
    from exchange.edge.settings import Settings
    from exchange.embedded.airflow import Airflow

_PARSED_SECONDS = 120


def begin(settings: Settings) -> Airflow | None:
    """Start Airflow on the embedded PostgreSQL, or find it running; None where another database is configured: Airflow
    then belongs to that deployment (docs/airflow.md)."""
    from exchange.embedded.airflow import start_airflow
    from exchange.embedded.postgres import start_postgres

    if settings.database_url is not None:
        say("HUB_DATABASE_URL 已设,Airflow 由部署负责。Airflow belongs to the deployment of HUB_DATABASE_URL.")
        return None
    return start_airflow(settings, start_postgres(settings.home / "postgres", say), say)


def run_dags(settings: Settings, names: Sequence[str]) -> None:
    """Switch the feeds' DAGs on and start one run of each; Airflow goes on with them by itself."""
    directory = settings.home / "airflow"
    known = Retrying(
        retry=retry_if_result(lambda listed: not set(names) <= listed),
        stop=stop_after_delay(_PARSED_SECONDS),
        wait=wait_fixed(2),
        retry_error_callback=lambda state: set[str](),
    )
    if not known(_listed, directory):
        raise Misuse(
            "dags_missing", "Airflow 未读到 DAG。Airflow has not read the DAGs.", str(directory / "dag-processor.log")
        )
    for name in names:
        _airflow(directory, "dags", "unpause", "-y", name)
        _airflow(directory, "dags", "trigger", name)
        say(f"DAG {name} → Airflow")


def _listed(directory: Path) -> set[str]:
    return {line.split()[0] for line in _airflow(directory, "dags", "list", "--output", "plain").splitlines() if line}


def _airflow(directory: Path, *arguments: str) -> str:
    from exchange.embedded.airflow import command

    ended = subprocess.run(command(directory, *arguments), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Misuse("airflow_refused", f"airflow {' '.join(arguments)}: exit {ended.returncode}.", "docs/airflow.md")
    return ended.stdout
