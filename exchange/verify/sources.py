"""What the checker knows of each source by itself: how its rows are told apart, which columns hold sealed values.

These facts are written down a second time on purpose: a connector that named the wrong key or left a column unsealed would
be found out by them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
from psycopg import sql

from exchange.edge.settings import Address
from exchange.verify.counting import plain_name, records
from exchange.verify.finding import Unreached, Wrong

PATIENCE_SECONDS = 30.0
_UNTEXT = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates."""
Row = Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """What `feed` comes from. `name`: the table, the path of the interface or the pattern of the files.

    `version`: what orders rows. `sealed` and `public` are columns of text whose values may not, or may, stand in the open.
    """

    feed: str
    kind: str
    name: str
    key: tuple[str, ...]
    version: str
    sealed: tuple[str, ...]
    public: tuple[str, ...]
    encoding: str = "utf-8"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are known here."""
        return (*self.key, *self.sealed, *self.public)


_SOURCES = (
    Source(
        "market_regulation_companies",
        "table",
        "e_baseinfo",
        ("pripid",),
        "update_time",
        ("name", "cerno", "tel"),
        ("entname", "dom", "opscope"),
    ),
    Source(
        "customs_enterprises",
        "files",
        "customs_*.csv",
        ("海关注册编码",),
        "",
        ("法定代表人", "法人证件号", "联系电话"),
        ("企业名称", "企业英文名称", "工商注册地址"),
        "gb18030",
    ),
    Source(
        "public_security_residents",
        "interface",
        "/api/v1/residents",
        ("GMSFHM",),
        "GXSJ",
        ("GMSFHM", "XM", "CYM", "LXDH", "FWCS", "JZXZ", "HJSZD", "HKXZ"),
        ("XZQH",),
    ),
    Source(
        "national_register_extract",
        "files",
        "**/*.csv",
        ("统一社会信用代码", "企业名称"),
        "",
        ("法人代表",),
        ("企业名称", "经营范围", "地区", "注册地址"),
    ),
    Source(
        "bench_companies", "files", "*.csv", ("uscc",), "", ("legal_rep", "legal_rep_id", "phone", "address"), ("name",)
    ),
)
SOURCES: Mapping[str, Source] = {source.feed: source for source in _SOURCES}


def unlisted(feeds: Iterable[str], addresses: Mapping[str, Address]) -> Wrong:
    """Feeds that have an address but no entry above: they can't be examined, and nobody may think they were."""
    names = [feed for feed in feeds if feed in addresses and feed not in SOURCES]
    shown = ", ".join(names)
    zh = f"有地址而 exchange/verify/sources.py 中没有条目的来源（{shown}）"
    return Wrong(len(names), zh, f"feeds with an address but no entry in exchange/verify/sources.py ({shown})")


@dataclass(frozen=True)
class Delivery:
    """A file of a source, known by its bytes."""

    partition: str
    path: Path = field(repr=False)


def deliveries(source: Source, address: Address) -> list[Delivery]:
    """The files of a folder. Raises Unreached if it is not there."""
    parts = urlsplit(address.url)
    folder = Path(unquote(parts.path)) if parts.scheme == "file" else Path(address.url)
    if not folder.is_dir():
        raise Unreached(f"{source.feed} 的来源目录不存在", f"the folder of {source.feed} is not there")
    found = []
    for path in sorted(folder.glob(source.name)):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
            found.append(Delivery(f"{path.relative_to(folder).as_posix()}#{digest}", path))
    return found


def source_rows(source: Source, address: Address) -> Iterator[Row]:
    """Rows of a source as text by column, an empty value being "". Of a broken row what can be read. Raises Unreached."""
    if source.kind == "table":
        yield from _table(source, address)
    elif source.kind == "interface":
        yield from _interface(source, address)
    else:
        for delivery in deliveries(source, address):
            yield from _file(delivery.path, source)


def _file(path: Path, source: Source) -> Iterator[Row]:
    found = records(path.read_bytes(), source.encoding, source.columns)
    promised = {plain_name(name): name for name in source.columns}
    header = [promised.get(plain_name(name), name) for name in next(found, [])]
    for fields in found:
        yield dict(zip(header, fields, strict=False))


def _table(source: Source, address: Address) -> Iterator[Row]:
    wanted = dict.fromkeys((*source.key, source.version, *source.sealed, *source.public))
    texts = sql.SQL(", ").join(sql.SQL("coalesce({}::text, '')").format(sql.Identifier(name)) for name in wanted)
    # Microseconds since 1970, as the hub orders versions.
    texts += sql.SQL(", (extract(epoch FROM {}) * 1000000)::bigint::text").format(sql.Identifier(source.version))
    query = sql.SQL("SELECT {} FROM {}").format(texts, sql.Identifier(source.name))
    names = [*wanted, "version_micros"]
    try:
        with psycopg.connect(address.url, connect_timeout=10, application_name="hub verify") as connection:
            connection.read_only = True
            with connection.cursor("rows") as cursor:
                cursor.itersize = 10_000
                for row in cursor.execute(query):
                    yield dict(zip(names, row, strict=True))
    except psycopg.Error as error:
        raise _away(source, "机构数据库", "database", error) from None


def _interface(source: Source, address: Address) -> Iterator[Row]:
    for logger in ("httpx", "httpcore"):
        # Their own log shows whole addresses, and a cursor may hold a citizen id.
        logging.getLogger(logger).setLevel(logging.WARNING)
    token = {"Authorization": f"Bearer {address.token}"} if address.token else {}
    cursor: str | None = ""
    try:
        with httpx.Client(headers=token, timeout=30.0, trust_env=False) as client:
            while cursor is not None:
                page = _page(client, address.url.rstrip("/") + source.name, cursor)
                items, following = page["items"], page["next"]
                if not isinstance(items, list):
                    raise TypeError
                for item in items:
                    yield _row(item, source)
                if following is not None and (not isinstance(following, str) or following == cursor):
                    raise Unreached(
                        f"{source.feed} 的机构接口分页不前进",
                        f"the agency's interface of {source.feed} does not move on",
                    )
                cursor = following or None
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise _away(source, "机构接口", "interface", error) from None


def _away(source: Source, zh: str, en: str, error: Exception) -> Unreached:
    """Told by the error's class alone: its text may show an address or a value."""
    what = type(error).__name__
    return Unreached(
        f"{source.feed} 的{zh}读取失败（{what}）", f"the agency's {en} of {source.feed} can't be read ({what})"
    )


def _page(client: httpx.Client, url: str, cursor: str) -> dict[str, object]:
    """One page; an agency that asks for patience gets some."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        answer = client.get(url, params={"limit": "5000"} | ({"cursor": cursor} if cursor else {}))
        if answer.status_code not in (429, 503) or monotonic() > until:
            answer.raise_for_status()
            found: dict[str, object] = json.loads(answer.text, parse_int=str, parse_float=str)
            return found
        asked = answer.headers.get("retry-after", "1")
        sleep(min(float(asked) if asked.isdigit() else 1.0, 5.0))


def _row(item: object, source: Source) -> Row:
    """An item as a row; nothing of one that is no row: nested, or with text that no database holds."""
    if not isinstance(item, dict) or any(_is_untext(value) for value in item.values()):
        return {}
    row = {name: value if isinstance(value, str) else "" for name, value in item.items()}
    version = row.get(source.version, "")
    return {**row, "version_micros": version + "000" if version.isdigit() else ""}


def _is_untext(value: object) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, str) and bool(_UNTEXT.search(value)))


def head(source: Source, address: Address, most: int) -> list[Row]:
    """The first rows of a source."""
    return list(islice(source_rows(source, address), most))
