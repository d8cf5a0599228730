"""The contract under which a row was judged: connector and schema together, as one short digest.

When it changes, nothing counts as unchanged any more: every row is judged anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from exchange.core.chain import BEGIN, link
from exchange.core.connector import Connector
from schemas import VERSION

_JUDGES = ("library", "key", "columns", "codes", "constants", "ignore", "version", "version_parse", "registering")


def contract_of(connector: Connector, supplied: Mapping[str, frozenset[str]] | None = None) -> str:
    """16 hex digits over all that decides how a row of this feed is read and judged, titles and schedules left out; the
    codes of loaded lists (`supplied`) are part of it."""
    values = asdict(connector)
    facts = {name: _plain(values[name]) for name in _JUDGES}
    lists = {"supplied": {name: sorted(codes) for name, codes in supplied.items()}} if supplied else {}
    return link(BEGIN, {**facts, **lists, "schema": VERSION[connector.library]}).hex()[:16]


def _plain(value: object) -> object:
    """Sets in order, mappings as dicts, so that the same contract gives the same text."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value
