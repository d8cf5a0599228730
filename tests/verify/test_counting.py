"""The checker's own count of records against the reader's, on damaged text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange.core.errors import Refuse
from exchange.core.readers.csv import read_csv
from exchange.verify.counting import count_records

PIECES = st.sampled_from(
    [b"a", b"1", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"\xb0\xa1", b"\xff", b" ", b"a,b\n", b'",']
)


@given(st.lists(PIECES, max_size=60).map(b"".join))
@example(b'1,"2\n3,4\n"5,6"\n')
@example(b'"\n"\n"\n1,2\n')
@example(b",\n\n,,")
@settings(max_examples=400, deadline=None)
def test_counts_agree(body: bytes) -> None:
    """Two readers written apart count the same records of any delivery."""
    text = b"a,b\n" + body
    pages = read_csv([text], connector="x", encoding="gb18030", columns=("a", "b"), page_rows=1000)
    rows = sum(page.rows.height for page in pages)
    assert count_records(text, "gb18030") == count_records(text, "gb18030", ("a", "b")) == rows


HEADER_PIECES = [
    b"a",
    b"B",
    b"(x)",
    b"-",
    b"\0",
    b"b",
    b",",
    b"a,b",
    b'"',
    b" ",
    b"\n",
    b"\x0b",
    b"\xe2\x80\xa8",
    b"Firms\n",
]
HEADERS = st.lists(st.sampled_from(HEADER_PIECES), max_size=8)


@given(HEADERS.map(b"".join), st.lists(PIECES, max_size=30).map(b"".join))
@example(b'a,"b', b'1,2\n3,"4"\n')
@example(b'a,b"', b"1,2\n3,4\n")
@example(b'a, "b\n"', b'1,"2"\n')
@example(b'b,"a', b'"\0')
@example(b'""""a,b', b'"""\na,b\n",')
@example(b'"""\r""""a,b"', b"")
@example(b"\0,a,b\na,b", b'"\n",')
@example(b"\xa1,a,b\na,b", b'"\n",""')
@example(b'a,b(\n"', b'",\na,b')
@example(b's\n\xef\xbb\xbf","a,b', b'"""\n"')
@settings(max_examples=600, deadline=None)
def test_counts_agree_below_any_header(header: bytes, body: bytes) -> None:
    """Whatever stands around the names, the delivery is refused, or both readers count the same records."""
    text = header + b"\n" + body
    try:
        pages = list(read_csv([text], connector="x", encoding="utf-8", columns=("a", "b"), page_rows=1000))
    except Refuse:
        return
    assert count_records(text, "utf-8", ("a", "b")) == sum(page.rows.height for page in pages)


def test_titles_and_typed_headers_are_counted() -> None:
    """A title above the header is a record, and a header with remarks, blanks and line ends is none."""
    names = ("a", "b")
    for header in (b'a , "b\n"\n', b"a(x),b\n", b"\xef\xbb\xbfa,b\n"):
        text = b"Firms\n" + header + b'1,"2\n3"\n\n4,5\n'
        [page] = read_csv([text], connector="x", encoding="utf-8", columns=names, page_rows=1000)
        assert page.rows.height == 3
        assert count_records(text, "utf-8", names) == 3


def test_quote_bomb_is_linear() -> None:
    """Many quotes left open cost no more than a few readings of the file."""
    assert count_records(b"a,b\n" + b'1,"x\n' * 20_001, "utf-8") > 0
