"""The police's interface: `GET /api/v1/residents?cursor=…&limit=…` behind a bearer token, as a process of its own.

Run as `python -m exchange.simulate.residents_api DIRECTORY PORT`; DIRECTORY holds `token`, and `residents` lies beside
it. It answers 429 with Retry-After or 503 for a fixed few cursors, each once, the very first page among them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
import sys
from functools import lru_cache
from pathlib import Path

import polars as pl
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from exchange.simulate.population import read_parts

LIMIT = 1_000
LIMIT_MAX = 10_000
REFUSED_EVERY = 12
"""About one cursor in so many is refused once, half of them for haste, half for trouble."""


@lru_cache(maxsize=2)
def _part(path: Path, *_modified_ns: int) -> pl.DataFrame:
    return pl.read_parquet(path)


def rows_from(home: Path, position: int, limit: int) -> tuple[pl.DataFrame, bool]:
    """At most `limit` rows from a position on, and whether there are more behind them."""
    found: list[pl.DataFrame] = []
    start, wanted = 0, limit
    parts = read_parts(home)
    for name, rows in parts:
        begin = max(position - start, 0)
        if begin < rows and wanted > 0:
            path = home / "residents" / name
            found.append(_part(path, path.stat().st_mtime_ns).slice(begin, wanted))
            wanted -= len(found[-1])
        start += rows
    return pl.concat(found) if found else pl.DataFrame(), position + limit < start


def cursor_at(position: int, last: tuple[int, str]) -> str:
    """The opaque text of a position: where it is, and the time and number of the last row before it.

    >>> position_of(cursor_at(5000, (1700000000000, "120116201501010026")))
    5000
    """
    return base64.urlsafe_b64encode(json.dumps([position, *last]).encode()).decode()


def position_of(cursor: str) -> int:
    """The position in a cursor. Raises ValueError if it is none of ours."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor.encode()))[0]
    except (binascii.Error, UnicodeError, json.JSONDecodeError, LookupError, TypeError) as broken:
        raise ValueError("cursor") from broken
    if not isinstance(position, int) or position < 0:
        raise ValueError("cursor")
    return position


def refusal(position: int) -> int | None:
    """The status with which the first request of a position is refused, if it is.

    >>> refusal(0)
    429
    """
    if position == 0:
        return 429
    chance = hashlib.blake2b(str(position).encode(), digest_size=2).digest()
    return (429, 503)[chance[1] % 2] if chance[0] % REFUSED_EVERY == 0 else None


def application(home: Path, token: str) -> Starlette:
    """The interface over the register in `home`."""
    refused: set[int] = set()

    def residents(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "unauthorized"}, 401)
        try:
            cursor = request.query_params.get("cursor", "")
            position = position_of(cursor) if cursor else 0
            limit = min(int(request.query_params.get("limit", LIMIT)), LIMIT_MAX)
        except ValueError:
            return JSONResponse({"error": "bad request"}, 400)
        if limit < 1:
            return JSONResponse({"error": "bad request"}, 400)
        status = refusal(position)
        if status is not None and position not in refused:
            refused.add(position)
            return JSONResponse({"error": "try again"}, status, {"Retry-After": "1"} if status == 429 else None)
        return _page(home, position, limit)

    return Starlette(routes=[Route("/api/v1/residents", residents)])


def _page(home: Path, position: int, limit: int) -> Response:
    rows, more = rows_from(home, position, limit)
    following = cursor_at(position + len(rows), (rows["GXSJ"][-1], rows["GMSFHM"][-1])) if more else None
    items = rows.write_json() if len(rows) else "[]"
    return Response(f'{{"items":{items},"next":{json.dumps(following)}}}', media_type="application/json")


def main(directory: Path, port: int) -> None:
    """Serve until stopped."""
    token = (directory / "token").read_text(encoding="utf-8")
    app = application(directory.parent, token)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
