"""What an event shows and what a golden record holds, as one digest each: they are compared without keeping either.

Both are brought to the same text, `name=length:text;` of each filled column in the order of the names: the event's here,
the golden record's by the database, so that only digests leave it. Envelopes are in hexadecimal.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import ItemsView, Mapping
from hashlib import sha256

import polars as pl
import psycopg
from psycopg import sql

from exchange.verify.golden import golden_table
from exchange.verify.ground import frame

DIGEST_BYTES = 16
NOTHING = sha256(b"").digest()[:DIGEST_BYTES]
"""The digest where nothing is shown: of a withdrawn entity."""
GOLDEN = {"entity": pl.String(), "golden": pl.Binary()}


def shown(value: Mapping[str, object]) -> bytes:
    """The digest of what an event's value shows. Raises ValueError, KeyError or TypeError if it is not of its form."""
    texts = {f"values/{name}": _text(each) for name, each in _members(value["values"])}
    for group, each in _members(value["sealed"]):
        parts = dict(_members(each))
        texts[f"sealed/{group}"] = b64decode(_text(parts["envelope"]), validate=True).hex()
        texts[f"sealed/{group}_record"] = _text(parts["record"])
    if value["sources"] != []:
        texts["sources"] = _text(value["sources"])
    pieces = [f"{name}={len(text.encode())}:{text};" for name, text in sorted(texts.items())]
    return sha256("".join(pieces).encode()).digest()[:DIGEST_BYTES]


def golden_digests(connection: psycopg.Connection, library: str) -> pl.DataFrame:
    """Entity and digest of each golden record of a library (schema GOLDEN)."""
    table = golden_table(connection, library)
    texts: dict[str, sql.Composable] = {"sources": sql.SQL("sources")}
    texts |= {f"values/{name}": sql.SQL("{}::text").format(sql.Identifier(name)) for name in table.columns}
    for name in (name for group in table.groups for name in (group, f"{group}_record")):
        texts[f"sealed/{name}"] = sql.SQL("encode({}, 'hex')").format(sql.Identifier(name))
    pieces = [
        sql.SQL("{} || octet_length({}) || ':' || {} || ';'").format(sql.Literal(f"{name}="), text, text)
        for name, text in sorted(texts.items())
    ]
    # Pieces of empty columns are null, and array_to_string leaves these out.
    query = sql.SQL(
        "SELECT entity_id, substring(sha256(convert_to(array_to_string(ARRAY[{}], ''), 'UTF8')) FOR {}) FROM {}"
    ).format(sql.SQL(", ").join(pieces), DIGEST_BYTES, table.identifier)
    return frame(connection, query, GOLDEN)


def _members(value: object) -> ItemsView[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value.items()


def _text(value: object) -> str:
    """A member as text: booleans as JSON and the database write them.

    >>> _text("a"), _text(True), _text([["a", "b"]])
    ('a', 'true', '[["a","b"]]')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
