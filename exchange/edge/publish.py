"""Publish: move a library's changes to its topic, exactly once (design §4.4, reliability findings 1 to 3).

The producer is initialised first (that fences an older publisher and ends its transaction), then the position is read
from the topic, then changes after it are sent with their new position in one Kafka transaction, page by page. Anything
indefinite ends this producer: the next one reads from the topic what really happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from adbc_driver_postgresql import dbapi
from confluent_kafka import KafkaError, KafkaException, Producer

from exchange.core.errors import Broken, HubError
from exchange.core.event import Headers, Stream, headers_at
from exchange.core.topics import MAJOR, library_topic, position_topic
from exchange.edge.broker.address import Broker, client_options
from exchange.edge.broker.position import Position, position_value, read_position
from exchange.edge.broker.topics import broker_away, ensure_topics
from exchange.edge.handover import Beside, nobody
from exchange.edge.pending import Part, Waiting, parts
from exchange.edge.store.audit import append_audit
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected, read
from schemas import columns as facts

_SECONDS = 60.0
_FENCED = frozenset({KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH})


@dataclass(frozen=True)
class Published:
    """What one publishing came to; `entities`: the library's live entities."""

    library: str
    entities: int
    changes: int
    published: int
    overtaken: int

    def and_then(self, later: Published) -> Published:
        """This and what was published of the library after it, as one."""
        return Published(
            self.library,
            later.entities,
            self.changes + later.changes,
            self.published + later.published,
            self.overtaken + later.overtaken,
        )

    @property
    def balanced(self) -> bool:
        """Whether each change went out or was overtaken by a later one."""
        return self.changes == self.published + self.overtaken


@dataclass(frozen=True)
class Sender:
    """An initialised transactional producer, its topics, and the store whose secrets make the tags."""

    producer: Producer
    library: str
    topic: str
    position_topic: str
    store: Store


def publish(
    store: Store,
    broker: Broker,
    library: str,
    progress: Callable[[int], None],
    beside: Beside | None = None,
) -> Published:
    """Publish what is not published yet, and with a run `beside` go on with what it settles until it has ended.

    Raises Broken `database_restored` if the topic is ahead of or beside the database, Away if the broker gives no
    definite answer (nothing is lost: publish again).
    """
    topic = library_topic(library, broker.prefix)
    ensure_topics(broker, [topic])
    ensure_topics(broker, [position_topic(broker.prefix)], partitions=1)
    producer = Producer({**client_options(broker), **_options(topic)})
    try:
        producer.init_transactions(_SECONDS)
        position = read_position(broker, topic)
        with connected(store.url) as connection:
            sender = Sender(producer, library, topic, position_topic(broker.prefix), store)
            return _publish(connection, sender, position, progress, beside or nobody())
    except KafkaException as error:
        raise _ours(error) from error
    finally:
        producer.purge()
        producer.flush(1.0)


def _ours(error: KafkaException) -> HubError:
    """Another publisher took over, or the broker gave no definite answer."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, KafkaError) and cause.code() in _FENCED:
        return Broken(
            "publisher_fenced",
            "另一个发布进程已接管该主题。Another publisher has taken over the topic.",
            "等待它结束。Wait for it to end; nothing was lost.",
        )
    return broker_away()


def _options(topic: str) -> dict[str, str | int]:
    return {
        "transactional.id": f"hub-{topic}",
        "enable.idempotence": "true",
        "acks": "all",
        "log_level": 3,
        # Every message that fails is reported; silence, an emptied queue and a commit mean that all have arrived.
        "delivery.report.only.error": True,
        "compression.type": "lz4",
        "linger.ms": 20,
        "batch.num.messages": 50_000,
        "queue.buffering.max.messages": 200_000,
        "queue.buffering.max.kbytes": 262_144,
        "transaction.timeout.ms": 60_000,
        "message.max.bytes": 8_000_000,
        "partitioner": "murmur2_random",
    }


def _publish(
    connection: dbapi.Connection,
    sender: Sender,
    position: Position | None,
    progress: Callable[[int], None],
    beside: Beside,
) -> Published:
    library = sender.library
    row = read(connection, "SELECT id, incarnation FROM library WHERE name = $1", library)
    connection.rollback()
    if not row.height:
        if position is not None:
            raise _restored()
        return Published(library, 0, 0, 0, 0)
    library_id, incarnation = row.row(0)
    now = position or Position(incarnation, 0, "", 0, 0)
    _require_known(connection, library_id, incarnation, now)
    stream = Stream(library, incarnation, MAJOR[library], facts.public(library), facts.groups(library))
    begun = now
    with closing(parts(Waiting(sender.store, library_id, stream, beside), now.seq)) as coming:
        for part in coming:
            now = _send(sender, stream, part, now)
            progress(part.last_seq - begun.seq)
    if now is not begun:
        detail = {"topic": sender.topic, "from": begun.seq, "to": now.seq, "published": now.published - begun.published}
        read(connection, "SELECT id FROM library WHERE id = $1 FOR UPDATE", library_id)
        append_audit(connection, library_id, "published", detail)
        connection.commit()
    entities = int(read(connection, "SELECT entities FROM library WHERE id = $1", library_id)["entities"][0])
    connection.rollback()
    return Published(
        library, entities, now.seq - begun.seq, now.published - begun.published, now.overtaken - begun.overtaken
    )


def _require_known(connection: dbapi.Connection, library_id: int, incarnation: str, position: Position) -> None:
    """The database must know the page at whose end the topic stands; else it was restored from an older backup."""
    if position.incarnation == incarnation and position.seq == 0:
        return
    sql = "SELECT 1 FROM page WHERE library_id = $1 AND last_seq = $2 AND digest = decode($3, 'hex')"
    known = read(connection, sql, library_id, position.seq, position.digest).height > 0
    connection.rollback()
    if position.incarnation != incarnation or not known:
        raise _restored()


def _restored() -> Broken:
    return Broken(
        "database_restored",
        "主题的发布位置在数据库中不存在,数据库可能恢复自旧备份。"
        "The topic's position is unknown to the database: it was probably restored from an older backup.",
        "停止发布,恢复正确的数据库或另起新的 incarnation。"
        "Do not publish; restore the right database, or begin a new incarnation.",
    )


def _send(sender: Sender, stream: Stream, part: Part, before: Position) -> Position:
    """One Kafka transaction: the events and the position after them."""
    events, producer = part.events, sender.producer
    overtaken = part.last_seq - before.seq - events.height
    after = Position(
        stream.incarnation, part.last_seq, part.digest, before.published + events.height, before.overtaken + overtaken
    )
    failures: list[str] = []
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def report(error: object, _message: object) -> None:
        failures.append(str(error))

    headers = headers_at(stream, time)
    producer.begin_transaction()
    heads = (headers(change) for change in events.drop("value").iter_rows())
    _produce(sender, sender.topic, zip(events["value"], events["entity_id"], heads, strict=True), report)
    _produce(sender, sender.position_topic, [(position_value(after), sender.topic, [])], report)
    left = producer.flush(_SECONDS)
    if failures or left:
        producer.abort_transaction(_SECONDS)
        raise broker_away()
    producer.commit_transaction(_SECONDS)
    return after


def _produce(
    sender: Sender,
    topic: str,
    messages: Iterable[tuple[bytes, str, Headers]],
    report: Callable[[object, object], None],
) -> None:
    """Hand over messages (value, key, headers); a full queue is waited for."""
    produce, poll = sender.producer.produce, sender.producer.poll
    for value, key, head in messages:
        while True:
            try:
                produce(topic, value, key, headers=head, on_delivery=report)
                break
            except BufferError:
                poll(0.5)
