"""CSV deliveries: what is a row, what is broken, and that one broken line costs that line and nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.errors import Misuse, Refuse
from exchange.core.readers.csv import read_csv
from exchange.core.readers.lines import LINE_BYTES_MAX
from exchange.core.readers.records import read_records

COLUMNS = ("code", "name", "city")
HEADER = b"code,name,city\n"
Seen = tuple[list[tuple[str | None, ...]], list[tuple[int, str, bytes]]]


def read(
    body: bytes | Iterable[bytes],
    encoding: str = "utf-8",
    columns: tuple[str, ...] = COLUMNS,
    page_rows: int = 100,
) -> Seen:
    """All rows and all broken rows of a delivery, numbered through."""
    blocks = [body] if isinstance(body, bytes) else body
    rows: list[tuple[str | None, ...]] = []
    broken: list[tuple[int, str, bytes]] = []
    for page in read_csv(blocks, connector="bench_x", encoding=encoding, columns=columns, page_rows=page_rows):
        assert 0 < page.rows.height <= page_rows
        broken += [(row + len(rows), rule, raw) for row, rule, raw in page.broken.rows()]
        rows += page.rows.rows()
    return rows, broken


NOTHING = (None, None, None)
BEFORE, AFTER = ("1", "甲", "a"), ("3", "丙", "c")


def test_a_comma_too_many_at_the_very_end_is_no_good_row() -> None:
    """Of two columns, an empty line has a comma too few, so that their sum says nothing of the last line."""
    rows, broken = read([b"code,name\n1,a\n\n", b"2,b,"], columns=("code", "name"))
    assert (rows, broken) == ([("1", "a"), (None, None)], [(1, "too_many_fields", b"2,b,")])
    rows, broken = read(b"code,name\n1,a\n\n2,b,", columns=("code", "name"))
    assert (rows, broken) == ([("1", "a"), (None, None)], [(1, "too_many_fields", b"2,b,")])


@pytest.mark.parametrize("good", ["{},{},{}\n", '"{}","{}","{}"\n', '{},"{}",{}\r\n'])
@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"2,b", "too_few_fields"),
        (b"2", "too_few_fields"),
        (b"2,b,c,d", "too_many_fields"),
        (b"2,\xd2\xd2\xff,c", "encoding"),
        (b"2,b\0", "too_few_fields"),
        (b'"2,b,c', "open_quote"),
        (b'2,"b,c', "open_quote"),
        (b'2,b,"c', "open_quote"),
        (b'2,b,"c""', "open_quote"),
        (b'2,b,"', "open_quote"),
        (b'2,"b"",c', "open_quote"),
        (HEADER.rstrip(), "header_repeated"),
        (b"\xef\xbb\xbf" + HEADER.rstrip(), "header_repeated"),
        (b"2," + b"x" * 1_000_001 + b",c", "field_too_long"),
        (b'2,"' + b"x" * 10_000_000 + b'",c', "field_too_long"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_a_broken_line_costs_that_line_and_nothing_else(good: str, line: bytes, rule: str) -> None:
    """Between two good lines, also quoted ones, a line of each kind is one broken row."""
    body = HEADER + good.format(*BEFORE).encode() + line + b"\n" + good.format(*AFTER).encode() * 2
    rows, broken = read(body)
    assert rows == [BEFORE, NOTHING, AFTER, AFTER]
    assert broken == [(1, rule, line)]


@pytest.mark.parametrize("line", [b'"2,b,c', b'2,"b,c', b'2,b,"c'])
def test_an_open_quote_on_the_last_line_is_one_broken_row(line: bytes) -> None:
    """The end of the file inside quotes breaks that line only."""
    rows, broken = read(HEADER + b"1,\xe7\x94\xb2,a\n" + line)
    assert rows == [BEFORE, NOTHING]
    assert broken == [(1, "open_quote", line)]


def test_an_open_quote_never_takes_the_next_firms_line_with_the_right_count() -> None:
    """A quote that the next line's quote would close is a broken line, though together they have three fields."""
    rows, broken = read(HEADER + b'1,"a\n2,"b",c\n')
    assert rows == [NOTHING, ("2", "b", "c")]
    assert broken == [(0, "open_quote", b'1,"a')]


def test_a_field_may_hold_line_ends_commas_and_quotes() -> None:
    """A well-formed record over several lines is one row, with its line ends as they were."""
    rows, broken = read(HEADER + b'1,"x\r\ny,""z""\n\n",a\n2,b,c\n')
    assert rows == [("1", 'x\r\ny,"z"\n\n', "a"), ("2", "b", "c")]
    assert broken == []


def test_a_line_that_does_not_decode_ends_a_quoted_field() -> None:
    """An undecodable line inside quotes breaks both lines and not those that follow."""
    rows, broken = read(HEADER + b'1,"a\n\xff\xfe,"\n3,b,c\n')
    assert rows == [NOTHING, NOTHING, ("3", "b", "c")]
    assert [rule for _, rule, _ in broken] == ["open_quote", "encoding"]


def test_nuls_are_removed_and_cost_nothing_by_themselves() -> None:
    """A row with NULs and the right number of fields is a row; a line of NULs is empty."""
    assert read(HEADER + b"1,a\0b,\0c\n\0\0\n2,b,c\n") == ([("1", "ab", "c"), ("2", "b", "c")], [])


def test_empty_lines_are_no_rows_and_empty_fields_are_null() -> None:
    """Lines without a character do not count; commas alone are a row of nulls."""
    assert read(HEADER + b"\n\r\n1,,c\n,,\n\n") == ([("1", None, "c"), NOTHING], [])
    assert read(HEADER + b'1,"",c\n,"",\n') == ([("1", None, "c"), NOTHING], [])


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n"])
def test_every_line_end_is_understood(end: bytes, last: bytes) -> None:
    """LF, CR LF, CR and no line end at the end of the file give the same rows."""
    assert read(HEADER.rstrip() + end + b"1,a,b" + end + b"2,c,d" + last) == ([("1", "a", "b"), ("2", "c", "d")], [])


def test_columns_go_by_name() -> None:
    """The order of the header does not matter, nor a byte order mark or quotes in it."""
    assert read(b'\xef\xbb\xbfcity,"code",name\nc,1,n\n') == ([("1", "n", "c")], [])
    body = "\ufeff海关编码,名称\n1,企业\n".encode("gb18030")
    assert read(body, "gb18030", ("名称", "海关编码")) == ([("企业", "1")], [])


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf", HEADER, HEADER.rstrip(), HEADER + b"\r\n\n"])
def test_an_empty_delivery_has_no_pages(body: bytes) -> None:
    """Nothing, or a header alone, is an empty delivery and no error."""
    assert read(body) == ([], [])


@pytest.mark.parametrize(
    ("header", "code", "named"),
    [
        (b"code,name,city,extra_column\n", "unknown_column", "extra_column"),
        (b"code,name\n", "missing_column", "city"),
        (b"code,name,city,city\n", "repeated_column", "city"),
        (b"code,name,town\n", "unknown_column", "town"),
        ("编码,名称,城市\n".encode(), "wrong_header", "utf-8"),
        ("编码,名称,城市\n".encode("gb18030"), "wrong_header", "utf-8"),
        ("\ufeffcode,name,city\n".encode("utf-16-le"), "wrong_header", "utf-8"),
    ],
)
def test_another_header_is_refused_by_name(header: bytes, code: str, named: str) -> None:
    """Drift stops the delivery before row 1, names the column or the encoding, and the file to edit."""
    with pytest.raises(Refuse) as refused:
        read(header + b"1,a,b\n")
    assert refused.value.code == code
    assert named in refused.value.message
    assert "connectors/bench_x.py" in refused.value.hint


def test_a_delivery_without_header_is_refused_without_showing_its_first_row() -> None:
    """What stands where the header should be may be a person: it is not shown."""
    with pytest.raises(Refuse) as refused:
        read("11010519491231002X,张三,天津\n".encode())
    assert "11010519491231002X" not in str(refused.value) + refused.value.hint
    assert "张三" not in repr(refused.value)


def test_an_encoding_that_is_not_read_is_misuse() -> None:
    """A connector with another encoding is told so at once."""
    with pytest.raises(Misuse, match="utf-16"):
        read(HEADER, "utf-16")


def test_pages_are_cut_by_rows_and_number_their_broken_rows() -> None:
    """Each page has page_rows rows but the last, and its broken rows are counted inside it."""
    body = HEADER + b"1,a,b\nbad\n" * 5
    pages = list(read_csv([body], connector="x", encoding="utf-8", columns=COLUMNS, page_rows=3))
    assert [page.rows.height for page in pages] == [3, 3, 3, 1]
    assert [page.broken["row"].to_list() for page in pages] == [[1], [0, 2], [1], [0]]


def test_a_line_without_end_is_read_in_bounded_memory() -> None:
    """A line of 64 MiB is one broken row; no more than the limit of it is kept."""
    blocks = [HEADER, b"1,"] + [b"x" * 1024 * 1024] * 64 + [b",b\n2,c,d\n"]
    rows, broken = read(blocks)
    assert rows == [NOTHING, ("2", "c", "d")]
    assert [(row, rule, len(raw)) for row, rule, raw in broken] == [(0, "line_too_long", LINE_BYTES_MAX)]


def test_a_quote_bomb_is_read_in_linear_time() -> None:
    """Lines of which each opens a quote that the next one closes and opens again cost themselves only."""
    rows, broken = read(HEADER + b'a","b\n' * 20_000, page_rows=50_000)
    assert len(rows) == len(broken) == 20_000


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_blocks_may_be_cut_anywhere(encoding: str, quote: str) -> None:
    """A delivery cut after every few bytes, through characters and line ends, gives the same rows."""
    lines = [f"{n},{quote}名{n}{quote},城\r\n" for n in range(50)] + ["x\r\n", '7,"a\r\nb",c\r\n', '8,"open,c']
    body = HEADER + "".join(lines).encode(encoding)
    whole = read(body, encoding)
    for step in (1, 2, 3, 7, 64):
        assert read([body[at : at + step] for at in range(0, len(body), step)], encoding) == whole
    assert len(whole[0]) == 53
    assert [rule for _, rule, _ in whole[1]] == ["too_few_fields", "open_quote"]


PIECES = st.sampled_from(
    [
        *(b",", b",", b"\n", b"\n", b"\r\n", b"\r", b'"', b'""', b"\0", b"a", b"b ", b"\xff", b"NULL", b"#", b"\x0b"),
        *("企".encode(), "企".encode("gb18030"), b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1c", b"c,d"),
        *(b"a,b\n", b"1,2\n", b"c,d\n", b'"x\ny",z\n', b'e","f\n'),
    ]
)
PLAIN = st.sampled_from(
    [b"a,b\n", b",\n", b" x ,\r\n", b"NULL,#\n", "企,\u2028\n".encode(), b"\xef\xbb\xbf1,2\n", b"\x0b,\x1c\n"]
)
LINES = st.lists(PLAIN, max_size=90).map(b"".join)
DIRT = st.lists(PIECES | st.binary(max_size=3), max_size=40).map(b"".join)
BODIES = DIRT | LINES | st.tuples(LINES, PIECES, LINES).map(b"".join)


@settings(deadline=None, max_examples=400)
@given(body=BODIES, encoding=st.sampled_from(["utf-8", "gb18030"]), cuts=st.lists(st.integers(0, 80), max_size=3))
def test_the_fast_path_reads_what_the_exact_path_reads(body: bytes, encoding: str, cuts: list[int]) -> None:
    """On arbitrary bytes and cuts, read_csv gives the rows and faults that the line reader gives for the whole."""
    exact = read_records(body.splitlines(keepends=True), ["c", "d"], encoding, final=True)
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    blocks = [b"c,d\n", *(body[start:stop] for start, stop in pairwise(places))]

    rows, broken = read(blocks, encoding, ("c", "d"), page_rows=7)

    assert rows == [tuple(value or None for value in row) for row in exact.rows]
    assert broken == [(fault.row, fault.rule, fault.raw) for fault in exact.faults]


@settings(deadline=None, max_examples=200)
@given(body=BODIES)
def test_every_byte_is_in_a_row_or_was_nothing(body: bytes) -> None:
    """No line is lost: rows and broken rows together take all lines that hold anything but NULs."""
    exact = read_records(body.splitlines(keepends=True), ["c", "d"], "utf-8", final=True)
    assert exact.used == len(body.splitlines())
    assert len(exact.rows) >= len(exact.faults)
    assert all(exact.rows[fault.row] == (None, None) for fault in exact.faults)


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@settings(deadline=None, max_examples=200)
@given(
    table=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=20),
    form=st.sampled_from([(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_ALL, "\n")]),
)
def test_well_formed_text_is_read_as_pythons_csv_reads_it(
    table: list[tuple[str, str, str]], form: tuple[Literal[0, 1], str]
) -> None:
    """Whatever csv writes comes back, field by field, and nothing of it is broken."""
    text = io.StringIO()
    csv.writer(text, quoting=form[0], lineterminator=form[1]).writerows([COLUMNS, *table])
    expected = list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1:]

    rows, broken = read(text.getvalue().encode())

    assert rows == [tuple(value or None for value in row) for row in expected if row]
    assert broken == []
