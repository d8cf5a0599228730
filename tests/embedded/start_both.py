"""Run by the tests as a process of its own: `up` on a home, its notes on standard error, the result as JSON.

Arguments: home, cache directory, then `killed` if PostgreSQL is to be killed and brought up again before the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import psycopg

from exchange.embedded.services import Wishes, down, status, up


def note(text: str) -> None:
    """Say it where it is seen if the process fails."""
    sys.stderr.write(text + "\n")


def main(home: Path, cache: Path, *, killed: bool) -> None:
    """Bring both servers up; with `killed`, also lose, recover and stop them."""
    services = up(home, note=note, wishes=Wishes(cache=cache, offline=True))
    pids = {one.name: one.pid for one in status(home)}
    found: dict[str, object] = {"url": services.database_url, "kafka": services.kafka_bootstrap, "pids": pids}
    if killed:
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        postmaster = pids["postgres"]
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        again = up(home, note=note, wishes=Wishes(cache=cache, offline=True))
        with psycopg.connect(again.database_url) as connection:
            found["kept"] = connection.execute("SELECT n FROM kept").fetchall()
        found |= {"uid": os.getuid(), "again": {one.name: one.pid for one in status(home)}, "stopped": down(home)}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), killed="killed" in sys.argv)
