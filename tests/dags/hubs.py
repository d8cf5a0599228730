"""A hub with Airflow, for the tests of this folder: how they run its commands and look into what Airflow keeps."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from exchange.edge.settings import Settings
from exchange.embedded.airflow import command, with_environment
from exchange.embedded.child import environment
from exchange.embedded.postgres import Postgres

SCRIPTS = Path(__file__).parent
SECONDS = 300.0


@dataclass(frozen=True)
class Hub:
    """Settings that point at running servers and agencies, and the folder of an Airflow with its database migrated."""

    settings: Settings
    postgres: Postgres
    airflow: Path

    def metadata(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query on Airflow's own database."""
        return _rows(self.postgres.superuser_url("airflow"), query, values)

    def library(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query on the hub's database; none for a statement that gives none."""
        return _rows(self.postgres.url(), query, values)

    def script(self, name: str, *arguments: str) -> str:
        """The last line that a script of this folder prints in Airflow's environment."""
        return _last_line(with_environment(self.airflow, str(SCRIPTS / name), *arguments))

    def cli(self, *arguments: str) -> str:
        """The last line that `airflow ARGUMENTS…` prints."""
        return _last_line(command(self.airflow, *arguments))

    def wait(self, what: str, happened: Callable[[], bool]) -> None:
        """Wait for something in Airflow's database: asked again whenever Airflow writes a DAG or a run."""
        until = time.monotonic() + SECONDS
        with psycopg.connect(self.postgres.superuser_url("airflow"), autocommit=True) as connection:
            connection.execute("LISTEN written")
            while not happened():
                left = until - time.monotonic()
                assert left > 0, f"{what} did not happen within {SECONDS:.0f} s"
                list(connection.notifies(timeout=left, stop_after=1))


def tell_of_writing(postgres: Postgres) -> None:
    """Let Airflow's database tell whoever listens that a DAG, a run or its asset events were written."""
    with psycopg.connect(postgres.superuser_url("airflow"), autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NOTIFY written; RETURN NULL; END'"
        )
        for table in (b"dag", b"dag_run", b"dagrun_asset_event"):
            connection.execute(
                b"CREATE TRIGGER tell AFTER INSERT OR UPDATE ON "
                + table
                + b" FOR EACH STATEMENT EXECUTE FUNCTION tell()"
            )


def _rows(url: str, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        answer = connection.execute(query.encode(), values)
        return answer.fetchall() if answer.description else []


def _last_line(arguments: tuple[str, ...]) -> str:
    ended = subprocess.run(
        arguments, capture_output=True, text=True, check=False, cwd="/", env=environment(), timeout=SECONDS
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout.strip().rpartition("\n")[2]
