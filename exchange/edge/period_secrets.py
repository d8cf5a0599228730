"""Period secrets: one per (library, field group, audience, period), wrapped in the database, and the numbers leased.

A data key is HKDF(secret, n). Numbers are leased in the database and the lease is committed before the key seals
anything, so that no two pages share a data key: not two processes, not two tries of one task, not a process and its
fork. The groups `quarantine` and `cursor` of each library, and the group `index` of library `*`, are the hub's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from exchange.core.data_key import PageKeys, derive
from exchange.core.envelope import KEY_ID_BYTES, SM4_CTR_HMAC_SM3
from exchange.core.errors import Broken, Misuse
from exchange.core.keyed import KEY_BYTES, index_keys, joined
from exchange.edge.keys import FileKeys, KeyProvider, open_file_keys
from exchange.edge.store.key_tables import define

HUB = "hub"
"""The audience of the hub's own topics."""
INDEX = ("*", "index")
"""Library and group of the secret behind all keyed hashes. It is never granted and has no periods: a new one would
change every source key and link."""
OWN_GROUPS = ("quarantine", "cursor")

_SECRETS = define(MetaData())


@dataclass(frozen=True)
class PeriodSecret:
    """A period's secret, unwrapped. `secret` makes data keys (`derive`) and the tag key (`tag_key`)."""

    key_id: bytes
    library: str
    group: str
    audience: str
    period: int
    suite: int
    secret: bytes = field(repr=False)


def current_secret(
    connection: Connection, provider: KeyProvider, library: str, group: str, audience: str = HUB
) -> PeriodSecret:
    """The open period's secret; the first call opens period 1, and the first after `close_period` the next one, in the
    provider's suite. An open period keeps the suite it has, whatever the provider says: among processes that are set
    differently, each reads what all seal with from the database.

    Safe among processes at READ COMMITTED: whoever comes second waits for the first and reads its secret.
    """
    row = _open_row(connection, library, group, audience)
    if row is None:
        _create(connection, provider, library, group, audience)
        row = _open_row(connection, library, group, audience)
    if row is None:
        raise Broken(
            "period_secret_lost",
            f"无法为 {library}/{group} 建立密钥周期。No key period could be opened for {library}/{group}.",
            "重试;数据库须使用 READ COMMITTED。Try again; the database must be at READ COMMITTED.",
        )
    return _unwrapped(provider, row)


def secret_by_id(connection: Connection, provider: KeyProvider, key_id: bytes) -> PeriodSecret:
    """The secret an envelope's header names, of an open or a closed period; Misuse if there is none."""
    row = connection.execute(select(_SECRETS).where(_SECRETS.c.key_id == key_id)).mappings().one_or_none()
    if row is None:
        raise _unknown(key_id)
    return _unwrapped(provider, row)


def lease(connection: Connection, key_id: bytes, count: int = 1) -> range:
    """Data key numbers for the caller alone. Commit before sealing with them.

    Raises Misuse if there is no such secret or its period is closed.
    """
    if count < 1:
        raise ValueError("at least one number is leased")
    statement = (
        update(_SECRETS)
        .where(_SECRETS.c.key_id == key_id, _SECRETS.c.closed_at.is_(None))
        .values(next_n=_SECRETS.c.next_n + count)
        .returning(_SECRETS.c.next_n)
    )
    end: int | None = connection.execute(statement).scalar_one_or_none()
    if end is None:
        raise _unknown(key_id)
    return range(end - count, end)


def close_period(connection: Connection, key_id: bytes) -> None:
    """End a period: nothing is sealed with its secret any more, what was sealed still opens."""
    connection.execute(
        update(_SECRETS).where(_SECRETS.c.key_id == key_id, _SECRETS.c.closed_at.is_(None)).values(closed_at=func.now())
    )


def page_keys(engine: Engine, provider: KeyProvider, library: str, groups: Sequence[str]) -> PageKeys:
    """Fresh data keys for one page: a number of its own per field group, leased and committed here.

    Raises Misuse if the provider can't open the secrets: no key, no page.
    """
    if set(groups) & set(OWN_GROUPS):
        raise ValueError(f"{OWN_GROUPS} are the hub's own groups")
    wanted = (*groups, *OWN_GROUPS)
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        index = current_secret(connection, provider, *INDEX)
        leased = _lease_open(connection, library, wanted)
        for group in sorted(set(wanted) - set(leased)):
            current_secret(connection, provider, library, group)
        if len(leased) < len(wanted):
            leased |= _lease_open(connection, library, sorted(set(wanted) - set(leased)))
    keys = {
        group: derive(_unwrapped(provider, row).secret, row["key_id"], row["next_n"] - 1, row["suite"])
        for group, row in leased.items()
    }
    return PageKeys(
        groups={group: keys[group] for group in groups},
        quarantine=keys["quarantine"],
        cursor=keys["cursor"],
        index=index_keys(index.secret),
    )


def open_keys(connection: Connection, home: Path, suite: int = SM4_CTR_HMAC_SM3) -> FileKeys:
    """The master key below `home`, made on first use only; periods are opened in that suite.

    Once anything is wrapped in the database, a missing master key is a loss (Misuse), never a reason for a new one.
    """
    wrapped = connection.execute(select(_SECRETS.c.key_id).limit(1)).first() is not None
    return replace(open_file_keys(home, create=not wrapped), suite=suite)


def _lease_open(connection: Connection, library: str, groups: Sequence[str]) -> dict[str, RowMapping]:
    """One number of each open secret in one statement, by group; rows are locked in one order, so none deadlocks."""
    locked = (
        select(_SECRETS.c.key_id)
        .where(
            _SECRETS.c.library == library,
            _SECRETS.c.field_group.in_(groups),
            _SECRETS.c.audience == HUB,
            _SECRETS.c.closed_at.is_(None),
        )
        .order_by(_SECRETS.c.key_id)
        .with_for_update()
        .cte("locked")
    )
    statement = (
        update(_SECRETS)
        .where(_SECRETS.c.key_id == locked.c.key_id)
        .values(next_n=_SECRETS.c.next_n + 1)
        .returning(*_SECRETS.c)
    )
    return {row["field_group"]: row for row in connection.execute(statement).mappings()}


def _open_row(connection: Connection, library: str, group: str, audience: str) -> RowMapping | None:
    return (
        connection.execute(
            select(_SECRETS).where(
                _SECRETS.c.library == library,
                _SECRETS.c.field_group == group,
                _SECRETS.c.audience == audience,
                _SECRETS.c.closed_at.is_(None),
            )
        )
        .mappings()
        .one_or_none()
    )


def _create(connection: Connection, provider: KeyProvider, library: str, group: str, audience: str) -> None:
    """Open the next period, unless another process just did."""
    place = (_SECRETS.c.library == library, _SECRETS.c.field_group == group, _SECRETS.c.audience == audience)
    last = connection.execute(select(func.coalesce(func.max(_SECRETS.c.period), 0)).where(*place)).scalar_one()
    values = {
        "key_id": secrets.token_bytes(KEY_ID_BYTES),
        "library": library,
        "field_group": group,
        "audience": audience,
        "period": last + 1,
        "suite": provider.suite,
    }
    wrapped = provider.wrap(secrets.token_bytes(KEY_BYTES), _context(values))
    connection.execute(insert(_SECRETS).values(**values, wrapped=wrapped).on_conflict_do_nothing())


def _context(row: RowMapping | Mapping[str, Any]) -> bytes:
    """What a wrapped secret is bound to: whoever can write the table can't give a group another group's secret."""
    return joined(
        row["key_id"],
        row["library"].encode(),
        row["field_group"].encode(),
        row["audience"].encode(),
        row["period"].to_bytes(4, "big"),
        bytes([row["suite"]]),
    )


def _unwrapped(provider: KeyProvider, row: RowMapping) -> PeriodSecret:
    return PeriodSecret(
        key_id=row["key_id"],
        library=row["library"],
        group=row["field_group"],
        audience=row["audience"],
        period=row["period"],
        suite=row["suite"],
        secret=provider.unwrap(row["wrapped"], _context(row)),
    )


def _unknown(key_id: bytes) -> Misuse:
    return Misuse(
        "period_secret_unknown",
        f"没有开放的密钥 {key_id.hex()}。There is no open secret {key_id.hex()}.",
        "检查数据库是否为同一套。Check that this is the hub's own database.",
    )
