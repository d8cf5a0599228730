"""A feed's run cut into tasks: twice, out of step, and taken over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exchange.core.errors import Broken, Refuse
from exchange.edge.run import FeedAt
from exchange.edge.settings import Address
from exchange.edge.store import batch_state, batches
from exchange.edge.store.batches import Counts
from exchange.edge.store.database import Store
from exchange.edge.tasks import close_feed, open_shares, settle_share
from tests.edge.firms import BENCH, deliver, firm
from tests.edge.stores import dispositions, number, rows, value

pytestmark = pytest.mark.servers


@pytest.fixture
def feed(tmp_path: Path) -> FeedAt:
    """Five files of two firms each."""
    for file in range(5):
        deliver(tmp_path / "drops", f"bench_{file}.csv", [firm(2 * file), firm(2 * file + 1)])
    return FeedAt(BENCH, Address(str(tmp_path / "drops")))


def test_shares_settle_all_that_was_there(store: Store, feed: FeedAt) -> None:
    """Every partition lies in one share; together they settle the batch, and closing tells its counts."""
    shares = open_shares(store, feed, 3)
    assert [(each.share, each.of) for each in shares] == [(0, 3), (1, 3), (2, 3)]
    assert [settle_share(store, feed, each) for each in shares] == [(2, 4), (2, 4), (1, 2)]
    assert close_feed(store, feed, shares[0].batch) == Counts(pulled=10, new=10)


def test_every_task_may_run_twice(store: Store, feed: FeedAt) -> None:
    """Each task again, at once or after the end, changes nothing and tells the same."""
    shares = open_shares(store, feed, 2)
    assert open_shares(store, feed, 2) == shares
    told = [settle_share(store, feed, each) for each in shares]
    assert [settle_share(store, feed, each) for each in shares] == told
    counts = close_feed(store, feed, shares[0].batch)
    assert close_feed(store, feed, shares[0].batch) == counts
    assert dispositions(store, BENCH.name)[0] == 10
    assert number(store, "SELECT count(*) FROM batch") == 1


def test_the_next_run_brings_nothing_new(store: Store, feed: FeedAt) -> None:
    """Files are read once: a second run has one empty share and a batch without rows."""
    first = open_shares(store, feed, 8)
    for share in first:
        settle_share(store, feed, share)
    close_feed(store, feed, first[0].batch)
    [share] = open_shares(store, feed, 8)
    assert share.batch > first[0].batch
    assert settle_share(store, feed, share) == (0, 0)
    assert close_feed(store, feed, share.batch) == Counts()


def test_what_was_not_settled_goes_on_in_the_same_batch(store: Store, feed: FeedAt) -> None:
    """A run that died after one share is gone on with: the batch is the same, and nothing comes twice."""
    before = open_shares(store, feed, 2)
    settle_share(store, feed, before[0])
    after = open_shares(store, feed, 2)
    assert after == before
    for share in after:
        settle_share(store, feed, share)
    assert close_feed(store, feed, after[0].batch) == Counts(pulled=10, new=10)


def test_a_refused_share_stops_the_batch_for_all(store: Store, feed: FeedAt) -> None:
    """A delivery that is wrong as a whole stops the batch: what is settled stays, no other share settles any more."""
    wrong = Path(feed.address.url) / "bench_3.csv"
    wrong.write_text(wrong.read_text(encoding="utf-8").replace("phone", "telefon", 1), encoding="utf-8")
    shares = open_shares(store, feed, 5)
    settle_share(store, feed, shares[0])
    with pytest.raises((Refuse, Broken)) as refused:
        settle_share(store, feed, shares[3])
    assert rows(store, "SELECT state, stopped_because, pulled FROM batch") == [("stopped", refused.value.code, 2)]
    for late in (lambda: settle_share(store, feed, shares[1]), lambda: close_feed(store, feed, shares[0].batch)):
        with pytest.raises(Broken) as over:
            late()
        assert over.value.code == "batch_ended"
    assert dispositions(store, BENCH.name)[0] == 2


def test_a_file_that_changed_waits_for_the_next_batch(store: Store, feed: FeedAt) -> None:
    """A file is known by its content: one that was replaced after opening is not read as the one that was claimed."""
    [share] = open_shares(store, feed, 1)
    deliver(Path(feed.address.url), "bench_3.csv", [firm(20)])
    assert settle_share(store, feed, share) == (4, 8)
    assert close_feed(store, feed, share.batch) == Counts(pulled=8, new=8)
    [again] = open_shares(store, feed, 1)
    assert settle_share(store, feed, again) == (1, 1)


def test_ending_a_batch_ends_its_claims(store: Store, feed: FeedAt) -> None:
    """A try that still holds a claim when the batch is ended has an old epoch then, and can settle nothing."""
    [share] = open_shares(store, feed, 1)
    batch = batch_state.open_batch_of(store.engine, BENCH, share.batch, str(value(store, "SELECT contract FROM batch")))
    names = batch_state.partitions(store.engine, batch)
    claims = batches.claim(store.engine, batch, names)
    batches.close_batch(store.engine, batch)
    epochs = {name: int(str(epoch)) for name, epoch in rows(store, "SELECT name, epoch FROM partition")}
    assert len(names) == 5
    assert all(epochs[claimed.name] > claimed.epoch for claimed in claims)


def test_another_contract_is_refused(store: Store, feed: FeedAt) -> None:
    """A connector that changed between two tasks must not settle into the batch of the old one."""
    [share] = open_shares(store, feed, 1)
    other = replace(feed, connector=replace(BENCH, constants={**BENCH.constants, "currency": "840"}))
    with pytest.raises(Broken) as changed:
        settle_share(store, other, share)
    assert changed.value.code == "contract_changed"
    assert settle_share(store, feed, share) == (5, 10)
