"""Paged JSON of an agency behind a bearer token, asked politely: bounded in time, size and number of tries.

The token, the cursor (it may hold a citizen id) and the body never enter an error or a log line; httpx's own log, which
shows whole addresses, is kept silent. Redirects are not followed: the token is for one host.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from exchange.core.connector import HttpSource
from exchange.core.errors import Away, HubError, Misuse, Refuse
from exchange.core.page import RawPage
from exchange.core.readers.contract import connector_file
from exchange.core.readers.json import JsonPage, read_items
from exchange.edge.fetch.paging import follow

BODY_BYTES_MAX = 64 * 1024 * 1024
ANSWER_SECONDS = 120.0
"""A whole answer must have come by then, however slowly it drips."""


@dataclass(frozen=True)
class Patience:
    """How often and how long to wait for an agency: seconds; `longest` also caps what Retry-After asks for."""

    attempts: int = 6
    first: float = 0.5
    longest: float = 60.0


@dataclass(frozen=True)
class Interface:
    """A source at an address; neither the address nor the token is shown."""

    connector: str
    address: str = field(repr=False)
    token: str | None = field(repr=False)
    source: HttpSource
    patience: Patience = Patience()


class _Again(Exception):
    """An answer that may be better next time: what became of it in the end, and how long to wait (seconds)."""

    def __init__(self, finally_: HubError, wait: float | None = None) -> None:
        super().__init__(finally_.code)
        self.finally_ = finally_
        self.wait = wait


def pages(interface: Interface, cursor: str | None, page_rows: int, start_number: int = 0) -> Iterator[RawPage]:
    """Pages from a cursor (None: from the beginning) until the interface names no next one.

    A page's cursor is where the next one begins; that of the last page is its own, so that the next run reads it again
    with what was added since. Raises Away after the last try, Misuse for a refused token, Refuse for everything that
    trying again does not mend.
    """
    limit = min(interface.source.page_rows, page_rows)
    number = start_number
    with _client(interface) as client:
        asked = follow(interface.connector, cursor or None)
        ask: str | None = next(asked)
        while True:
            opened_at = time.time_ns() // 1000
            page = _tried(interface, client, ask, limit)
            here = ask or ""
            for start in range(0, page.rows.height, page_rows):
                last = start + page_rows >= page.rows.height
                part = _part(page, start, page_rows)
                reached = (page.next_cursor or here) if last else here
                yield RawPage(interface.source.path, number, part.rows, part.broken, reached, opened_at)
                number += 1
            try:
                ask = asked.send(page.next_cursor)
            except StopIteration:
                return


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Seconds a Retry-After header asks to wait (RFC 9110 §10.2.3: seconds or a date); None if it says nothing.

    >>> retry_after_seconds("7", datetime(2026, 1, 5, tzinfo=UTC))
    7.0
    >>> retry_after_seconds("Mon, 05 Jan 2026 00:00:30 GMT", datetime(2026, 1, 5, tzinfo=UTC))
    30.0
    >>> retry_after_seconds("soon", datetime(2026, 1, 5, tzinfo=UTC))
    >>> retry_after_seconds("Mon, 05 Jan 2026 00:00:00 +9999999999999999", datetime(2026, 1, 5, tzinfo=UTC))
    """
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    then = then.replace(tzinfo=then.tzinfo or UTC)
    return max((then - now).total_seconds(), 0.0)


def _client(interface: Interface) -> httpx.Client:
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    token = interface.token
    if token is not None and not (token.isascii() and token.isprintable() and token.strip()):
        raise Misuse(
            "token_malformed",
            f"{interface.connector}：令牌含有不允许的字符。The token has characters no token may have.",
            f"核对 HUB_{interface.connector.upper()}_TOKEN。Check it.",
        )
    return httpx.Client(
        headers={"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
        timeout=httpx.Timeout(30.0, connect=10.0),
        follow_redirects=False,
        trust_env=False,
    )


def _tried(interface: Interface, client: httpx.Client, cursor: str | None, limit: int) -> JsonPage:
    """Ask for a page until it comes or patience ends."""
    patience = interface.patience

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _Again) else None
        backoff = patience.first * 2.0 ** (state.attempt_number - 1)
        return min(backoff if asked is None else asked, patience.longest)

    retrying = Retrying(
        stop=stop_after_attempt(patience.attempts), wait=wait, retry=retry_if_exception_type(_Again), reraise=True
    )
    try:
        return retrying(_ask, interface, client, cursor, limit)
    except _Again as error:
        raise error.finally_ from None


def _ask(interface: Interface, client: httpx.Client, cursor: str | None, limit: int) -> JsonPage:
    """Ask once. Raises _Again where asking again may help."""
    body = _body(interface, client, cursor, limit)
    source = interface.source
    try:
        return read_items(body, source.items, source.next_cursor, source.columns, interface.connector)
    except Refuse as error:
        if error.code == "page_malformed":
            raise _Again(error) from None
        raise


def _body(interface: Interface, client: httpx.Client, cursor: str | None, limit: int) -> bytes:
    address = interface.address.rstrip("/") + interface.source.path
    parameters = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    deadline = time.monotonic() + ANSWER_SECONDS
    try:
        with client.stream("GET", address, params=parameters) as answer:
            _require_success(interface, answer)
            body = bytearray()
            for block in answer.iter_bytes():
                body += block
                if len(body) > BODY_BYTES_MAX:
                    raise _refuse(interface, "answer_too_long", "返回内容超过 64 MB", "The answer is over 64 MB")
                if time.monotonic() > deadline:
                    raise _Again(_away(interface, "too slow"))
            return bytes(body)
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise _Again(_away(interface, type(error).__name__)) from None
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Misuse(
            "address_wrong",
            f"{interface.connector}：地址无法识别（{type(error).__name__}）。The address can't be read.",
            f"核对 HUB_{interface.connector.upper()}_URL 或 --from。Check it.",
        ) from None


def _require_success(interface: Interface, answer: httpx.Response) -> None:
    status = answer.status_code
    if status == httpx.codes.OK:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        wait = retry_after_seconds(answer.headers.get("Retry-After"), datetime.now(UTC))
        raise _Again(_away(interface, f"HTTP {status}"), wait)
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise Misuse(
            "token_refused",
            f"{interface.connector}：机构接口拒绝令牌（HTTP {status}）。The agency refuses the token (HTTP {status}).",
            f"核对 HUB_{interface.connector.upper()}_TOKEN，或向机构申请新令牌。Check it, or ask for a new one.",
        )
    raise _refuse(interface, "answer_unexpected", f"接口返回 HTTP {status}", f"The interface answers HTTP {status}")


def _part(page: JsonPage, start: int, rows: int) -> JsonPage:
    """Some of a page's rows, numbered from 0 again."""
    broken = page.broken.filter((page.broken["row"] >= start) & (page.broken["row"] < start + rows))
    if start:
        broken = broken.with_columns(broken["row"] - start)
    return JsonPage(page.rows.slice(start, rows), broken, page.next_cursor)


def _away(interface: Interface, what: str) -> Away:
    host = urlsplit(interface.address).hostname
    return Away(
        "source_away",
        f"{interface.connector}：机构接口 {host} 无法访问（{what}）。The agency's interface is away ({what}).",
        "稍后再试；核对地址和网络。Try later; check the address and the network.",
    )


def _refuse(interface: Interface, code: str, chinese: str, english: str) -> Refuse:
    file = connector_file(interface.connector)
    return Refuse(
        code,
        f"{interface.connector}：{chinese}。{english}.",
        f"与机构核对接口后修改 {file}。Settle it with the agency, then edit {file}.",
    )
