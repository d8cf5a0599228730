"""The simulated agencies: another day, reuse, stopping, and what can go wrong."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from exchange.core.errors import Misuse
from exchange.embedded.child import alive
from exchange.embedded.services import Services
from exchange.simulate import agencies as simulated
from exchange.simulate import truth
from exchange.simulate.servers import BROKER
from tests.simulate.conftest import COMPANIES, SEED, Place, note
from tests.simulate.served import CUSTOMS, MARKET, POLICE, ask, customs_drop, market_rows, residents, whole_drops

pytestmark = pytest.mark.servers


def test_start_again_reuses(place: Place) -> None:
    """Starting the same world again, also from another process, changes nothing and keeps the processes."""
    before = {path: path.stat().st_mtime_ns for path in place.home.glob("truth/*/*.parquet")}
    again = simulated.start(place.home, companies=COMPANIES, seed=SEED, note=note)
    assert again == place.agencies
    script = (
        "import sys; from pathlib import Path; from exchange.simulate.agencies import start; "
        f"print(dict(start(Path(sys.argv[1]), companies={COMPANIES}, seed={SEED}, note=len).pids))"
    )
    run = [
        subprocess.Popen([sys.executable, "-c", script, str(place.home)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert {process.communicate()[0].strip() for process in run} == {str(dict(place.agencies.pids))}
    assert before == {path: path.stat().st_mtime_ns for path in place.home.glob("truth/*/*.parquet")}


def test_their_broker_is_their_own(place: Place, services: Services) -> None:
    """The agencies have a broker with a directory of its own; a topic made there is not on the hub's."""
    assert (place.home / "kafka" / "storage").is_dir()
    topic = "binhai.probe"
    theirs, ours = (
        KafkaAdminClient(bootstrap_servers=each) for each in (place.agencies.bootstrap, services.kafka_bootstrap)
    )
    with closing(theirs), closing(ours):
        theirs.create_topics([NewTopic(topic, num_partitions=1, replication_factor=-1)])
        assert topic in theirs.list_topics()
        assert topic not in ours.list_topics()


def test_secrets_are_private(place: Place) -> None:
    """No repr shows a password or token, their files are 0600 and the directory 0700."""
    shown = repr(place.agencies)
    for entry in place.agencies.entries().values():
        assert entry["url"] is not None
        assert entry["url"] not in shown
        assert entry["token"] is None or entry["token"] not in shown
    assert stat.S_IMODE(place.home.stat().st_mode) == 0o700
    for name in ("reader.password", "interface/token", "world.json"):
        assert stat.S_IMODE((place.home / name).stat().st_mode) == 0o600


def test_advance_brings_known_changes(moving: Place) -> None:
    """A day brings 1 % new and about 1 % changed rows to every feed, and takes 0.2 % from the register, all told."""
    before = {str(row["pripid"]): row for row in market_rows(moving.agencies)}
    items = residents(moving.agencies)
    files = whole_drops(moving.agencies)
    day = moving.agencies.days + 1
    (moved,) = simulated.advance(moving.home, 1, note)
    after = {str(row["pripid"]): row for row in market_rows(moving.agencies)}
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    changed = {key for key in after.keys() & before.keys() if after[key] != before[key]}
    market = moved[MARKET]
    assert (len(new), len(changed), len(gone)) == (market.new + market.bad, market.changed, market.deleted)
    assert len(new) == COMPANIES // 100
    assert market.changed > COMPANIES // 150
    assert market.deleted > 0
    newest_before = max(str(row["update_time"]) for row in before.values())
    assert all(str(after[key]["update_time"]) > newest_before for key in new | changed)
    later = residents(moving.agencies)
    police = moved[POLICE]
    assert later[: len(items)] == items
    assert len(later) - len(items) == police.new + police.changed + police.bad
    (drop,) = set(whole_drops(moving.agencies)) - set(files)
    customs = moved[CUSTOMS]
    assert len(customs_drop(drop)[1]) == customs.new + customs.changed + customs.bad
    roles = Counter(truth.read_rows(moving.home, MARKET).filter(day=day)["role"])
    assert roles == Counter(new=len(new), changed=len(changed), deleted=len(gone))
    assert simulated.start(moving.home, companies=COMPANIES, seed=SEED, note=note).days == day


def test_a_day_told_twice_is_one_day(moving: Place) -> None:
    """An advance that died before its day was noted is repeated without another effect."""
    noted = (moving.home / "world.json").read_text()
    simulated.advance(moving.home, 1, note)
    once = (
        market_rows(moving.agencies),
        residents(moving.agencies),
        [p.read_bytes() for p in whole_drops(moving.agencies)],
    )
    (moving.home / "world.json").write_text(noted)
    simulated.advance(moving.home, 1, note)
    again = (
        market_rows(moving.agencies),
        residents(moving.agencies),
        [p.read_bytes() for p in whole_drops(moving.agencies)],
    )
    assert again == once


def test_stop_and_another_world(moving: Place) -> None:
    """Stopped servers are gone and come back with what they held; another size replaces it."""
    rows = market_rows(moving.agencies)
    processes = [psutil.Process(pid) for pid in moving.agencies.pids.values() if pid is not None]
    assert len(processes) == 3
    assert simulated.stop(moving.home, note)
    assert not any(alive(process) for process in processes)
    assert not simulated.stop(moving.home, note)
    told = simulated.status(moving.home)
    assert told is not None
    assert told.running == {MARKET: False, CUSTOMS: True, POLICE: False, BROKER: False}
    assert market_rows(simulated.start(moving.home, companies=COMPANIES, seed=SEED, note=note)) == rows
    smaller = simulated.start(moving.home, companies=7, seed=SEED, note=note)
    assert len(market_rows(smaller)) == 7
    assert [item["GMSFHM"] for item in ask(smaller, None, 100).json()["items"]]
    assert json.loads((moving.home / "world.json").read_text())["companies"] == 7


def test_half_built_world_is_made_anew(moving: Place, place: Place) -> None:
    """Without its marker a world counts as half-built, and is built again."""
    (moving.home / "world.json").unlink()
    assert simulated.status(moving.home) is None
    anew = simulated.start(moving.home, companies=COMPANIES, seed=SEED, note=note)
    assert market_rows(anew) == market_rows(place.agencies)


@pytest.mark.parametrize("companies", [0, 10_000_001])
def test_size_out_of_range(tmp_path: Path, companies: int) -> None:
    """A world of no or too many companies is refused and leaves nothing."""
    with pytest.raises(Misuse) as refused:
        simulated.start(tmp_path / "none", companies=companies, seed=1, note=note)
    assert refused.value.code == "rows_out_of_range"
    assert not (tmp_path / "none").exists()


def test_nothing_to_advance(tmp_path: Path) -> None:
    """Advancing agencies that were never built is wrong use; stopping them does nothing."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misuse, match="no simulated agencies"):
        simulated.advance(tmp_path / "empty", 1, note)
    assert not simulated.stop(tmp_path / "missing", note)
