"""Paged JSON over HTTP, from a real server on loopback that answers as it is told."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from exchange.core.connector import Column, Connector, HttpSource, Title
from exchange.core.errors import Away, HubError, Misuse, Refuse
from exchange.core.page import RawPage
from exchange.edge.fetch import http, open_feed
from exchange.edge.settings import Address

SOURCE = HttpSource("/api/v1/residents", "items", "next", ("id", "name"), page_rows=3)
TOKEN = "t0ken-of-the-test"
SEALED_CURSOR = "11010519491231002X"


@dataclass(frozen=True)
class Answer:
    """What the server sends: `cut` closes the connection after so many bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Agency:
    """A running server: its address, the cursors and tokens it was asked with, the answers still to give per cursor."""

    url: str
    asked: list[tuple[str | None, str | None]]
    answers: dict[str | None, list[Answer]]


def page(first: int, count: int, following: str | None) -> Answer:
    """A page of invented residents."""
    items = [{"id": str(number), "name": f"名{number}"} for number in range(first, first + count)]
    return Answer(json.dumps({"items": items, "next": following}).encode())


@pytest.fixture
def agency() -> Iterator[Agency]:
    """A server that gives each cursor's answers in turn and repeats the last."""
    asked: list[tuple[str | None, str | None]] = []
    answers: dict[str | None, list[Answer]] = {}

    class Conversation(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer as told."""
            cursor = parse_qs(urlsplit(self.path).query).get("cursor", [None])[0]
            asked.append((cursor, self.headers["Authorization"]))
            given = answers[cursor]
            answer = given.pop(0) if len(given) > 1 else given[0]
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Conversation) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Agency(f"http://127.0.0.1:{server.server_port}", asked, answers)
        finally:
            server.shutdown()
            thread.join()


def read(
    agency: Agency, cursor: str | None = None, token: str | None = TOKEN, page_rows: int = 100
) -> Iterator[RawPage]:
    """Read with little patience."""
    patience = http.Patience(attempts=3, first=0.01, longest=0.05)
    return http.pages(http.Interface("bench_http", agency.url, token, SOURCE, patience), cursor, page_rows)


def refused(agency: Agency, kind: type[HubError]) -> HubError:
    """The error that reading ends with."""
    with pytest.raises(kind) as ended:
        list(read(agency))
    shown = str(ended.value) + ended.value.hint + repr(ended.value)
    assert TOKEN not in shown
    return ended.value


def test_pages_follow_the_cursors(agency: Agency) -> None:
    """Every page is asked for once, with the token; the last page's cursor is its own, to be read again next time."""
    agency.answers.update({None: [page(0, 3, "p1")], "p1": [page(3, 3, "p2")], "p2": [page(6, 1, None)]})
    columns = {"id": Column("id_no"), "name": Column("name")}
    feed = open_feed(
        Connector("bench_http", "bench", "person", Title("样例", "sample"), SOURCE, ("id",), columns),
        Address(agency.url + "/", TOKEN),
        cursors={SOURCE.path: None},
    )

    assert feed.partitions == (SOURCE.path,)
    pages = list(feed.pages(SOURCE.path, 5))

    assert [row for page in pages for row in page.rows["id"]] == [str(number) for number in range(7)]
    assert [(page.number, page.cursor) for page in pages] == [(5, "p1"), (6, "p2"), (7, "p2")]
    assert agency.asked == [(cursor, f"Bearer {TOKEN}") for cursor in (None, "p1", "p2")]


def test_reading_begins_at_a_cursor(agency: Agency) -> None:
    """A stored cursor is asked for first; an empty first page is no page."""
    agency.answers.update({"p2": [page(6, 0, "p3")], "p3": [page(6, 1, None)]})
    [only] = read(agency, "p2")
    assert (only.number, only.cursor, only.rows["id"].to_list()) == (0, "p3", ["6"])


def test_a_page_larger_than_asked_is_cut(agency: Agency) -> None:
    """Its parts keep their broken rows; until the last part is settled the cursor stays where it was."""
    agency.answers["p1"] = [Answer(b'{"items": [{"id":"1","name":"a"}, 3, {"id":"2","name":"b"}, 4], "next": "p2"}')]
    agency.answers["p2"] = [page(9, 0, None)]
    parts = list(read(agency, "p1", page_rows=3))
    assert [(part.rows["id"].to_list(), part.cursor) for part in parts] == [(["1", None, "2"], "p1"), ([None], "p2")]
    assert [part.broken["row"].to_list() for part in parts] == [[1], [0]]


@pytest.mark.parametrize(
    "first",
    [
        Answer(b"busy", 429, {"Retry-After": "0"}),
        Answer(b"busy", 429, {"Retry-After": "86400"}),
        Answer(b"busy", 429, {"Retry-After": "Mon, 05 Jan 2026 00:00:00 +9999999999999999"}),
        Answer(b"busy", 503, {"Retry-After": "Mon, 05 Jan 99999999999999999999 00:00:00 GMT"}),
        Answer(b"busy", 503, {"Retry-After": format_datetime(datetime(2026, 1, 5, tzinfo=UTC), usegmt=True)}),
        Answer(b"oops", 500),
        Answer(b'{"items": [{"id": "1"', 200),
        Answer(page(0, 2, None).body, cut=20),
        Answer(b"not gzip", 200, {"Content-Encoding": "gzip"}),
    ],
    ids=[
        "429",
        "for a day",
        "no such zone",
        "no such year",
        "until a date",
        "500",
        "malformed",
        "cut off",
        "not decodable",
    ],
)
def test_trouble_that_passes_costs_nothing(agency: Agency, first: Answer) -> None:
    """After a bad answer the page is asked for again, and no row is lost or doubled."""
    agency.answers[None] = [first, page(0, 2, None)]
    assert [row for part in read(agency) for row in part.rows["id"]] == ["0", "1"]
    assert len(agency.asked) == 2


@pytest.mark.parametrize("answer", [Answer(b"", 503), Answer(b"", 429), Answer(page(0, 2, None).body, cut=20)])
def test_a_source_that_stays_away_ends_after_a_few_tries(agency: Agency, answer: Answer) -> None:
    """Tries are bounded; then it is away (exit 3)."""
    agency.answers[None] = [answer]
    assert refused(agency, Away).exit_code == 3
    assert len(agency.asked) == 3


def test_a_source_that_goes_away_mid_page_leaves_the_pages_before(agency: Agency) -> None:
    """The first page is valid, with its cursor; the broken one gives no row."""
    agency.answers.update({None: [page(0, 3, "p1")], "p1": [Answer(page(3, 3, None).body, cut=30)]})
    pages = read(agency)
    assert next(pages).cursor == "p1"
    with pytest.raises(Away):
        next(pages)


def test_a_server_that_is_not_there_is_away() -> None:
    """A refused connection is tried again and is away in the end."""
    nobody = Agency("http://127.0.0.1:9", [], {})
    assert "127.0.0.1" in refused(nobody, Away).message


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(b"", 401), Misuse, "token_refused"),
        (Answer(b"", 403), Misuse, "token_refused"),
        (Answer(b"", 404), Refuse, "answer_unexpected"),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:9/steal"}), Refuse, "answer_unexpected"),
        (page(0, 3, "p1"), Refuse, "cursor_repeated"),
        (Answer(b'{"items": [], "next": "p1"}'), Refuse, "cursor_repeated"),
        (Answer(b"<html>"), Refuse, "page_malformed"),
        (Answer(b'{"items": [{"id": "1", "name": "a", "alias": "b"}], "next": null}'), Refuse, "unknown_column"),
        (Answer(b" " * (http.BODY_BYTES_MAX + 1)), Refuse, "answer_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_asking_again_does_not_mend_ends_at_once(
    agency: Agency, answer: Answer, kind: type[HubError], code: str
) -> None:
    """A refused token, another path, a redirect, an endless loop, drift, a huge answer: each by its code."""
    agency.answers.update({None: [answer], "p1": [answer]})
    assert refused(agency, kind).code == code


def test_neither_token_nor_cursor_is_logged(agency: Agency, caplog: pytest.LogCaptureFixture) -> None:
    """httpx would log whole addresses, and a cursor may hold a citizen id."""
    agency.answers[SEALED_CURSOR] = [page(0, 1, None)]
    with caplog.at_level(logging.DEBUG):
        list(read(agency, SEALED_CURSOR))
    assert [cursor for cursor, _ in agency.asked] == [SEALED_CURSOR]
    assert SEALED_CURSOR not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("token", ["a\nb", "密钥", "\t"])
def test_a_token_that_no_header_can_carry_is_misuse(agency: Agency, token: str) -> None:
    """It is not shown."""
    with pytest.raises(Misuse) as misuse:
        next(read(agency, token=token))
    assert token not in misuse.value.message


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "file:///etc", "127.0.0.1:80", "/tmp"])
def test_only_http_is_asked(address: str) -> None:
    """Any other scheme is misuse before anything is opened."""
    connector = Connector("bench_http", "bench", "person", Title("样例", "sample"), SOURCE, ("id",), {})
    with pytest.raises(Misuse, match="form http"):
        open_feed(connector, Address(address))
