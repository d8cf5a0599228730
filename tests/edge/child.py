"""A hub process that tests may kill: `python -m tests.edge.child URL KEYS_HOME run FOLDER PAGE_ROWS WORKERS` runs the
benchmark's feed, `… publish BOOTSTRAP PREFIX CHANGES` publishes legal persons, so many changes in a transaction."""

from __future__ import annotations

import sys
from pathlib import Path

import connectors
from exchange.edge import pending
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import open_keys
from exchange.edge.publish import publish
from exchange.edge.run import Options, run_feed
from exchange.edge.settings import Address
from exchange.edge.store.database import Store, open_engine


def main(url: str, home: str, what: str, *rest: str) -> None:
    """Do one of both to its end."""
    engine = open_engine(url)
    with engine.begin() as connection:
        keys = open_keys(connection, Path(home))
    store = Store(url, engine, keys)
    if what == "run":
        folder, page_rows, workers = rest
        options = Options(page_rows=int(page_rows), workers=int(workers))
        run_feed(store, connectors.load("bench_companies"), Address(folder), options, lambda _: None)
    else:
        bootstrap, prefix, changes = rest
        pending.CHANGES_PER_TRANSACTION = int(changes)
        publish(store, Broker(bootstrap, prefix=prefix), "legal_person", lambda _: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
