"""One page of JSON objects (RFC 8259) becomes rows of text, each value exactly as it was sent.

Numbers keep their digits (2^53 + 1 stays itself), true and false become those words, null and the empty string become
null. An object that is not as promised is one broken row; a difference that runs through the page is refused by name.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import polars as pl

from exchange.core.errors import Refuse
from exchange.core.page import BROKEN
from exchange.core.readers.contract import connector_file, require_columns, require_names
from exchange.core.readers.records import FIELD_CHARS_MAX

UNTEXT = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: no text of PostgreSQL or UTF-8. Undecodable bytes are read as such surrogates."""
ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True)
class JsonPage:
    """Rows in the order of the items (String, declared columns), what is no row (BROKEN), and the next cursor."""

    rows: pl.DataFrame
    broken: pl.DataFrame
    next_cursor: str | None


class _Repeated(dict[str, object]):
    """An object in which a name comes twice."""


def read_items(body: bytes, items: str, next_cursor: str, columns: Sequence[str], connector: str) -> JsonPage:
    """Read a page `{items: [{column: value}], next_cursor: text or null}`.

    Raises Refuse: `page_malformed` (no JSON, or not of this form; asking again may help), `page_too_deep`,
    `wrong_header` or `unknown_column` if several items (or all) hold a name that is not declared, `missing_column` if
    none of several holds one that is.

    >>> page = read_items(b'{"items": [{"a": 9007199254740993}, 3], "next": null}', "items", "next", ("a",), "x")
    >>> page.rows.rows(), page.broken["rule"].to_list(), page.next_cursor
    ([('9007199254740993',), (None,)], ['not_an_object'], None)
    """
    found, following = _envelope(body, items, next_cursor, connector)
    objects = [item for item in found if isinstance(item, dict)]
    _require_contract(connector, objects, columns)
    known = frozenset(columns)
    suspect = _suspect(body)
    rules = [_rule(item, known, suspect) for item in found]
    nothing = (None,) * len(columns)
    rows = [_row(item, columns) if not rule else nothing for item, rule in zip(found, rules, strict=True)]
    broken = [(row, rule, _raw(found[row])) for row, rule in enumerate(rules) if rule]
    return JsonPage(
        pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row"),
        pl.DataFrame(broken, schema=BROKEN, orient="row"),
        following,
    )


def _envelope(body: bytes, items: str, next_cursor: str, connector: str) -> tuple[list[object], str | None]:
    """The items and the next cursor of a page."""
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    try:
        page = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number, object_pairs_hook=_object)
    except RecursionError:
        raise _malformed(connector, "page_too_deep", "嵌套过深", "nested too deeply") from None
    except ValueError:
        raise _malformed(connector, "page_malformed", "不是合法的 JSON", "no JSON") from None
    if isinstance(page, _Repeated):
        raise _malformed(connector, "page_malformed", "的字段重复", "with a name twice")
    if not isinstance(page, dict) or not isinstance(page.get(items), list) or next_cursor not in page:
        raise _malformed(
            connector, "page_malformed", f"缺 {items} 或 {next_cursor}", f"without {items} or {next_cursor}"
        )
    following = page[next_cursor]
    if following is not None and (not isinstance(following, str) or UNTEXT.search(following)):
        raise _malformed(connector, "page_malformed", f"的 {next_cursor} 不是文本", f"with a {next_cursor} not text")
    return page[items], following or None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeated(found)


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _malformed(connector: str, code: str, chinese: str, english: str) -> Refuse:
    return Refuse(
        code,
        f"{connector}：机构返回的一页{chinese}。A page of this feed is {english}.",
        f"请机构修复接口；若格式已变，修改 {connector_file(connector)}。"
        f"Ask the agency to mend it; if its form has changed, edit {connector_file(connector)}.",
    )


def _require_contract(connector: str, objects: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Refuse names that came or went for the whole page; one odd object among others is only a broken row."""
    if not objects:
        return
    counts = Counter(name for item in objects for name in item)
    drifted = min(2, len(objects))
    found = [name for name, count in counts.items() if name in columns or count >= drifted]
    if not set(found) & set(columns):
        raise _malformed(connector, "wrong_items", "没有任何已登记的列", "without any declared column")
    require_names(connector, found, columns)
    due = columns if len(objects) > 1 else [name for name in columns if name in found]
    require_columns(connector, found, due)


def _suspect(body: bytes) -> bool:
    """Whether a page may hold what UNTEXT finds; most can't, and need no search value by value."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return ESCAPED.search(body) is not None


def _rule(item: object, known: frozenset[str], suspect: bool) -> str:
    """The rule an item breaks as a row, or nothing."""
    if not isinstance(item, dict):
        return "not_an_object"
    if isinstance(item, _Repeated):
        return "repeated_key"
    if not item.keys() <= known:
        return "unknown_key"
    if len(item) < len(known):
        return "missing_key"
    values = item.values()
    if any(isinstance(value, dict | list) for value in values):
        return "not_scalar"
    texts = [value for value in values if isinstance(value, str)]
    if suspect and any(map(UNTEXT.search, texts)):
        return "encoding"
    return "field_too_long" if max(map(len, texts), default=0) > FIELD_CHARS_MAX else ""


def _row(item: object, columns: Sequence[str]) -> tuple[str | None, ...]:
    return tuple(_text(item.get(name)) for name in columns) if isinstance(item, dict) else ()


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value else None


def _raw(item: object) -> bytes:
    """The item for the quarantine, written anew in ASCII (its numbers as text); nothing of one nested too deeply."""
    try:
        return json.dumps(item).encode()
    except RecursionError:
        return b""
