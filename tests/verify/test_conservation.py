"""I1, broken by hand in a sound hub."""

from __future__ import annotations

import psycopg
import pytest

from exchange.edge.settings import Address
from exchange.verify.conservation import conserved, conserved_in
from tests.verify.small_hub import SmallHub, broken

pytestmark = pytest.mark.servers
MARKET = "market_regulation_companies"
FIRST_PAGE = "ctid = (SELECT ctid FROM page WHERE new > 1 ORDER BY batch_id, partition, number LIMIT 1)"
A_RECORD = "(SELECT id FROM record ORDER BY id LIMIT 1)"
AN_ENTITY = "(SELECT entity_id FROM golden_legal_person ORDER BY 1 LIMIT 1)"

BROKEN = {
    "record deleted": (f"DELETE FROM record WHERE id = {A_RECORD}", "records unlike the rows counted new"),
    "record doubled": (
        (
            "INSERT INTO record "
            "SELECT decode('00112233445566778899aabbccddeeff', 'hex'), feed_id, entity_id, content_hash, "
            "ordering, contract, unsealed, sealed, filled, name_key, withdrawn, flags, batch_id "
            f"FROM record WHERE id = {A_RECORD}"
        ),
        "records unlike the rows counted new",
    ),
    "record of nobody": (
        f"UPDATE record SET entity_id = '00000000000000000000' WHERE id = {A_RECORD}",
        "records without their entity",
    ),
    "record withdrawn": (
        (
            "UPDATE record SET withdrawn = true WHERE entity_id = (SELECT entity_id FROM record GROUP BY 1 HAVING count(*) = 1 "
            "ORDER BY 1 LIMIT 1)"
        ),
        "live entities without a live record",
    ),
    "golden record deleted": (
        f"DELETE FROM golden_legal_person WHERE entity_id = {AN_ENTITY}",
        "golden records of legal_person",
    ),
    "golden record stale": (
        f"UPDATE golden_legal_person SET version = version - 1 WHERE entity_id = {AN_ENTITY}",
        "golden records of legal_person",
    ),
    "entity stale": (
        f"UPDATE entity SET version = version - 1 WHERE id = {AN_ENTITY}",
        "entities unlike their changes",
    ),
    "entity dead": (f"UPDATE entity SET live = false WHERE id = {AN_ENTITY}", "entities unlike their changes"),
    "entities miscounted": ("UPDATE library SET entities = entities + 1", "another number of entities"),
    "change lost": (
        "DELETE FROM change WHERE library_id = 1 AND seq = 7",
        "change logs with gaps",
    ),
    "changes swapped": (
        (
            "UPDATE change c SET version = 3 - version FROM (SELECT entity_id FROM change GROUP BY 1 HAVING max(version) = 2 "
            "ORDER BY 1 LIMIT 1) t WHERE c.entity_id = t.entity_id"
        ),
        "versions out of order",
    ),
    "log longer": ("UPDATE library SET last_seq = last_seq + 1", "change logs with gaps"),
    "link key of nobody": (
        "UPDATE link_key SET entity_id = '00000000000000000000' WHERE key = (SELECT min(key) FROM link_key)",
        "link keys without their entity",
    ),
    "batch edited": (
        "UPDATE batch SET new = new - 1, unchanged = unchanged + 1 WHERE id = 1",
        "batches unlike the sum",
    ),
    "page edited": (
        f"UPDATE page SET new = new - 1, unchanged = unchanged + 1 WHERE {FIRST_PAGE}",
        "pages whose counts are not those of their rows",
    ),
    "page's row edited": (
        f"UPDATE page SET dispositions = set_byte(dispositions, 0, 2) WHERE {FIRST_PAGE}",
        "pages whose counts are not those of their rows",
    ),
    "page's hash edited": (
        f"UPDATE page SET hashes = set_byte(hashes, 3, 255 - get_byte(hashes, 3)) WHERE {FIRST_PAGE}",
        "off the chain",
    ),
    "page cut short": (
        f"UPDATE page SET record_ids = substr(record_ids, 17) WHERE {FIRST_PAGE}",
        "pages whose rows do not fill their bytes",
    ),
    "page lost": (f"DELETE FROM page WHERE {FIRST_PAGE}", "batches unlike the sum"),
    "page renumbered": (f"UPDATE page SET number = 5 WHERE {FIRST_PAGE}", "partitions with missing pages"),
    "page of another feed": (
        "UPDATE page SET feed_id = (SELECT max(id) FROM feed) WHERE feed_id = (SELECT min(id) FROM feed)",
        "pages of another feed",
    ),
    "partition miscounted": ("UPDATE partition SET pages = pages + 1", "another number of pages"),
    "chain replaced": ("UPDATE library SET digest = sha256(digest)", "ends elsewhere"),
    "history lost": (
        "DELETE FROM record_history WHERE id = (SELECT min(id) FROM record_history)",
        "changes without the version before",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_books_broken(hub: SmallHub, case: str) -> None:
    """Each way of losing or inventing something inside the hub is found and named."""
    statement, phrase = BROKEN[case]
    with broken(hub, statement) as session:
        found = conserved_in(hub.ground(addresses={}), session)
    assert not found.ok
    assert phrase in found.detail


def test_batch_out_of_balance(hub: SmallHub) -> None:
    """A batch whose six counts do not make its rows is found even where the database's own check is gone."""
    with broken(hub, "UPDATE batch SET new = new + 0") as session:
        sql = (
            "SELECT conname FROM pg_constraint WHERE conrelid = 'batch'::regclass AND contype = 'c' "
            "AND pg_get_constraintdef(oid) LIKE '%pulled%'"
        )
        [name] = [row[0] for row in session.execute(sql)]
        session.execute(f"ALTER TABLE batch DROP CONSTRAINT {name}".encode())
        session.execute("UPDATE batch SET new = new + 1 WHERE id = 1")
        found = conserved_in(hub.ground(addresses={}), session)
    assert "batches out of balance 1" in found.detail


CUSTOMS = "feed_id = (SELECT id FROM feed WHERE name = 'customs_enterprises')"
POLICE = "feed_id = (SELECT id FROM feed WHERE name = 'public_security_residents')"
AGAINST_SOURCES = {
    "rows of a file lost": (
        f"UPDATE page SET pulled = pulled - 1, new = new - 1, dispositions = substr(dispositions, 2) WHERE {CUSTOMS} AND new > 1",
        "rows of customs_enterprises between its files and its pages",
    ),
    "file gone": (
        "UPDATE partition SET name = name || '0' WHERE name LIKE '%#%'",
        "files of customs_enterprises that are not there any more",
    ),
    "resident lost": (
        f"DELETE FROM record WHERE id = (SELECT min(id) FROM record WHERE {POLICE})",
        "keys of public_security_residents that the hub lacks 1",
    ),
    "resident invented": (
        (
            f"UPDATE record SET id = decode('00112233445566778899aabbccddeeff', 'hex') "
            f"WHERE id = (SELECT min(id) FROM record WHERE {POLICE})"
        ),
        "live records of public_security_residents that the source lacks 1",
    ),
}


@pytest.mark.parametrize("case", AGAINST_SOURCES)
def test_hub_unlike_its_sources(hub: SmallHub, case: str) -> None:
    """What the hub lost, invented or can't compare with its source any more is found by reading the source."""
    statement, phrase = AGAINST_SOURCES[case]
    with broken(hub, statement) as session:
        assert phrase in conserved_in(hub.ground(), session).detail


@pytest.fixture
def market(hub: SmallHub, connection: psycopg.Connection) -> Address:
    """A register of the test's own, with the agency's keys, in the copy of the hub's database."""
    # Without people: what stands in the hub's cluster is searched by another test.
    empty = "name text, cerno text, tel text, entname text, dom text, opscope text"
    connection.execute(f"CREATE TABLE e_baseinfo (pripid text, update_time timestamptz, {empty})".encode())
    columns = "pripid, update_time"
    with (
        psycopg.connect(hub.addresses[MARKET].url) as agency,
        agency.cursor().copy(f"COPY (SELECT {columns} FROM e_baseinfo) TO STDOUT".encode()) as rows,
        connection.cursor().copy(f"COPY e_baseinfo ({columns}) FROM STDIN".encode()) as copied,
    ):
        for row in rows:
            copied.write(row)
    return Address(connection.info.dsn + f" password={connection.info.password}")


def test_table_against_hub(hub: SmallHub, copy: str, connection: psycopg.Connection, market: Address) -> None:
    """A row the hub never pulled and a record the agency no longer has are both found; a row still to come waits."""
    ground = hub.ground(copy, addresses={MARKET: market})
    assert conserved(ground).ok
    connection.execute("INSERT INTO e_baseinfo (pripid, update_time) VALUES ('new', now() + interval '1 day')")
    waiting = conserved(ground)
    assert waiting.ok
    assert "1 keys there wait" in waiting.detail
    connection.execute("INSERT INTO e_baseinfo (pripid, update_time) VALUES ('missed', '2001-01-01')")
    assert f"keys of {MARKET} that the hub lacks 1" in conserved(ground).detail
    connection.execute("DELETE FROM e_baseinfo WHERE pripid = 'missed'")
    renamed = "SET pripid = 'other', update_time = now() + interval '1 day'"
    kept = "SELECT min(pripid) FROM e_baseinfo WHERE pripid <> 'new'"
    connection.execute(f"UPDATE e_baseinfo {renamed} WHERE pripid = ({kept})".encode())
    assert f"live records of {MARKET} that the source lacks" in conserved(ground).detail
