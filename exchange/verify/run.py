"""All invariants in one run. One that can't be examined is not ok; the others are still examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import psycopg
from kafka.errors import KafkaError

from exchange.edge.settings import Address, Settings
from exchange.verify.conservation import conserved
from exchange.verify.events import Topic, exactly_once, order, read_topics
from exchange.verify.finding import Finding, Unreached, unreached
from exchange.verify.ground import Ground, Note
from exchange.verify.plaintext import nothing_plain
from exchange.verify.quarantine import quarantined

PREFIX = "hub"
"""First part of the names of the hub's topics."""


def verify(
    settings: Settings, database_url: str, kafka_bootstrap: str, addresses: Mapping[str, Address], note: Note
) -> dict[str, Finding]:
    """What holds of I1, I2, I3, I5 and I6 (reliability b.1) in the hub of these settings.

    `addresses`: where the feeds' sources are, as far as known: what was run from elsewhere is checked in the hub alone.
    `note`: told what is examined next.
    """
    return examine(Ground(settings, database_url, kafka_bootstrap, addresses, note), PREFIX)


def examine(ground: Ground, prefix: str) -> dict[str, Finding]:
    """The same for topics whose names begin otherwise (a benchmark's, a test's)."""
    topics: list[Topic] = []

    def once() -> Finding:
        topics.extend(read_topics(ground, prefix))
        return exactly_once(ground, topics)

    checks: dict[str, Callable[[], Finding]] = {
        "I1": lambda: conserved(ground),
        "I2": once,
        "I3": lambda: order(topics),
        "I5": lambda: nothing_plain(ground, prefix),
        "I6": lambda: quarantined(ground),
    }
    return {name: _examined(check) for name, check in checks.items()}


def _examined(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Unreached as away:
        return unreached(away.zh, away.en)
    except psycopg.Error as error:
        # A driver's text may quote a value; its class and SQLSTATE say enough.
        what = f"{type(error).__name__} {error.sqlstate or ''}".strip()
        return unreached(f"数据库读取失败（{what}）", f"the database can't be read ({what})")
    except KafkaError as error:
        what = type(error).__name__
        return unreached(f"Kafka 读取失败（{what}）", f"Kafka can't be read ({what})")
    except OSError as error:
        what = type(error).__name__
        return unreached(f"文件读取失败（{what}）", f"a file can't be read ({what})")
