"""Supplied lists: read in their several forms, counted, and refused by line where they are wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.codes import code_list, editions
from exchange.core.codes.supplied import COUNTS, Label, read_supplied
from exchange.core.codes.table import written
from exchange.core.errors import Misuse

LABEL = Label("craft", "2024")
PLAIN = "code,zh,en\n1,木工,carpenter\n2,瓦工,mason\n"


def whole_industry(short: int = 0) -> str:
    """As many invented codes on each level as GB/T 4754-2017 has with its amendment, without the last `short`."""
    counts = COUNTS["industry", "2017"][-1]
    codes = [chr(ord("A") + place) for place in range(counts[1])]
    codes += [f"{number:0{length}d}" for length in (2, 3, 4) for number in range(1, counts[length] + 1)]
    return "code,zh\n" + "".join(f"{code},行业{code}\n" for code in codes[: len(codes) - short])


def refused(text: str | bytes, label: Label = LABEL) -> str:
    """The message with which the file is refused."""
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Misuse) as caught:
        read_supplied(content, label)
    assert caught.value.code == "bad_code_list"
    return caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        ("\ufeff" + PLAIN).encode(),
        PLAIN.encode("gb18030"),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("code,zh,en", "代码,名称,英文名称").encode(),
        (PLAIN + "\n , ,\n").encode(),
        b"# note: a trade\n" + PLAIN.encode(),
        'code,zh,en\n1,"木工","carpenter"\n2,瓦工,mason'.encode(),
    ],
)
def test_a_list_is_read_in_its_forms(content: bytes) -> None:
    """CSV or TSV, UTF-8 or GB 18030, English or Chinese headings: the same list."""
    assert read_supplied(content, LABEL).titles == {"1": ("木工", "carpenter"), "2": ("瓦工", "mason")}


@pytest.mark.parametrize("listed", [*editions("industry_division"), code_list("division")], ids=lambda one: one.edition)
def test_the_packages_own_form_is_read(listed: object) -> None:
    """A list in the form that the package brings is read back as it was, facts and all."""
    assert read_supplied(written(listed).encode(), Label(listed.name)) == listed  # type: ignore[arg-type, attr-defined]


def test_the_steward_outranks_the_file() -> None:
    """Edition and first day given with the command are used instead of the file's."""
    content = b"# edition: 1\n# valid_from: 2001-01-01\n" + PLAIN.encode()
    found = read_supplied(content, Label("craft", "2", date(2024, 1, 1)))
    assert (found.edition, found.valid_from) == ("2", date(2024, 1, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the heading|no code"),
        ("code,zh\n", "there is no code in it"),
        ("code,name\n1,a\n", "line 1: the heading"),
        ("code,code,zh\n1,1,a\n", "line 1: the heading"),
        ("code,zh\n1,甲\n1,乙\n", "line 3: the code stands in the list twice"),
        ("code,zh\n,甲\n", "line 2: the code is missing"),
        ("code,zh\n1,\n", "line 2: the Chinese title is missing"),
        ("code,zh\n1,甲,乙\n", "line 2: not as many cells"),
        ("code,zh,valid_from\n1,甲,5.3.2016\n", "line 2: a day is written"),
        ("code,zh,valid_from,valid_to\n1,甲,2020-01-01,2019-01-01\n", "line 2: the code ends before"),
        ("code,zh\n1,甲\x07\n", "line 2: a text holds control characters"),
        (f"code,zh\n{'1' * 41},甲\n", "line 2: a text is too long"),
        ('code,zh\n1,"甲\n', "a quote or a cell"),
        ('code,zh\n1,"甲"乙\n', "line 2: a quote or a cell"),
        (b"code,zh\n1,\xff\xff\n", "the encoding is neither"),
        (b"code,zh\n1,\x00\n", "the encoding is neither"),
        ("# valid_from: soon\ncode,zh\n1,甲\n", "valid_from is a day"),
    ],
)
def test_a_wrong_file_is_refused_by_line(text: str | bytes, said: str) -> None:
    """The lines that are wrong are named in two languages; what stands in them is not shown."""
    message = refused(text)
    assert any(one in message for one in said.split("|"))
    assert "处错误" in message
    assert not {"甲", "乙", "5.3.2016"} & set(message.split())


@pytest.mark.parametrize("label", [Label("Craft", "1"), Label("../x", "1"), Label("craft", ""), Label("craft", "a/b")])
def test_a_list_needs_a_plain_name_and_an_edition(label: Label) -> None:
    """Names end up in tables and messages, so only plain ones are taken."""
    assert "处错误" in refused(PLAIN, label)


def test_a_code_may_come_back_with_another_meaning() -> None:
    """The same code twice is two meanings where their times do not overlap."""
    text = "code,zh,valid_from,valid_to\n1,旧,,1999-12-31\n1,新,2000-01-01,\n"
    assert read_supplied(text.encode(), LABEL).titles["1"][0] == "新"


def test_the_industries_are_counted() -> None:
    """GB/T 4754-2017 has 20, 97, 473 and 1,381 codes, or one more with its amendment; another list says it is incomplete."""
    label = Label("industry", "2017")
    assert [len(read_supplied(whole_industry(short).encode(), label).titles) for short in (0, 1)] == [1_972, 1_971]
    due = "20/97/473/1381 or 20/97/473/1382 codes by level, the file 20/97/473/1380"
    assert due in refused(whole_industry(short=2), label)
    partial = read_supplied(b"# complete: no\n" + whole_industry(short=2).encode(), label)
    assert not partial.complete


@given(st.binary(max_size=400))
def test_no_bytes_break_it(content: bytes) -> None:
    """Whatever the file holds, the answer is a list or Misuse."""
    with suppress(Misuse):
        assert read_supplied(b"code,zh\n" + content, LABEL).titles
