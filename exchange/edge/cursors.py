"""Sealed cursors, opened where a feed is fetched again."""

from __future__ import annotations

from collections.abc import Mapping

from exchange.core.data_key import derive
from exchange.core.envelope import parse
from exchange.core.keyed import index_keys
from exchange.core.seal import Place, aad, open_envelope
from exchange.core.seal_page import cursor_id
from exchange.core.topics import MAJOR
from exchange.edge.period_secrets import INDEX, current_secret, secret_by_id
from exchange.edge.store.database import Store


def open_cursors(store: Store, library: str, feed: str, sealed: Mapping[str, bytes]) -> dict[str, str | None]:
    """Partition → cursor, for sealed cursors of one feed."""
    with store.engine.begin() as connection:
        index = index_keys(current_secret(connection, store.keys, *INDEX).secret)
        opened: dict[str, str | None] = {}
        for partition, envelope in sealed.items():
            header = parse(envelope)
            secret = secret_by_id(connection, store.keys, header.key_id)
            key = derive(secret.secret, header.key_id, header.n, header.suite)
            bound = aad(Place(library, "cursor", MAJOR[library]), cursor_id(index, feed, partition), header.key_id)
            opened[partition] = open_envelope(key, envelope, bound).decode()
    return opened
