"""Airflow beside the hub's embedded servers: started with them, and asked to run feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from exchange.cli.output import say
from exchange.core.errors import Misuse

if TYPE_CHECKING:
    import httpx

    from exchange.edge.settings import Settings
    from exchange.embedded.airflow import Airflow

_PARSED_SECONDS = 120
_ANSWER_SECONDS = 60


def begin(settings: Settings) -> Airflow | None:
    """Start Airflow on the embedded PostgreSQL, or find it running; None where another database is configured: Airflow
    then belongs to that deployment (docs/airflow.md)."""
    from exchange.embedded.airflow import start_airflow
    from exchange.embedded.postgres import start_postgres

    if settings.database_url is not None:
        say("HUB_DATABASE_URL 已设,Airflow 由部署负责。Airflow belongs to the deployment of HUB_DATABASE_URL.")
        return None
    return start_airflow(settings, start_postgres(settings.home / "postgres", say), say)


def run_dags(airflow: Airflow, names: Sequence[str]) -> None:
    """Switch the feeds' DAGs on and start one run of each; Airflow goes on with them by itself."""
    import httpx

    # Asked as a steward's browser asks: each `airflow` command would cost four seconds of a processor.
    try:
        with httpx.Client(base_url=airflow.url, timeout=_ANSWER_SECONDS, trust_env=False) as client:
            login = {"username": airflow.user, "password": airflow.password}
            token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            _wait_for(client, set(names))
            for name in names:
                client.patch(f"/api/v2/dags/{name}", json={"is_paused": False}).raise_for_status()
                client.post(f"/api/v2/dags/{name}/dagRuns", json={"logical_date": None}).raise_for_status()
                say(f"DAG {name} → Airflow")
    except httpx.HTTPError as error:
        raise Misuse(
            "airflow_refused",
            f"Airflow 未接受请求({type(error).__name__})。Airflow did not take a request ({type(error).__name__}).",
            "docs/airflow.md",
        ) from None


def _wait_for(client: httpx.Client, names: set[str]) -> None:
    known = Retrying(
        retry=retry_if_result(lambda listed: not names <= listed),
        stop=stop_after_delay(_PARSED_SECONDS),
        wait=wait_fixed(1),
        retry_error_callback=lambda state: set[str](),
    )
    if not known(_listed, client):
        raise Misuse(
            "dags_missing", "Airflow 未读到 DAG。Airflow has not read the DAGs.", "HUB_HOME/airflow/dag-processor.log"
        )


def _listed(client: httpx.Client) -> set[str]:
    return {each["dag_id"] for each in client.get("/api/v2/dags").raise_for_status().json()["dags"]}
