"""Exact identifiers of records, and names as they are compared."""

from __future__ import annotations

import re
from unicodedata import normalize

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core import names
from exchange.core.link_keys import links, name_key_text
from tests.core.prepared_pages import sample, spoiled
from tests.core.test_translate import FIRM, MARKET, OLD_PERSON, PERSON, RESIDENTS, UPGRADED, translated


def test_links_are_the_identifiers_that_can_be_trusted() -> None:
    """Links: the credit code, the organisation code (own or inside, if right), long registration numbers."""
    found = translated(
        MARKET, {"uniscid": FIRM, "regno": "310230001716146"}, {"uniscid": "911100007109320225", "regno": "12345678"}
    )
    told = links("legal_person", found.records).sort("row", "kind")
    assert told.rows() == [
        (0, "org_code", "244997951"),
        (0, "reg_no", "310230001716146"),
        (0, "uscc", FIRM),
        (1, "uscc", "911100007109320225"),
    ]
    people = translated(RESIDENTS, {"GMSFHM": OLD_PERSON}, {"GMSFHM": "12"}).records
    assert links("person", people).rows() == [(0, "id_no", UPGRADED)]
    assert links("person", people).schema == {"row": pl.UInt32, "kind": pl.String, "key": pl.String}


def test_names_are_compared_without_their_typography() -> None:
    """Brackets, width, blanks and case make no other name; the stored name keeps them."""
    texts = ["天津（集团）ABC公司", "天津(集团) Ａｂｃ公司", "天津〔集团〕abc 公司", "天津集团ABC公司"]
    found = translated(MARKET, *({"entname": text} for text in texts), {"entname": ""})
    keys = name_key_text("legal_person", found.records).to_list()
    assert len(set(keys[:3])) == 1
    assert keys[3] not in keys[:3]
    assert keys[4] is None
    assert found.records["name"].to_list()[:2] == texts[:2]


def test_a_sealed_name_is_compared_beside_the_number_that_joins() -> None:
    """One name under two citizen ids is two texts, the old form of an id is the same one, and without an id there is none."""
    rows = [{"GMSFHM": OLD_PERSON}, {"GMSFHM": UPGRADED}, {"GMSFHM": PERSON}, {"GMSFHM": "12"}]
    people = translated(RESIDENTS, *({"XM": "王芳", **row} for row in rows), {"GMSFHM": PERSON, "XM": "王 芳"})
    texts = name_key_text("person", people.records).to_list()
    assert texts == [UPGRADED + "王芳"] * 2 + [PERSON + "王芳", None, PERSON + "王芳"]
    nameless = translated(RESIDENTS, {"GMSFHM": PERSON}).records
    assert name_key_text("person", nameless).to_list() == [None]


def test_people_of_one_name_have_no_key_in_common() -> None:
    """How often a name comes can't be told from the keys of people's names; firms of one name, which is public, share one."""
    for feed, column, keys in (("public_security_residents", "XM", None), ("customs_enterprises", "企业名称", 1)):
        case = sample(feed)
        made = spoiled(case, column, "王芳", set(range(case.page.rows.height))).prepared()
        assert made.records.height > 1
        assert made.records["name_key"].drop_nulls().n_unique() == (keys or made.records.height)


@given(
    st.lists(
        st.none() | st.text("aZ1( \u3000\u200b\uff08\uff21\u3014\u2022\u00b7\u5929\uf900\u0327", max_size=5), max_size=6
    )
)
@settings(deadline=None)
def test_a_name_is_compared_the_same_whatever_stands_beside_it(texts: list[str | None]) -> None:
    """A name's key is NFKC, upper case, one bracket and dot, no blanks, also where the other names of its page are that."""
    read = [None if text is None else re.sub(r"[\s\u200b]", "", normalize("NFKC", text).upper()) for text in texts]
    alike = str.maketrans("\u3014\u2022", "(\u00b7")
    expected = [one.translate(alike) or None if one else None for one in read]
    assert names.key(pl.Series(texts, dtype=pl.String)).to_list() == expected
