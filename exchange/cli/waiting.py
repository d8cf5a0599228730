"""What waits, for `hub status`: counts straight from the tables, and how far each topic is behind its library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, inspect, text

from exchange.core.errors import Away
from exchange.core.topics import library_topic, position_topic
from exchange.edge.broker.address import Broker
from exchange.edge.broker.position import LOOK_SECONDS, read_position
from exchange.edge.broker.topics import present_topics
from exchange.edge.store.database import open_engine

_QUERIES = {
    "open_batches": "SELECT count(*) FROM batch WHERE state = 'open'",
    "quarantined_rows": "SELECT count(*) FROM quarantine WHERE state = 'open'",
    "link_conflicts": "SELECT count(*) FROM link_conflict",
    "legal_persons": "SELECT coalesce(sum(entities), 0) FROM library WHERE name = 'legal_person'",
    "persons": "SELECT coalesce(sum(entities), 0) FROM library WHERE name = 'person'",
}
_LIBRARIES = "SELECT name, incarnation, last_seq FROM library ORDER BY id"
_OPEN = (
    "SELECT feed.name, opened_at, extract(epoch FROM now() - opened_at)::bigint FROM batch "
    "JOIN feed ON feed.id = feed_id WHERE state = 'open' ORDER BY opened_at"
)
_ENDED = (
    "SELECT DISTINCT ON (feed.name) feed.name, state, closed_at, stopped_because FROM batch "
    "JOIN feed ON feed.id = feed_id WHERE state <> 'open' ORDER BY feed.name, batch.id DESC"
)

ZH = {
    "open_batches": "未结批次",
    "quarantined_rows": "隔离行",
    "link_conflicts": "未判定的关联",
    "legal_persons": "法人",
    "persons": "人口",
}


@dataclass(frozen=True)
class OpenBatch:
    """A batch under way or cut off, and for how many seconds it has been open by the database's clock."""

    feed: str
    opened_at: datetime
    seconds: int


@dataclass(frozen=True)
class LastRun:
    """How a feed's last ended batch ended; `stopped_because`: the code of the error that stopped it."""

    feed: str
    state: str
    closed_at: datetime
    stopped_because: str | None


@dataclass(frozen=True)
class Waiting:
    """`counts`: name → count. `unpublished`: library → changes that its topic has not, None where that is not known."""

    counts: Mapping[str, int]
    unpublished: Mapping[str, int | None]
    open_batches: tuple[OpenBatch, ...]
    last_runs: tuple[LastRun, ...]


NOTHING = Waiting({}, {}, (), ())


def waiting(database_url: str, broker: Broker | None) -> Waiting:
    """What waits; nothing where the hub's tables are not made yet. `broker`: None where none is within reach."""
    engine = open_engine(database_url)
    try:
        if not inspect(engine).has_table("batch"):
            return NOTHING
        with engine.connect() as connection:
            counts = {name: int(connection.execute(text(query)).scalar_one()) for name, query in _QUERIES.items()}
            begun = tuple(OpenBatch(*row) for row in connection.execute(text(_OPEN)))
            ended = tuple(LastRun(*row) for row in connection.execute(text(_ENDED)))
            return Waiting(counts, _unpublished(connection, broker), begun, ended)
    finally:
        engine.dispose()


def broker_answers(broker: Broker) -> bool:
    """Whether it can be reached. Misuse if it refuses the log-in."""
    try:
        present_topics(broker)
    except Away:
        return False
    return True


def database_answers(url: str) -> bool:
    """Whether it lets the hub in."""
    engine = open_engine(url)
    try:
        engine.connect().close()
    except Away:
        return False
    finally:
        engine.dispose()
    return True


def _unpublished(connection: Connection, broker: Broker | None) -> dict[str, int | None]:
    libraries = connection.execute(text(_LIBRARIES)).all()
    unknown: dict[str, int | None] = {name: None for name, _, _ in libraries}
    if broker is None or not libraries:
        return unknown
    try:
        if position_topic(broker.prefix) not in present_topics(broker):
            return {name: newest for name, _, newest in libraries}
        return {name: _behind(broker, name, incarnation, newest) for name, incarnation, newest in libraries}
    except Away:
        return unknown


def _behind(broker: Broker, library: str, incarnation: str, newest: int) -> int | None:
    """Changes after the topic's position; None where the position is that of another database."""
    position = read_position(broker, library_topic(library, broker.prefix), patience=LOOK_SECONDS)
    if position is None:
        return newest
    known = position.incarnation == incarnation and position.seq <= newest
    return newest - position.seq if known else None
