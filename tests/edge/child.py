"""A hub process that tests may kill: `python -m tests.edge.child URL KEYS_HOME run FOLDER PAGE_ROWS WORKERS` runs the
benchmark's feed, `… publish BOOTSTRAP PREFIX CHANGES` publishes legal persons, so many changes in a transaction,
`… mortal BOOTSTRAP PREFIX before|after` publishes them page by page and kills itself at the first commit."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from confluent_kafka import Producer

import connectors
from exchange.edge import pending
from exchange.edge import publish as publishing
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import open_keys
from exchange.edge.publish import publish
from exchange.edge.run import FeedAt, Options, run_feed
from exchange.edge.settings import Address
from exchange.edge.store.database import Store, open_engine
from exchange.edge.workers import Workers


class DiesBeforeCommit(Producer):
    """A producer whose process is killed where it would commit."""

    def commit_transaction(self, timeout: float = 0.0) -> None:
        """Commit nothing, however long that may take."""
        del timeout
        os.kill(os.getpid(), signal.SIGKILL)


class DiesAfterCommit(Producer):
    """A producer whose process is killed once its first transaction is committed."""

    def commit_transaction(self, timeout: float = 60.0) -> None:
        """Commit, and do nothing more."""
        super().commit_transaction(timeout)
        os.kill(os.getpid(), signal.SIGKILL)


MORTAL: dict[str, type[Producer]] = {"before": DiesBeforeCommit, "after": DiesAfterCommit}


def main(url: str, home: str, what: str, *rest: str) -> None:
    """Do one of these to its end, or die."""
    engine = open_engine(url)
    with engine.begin() as connection:
        keys = open_keys(connection, Path(home))
    store = Store(url, engine, keys)
    if what == "run":
        folder, page_rows, workers = rest
        with Workers(int(workers)) as beside:
            feed = FeedAt(connectors.load("bench_companies"), Address(folder))
            run_feed(store, feed, Options(page_rows=int(page_rows)), lambda _: None, beside)
    else:
        bootstrap, prefix, how = rest
        pending.CHANGES_PER_TRANSACTION = 1 if what == "mortal" else int(how)
        vars(publishing)["Producer"] = MORTAL.get(how, Producer)
        publish(store, Broker(bootstrap, prefix=prefix), "legal_person", lambda _: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
