"""I2 exactly once and I3 order: what is on the libraries' topics, against the change logs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import polars as pl
import psycopg

from exchange.verify.finding import Finding, Unreached, Wrong, concluded
from exchange.verify.ground import Ground, count, frame, number, rows, snapshot
from exchange.verify.payload import NOTHING, golden_digests
from exchange.verify.topic import Event, Position, event, library_topic, messages, read_position

TRIES = 5
EVENTS = {
    "partition": pl.Int64(),
    "offset": pl.Int64(),
    "key": pl.String(),
    "entity": pl.String(),
    "version": pl.Int64(),
    "subject": pl.String(),
    "sequence": pl.String(),
    "kind": pl.String(),
    "incarnation": pl.String(),
    "library": pl.String(),
    "seq": pl.Int64(),
    "shown": pl.Binary(),
}
EVENTS_PER_PART = 50_000
CHANGES = {"seq": pl.Int64(), "entity": pl.String(), "version": pl.Int64(), "kind": pl.String()}


@dataclass(frozen=True)
class Topic:
    """A library's topic: its events in the order of the partitions, what is no event, how far it is published."""

    library: str
    events: pl.DataFrame
    strange: int
    position: Position | None


@dataclass(frozen=True)
class Log:
    """A library's change log as of the scan. `digest_known`: the database has the page at which the position stands."""

    incarnation: str
    last_seq: int
    changes: pl.DataFrame
    entities: pl.DataFrame
    golden: pl.DataFrame
    digest_known: bool


def read_topics(ground: Ground, prefix: str) -> list[Topic]:
    """The topics of all libraries in the database, each as of one position."""
    with snapshot(ground.database_url) as connection:
        libraries = [str(row[0]) for row in rows(connection, "SELECT name FROM library ORDER BY name")]
    return [_read_topic(ground, library, prefix) for library in libraries]


def _read_topic(ground: Ground, library: str, prefix: str) -> Topic:
    name = library_topic(library, prefix)
    before = read_position(ground, name, prefix)
    for _ in range(TRIES):
        ground.note(f"读取主题 {name}。Reading the topic {name}.")
        found = as_topic(library, map(event, messages(ground, name)), before)
        after = read_position(ground, name, prefix)
        if before == after:
            return found
        before = after
    raise Unreached(f"{name} 正在发布，读不到静止状态", f"{name} is being published and never stood still")


def as_topic(library: str, found: Iterable[Event | None], position: Position | None) -> Topic:
    """What was read of a topic, in the order of its partitions; None stands for a message that is no event."""
    parts, strange, read = [pl.DataFrame(schema=EVENTS)], 0, iter(found)
    # In parts: as Python values a million events would be large.
    while part := list(islice(read, EVENTS_PER_PART)):
        known = [tuple(each.__dict__.values()) for each in part if each is not None]
        strange += len(part) - len(known)
        parts.append(pl.DataFrame(known, schema=EVENTS, orient="row"))
    return Topic(library, pl.concat(parts), strange, position)


def exactly_once(ground: Ground, topics: list[Topic]) -> Finding:
    """I2 over all libraries."""
    with snapshot(ground.database_url) as connection:
        return exactly_once_in(connection, topics)


def exactly_once_in(connection: psycopg.Connection, topics: list[Topic]) -> Finding:
    """The same as a session sees it."""
    wrongs: list[Wrong] = []
    waiting = examined = 0
    for topic in topics:
        log = _log(connection, topic)
        wrongs += [*_once(topic, log), _altered(topic, log)]
        waiting += log.last_seq - (topic.position.seq if topic.position else 0)
        examined += topic.events.height
    return concluded(examined, wrongs, f"待发布变更 {waiting}", f"{waiting} changes wait to be published")


def _log(connection: psycopg.Connection, topic: Topic) -> Log:
    [(library, incarnation, last_seq)] = rows(
        connection, "SELECT id, incarnation, last_seq FROM library WHERE name = %s", topic.library
    )
    changes = frame(
        connection, "SELECT seq, entity_id, version, kind FROM change WHERE library_id = %s", CHANGES, library
    )
    schema = {"entity": pl.String(), "now": pl.Int64()}
    entities = frame(connection, "SELECT id, version FROM entity WHERE library_id = %s", schema, library)
    at = topic.position
    known = at is None or at.seq == 0 or count(
        connection,
        "SELECT count(*) FROM page WHERE library_id = %s AND last_seq = %s AND encode(digest, 'hex') = %s",
        library, at.seq, at.digest,
    ) > 0  # fmt: skip
    golden = golden_digests(connection, topic.library)
    return Log(str(incarnation), number(last_seq), changes, entities, golden, known)


def _once(topic: Topic, log: Log) -> list[Wrong]:
    """What is wrong with one topic."""
    events, at = topic.events, topic.position
    upto = at.seq if at else 0
    said = events.select("seq", "entity", "version", topic=pl.col("kind").str.strip_prefix(f"{topic.library}."))
    matched = said.join(log.changes, on=["seq", "entity", "version"], how="left")
    unknown = matched.filter(
        pl.col("kind").is_null() | (pl.col("kind") != pl.col("topic")) | (pl.col("seq") > upto)
    ).height
    other = events.filter((pl.col("incarnation") != log.incarnation) | (pl.col("library") != topic.library)).height
    last = events.group_by("entity").agg(last=pl.col("version").max())
    waits = log.changes.filter(pl.col("seq") > upto).select("entity").unique()
    published = log.changes.filter(pl.col("seq") <= upto)
    lost = (
        published.join(events, on=["entity", "version"], how="anti")
        .join(waits, on="entity", how="anti")
        .join(last, on="entity", how="left")
        .filter(pl.col("last").is_null() | (pl.col("last") <= pl.col("version")))
    )
    stale = last.join(waits, on="entity", how="anti").join(log.entities, on="entity", how="left")
    name = topic.library
    return [
        Wrong(topic.strange, f"{name} 非事件的消息", f"messages of {name} that are no events"),
        Wrong(
            events.height - events.unique(["entity", "version"]).height,
            f"{name} 重复事件",
            f"repeated events of {name}",
        ),
        Wrong(unknown, f"{name} 变更日志中没有的事件", f"events of {name} that are no published change"),
        Wrong(other, f"{name} 另一 incarnation 的事件", f"events of {name} of another incarnation"),
        Wrong(lost.height, f"{name} 丢失的变更", f"changes of {name} lost"),
        Wrong(
            stale.filter(pl.col("last").ne_missing(pl.col("now"))).height,
            f"{name} 末版本不符",
            f"entities of {name} at another version",
        ),
        Wrong(
            _ill_placed(at, log, events.height), f"{name} 发布位置不符", f"position of {name} not that of the database"
        ),
    ]


def _altered(topic: Topic, log: Log) -> Wrong:
    """Entities of the version last published whose golden record is not what that event shows."""
    last = topic.events.sort("version").unique("entity", keep="last").select("entity", "version", "shown")
    settled = last.join(log.entities, left_on=["entity", "version"], right_on=["entity", "now"])
    held = settled.join(log.golden, on="entity", how="left").with_columns(pl.col("golden").fill_null(NOTHING))
    return Wrong(
        held.filter(pl.col("golden") != pl.col("shown")).height,
        f"{topic.library} 主记录与末次事件不符",
        f"golden records of {topic.library} unlike their last event",
    )


def _ill_placed(at: Position | None, log: Log, events: int) -> int:
    """1 if the position can't be: beyond the log, of another database, or with counts that do not add up."""
    if at is None:
        return int(events > 0)
    adds_up = at.published + at.overtaken == at.seq and events <= at.published
    return int(not (adds_up and at.incarnation == log.incarnation and at.seq <= log.last_seq and log.digest_known))


def order(topics: list[Topic]) -> Finding:
    """I3: per key the version strictly rises with the offset, and the event names one entity and version throughout."""
    wrongs: list[Wrong] = []
    for topic in topics:
        events = topic.events.sort("partition", "offset")
        sinking = events.with_columns(before=pl.col("version").shift(1).over("key")).filter(
            pl.col("version") <= pl.col("before")
        )
        spread = events.group_by("key").agg(pl.col("partition").n_unique()).filter(pl.col("partition") > 1)
        unlike = events.filter(
            (pl.col("key") != pl.col("entity"))
            | (pl.col("key") != pl.col("subject"))
            | (pl.col("sequence") != pl.col("version").cast(pl.String))
        )
        name = topic.library
        wrongs += [
            Wrong(sinking.height, f"{name} 版本未上升", f"versions of {name} that do not rise"),
            Wrong(spread.height, f"{name} 同键多分区", f"keys of {name} in several partitions"),
            Wrong(
                unlike.height,
                f"{name} 键、主体或版本不一致",
                f"events of {name} whose key, subject and version disagree",
            ),
        ]
    return concluded(sum(topic.events.height for topic in topics), wrongs)
