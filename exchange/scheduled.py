"""What Airflow's tasks call: small functions that take and return ids and counts, over the hub's own (design §4.8).

Importing this module costs nothing: a DAG file is parsed again and again, and before each task. Errors become Airflow's
by their consequence: what is away is tried again, what is wrong is not. Neither shows a foreign exception's text, which
could quote a value of a row, in a task's log.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from exchange.core.errors import Away, HubError

if TYPE_CHECKING:
    from exchange.cli.ground import Ground
    from exchange.edge.run import FeedAt

Count = str | int

SHARES = 8
"""Mapped tasks that one batch is cut into at most."""

PATIENCE: dict[str, Any] = {
    "owner": "hub",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 4.0,
    "max_retry_delay": timedelta(minutes=30),
}
"""Task defaults: an agency that is away is asked again after half a minute, two minutes and eight minutes."""


class Share(TypedDict):
    """Part `share` (from 0) of `of` parts of a batch."""

    batch: int
    share: int
    of: int


def asset_of(feed: str) -> str:
    """The name and address of a feed's asset: what came in, with its counts.

    >>> asset_of("customs_enterprises")
    'hub://feed/customs_enterprises'
    """
    return f"hub://feed/{feed}"


def open_feed_batch(feed: str) -> list[Share]:
    """Open the feed's batch, or go on with the open one; its shares, at least one."""
    with _hub() as stand:
        from exchange.edge.tasks import open_shares

        shares = open_shares(stand.store, _feed_at(stand, feed), SHARES)
        return [Share(batch=each.batch, share=each.share, of=each.of) for each in shares]


def settle_partitions(feed: str, share: Share) -> dict[str, Count]:
    """Prepare and settle the pages of one share; batch, pages and rows settled of it so far."""
    with _hub() as stand:
        from exchange.edge.tasks import Share as Part
        from exchange.edge.tasks import settle_share

        pages, rows = settle_share(stand.store, _feed_at(stand, feed), Part(**share))
        return {"batch": share["batch"], "pages": pages, "rows": rows}


def close_feed_batch(feed: str, shares: list[Share]) -> dict[str, Count]:
    """Close the batch of these shares; feed, agency, library, batch and its counts."""
    with _hub() as stand:
        from exchange.edge.tasks import close_feed

        at, batch = _feed_at(stand, feed), shares[0]["batch"]
        counts = close_feed(stand.store, at, batch)
        names = {"feed": feed, "agency": at.connector.agency, "library": at.connector.library, "batch": batch}
        return {**names, **asdict(counts)}


def check_library(library: str) -> dict[str, Count]:
    """The publishing gate; how many expectations were tried. A library that is held fails, by their names."""
    with _hub() as stand:
        from exchange.edge.quality import check, hold

        return {"library": library, "tried": hold(check(stand.store, library)).tried}


def publish_library(library: str) -> dict[str, Count]:
    """Publish the library's changes that are not on its topic yet; entities, changes, published, overtaken."""
    with _hub() as stand:
        from exchange.edge.publish import publish

        return asdict(publish(stand.store, stand.broker, library, lambda _done: None))


def load_code_lists() -> dict[str, Count]:
    """Load the code lists in the folder HUB_CODES_URL; how many lists, how many of them are new or changed."""
    with _hub() as stand:
        from exchange.edge.codes import load_folder
        from exchange.edge.settings import address

        folder = Path(address(stand.settings, "codes").url.removeprefix("file://"))
        loaded = load_folder(stand.store.url, folder)
        return {"lists": len(loaded), "changed": sum(one.changed for one in loaded)}


@contextmanager
def _hub() -> Iterator[Ground]:
    """Open database, keys and broker as the settings name them (embedded servers where they don't) for one task."""
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    from exchange.edge import core_dumps

    core_dumps.forbid()
    for talkative in ("alembic", "great_expectations", "kafka"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    stand: Ground | None = None
    try:
        from exchange.cli.ground import ground

        stand = ground()
        yield stand
    except HubError as error:
        again = isinstance(error, Away) or error.code == "fenced"
        raise (AirflowException if again else AirflowFailException)(_told(error)) from None
    except Exception as error:
        raise AirflowException(_unforeseen(error)) from None
    finally:
        if stand is not None:
            stand.store.engine.dispose()


def _feed_at(stand: Ground, feed: str) -> FeedAt:
    import connectors
    from exchange.edge.run import FeedAt
    from exchange.edge.settings import address

    return FeedAt(connectors.load(feed), address(stand.settings, feed))


def _told(error: HubError) -> str:
    return f"[{error.code}] {error.message} {error.hint}".rstrip()


def _unforeseen(error: Exception) -> str:
    """Kind and place of a fault of ours. Its text is not shown: a library's message may quote a value of a row."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:])]
    return f"[unexpected] {type(error).__name__} at {' < '.join(places)}"
