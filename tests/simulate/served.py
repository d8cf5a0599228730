"""Reading what the simulated agencies serve, through their sockets and folder alone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import psycopg
from psycopg.rows import dict_row

from exchange.simulate.agencies import Agencies

MARKET, CUSTOMS, POLICE = "market_regulation_companies", "customs_enterprises", "public_security_residents"
PATH = "/api/v1/residents"


def market_rows(agencies: Agencies) -> list[dict[str, object]]:
    """Every row of the register."""
    with psycopg.connect(agencies.addresses[MARKET].url, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM e_baseinfo ORDER BY update_time, pripid").fetchall()


def whole_drops(agencies: Agencies) -> list[Path]:
    """Files with a done-marker, by name."""
    folder = Path(agencies.addresses[CUSTOMS].url)
    return [path for path in sorted(folder.glob("*.csv")) if path.with_name(path.name + ".done").exists()]


def customs_drop(path: Path) -> tuple[list[str], list[bytes]]:
    """The header of a drop, and its other lines in their order, the title first; a quoted line break ends no line."""
    lines = path.read_bytes().removeprefix("\ufeff".encode("gb18030")).split(b"\r\n")[:-1]
    at = next(at for at, line in enumerate(lines) if line.startswith("海关注册编码".encode("gb18030")))
    return fields_of(lines[at]), lines[:at] + lines[at + 1 :]


def fields_of(line: bytes) -> list[str]:
    """A line's fields as Python's csv reads them, whichever of the two encodings it is in."""
    try:
        text = line.decode("gb18030")
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
    return next(csv.reader(io.StringIO(text, newline="")), [])


def ask(agencies: Agencies, cursor: str | None, limit: int) -> httpx.Response:
    """One request with the token, tried again once where the interface says so, without waiting."""
    address = agencies.addresses[POLICE]
    parameters = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    headers = {"Authorization": f"Bearer {address.token}"}
    with httpx.Client(headers=headers, trust_env=False) as client:
        answer = client.get(address.url + PATH, params=parameters)
        if answer.status_code != httpx.codes.OK:
            answer = client.get(address.url + PATH, params=parameters)
    return answer


def residents(agencies: Agencies, limit: int = 1_000) -> list[dict[str, object]]:
    """Every item of the interface, page after page."""
    items: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        body = ask(agencies, cursor, limit).json()
        items.extend(body["items"])
        cursor = body["next"]
        if cursor is None:
            return items
