"""Exact identifiers of records, and names as they are compared."""

from __future__ import annotations

import polars as pl

from exchange.core.link_keys import links, name_key_text
from tests.core.test_translate import FIRM, MARKET, OLD_PERSON, RESIDENTS, UPGRADED, translated


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
    keys = name_key_text(found.records).to_list()
    assert len(set(keys[:3])) == 1
    assert keys[3] not in keys[:3]
    assert keys[4] is None
    assert found.records["name"].to_list()[:2] == texts[:2]
