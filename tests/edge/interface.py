"""An agency's interface of paged JSON on loopback, which answers as it is told: pages, refusals, half an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import polars as pl

import connectors
from exchange.core.connector import HttpSource
from exchange.edge.settings import Address
from exchange.simulate import feeds
from exchange.simulate.world import World

RESIDENTS = connectors.load("public_security_residents")
SEED = 70_707
"""No other test's: the checker searches the whole cluster for the people it knows."""


@dataclass(frozen=True)
class Answer:
    """What is sent: `cut` closes the connection after so many bytes of the body."""

    body: bytes = b""
    status: int = 200
    cut: int | None = None


BUSY = Answer(status=503)
"""Asked to come again at once."""


@dataclass
class Interface:
    """A running interface: the answers to give per cursor, the last of them for ever."""

    url: str
    answers: dict[str | None, list[Answer]] = field(default_factory=dict)

    @property
    def address(self) -> Address:
        """Where the hub finds it."""
        return Address(self.url, "token-of-the-test")


def people(count: int) -> list[dict[str, object]]:
    """Invented residents with nothing wrong, in the interface's order and words."""
    index = pl.int_range(0, count * 2, dtype=pl.UInt64, eager=True)
    source = RESIDENTS.source
    assert isinstance(source, HttpSource)
    rows = feeds.residents(World(SEED, count * 2), index).filter(pl.col("defect") == 0).head(count)
    assert rows.height == count
    return list(rows.select(source.columns).iter_rows(named=True))


def page(items: Sequence[Mapping[str, object] | object], following: str | None) -> Answer:
    """A page of items and the cursor behind it."""
    return Answer(json.dumps({"items": list(items), "next": following}, ensure_ascii=False).encode())


@contextmanager
def serving() -> Iterator[Interface]:
    """The interface, until the end of the block."""

    class Conversation(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer as told."""
            cursor = parse_qs(urlsplit(self.path).query).get("cursor", [None])[0]
            given = interface.answers[cursor]
            answer = given.pop(0) if len(given) > 1 else given[0]
            self.send_response(answer.status)
            if answer.status != 200:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Conversation) as server:
        interface = Interface(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield interface
        finally:
            server.shutdown()
            thread.join()
