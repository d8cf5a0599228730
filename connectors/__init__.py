"""One file per feed of an agency, with its sample beside it in `samples/`; found by its place, entered in no list.

A connector imports nothing but `exchange.core.connector`, so that loading all of them costs milliseconds.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from exchange.core.connector import Connector
from exchange.core.errors import Misuse

_HERE = Path(__file__).resolve().parent


@cache
def names() -> tuple[str, ...]:
    """Names of all feeds, in order."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.py") if not path.stem.startswith("_")))


@cache
def load(name: str) -> Connector:
    """The connector of that name; Misuse where there is none, or its file doesn't hold one."""
    if name not in names():
        raise Misuse(
            "feed_unknown",
            f"没有名为 {name!r} 的数据源。There is no feed named {name!r}.",
            f"已有的数据源：{', '.join(names())}。The feeds are: {', '.join(names())}.",
        )
    found = getattr(import_module(f"connectors.{name}"), "CONNECTOR", None)
    if not isinstance(found, Connector):
        raise Misuse(
            "feed_without_connector",
            f"connectors/{name}.py 中没有 CONNECTOR。connectors/{name}.py holds no CONNECTOR.",
            "请参照其他连接器定义。Define it as the other connectors do.",
        )
    return found


def sample(name: str) -> Path:
    """The sample beside the connector: invented rows in the agency's true form. Misuse where there is none."""
    found = sorted((_HERE / "samples").glob(f"{name}.*"))
    if len(found) != 1:
        raise Misuse(
            "sample_missing",
            f"connectors/samples/ 中没有 {name} 的唯一样例。There is not exactly one sample of {name} in connectors/samples/.",
            f"请添加 connectors/samples/{name}.csv 或 .json。Add connectors/samples/{name}.csv or .json.",
        )
    return found[0]
