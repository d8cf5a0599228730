"""The checker's own count of records against the reader's, on damaged text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange.core.readers.csv import read_csv
from exchange.verify.counting import count_records

PIECES = st.sampled_from(
    [b"a", b"1", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"\xb0\xa1", b"\xff", b" ", b"a,b\n", b'",']
)


@given(st.lists(PIECES, max_size=60).map(b"".join))
@example(b'1,"2\n3,4\n"5,6"\n')
@example(b'"\n"\n"\n1,2\n')
@settings(max_examples=400, deadline=None)
def test_counts_agree(body: bytes) -> None:
    """Two readers written apart count the same records of any delivery."""
    text = b"a,b\n" + body
    pages = read_csv([text], connector="x", encoding="gb18030", columns=("a", "b"), page_rows=1000)
    assert count_records(text, "gb18030") == sum(page.rows.height for page in pages)


def test_quote_bomb_is_linear() -> None:
    """Many quotes left open cost no more than a few readings of the file."""
    assert count_records(b"a,b\n" + b'1,"x\n' * 20_001, "utf-8") > 0
