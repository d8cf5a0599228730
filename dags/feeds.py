"""One DAG per connector: open a batch, settle its partitions in mapped tasks, close it.

A DAG here holds no rule and no agency: all it does is in `exchange.scheduled`, and what happened is in the hub's own
database. Between tasks go ids and counts only. Every task may run twice or die anywhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from airflow.sdk import DAG, Asset, CronTriggerTimetable, task

import connectors
from exchange import scheduled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk.execution_time.context import OutletEventAccessors

    from exchange.core.connector import Connector
    from exchange.scheduled import Count, Share

NIGHTLY = CronTriggerTimetable("30 2 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0))
"""After the agencies' own nightly work. A DAG begins paused, so a feed without an address waits for its steward; switched on,
it waits for the next night (Airflow's default would begin at once within two hours of the last)."""


@task
def open_batch(feed: str) -> list[Share]:
    """Open the feed's batch, or go on with the open one; cut it into shares of work."""
    return scheduled.open_feed_batch(feed)


@task(map_index_template="{{ share_name }}")
def settle(feed: str, share: Share) -> Mapping[str, Count]:
    """Prepare and settle the pages of one share of the batch's partitions."""
    from airflow.sdk import get_current_context

    name = {"share_name": f"{share['share'] + 1}/{share['of']}"}
    get_current_context().update(name)  # type: ignore[typeddict-item]
    return scheduled.settle_partitions(feed, share)


@task
def close_batch(
    feed: str, shares: list[Share], outlet_events: OutletEventAccessors | None = None
) -> Mapping[str, Count]:
    """Withdraw what the agency no longer holds, close the batch, and tell its counts with the feed's asset."""
    counts = scheduled.close_feed_batch(feed, shares)
    if outlet_events is not None:
        outlet_events[Asset(scheduled.asset_of(feed))].extra = dict(counts)
    return counts


def feed_dag(connector: Connector) -> DAG:
    """The DAG of one feed; its id is the feed's name."""
    feed = connector.name
    with DAG(
        dag_id=feed,
        dag_display_name=f"{connector.title.zh} · {connector.title.en}",
        description=f"{connector.agency} → {connector.library}",
        doc_md=__doc__,
        schedule=NIGHTLY,
        catchup=False,
        max_active_runs=1,
        max_active_tasks=scheduled.SHARES,
        default_args=scheduled.PATIENCE,
        tags={"feed", connector.agency, connector.library},
    ) as made:
        shares = open_batch(feed)
        asset = Asset(scheduled.asset_of(feed))
        closed = close_batch.override(outlets=[asset])(feed, cast("list[Share]", shares))
        settle.partial(feed=feed).expand(share=shares) >> closed
    return made


for _name in connectors.names():
    feed_dag(connectors.load(_name))
