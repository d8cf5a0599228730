"""One DAG per library: whenever a feed of it has come in, check the library's golden table, then publish its changes.

The gate is a Great Expectations checkpoint made from the library's schema; if it does not pass, nothing is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from airflow.sdk import DAG, Asset, AssetAny, task

import connectors
from exchange import scheduled
from schemas import LIBRARIES

if TYPE_CHECKING:
    from exchange.scheduled import Count


@task
def check(library: str) -> Mapping[str, Count]:
    """The gate. A library that does not pass fails here, with the names of the expectations."""
    return scheduled.check_library(library)


@task
def publish(library: str) -> Mapping[str, Count]:
    """Publish the changes that are not on the library's topic yet."""
    return scheduled.publish_library(library)


def library_dag(library: str, feeds: list[str]) -> DAG:
    """The DAG of one library; any of its feeds starts it."""
    assets = [Asset(scheduled.asset_of(feed)) for feed in feeds]
    with DAG(
        dag_id=f"publish_{library}",
        description=f"{library}: gate → publish",
        doc_md=__doc__,
        schedule=AssetAny(*assets) if assets else None,
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args=scheduled.PATIENCE,
        tags={"library", library},
    ) as made:
        check(library) >> publish(library)
    return made


for _library in LIBRARIES:
    library_dag(_library, [name for name in connectors.names() if connectors.load(name).library == _library])
