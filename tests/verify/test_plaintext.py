"""I5, broken by hand: one invented value lies in the open in one place, and only the test's own source has it."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import Producer

from exchange.edge.settings import Address
from exchange.verify.finding import Finding
from exchange.verify.plaintext import nothing_plain
from exchange.verify.search import PIECE_BYTES, found_in, patterns
from tests.verify.small_hub import SmallHub, copied_topics

FEED = "customs_enterprises"
HEADER = "海关注册编码,统一社会信用代码,企业名称,企业英文名称,法定代表人,法人证件号,联系电话,工商注册地址"


@pytest.fixture
def person() -> tuple[str, str]:
    """A name and a telephone number that nobody has."""
    return f"欧阳虚构{secrets.token_hex(4)}", f"1{secrets.randbelow(10**14):014d}"


@pytest.fixture
def source(tmp_path: Path, person: tuple[str, str]) -> dict[str, Address]:
    """A delivery that holds them in sealed columns."""
    lines = [HEADER, f"1,,天津市虚构贸易有限公司,,{person[0]},,{person[1]},天津市虚构路1号"]
    (tmp_path / "customs_20260105_01.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    return {FEED: Address(str(tmp_path))}


def _searched(
    hub: SmallHub, source: dict[str, Address], database: str | None = None, prefix: str | None = None
) -> Finding:
    return nothing_plain(hub.ground(database, addresses=source), prefix or hub.prefix)


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_value_in_a_table(
    hub: SmallHub, copy: str, connection: psycopg.Connection, source: dict[str, Address], person: tuple[str, str]
) -> None:
    """A telephone number in a text column is seen through SQL and in the write-ahead log; before, nothing is; and what
    was planted for the search is gone."""
    assert _searched(hub, source, copy).ok
    assert connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'verify_canary%'").fetchone() == (0,)
    assert not list(hub.home.glob("verify_canary*"))
    connection.execute("UPDATE batch SET stopped_because = %s WHERE id = 1", (person[1],))
    found = _searched(hub, source, copy)
    assert not found.ok
    assert "plain values in tables 1" in found.detail
    assert "plain values in write-ahead log 1" in found.detail
    assert person[1] not in found.detail


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_value_in_a_data_file(
    hub: SmallHub, copy: str, connection: psycopg.Connection, source: dict[str, Address], person: tuple[str, str]
) -> None:
    """A name that was deleted again is still in the table's file, and is found there though SQL shows it no more."""
    connection.execute("CREATE TABLE scratch (value bytea) WITH (autovacuum_enabled = false)")
    connection.execute("INSERT INTO scratch VALUES (%s)", (person[0].encode("gb18030"),))
    connection.execute("DELETE FROM scratch")
    found = _searched(hub, source, copy)
    assert not found.ok
    assert "plain values in data files 1" in found.detail
    assert "plain values in tables" not in found.detail


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_value_in_a_packed_message(hub: SmallHub, source: dict[str, Address], person: tuple[str, str]) -> None:
    """A name in a compressed message is found in what the broker hands out."""
    prefix = copied_topics(hub, "legal_person", lambda found: found[:1])
    options = {"bootstrap.servers": hub.services.kafka_bootstrap, "compression.type": "lz4"}
    producer = Producer(options)
    for _ in range(20):
        producer.produce(f"{prefix}.person.v1", b'{"filler":"' + b"x" * 200 + b'"}' + person[0].encode())
    assert producer.flush(30) == 0
    found = _searched(hub, source, prefix=prefix)
    assert not found.ok
    assert "plain values in messages 1" in found.detail


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_values_in_a_file(hub: SmallHub, tmp_path: Path) -> None:
    """Names in a log are found, also in the agency's encoding, in hexadecimal or as JSON escapes."""
    people = [f"欧阳虚构{secrets.token_hex(4)}" for _ in range(5)]
    lines = [HEADER, *(f"{number},,,,{name},,," for number, name in enumerate(people))]
    (tmp_path / "customs_20260105_01.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    plain, chinese, hexed, escaped, _ = people
    shown = [plain.encode(), chinese.encode("gb18030"), hexed.encode().hex().encode(), json.dumps(escaped).encode()]
    log = hub.home / "logs" / "test.log"
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(b" ".join(shown))
    try:
        found = _searched(hub, {FEED: Address(str(tmp_path))})
    finally:
        log.unlink()
    assert not found.ok
    assert "plain values in other files 4" in found.detail


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_public_part_is_no_leak(hub: SmallHub, tmp_path: Path, person: tuple[str, str]) -> None:
    """A name that the agency publishes as part of a firm's name may stand in the open; a citizen id may not."""
    citizen = "11010519491231002X"  # the example that GB 11643-1999 prints
    lines = [HEADER, f"1,,{person[0]}餐饮店{citizen},,{person[0]},{citizen},,"]
    (tmp_path / "customs_20260105_01.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    page = hub.home / "page.txt"
    page.write_text(f"{person[0]} {citizen}", encoding="utf-8")
    try:
        found = _searched(hub, {FEED: Address(str(tmp_path))})
    finally:
        page.unlink()
    assert found.examined == 1
    assert "plain values in other files 1" in found.detail


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_canary_not_found(hub: SmallHub, source: dict[str, Address], tmp_path: Path) -> None:
    """Where planted values can't be found nothing is ok: here the files searched are another cluster's."""
    other = tmp_path / "home"
    (other / "postgres" / "cluster" / "pgdata" / "pg_wal").mkdir(parents=True)
    (other / "kafka" / "storage").mkdir(parents=True)
    (other / "postgres" / "server.json").write_text('{"place": "cluster"}')
    for name in ("superuser.password", "password"):
        (other / "postgres" / name).write_bytes((hub.home / "postgres" / name).read_bytes())
    ground = hub.ground(addresses=source)
    settings = type(ground.settings)(home=other, agencies_home=other, cache_home=other)
    found = nothing_plain(
        type(ground)(settings, ground.database_url, ground.kafka_bootstrap, source, ground.note), hub.prefix
    )
    assert not found.ok
    for place in ("segment files", "write-ahead log", "data files"):
        assert f"canary not found in {place}" in found.detail
    assert "canary not found in tables" not in found.detail


def test_search_across_pieces() -> None:
    """A value is found wherever a block or a piece ends inside it, and zeros around it do not hide it."""
    wanted = patterns(["0123456789abcdef"])
    for start in range(PIECE_BYTES - 20, PIECE_BYTES + 4):
        text = bytes(start) + b"0123456789abcdef" + bytes(40)
        blocks = [text[: start + 3], text[start + 3 :]]
        assert found_in(blocks, wanted) == {"0123456789abcdef"}
    assert found_in([bytes(3 * PIECE_BYTES)], wanted) == set()


def test_number_inside_a_longer_one() -> None:
    """A telephone's digits inside a longer number are no leak; alone they are, and a citizen id is one anywhere."""
    wanted = patterns(["13800000000", "11010519491231002X", "110105194912310"])
    assert found_in([b"1200138000000005"], wanted) == set()
    assert found_in([b"1200138000000005, 13800000000"], wanted) == {"13800000000"}
    assert found_in([b"0110105194912310020"], wanted) == {"110105194912310"}


def test_short_values_are_not_searched() -> None:
    """A pattern of fewer than eight bytes would be met by chance."""
    assert patterns(["1234567"]).values == {"31323334353637": 0}
    assert patterns([]).longest == 0
    assert found_in([b"x"], patterns([])) == set()
