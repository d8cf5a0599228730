"""Let tasks' functions fail in four ways, in a process of its own; print what Airflow would see of each.

Argument: a text that no message may show. Prints one JSON object: case → [kind of exception, its text, whether another
exception would be shown with it].
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import cast

from airflow.sdk.exceptions import AirflowException

from exchange import scheduled
from exchange.scheduled import Share


def seen(act: Callable[[], object]) -> list[object]:
    """The exception of an act."""
    try:
        act()
    except AirflowException as error:
        return [type(error).__name__, str(error), error.__cause__ is not None or not error.__suppress_context__]
    return ["", "", False]


def main(secret: str) -> None:
    """Misuse, Broken, a fault of ours with a value in its text, and a database that is away."""
    feed = "bench_companies"
    foreign = Share(batch=cast("int", secret), share=0, of=1)
    gone = Share(batch=999_999, share=0, of=1)
    os.environ["HUB_BENCH_COMPANIES_URL"] = os.environ["HUB_HOME"]
    found = {
        "broken": seen(lambda: scheduled.settle_partitions(feed, gone)),
        "unforeseen": seen(lambda: scheduled.settle_partitions(feed, foreign)),
    }
    del os.environ["HUB_BENCH_COMPANIES_URL"]
    found["misuse"] = seen(lambda: scheduled.open_feed_batch(feed))
    os.environ["HUB_DATABASE_URL"] = "postgresql://hub:nothing@127.0.0.1:1/hub"
    found["away"] = seen(lambda: scheduled.open_feed_batch(feed))
    print("\n" + json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
