"""I5 no plaintext: values of sealed columns are found nowhere in the hub, and planted ones are found everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from exchange.verify.canary import new_canary, planted
from exchange.verify.finding import Finding, Unreached, Wrong, concluded
from exchange.verify.ground import Ground, rows, snapshot
from exchange.verify.places import cluster, file_blocks, files, message_blocks, table_blocks, topics
from exchange.verify.search import Patterns, found_in, patterns
from exchange.verify.sensitive import sealed_values
from exchange.verify.sources import SOURCES, unlisted


@dataclass(frozen=True)
class Place:
    """A place to search, and what lies there."""

    zh: str
    en: str
    blocks: Callable[[], Iterable[bytes]]


def nothing_plain(ground: Ground, prefix: str) -> Finding:
    """I5; `examined` is the number of values searched for in every place."""
    with snapshot(ground.database_url) as connection:
        feeds = [str(row[0]) for row in rows(connection, "SELECT name FROM feed ORDER BY name")]
    known = [name for name in feeds if name in SOURCES and name in ground.addresses]
    values = sealed_values(ground, known)
    canary = new_canary()
    wanted = patterns([canary, *values])
    wrongs = [unlisted(feeds, ground.addresses)]
    with planted(ground, canary, prefix):
        for place in _places(ground, prefix):
            ground.note(f"搜索{place.zh}。Searching {place.en}.")
            wrongs += _searched(place, wanted)
    zh, en = f"{len(known)} 个来源的值，6 处", f"values of {len(known)} feeds in 6 places"
    unknown = sum(name not in ground.addresses for name in feeds)
    if unknown:
        zh, en = f"{zh}，{unknown} 个来源地址未知", f"{en}, {unknown} feeds without an address"
    searched = len({place for place in wanted.values.values() if place})
    return concluded(searched, wrongs, zh, en)


def _places(ground: Ground, prefix: str) -> Iterator[Place]:
    home, data = ground.settings.home, cluster(ground)
    segments = home / "kafka" / "storage"
    if not segments.is_dir():
        raise Unreached("Kafka 的段文件不在本机", "Kafka's segment files are not on this machine")
    yield Place("主题消息", "messages", lambda: message_blocks(ground, topics(ground, prefix)))
    yield Place("数据库各表", "tables", lambda: table_blocks(ground.database_url))
    yield Place("Kafka 段文件", "segment files", lambda: file_blocks(files(segments)))
    yield Place("预写日志", "write-ahead log", lambda: file_blocks(files(data / "pg_wal")))
    yield Place("数据文件", "data files", lambda: file_blocks(files(data, but=data / "pg_wal")))
    rest = (path for path in files(home, but=segments) if not path.is_relative_to(data))
    yield Place("其余文件", "other files", lambda: file_blocks(rest))


def _searched(place: Place, wanted: Patterns) -> list[Wrong]:
    found = found_in(place.blocks(), wanted)
    canaries = {text for text, value in wanted.values.items() if value == 0}
    values = {wanted.values[text] for text in found} - {0}
    return [
        Wrong(len(canaries - found), f"{place.zh}中未找到金丝雀", f"canary not found in {place.en}"),
        Wrong(len(values), f"{place.zh}中的明文", f"plain values in {place.en}"),
    ]
