"""One page of JSON: values exactly as sent, odd items broken, drift refused by name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.errors import Refuse
from exchange.core.readers.json import JsonPage, read_items

COLUMNS = ("id", "name")
GOOD = '{"id": "1", "name": "甲"}'
LAST = '{"id": "3", "name": "丙"}'


def read(body: bytes | str) -> JsonPage:
    """Read a page of the feed under test."""
    raw = body if isinstance(body, bytes) else body.encode()
    return read_items(raw, "items", "next", COLUMNS, "bench_x")


def page(*items: str, following: str = "null") -> str:
    """A page's text around items."""
    return f'{{"items": [{", ".join(items)}], "next": {following}}}'


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ("3", "not_an_object"),
        ("null", "not_an_object"),
        ("[]", "not_an_object"),
        ('{"id": "2", "name": "b", "alias": "c"}', "unknown_key"),
        ('{"id": "2", "name": ["b"]}', "not_scalar"),
        ('{"id": "2", "name": {}}', "not_scalar"),
        ('{"id": "2", "id": "2", "name": "b"}', "repeated_key"),
        ('{"id": "2"}', "missing_key"),
        ("{}", "missing_key"),
        (r'{"id": "2", "name": "b\u0000"}', "encoding"),
        (r'{"id": "2", "name": "\ud800"}', "encoding"),
        ('{"id": "2", "name": "' + "x" * 10_000_000 + '"}', "field_too_long"),
    ],
    ids=lambda value: value[:30],
)
def test_an_odd_item_costs_itself_and_nothing_else(item: str, rule: str) -> None:
    """Between two good objects, an item of each kind is one broken row, kept for the quarantine."""
    result = read(page(GOOD, item, LAST))
    assert result.rows.rows() == [("1", "甲"), (None, None), ("3", "丙")]
    assert result.broken.select("row", "rule").rows() == [(1, rule)]
    assert result.broken["raw"].to_list() == [json.dumps(json.loads(item, parse_int=str)).encode()]


def test_bytes_of_another_encoding_cost_their_item() -> None:
    """GBK bytes inside a UTF-8 page break the row that holds them."""
    result = read(page(GOOD, '{"id": "2", "name": "?"}', LAST).encode().replace(b"?", "乙".encode("gbk")))
    assert result.rows["id"].to_list() == ["1", None, "3"]
    assert result.broken["rule"].to_list() == ["encoding"]


def test_values_become_their_text_exactly() -> None:
    """Numbers keep their digits, true and false become words, null and the empty string become null; a key that is not there
    is a broken row."""
    values = ["9007199254740993", "1.10", "-0", "1e400", "true", "false", "null", '""', '" a "', '"0"', "0"]
    result = read(page(*(f'{{"id": {value}, "name": "x"}}' for value in values), '{"name": "x"}'))
    assert result.rows["id"].to_list() == [
        *("9007199254740993", "1.10", "-0", "1e400", "true", "false"),
        *(None, None, " a ", "0", "0", None),
    ]
    assert result.broken.select("row", "rule").rows() == [(len(values), "missing_key")]


def test_one_object_alone_that_lacks_a_key_stops_nothing() -> None:
    """The last page may hold one row: what it lacks says nothing about the feed."""
    result = read(page('{"id": "1"}'))
    assert result.broken.select("row", "rule").rows() == [(0, "missing_key")]


@pytest.mark.parametrize(
    ("following", "expected"),
    [('"p2"', "p2"), ("null", None), ('""', None), ("12345678901234567890", "12345678901234567890")],
)
def test_the_next_cursor_is_text_or_nothing(following: str, expected: str | None) -> None:
    """An empty cursor is the end, a number is its digits."""
    assert read(page(GOOD, following=following)).next_cursor == expected


def test_an_empty_page_has_the_declared_columns() -> None:
    """A page without items is no error."""
    result = read("\ufeff" + page())
    assert (result.rows.columns, result.rows.height, result.broken.height) == (list(COLUMNS), 0, 0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "page_malformed"),
        ('{"items": [' + GOOD, "page_malformed"),
        ("<html>", "page_malformed"),
        ("[]", "page_malformed"),
        ('{"items": {}, "next": null}', "page_malformed"),
        ('{"items": []}', "page_malformed"),
        ('{"items": [], "next": {}}', "page_malformed"),
        (f'{{"items": [{GOOD}], "items": [], "next": null}}', "page_malformed"),
        (f'{{"items": [{GOOD}], "next": "p2", "next": null}}', "page_malformed"),
        (page('{"id": NaN, "name": "x"}'), "page_malformed"),
        ("[" * 100_000, "page_too_deep"),
        (page('{"id": ' + "[" * 100_000 + "]" * 100_000 + "}"), "page_too_deep"),
        (page('{"id": "1", "name": "a", "alias": "c"}', '{"id": "2", "name": "b", "alias": "c"}'), "unknown_column"),
        (page('{"id": "1", "name": "a", "alias": "c"}'), "unknown_column"),
        (page('{"id": "1"}', '{"id": "2"}'), "missing_column"),
        (page('{"x": "11010519491231002X"}', '{"y": "1"}'), "wrong_items"),
    ],
    ids=lambda value: value[:40],
)
def test_a_page_that_is_not_as_promised_is_refused(body: str, code: str) -> None:
    """Malformed JSON, another form, a column that came or went: each names the connector's file and shows no value."""
    with pytest.raises(Refuse) as refused:
        read(body)
    assert refused.value.code == code
    assert "connectors/bench_x.py" in refused.value.hint
    assert "11010519491231002X" not in refused.value.message
    assert ("alias" in refused.value.message) == (code == "unknown_column")


@given(st.lists(st.fixed_dictionaries({"id": st.text(), "name": st.text() | st.none()}), min_size=1, max_size=10))
def test_every_item_is_a_row_or_broken(items: list[dict[str, str | None]]) -> None:
    """No item is lost, and what is not broken comes back as it was."""
    result = read(json.dumps({"items": items, "next": None}))
    assert result.rows.height == len(items)
    broken = set(result.broken["row"].to_list())
    for row, item in enumerate(items):
        expected = (None, None) if row in broken else (item["id"] or None, item["name"] or None)
        assert result.rows.row(row) == expected
        assert (row in broken) == any("\0" in value for value in item.values() if value)
