"""Code lists as a feed: once a day, the files of the folder HUB_CODES_URL are loaded.

A file is named `LIST-EDITION.csv`; one that was loaded before changes nothing. Everything is done in `exchange.scheduled`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, CronTriggerTimetable, task

from exchange import scheduled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exchange.scheduled import Count

DAILY = CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai")
"""Before the feeds, whose codes the lists explain. The DAG begins paused, until its folder is set."""


@task
def load() -> Mapping[str, Count]:
    """Load the folder's lists; how many there are, and how many are new or changed."""
    return scheduled.load_code_lists()


with DAG(
    dag_id="code_lists",
    dag_display_name="代码表 · code lists",
    description="HUB_CODES_URL → code lists",
    doc_md=__doc__,
    schedule=DAILY,
    catchup=False,
    max_active_runs=1,
    default_args=scheduled.PATIENCE,
    tags={"codes"},
):
    load()
