"""Three simulated agencies over two days through the whole way of the data, against the ground truth."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
import psycopg
import pytest

import connectors
from exchange.core.identify import record_ids
from exchange.core.keyed import index_keys
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import INDEX, current_secret
from exchange.edge.publish import Published, publish
from exchange.edge.run import FeedAt, FeedRun, Options, run_feed
from exchange.edge.settings import Address
from exchange.edge.store.database import Store
from exchange.edge.trace import trace_key
from exchange.embedded.services import Services
from exchange.simulate import agencies, truth
from exchange.simulate.delivery import Moved
from tests.edge.planted import RULES
from tests.edge.stores import Template, dispositions, opened, pairs, rows
from tests.edge.topics import Event, events, live, rising

pytestmark = pytest.mark.servers
COMPANIES = 600
SEED = 4_230
MARKET, CUSTOMS, POLICE = "market_regulation_companies", "customs_enterprises", "public_security_residents"
FEEDS = (MARKET, CUSTOMS, POLICE)
LIBRARIES = ("legal_person", "person")
ONE_CODE = 21
PAGE_ROWS = 250
"""Several pages of each feed; prepared in this process."""


@dataclass(frozen=True)
class Day:
    """What one round of all feeds brought, what was published after it, and the topics then."""

    runs: Mapping[str, FeedRun]
    published: Mapping[str, Published]
    topics: Mapping[str, list[Event]]


@dataclass(frozen=True)
class History:
    """The rounds: day 0, day 0 once more, day 0 in full, day 1; and what the truth says of all of it."""

    store: Store
    first: Day
    second: Day
    full: Mapping[str, FeedRun]
    later: Day
    truth: Mapping[str, pl.DataFrame]
    moved: Mapping[str, Moved]


def note(text: str) -> None:
    """Show progress where pytest shows output."""
    sys.stderr.write(text + "\n")


def note_rows(_: object) -> None:
    """Nobody waits for a page."""


@pytest.fixture(scope="module")
def history(template: Template, services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Two days of a small Binhai, run once for all tests of this module; none changes it."""
    home = tmp_path_factory.mktemp("binhai") / "agencies"
    broker = Broker(services.kafka_bootstrap, prefix="test_two_days")
    try:
        at = agencies.start(home, companies=COMPANIES, seed=SEED, note=note).addresses
        with opened(template) as store:

            def runs(full: bool = False) -> dict[str, FeedRun]:
                options = Options(full=full, page_rows=PAGE_ROWS)
                feeds = {name: FeedAt(connectors.load(name), Address(at[name].url, at[name].token)) for name in FEEDS}
                return {name: run_feed(store, feed, options, note_rows) for name, feed in feeds.items()}

            def day() -> Day:
                return Day(
                    runs(),
                    {library: publish(store, broker, library, lambda _: None) for library in LIBRARIES},
                    {library: events(broker, library) for library in LIBRARIES},
                )

            first, second, full = day(), day(), runs(full=True)
            [moved] = agencies.advance(home, 1, note)
            told = {name: truth.read_rows(home, name) for name in FEEDS}
            yield History(store, first, second, full, day(), told, moved)
    finally:
        agencies.discard(home, note)


def good(history: History, feed: str, *roles: str) -> pl.DataFrame:
    """The truth of rows that must be accepted, of some roles."""
    told = history.truth[feed]
    return told.filter((pl.col("verdict") != "bad") & pl.col("role").is_in(roles))


def keyed(history: History, feed: str, told: pl.DataFrame) -> pl.DataFrame:
    """The truth with the hub's record id of each row beside it."""
    connector = connectors.load(feed)
    with history.store.engine.begin() as connection:
        index = index_keys(current_secret(connection, history.store.keys, *INDEX).secret)
    ids = record_ids(connector, told.select(pl.col("source_key").alias(connector.key[0])), index)
    return told.with_columns(pl.Series("id", ids, dtype=pl.Binary))


@pytest.mark.parametrize("feed", FEEDS)
def test_day_0_is_what_the_truth_says(history: History, feed: str) -> None:
    """New are the originals that are not bad, duplicates the good repeats, refused the bad rows; newer versions change a
    record or supersede its row; nothing is left over."""
    counts = history.first.runs[feed].counts
    told = history.truth[feed].filter(pl.col("day") == 0)
    newer = good(history, feed, "newer").height
    assert counts.balanced
    assert counts.pulled == told.height
    assert counts.new == good(history, feed, "original").height
    assert counts.duplicate == good(history, feed, "duplicate").filter(pl.col("day") == 0).height
    assert counts.quarantined == told.filter(pl.col("verdict") == "bad").height > 0
    assert counts.changed + counts.superseded == newer
    assert counts.unchanged == counts.withdrawn == 0


@pytest.mark.parametrize("feed", FEEDS)
def test_quarantined_are_the_bad_rows(history: History, feed: str) -> None:
    """The quarantine holds exactly the rows that the truth calls bad, by key, each refused for what is wrong with it; a line
    that is no row has no key."""
    told = history.truth[feed].filter((pl.col("verdict") == "bad") & (pl.col("day") == 0))
    whole = keyed(history, feed, told.filter(pl.col("reason") != "broken_line"))
    sql = (
        "SELECT q.record_id, q.reasons FROM quarantine q JOIN feed f ON f.id = q.feed_id JOIN batch b ON b.id = q.batch_id "
        "WHERE f.name = %s AND b.id = (SELECT min(id) FROM batch WHERE feed_id = f.id)"
    )
    found = rows(history.store, sql, feed)
    assert {record for record, _ in found if record} == set(whole["id"].drop_nulls().to_list())
    assert sum(record is None for record, _ in found) == told.height - whole.height + whole["id"].null_count()
    assert all(str(reasons).startswith('[["') for _, reasons in found)
    allowed: dict[object, set[str]] = {None: RULES["broken_line"]}
    for record, reason in whole.select("id", "reason").iter_rows():
        allowed[record] = allowed.get(record, set()) | RULES[reason]
    for record, reasons in found:
        assert {rule for _, rule in json.loads(str(reasons))} <= allowed[record]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_second_run_brings_nothing(history: History, feed: str) -> None:
    """The agencies have nothing new, so nothing is new or changed and nothing is published."""
    counts = history.second.runs[feed].counts
    assert counts.balanced
    assert (counts.new, counts.changed, counts.withdrawn) == (0, 0, 0)
    assert [(each.changes, each.published) for each in history.second.published.values()] == [(0, 0), (0, 0)]


def test_only_what_must_be_is_read_again(history: History) -> None:
    """Files are read once; of the register and the interface only the end is read again."""
    pulled = {feed: history.second.runs[feed].counts.pulled for feed in FEEDS}
    assert pulled[CUSTOMS] == 0
    assert pulled[MARKET] < 10
    assert pulled[POLICE] <= PAGE_ROWS


@pytest.mark.parametrize("feed", FEEDS)
def test_a_full_run_finds_everything_unchanged(history: History, feed: str) -> None:
    """Read from the beginning again, every good record is unchanged."""
    counts = history.full[feed].counts
    told = history.truth[feed].filter(pl.col("day") == 0)
    assert counts.balanced
    assert counts.pulled == told.height
    assert counts.unchanged == good(history, feed, "original").height
    assert counts.quarantined == told.filter(pl.col("verdict") == "bad").height
    assert (counts.new, counts.changed, counts.withdrawn) == (0, 0, 0)


@pytest.mark.parametrize("feed", FEEDS)
def test_day_1_brings_what_moved(history: History, feed: str) -> None:
    """New, changed and deleted rows of the next day are exactly those that the agencies moved."""
    counts, moved = history.later.runs[feed].counts, history.moved[feed]
    assert counts.balanced
    assert counts.new == moved.new
    assert counts.changed == moved.changed + moved.deleted
    assert counts.withdrawn == moved.deleted
    assert history.moved[MARKET].deleted > 0


def entities(history: History, feed: str) -> pl.DataFrame:
    """World index and entity of each good record of a feed, but for those with another firm's code (defect 21)."""
    told = good(history, feed, "original", "new").filter(pl.col("defect") != ONE_CODE)
    told = keyed(history, feed, told).select("world", "id").unique()
    found = rows(history.store, "SELECT id, entity_id FROM record")
    stored = pl.DataFrame(found, schema={"id": pl.Binary, "entity_id": pl.String}, orient="row")
    joined = told.join(stored, on="id", how="left")
    assert joined["entity_id"].null_count() == 0
    return joined


def test_who_is_who_among_companies(history: History) -> None:
    """The records of one company of both agencies are one entity, joined by identifier; no entity holds two companies."""
    found = pl.concat([entities(history, MARKET), entities(history, CUSTOMS)])
    assert found.group_by("entity_id").agg(pl.col("world").n_unique())["world"].max() == 1
    assert found.group_by("world").agg(pl.col("entity_id").n_unique())["entity_id"].max() == 1
    both = entities(history, MARKET).join(entities(history, CUSTOMS), on="world", how="semi")
    assert both.height > COMPANIES // 4
    shared = keyed(history, MARKET, good(history, MARKET, "original", "new").filter(pl.col("defect") == ONE_CODE))
    assert shared.height > 0
    apart = {record for [record] in rows(history.store, "SELECT record_id FROM link_conflict")}
    assert apart <= set(shared["id"])
    assert len(apart) == shared.height - 1


def test_who_is_who_among_residents(history: History) -> None:
    """Every resident is one entity and no entity holds two."""
    found = entities(history, POLICE)
    assert found["entity_id"].n_unique() == found["world"].n_unique() == found.height


def test_an_entity_leaves_with_its_last_record(history: History) -> None:
    """A company that leaves the register is withdrawn from the topic, unless customs still has it: then it changes."""
    gone = good(history, MARKET, "deleted")["world"].to_list()
    register = dict(entities(history, MARKET).select("world", "entity_id").iter_rows())
    kept = set(entities(history, CUSTOMS)["world"].to_list())
    last = {event.entity: event.kind for event in history.later.topics["legal_person"]}
    assert {world: last[register[world]] for world in gone} == {
        world: "changed" if world in kept else "withdrawn" for world in gone
    }
    assert "withdrawn" in last.values()
    empty = [event for event in history.later.topics["legal_person"] if event.kind == "withdrawn"]
    assert all(not event.values and not event.sealed for event in empty)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_topic_holds_the_library(history: History, library: str) -> None:
    """After each day an agency's copy holds exactly the live entities, at the library's versions, which rise strictly."""
    for day in (history.first, history.later):
        assert rising(day.topics[library])
        assert len(live(day.topics[library])) == day.published[library].entities
    newest = {event.entity: event.version for event in history.later.topics[library]}
    sql = "SELECT e.id, e.version FROM entity e JOIN library l ON l.id = e.library_id WHERE l.name = %s"
    assert newest == pairs(history.store, sql, library)
    for day in (history.first, history.later):
        one = day.published[library]
        assert one.changes == one.published + one.overtaken


def test_pages_and_batches_agree(history: History) -> None:
    """Each batch is closed with the sums of its pages, and each page's bytes say what its counts say."""
    counts = ("pulled", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "withdrawn")
    sums = ", ".join(f"coalesce(sum(p.{name}), 0) = b.{name}" for name in counts)
    sql = f"SELECT b.state, {sums} FROM batch b LEFT JOIN page p ON p.batch_id = b.id GROUP BY b.id"
    assert set(rows(history.store, sql)) == {("closed", *(True for _ in counts))}
    page = "SELECT new, changed, unchanged, duplicate, superseded, quarantined, encode(dispositions, 'hex') FROM page"
    for *told, packed in rows(history.store, page):
        assert [bytes.fromhex(str(packed)).count(code) for code in range(6)] == told


def test_a_row_can_be_traced(history: History) -> None:
    """Every time a row was seen is found by its key, oldest first, whatever became of it."""
    [twice] = good(history, CUSTOMS, "duplicate").head(1)["source_key"].to_list()
    newer = good(history, CUSTOMS, "newer")["source_key"].to_list()
    seen = trace_key(history.store, connectors.load(CUSTOMS), [twice])
    assert [each.batch for each in seen] == sorted(each.batch for each in seen)
    assert sorted(each.disposition for each in seen[:2]) == ["duplicate", "new"]
    assert {each.batch for each in seen[:2]} == {history.first.runs[CUSTOMS].batch}
    changed = [each.disposition for each in trace_key(history.store, connectors.load(CUSTOMS), [newer[0]])]
    assert "changed" in changed or "superseded" in changed
    assert trace_key(history.store, connectors.load(CUSTOMS), ["1207000000"]) == []


def test_nobody_is_written_in_the_clear(history: History) -> None:
    """No citizen id of the world stands in any text of the hub's tables."""
    told = good(history, POLICE, "original")["source_key"].head(50).to_list()
    with psycopg.connect(history.store.url) as connection:
        names = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
        ).fetchall()
        for table, column in names:
            held = f'SELECT 1 FROM unnest(%s::text[]) n WHERE position(n in t."{column}") > 0'
            sql = f'SELECT count(*) FROM "{table}" t WHERE EXISTS ({held})'
            assert connection.execute(sql.encode(), (told,)).fetchone() == (0,), (table, column)


def test_dispositions_over_all_batches(history: History) -> None:
    """Over all batches each accepted record was new exactly once."""
    for feed in FEEDS:
        new, *_ = dispositions(history.store, feed)
        assert new == good(history, feed, "original", "new")["source_key"].n_unique()
