"""I1 within the hub: batches, pages, records, entities, golden records and change log add up.

Each line of the tables below is one statement of what may not be, and a query that counts how often it is.
"""

from __future__ import annotations

from typing import LiteralString

import polars as pl
import psycopg
from psycopg import sql

from exchange.verify.finding import Wrong
from exchange.verify.ground import count, frame, number, rows
from exchange.verify.keys import bytes_of

DISPOSITIONS = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")
NEW, CHANGED, QUARANTINED = 0, 1, 5
ID = 16
NO_RECORD = bytes(ID)

_SIX: LiteralString = "new + changed + unchanged + duplicate + superseded + quarantined"
_OF_PAGES: LiteralString = (
    "FROM batch b LEFT JOIN (SELECT batch_id, sum(pulled) AS pulled, sum(new) AS new, sum(changed) AS changed, "
    "sum(unchanged) AS unchanged, sum(duplicate) AS duplicate, sum(superseded) AS superseded, "
    "sum(quarantined) AS quarantined, sum(withdrawn) AS withdrawn FROM page GROUP BY batch_id) p ON p.batch_id = b.id "
    "WHERE b.state <> 'open' AND (coalesce(p.pulled, 0), coalesce(p.new, 0), coalesce(p.changed, 0), coalesce(p.unchanged, 0), "
    "coalesce(p.duplicate, 0), coalesce(p.superseded, 0), coalesce(p.quarantined, 0), coalesce(p.withdrawn, 0)) "
    "IS DISTINCT FROM (b.pulled, b.new, b.changed, b.unchanged, b.duplicate, b.superseded, b.quarantined, b.withdrawn)"
)

Rule = tuple[str, str, LiteralString]

BATCHES: tuple[Rule, ...] = (
    (
        "批次不平衡",
        "batches out of balance",
        f"SELECT count(*) FROM batch WHERE state <> 'open' AND pulled IS DISTINCT FROM {_SIX}",
    ),
    ("批次与各页之和不符", "batches unlike the sum of their pages", f"SELECT count(*) {_OF_PAGES}"),
    (
        "分区页号不连续",
        "partitions with missing pages",
        (
            "SELECT count(*) FROM (SELECT FROM page GROUP BY batch_id, partition HAVING min(number) <> 0 OR "
            "max(number) <> count(*) - 1) AS gap"
        ),
    ),
    (
        "分区页数不符",
        "partitions with another number of pages",
        (
            "SELECT count(*) FROM partition t WHERE pages <> (SELECT count(*) FROM page p WHERE p.batch_id = t.batch_id "
            "AND p.partition = t.name)"
        ),
    ),
    (
        "页的来源或库不符",
        "pages of another feed or library",
        (
            "SELECT count(*) FROM page p JOIN batch b ON b.id = p.batch_id JOIN feed f ON f.id = b.feed_id "
            "WHERE p.feed_id <> b.feed_id OR p.library_id <> f.library_id"
        ),
    ),
    (
        "变更数与历史不符",
        "changes without the version before",
        "SELECT abs((SELECT coalesce(sum(changed), 0) FROM page) - (SELECT count(*) FROM record_history))::bigint",
    ),
)

LIBRARIES: tuple[Rule, ...] = (
    (
        "变更日志有缺口",
        "change logs with gaps",
        (
            "SELECT count(*) FROM library l LEFT JOIN (SELECT library_id, min(seq) AS low, max(seq) AS high, count(*) AS n "
            "FROM change GROUP BY library_id) c ON c.library_id = l.id WHERE (coalesce(c.high, 0), coalesce(c.n, 0), "
            "coalesce(c.low, 1)) <> (l.last_seq, l.last_seq, 1)"
        ),
    ),
    (
        "页超出变更日志",
        "libraries whose pages end elsewhere",
        (
            "SELECT count(*) FROM library l WHERE last_seq <> coalesce((SELECT max(last_seq) FROM page p "
            "WHERE p.library_id = l.id), 0)"
        ),
    ),
    (
        "实体总数不符",
        "libraries with another number of entities",
        (
            "SELECT count(*) FROM library l WHERE entities <> (SELECT count(*) FROM entity e "
            "WHERE e.library_id = l.id AND e.live)"
        ),
    ),
    (
        "实体版本与变更不符",
        "entities unlike their changes",
        (
            "SELECT count(*) FROM entity e FULL JOIN (SELECT library_id, entity_id, max(version) AS high, min(version) AS low, "
            "count(*) AS n, (array_agg(kind ORDER BY seq DESC))[1] AS kind FROM change GROUP BY library_id, entity_id) c "
            "ON c.entity_id = e.id AND c.library_id = e.library_id "
            "WHERE (e.version, 1, e.version, e.live) IS DISTINCT FROM (c.high, c.low, c.n, c.kind <> 'withdrawn')"
        ),
    ),
    (
        "版本次序倒置",
        "versions out of order in the change log",
        (
            "SELECT count(*) FROM (SELECT version, lag(version) OVER (PARTITION BY library_id, entity_id ORDER BY seq) "
            "AS before FROM change) AS c WHERE version <= before"
        ),
    ),
    (
        "记录没有实体",
        "records without their entity",
        (
            "SELECT count(*) FROM record r JOIN feed f ON f.id = r.feed_id LEFT JOIN entity e ON e.id = r.entity_id "
            "AND e.library_id = f.library_id WHERE e.id IS NULL"
        ),
    ),
    (
        "有效实体没有有效记录",
        "live entities without a live record",
        (
            "SELECT count(*) FROM entity e WHERE live <> EXISTS (SELECT FROM record r WHERE r.entity_id = e.id "
            "AND NOT r.withdrawn)"
        ),
    ),
    (
        "关联键没有实体",
        "link keys without their entity",
        (
            "SELECT count(*) FROM link_key k LEFT JOIN entity e ON e.id = k.entity_id AND e.library_id = k.library_id "
            "WHERE e.id IS NULL"
        ),
    ),
)


def batches_and_libraries(connection: psycopg.Connection) -> list[Wrong]:
    """What the tables above find, and what is wrong with golden records."""
    found = [Wrong(count(connection, query), zh, en) for zh, en, query in BATCHES + LIBRARIES]
    for library_id, name in rows(connection, "SELECT id, name FROM library ORDER BY id"):
        found.append(_golden(connection, number(library_id), str(name)))
    return found


def _golden(connection: psycopg.Connection, library: int, name: str) -> Wrong:
    """Live entities without a golden record of their version, and golden records of nothing."""
    query = sql.SQL(
        "SELECT count(*) FROM (SELECT id, version FROM entity WHERE library_id = %s AND live) e "
        "FULL JOIN {} g ON g.entity_id = e.id WHERE e.version IS DISTINCT FROM g.version"
    ).format(sql.Identifier(f"golden_{name}"))
    return Wrong(
        count(connection, query, library),
        f"{name} 主记录不符",
        f"golden records of {name} missing or of another version",
    )


def pages(connection: psycopg.Connection) -> tuple[int, list[Wrong]]:
    """How many rows were pulled in all, and what is wrong inside pages: counts against the byte of each row."""
    uneven = unlike = pulled = 0
    fresh: list[bytes] = []
    names = sql.SQL(", ").join(map(sql.Identifier, DISPOSITIONS))
    query = sql.SQL("SELECT dispositions, record_ids, octet_length(hashes), pulled, {} FROM page").format(names)
    with connection.cursor("pages", binary=True) as cursor:
        cursor.itersize = 16
        for dispositions, ids, hashes, total, *counts in cursor.execute(query):
            marks, packed = bytes_of(dispositions), bytes_of(ids)
            pulled += number(total)
            uneven += not (len(marks) == number(total) and len(packed) == number(hashes) == ID * number(total))
            unlike += [marks.count(index) for index in range(len(DISPOSITIONS))] != [number(each) for each in counts]
            fresh += [packed[ID * row : ID * row + ID] for row, mark in enumerate(marks) if mark == NEW]
    wrongs = [
        Wrong(uneven, "页内字节数不符", "pages whose rows do not fill their bytes"),
        Wrong(unlike, "页的计数与逐行处置不符", "pages whose counts are not those of their rows"),
        _records(connection, fresh),
    ]
    return pulled, wrongs


def _records(connection: psycopg.Connection, fresh: list[bytes]) -> Wrong:
    """Each row counted `new` is one record, and each record was new once."""
    schema = {"id": pl.Binary()}
    counted = pl.DataFrame({"id": fresh}, schema=schema)
    kept = frame(connection, "SELECT id FROM record", schema)
    odd = counted.height - counted.unique().height
    odd += counted.join(kept, on="id", how="anti").height + kept.join(counted, on="id", how="anti").height
    return Wrong(odd, "记录与计为新的行不符", "records unlike the rows counted new")
