"""Folders of CSV drops: whole files, each read once, resumed by page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.core.connector import Column, Connector, FileSource, Title
from exchange.core.errors import Away, Misuse, Refuse
from exchange.core.page import RawPage
from exchange.edge.fetch import Feed, open_feed
from exchange.edge.fetch.files import BLOCK_BYTES, Drop, pages, partitions
from exchange.edge.settings import Address

SOURCE = FileSource("drop_*.csv", "gb18030", ("编码", "名称"), done_suffix=".done")
NOW = 2_000_000_000.0


def connector(source: FileSource = SOURCE) -> Connector:
    """A feed of invented companies."""
    columns = {"编码": Column("uscc"), "名称": Column("name")}
    return Connector("bench_drops", "bench", "legal_person", Title("样例", "sample"), source, ("编码",), columns)


def drop(folder: Path, name: str, rows: str, done: bool = True) -> Path:
    """Deliver one file."""
    path = folder / name
    path.write_bytes(("编码,名称\n" + rows).encode("gb18030"))
    if done:
        (folder / f"{name}.done").touch()
    return path


def opened(folder: Path, seen: frozenset[str] = frozenset(), page_rows: int = 2) -> Feed:
    """The feed of a folder."""
    return open_feed(connector(), Address(str(folder)), page_rows=page_rows, seen=seen)


def rows(pages: list[RawPage]) -> list[tuple[str | None, ...]]:
    """The rows of pages, one after the other."""
    return [row for page in pages for row in page.rows.rows()]


def test_files_are_partitions_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Each whole file is a partition named by file and content; a file without its marker waits."""
    drop(tmp_path, "drop_20260105_02.csv", "3,丙\n")
    drop(tmp_path, "drop_20260105_01.csv", "1,甲\n2\n")
    drop(tmp_path, "drop_20260106_01.csv", "4,丁", done=False)
    drop(tmp_path, "other.csv", "5,戊\n")

    feed = opened(tmp_path)

    assert [name[:-12] for name in feed.partitions] == ["drop_20260105_01.csv#", "drop_20260105_02.csv#"]
    assert feed.waiting == ("drop_20260106_01.csv",)
    [page] = feed.pages(feed.partitions[0])
    assert page.rows.rows() == [("1", "甲"), (None, None)]
    assert page.broken.rows() == [(1, "too_few_fields", b"2")]
    assert (page.partition, page.number, page.cursor) == (feed.partitions[0], 0, "1/2")


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    """An address may be a file: URL, with escapes."""
    folder = tmp_path / "海关 drops"
    folder.mkdir()
    drop(folder, "drop_20260105_01.csv", "1,甲\n")
    feed = open_feed(connector(), Address(folder.as_uri()))
    assert len(feed.partitions) == 1


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    """A file is not called missing: the message says what it is, the hint names the folder to give."""
    file = tmp_path / "drop.csv"
    file.write_bytes(b"")
    with pytest.raises(Misuse, match="is a file, not a folder") as refused:
        partitions(SOURCE, file, (), NOW)
    assert refused.value.hint.endswith(str(tmp_path))


@pytest.mark.parametrize("address", ["http://127.0.0.1/x", "postgresql://u:secret@h/d", "file://elsewhere/x"])
def test_an_address_of_another_kind_is_misuse(address: str) -> None:
    """A folder's feed takes no server's address, and shows none."""
    with pytest.raises(Misuse) as misuse:
        open_feed(connector(), Address(address))
    assert "HUB_BENCH_DROPS_URL" in misuse.value.hint
    assert "secret" not in str(misuse.value) + misuse.value.hint


def test_a_missing_folder_is_misuse(tmp_path: Path) -> None:
    """It is a setting to mend, not an empty delivery."""
    with pytest.raises(Misuse, match="no folder"):
        opened(tmp_path / "nowhere")


def test_a_resent_file_is_recognised_under_any_name(tmp_path: Path) -> None:
    """The same bytes are skipped and told; other bytes under the same name are a new and later delivery."""
    path = drop(tmp_path, "drop_20260105_01.csv", "1,甲\n")
    os.utime(path, (1_767_600_000, 1_767_600_000))
    first = opened(tmp_path)
    [before] = first.pages(first.partitions[0])
    drop(tmp_path, "drop_20260106_01.csv", "1,甲\n")

    again = opened(tmp_path, seen=frozenset(first.partitions))
    assert (again.partitions, again.skipped) == ((), ("drop_20260105_01.csv", "drop_20260106_01.csv"))

    mended = drop(tmp_path, "drop_20260105_01.csv", "1,乙\n")
    os.utime(mended, (1_767_600_060, 1_767_600_060))
    third = opened(tmp_path, seen=frozenset(first.partitions))
    [after] = third.pages(third.partitions[0])
    assert third.partitions[0].startswith("drop_20260105_01.csv#")
    assert after.delivered_at > before.delivered_at


def test_the_same_bytes_twice_in_one_folder_are_read_once(tmp_path: Path) -> None:
    """Of two equal files the first by name is read."""
    drop(tmp_path, "drop_20260105_01.csv", "1,甲\n")
    drop(tmp_path, "drop_20260105_02.csv", "1,甲\n")
    feed = opened(tmp_path)
    assert (len(feed.partitions), feed.skipped) == (1, ("drop_20260105_02.csv",))


def test_a_file_is_resumed_at_a_page(tmp_path: Path) -> None:
    """Pages from number k are those an unbroken reading gives, also when the hub's page size has changed since."""
    drop(tmp_path, "drop_20260105_01.csv", "".join(f"{n},名\n" for n in range(9)))
    feed = opened(tmp_path, page_rows=2)
    [partition] = feed.partitions
    whole = list(feed.pages(partition))
    assert [page.number for page in whole] == [0, 1, 2, 3, 4]

    later = open_feed(connector(), Address(str(tmp_path)), cursors={partition: whole[1].cursor}, page_rows=500)
    rest = list(later.pages(partition, 2))

    assert [page.number for page in rest] == [2, 3, 4]
    assert rows(rest) == rows(whole[2:])


@pytest.mark.parametrize("body", ["", "1,甲\n" * 3])
def test_an_empty_delivery_is_a_partition_without_pages(tmp_path: Path, body: str) -> None:
    """A header alone is a delivery that was read; nothing is lost and nothing invented."""
    drop(tmp_path, "drop_20260105_01.csv", body)
    feed = opened(tmp_path)
    assert len(rows(list(feed.pages(feed.partitions[0])))) == body.count("\n")


def test_a_file_of_no_bytes_is_an_empty_delivery(tmp_path: Path) -> None:
    """Even the header may be absent."""
    (tmp_path / "drop_20260105_01.csv").touch()
    (tmp_path / "drop_20260105_01.csv.done").touch()
    feed = opened(tmp_path)
    assert list(feed.pages(feed.partitions[0])) == []


def test_a_file_that_settles_is_whole_after_its_time(tmp_path: Path) -> None:
    """Without markers, a file changed a moment ago is still being written."""
    source = FileSource("**/*.csv", "gb18030", SOURCE.columns, settle_seconds=60)
    (tmp_path / "a").mkdir()
    path = drop(tmp_path / "a", "x.csv", "1,甲\n", done=False)
    os.utime(path, (NOW, NOW))
    assert partitions(source, tmp_path, (), NOW + 59).waiting == ("a/x.csv",)
    assert [drop.name for drop in partitions(source, tmp_path, (), NOW + 60).drops] == ["a/x.csv"]


def test_links_and_strange_names_are_refused(tmp_path: Path) -> None:
    """A link out of the folder, a control character, a pipe: refused by name before anything is read."""
    secret = tmp_path / "secret"
    secret.write_text("编码,名称\n1,甲\n")
    makers: list[Callable[[Path], object]] = [
        lambda folder: (folder / "drop_1.csv").symlink_to(secret),
        lambda folder: drop(folder, "drop_\x1b[2J.csv", "1,甲\n"),
        lambda folder: os.mkfifo(folder / "drop_1.csv"),
    ]
    for number, make in enumerate(makers):
        folder = tmp_path / str(number)
        folder.mkdir()
        make(folder)
        (folder / "drop_1.csv.done").touch()
        with pytest.raises(Refuse) as refused:
            opened(folder)
        assert refused.value.code == "file_refused"
        assert refused.value.message.isprintable()


def test_a_folder_behind_a_link_is_not_followed(tmp_path: Path) -> None:
    """A pattern for all depths stays inside the folder."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    drop(outside, "x.csv", "1,甲\n")
    (inside / "link").symlink_to(outside)
    source = FileSource("**/*.csv", "gb18030", SOURCE.columns)
    assert partitions(source, inside, (), NOW).drops == ()


@pytest.mark.parametrize("change", ["append", "shrink", "replace", "remove"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, change: str) -> None:
    """What was read before stays valid, nothing of the rest is taken."""
    row = "1," + "名" * 500 + "\n"
    path = drop(tmp_path, "drop_20260105_01.csv", row * (3 * BLOCK_BYTES // len(row.encode("gb18030"))))
    feed = opened(tmp_path, page_rows=1000)
    pages = feed.pages(feed.partitions[0])
    if change != "remove":
        assert next(pages).rows.height == 1000
    if change == "append":
        with path.open("ab") as file:
            file.write(b"2,x\n")
    elif change == "shrink":
        os.truncate(path, BLOCK_BYTES + 100)
    else:
        path.unlink()
    if change == "replace":
        path.write_bytes(b"")
        pages = feed.pages(feed.partitions[0])
    with pytest.raises(Refuse) as refused:
        list(pages)
    assert refused.value.code == "file_changed"


def test_another_header_names_the_file_to_edit(tmp_path: Path) -> None:
    """Drift is refused at the first page."""
    (tmp_path / "drop_1.csv").write_bytes("编码,名称,曾用名\n1,甲,乙\n".encode("gb18030"))
    (tmp_path / "drop_1.csv.done").touch()
    feed = opened(tmp_path)
    with pytest.raises(Refuse, match="曾用名") as refused:
        next(feed.pages(feed.partitions[0]))
    assert "connectors/bench_drops.py" in refused.value.hint


HEADERS = {
    "unknown_column": "编码,名称,曾用名",
    "missing_column": "编码",
    "repeated_column": "编码,名称,名称",
    "wrong_header": "甲,乙",
}


@pytest.mark.parametrize("code", HEADERS)
def test_a_refused_drop_is_named(tmp_path: Path, code: str) -> None:
    """Of many drops, the message tells which one is not as promised."""
    drop(tmp_path, "drop_20260105_01.csv", "1,甲\n")
    (tmp_path / "drop_20260105_02.csv").write_bytes(f"{HEADERS[code]}\n1,甲\n".encode("gb18030"))
    (tmp_path / "drop_20260105_02.csv.done").touch()
    feed = opened(tmp_path)
    with pytest.raises(Refuse, match=r"'drop_20260105_02\.csv'") as refused:
        list(feed.pages(feed.partitions[1]))
    assert refused.value.code == code
    assert "connectors/bench_drops.py" in refused.value.hint


MEMORY = Path("/proc/self/mem")
"""A regular file that opens, and fails with EIO when it is read from its beginning."""


@pytest.mark.skipif(not MEMORY.exists(), reason="the system has no /proc")
def test_a_file_that_fails_while_it_is_read_is_away() -> None:
    """A disk or a share that goes away, for the digest or mid-file, is told as such, and trying again may help."""
    source = FileSource("mem", "gb18030", SOURCE.columns)
    with MEMORY.open("rb", buffering=0) as held:
        now = os.fstat(held.fileno())
        whole = Drop("mem", MEMORY, "0" * 64, now.st_size, now.st_mtime_ns, now.st_ino)
        for reading in (
            lambda: partitions(source, MEMORY.parent, (), NOW),
            lambda: list(pages("bench_drops", source, whole, 10)),
        ):
            with pytest.raises(Away) as away:
                reading()
            assert (away.value.code, away.value.exit_code) == ("file_unreadable", 3)
            assert "'mem'" in away.value.message
