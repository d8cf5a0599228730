"""Sealing a page's groups, refused rows and cursor: every envelope at its place, no nonce twice."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exchange.core.bundle import unpack
from exchange.core.envelope import parse
from exchange.core.identify import identify
from exchange.core.page import BROKEN, PAGE_ROWS_MAX, RawPage
from exchange.core.prepare import random_bytes_needed
from exchange.core.seal import SEALS_PER_KEY_MAX, Place, SealBroken, aad, open_column, open_envelope
from exchange.core.seal_page import ORIGINALS, REFUSED, cursor_id, seal_refused
from exchange.core.topics import MAJOR
from exchange.core.translate import translate
from exchange.edge.fetch import PAGE_ROWS
from schemas.columns import groups, public, unsealed
from tests.core.invented_keys import page_keys
from tests.core.prepared_pages import CURSOR, NAMES, Given, accepted_records, sample, spoiled, with_rows

every = pytest.mark.parametrize("name", NAMES)
CUSTOMS = sample("customs_enterprises")
texts = st.none() | st.text(max_size=4)


def all_envelopes(name: str) -> list[bytes]:
    """Every envelope of a prepared sample."""
    case, made = sample(name), sample(name).prepared()
    columns = [made.records[group] for group in groups(case.connector.library)]
    sealed = [one for column in (*columns, made.refused["envelope"]) for one in column.drop_nulls()]
    sealed += [one for bundle in made.records["sealed"] if (one := unpack(bundle).get(ORIGINALS))]
    return [*sealed, *([] if made.sealed_cursor is None else [made.sealed_cursor])]


@every
def test_no_nonce_is_used_twice(name: str) -> None:
    """All envelopes of a page have nonces of their own, whatever key they are under, and all come from its random bytes."""
    nonces = [parse(envelope).nonce for envelope in all_envelopes(name)]
    assert len(nonces) >= sample(name).page.rows.height
    assert len(set(nonces)) == len(nonces)
    needed = random_bytes_needed(sample(name).page.rows.height, len(sample(name).keys.groups))
    random = hashlib.shake_256(sample(name).seed).digest(needed)
    assert set(nonces) <= {random[at : at + 16] for at in range(0, needed, 16)}


@every
def test_the_bundle_holds_the_groups_envelopes(name: str) -> None:
    """`sealed` is the bundle of exactly the envelopes that stand in the groups' columns, and that of the originals."""
    case, made = sample(name), sample(name).prepared()
    names = groups(case.connector.library)
    for bundle, *envelopes in made.records.select("sealed", *names).iter_rows():
        held = unpack(bundle)
        held.pop(ORIGINALS, None)
        assert held == {group: one for group, one in zip(names, envelopes, strict=True) if one is not None}


@every
def test_the_originals_open_to_what_the_agency_wrote(name: str) -> None:
    """Of every value that translating changed, moved or left out, and of every sealed code in other words, the agency's own
    text is sealed with the record; it opens at that record alone."""
    case, made = sample(name), sample(name).prepared()
    connector = case.connector
    expected = originals(case)
    place = Place(connector.library, ORIGINALS, MAJOR[connector.library])
    found = {}
    for row, record, bundle in made.records.select("row", "id", "sealed").iter_rows():
        envelope = unpack(bundle).get(ORIGINALS)
        if envelope is not None:
            bound = aad(place, record, case.keys.quarantine.key_id)
            found[row] = json.loads(open_envelope(case.keys.quarantine, envelope, bound))
            with pytest.raises(SealBroken):
                open_envelope(case.keys.quarantine, envelope, aad(place, bytes(16), case.keys.quarantine.key_id))
    assert found == expected
    assert not {"originals", "written"} & set(made.records.columns)


def test_the_samples_have_originals() -> None:
    """At least three of the samples hold a value that the hub repairs, so that the test above has something to see."""
    assert sum(bool(originals(sample(name))) for name in NAMES) >= 3


def originals(case: Given) -> dict[int, dict[str, str]]:
    """Row → column → the agency's text, row by row and without the code that is tested."""
    connector, translated = case.connector, translate(case.connector, case.page)
    flagged = {(row, column) for row, column, _ in translated.flags.iter_rows()}
    expected: dict[int, dict[str, str]] = {}
    for record in accepted_records(case).iter_rows(named=True):
        row = record["row"]
        for source, column in connector.columns.items():
            raw = case.page.rows[source][row]
            if source in connector.codes:
                keep = column.to not in unsealed(connector.library) and record[column.to] not in (None, raw)
            else:
                keep = (row, column.to) in flagged
            if keep and raw is not None:
                expected.setdefault(row, {})[column.to] = raw
    return expected


@every
def test_what_is_not_sealed_stands_as_one_json_text(name: str) -> None:
    """`unsealed` holds exactly the filled public and internal columns, and the words written for their codes; typed columns
    of which none is filled are left out."""
    library, made, plain = sample(name).connector.library, sample(name).prepared(), accepted_records(sample(name))
    for text, record in zip(
        made.records["unsealed"], plain.select(unsealed(library)).iter_rows(named=True), strict=True
    ):
        shown = json.loads(text)
        written = shown.pop("written", {})
        assert shown == {key: str(value) for key, value in record.items() if value is not None}
        assert all(word != shown[column] for column, word in written.items())
    typed = [column for column in public(library) if plain[column].null_count() < plain.height]
    assert_frame_equal(made.records.select(typed), plain.select(typed))
    assert not (set(public(library)) - set(typed)) & set(made.records.columns)


@every
def test_an_envelope_opens_at_no_other_record_or_group(name: str) -> None:
    """What was sealed for one record does not open for another one, nor as another group."""
    case, made = sample(name), sample(name).prepared()
    library, (first, second, *_) = case.connector.library, groups(case.connector.library)
    filled = made.records.drop_nulls(first)
    envelopes, ids, key = filled[first].to_list(), filled["id"].to_list(), case.keys.groups[first]
    assert len(set(ids)) > 1
    with pytest.raises(SealBroken):
        open_column(key, envelopes, [*ids[1:], ids[0]], Place(library, first, 1))
    with pytest.raises(SealBroken):
        open_column(key, envelopes, ids, Place(library, second, 1))


@every
def test_refused_rows_open_to_the_row_as_it_came(name: str) -> None:
    """The steward gets back every cell of a refused row, in the agency's words."""
    case, made = sample(name), sample(name).prepared()
    place = Place(case.connector.library, "quarantine", 1)
    marks = made.refused["fingerprint"].to_list()
    opened = open_column(case.keys.quarantine, made.refused["envelope"].to_list(), marks, place)
    rows = case.page.rows.to_dicts()
    for row, text in zip(made.refused["row"], opened, strict=True):
        assert text is not None
        assert json.loads(text) == rows[row]


def test_the_same_refused_row_has_the_same_fingerprint() -> None:
    """In another run, at another place of another page and under another data key; another row has another one."""
    first = spoiled(CUSTOMS, "企业名称", None, {0, 1, 2}).prepared().refused
    rows = spoiled(CUSTOMS, "企业名称", None, {0, 1, 2}).page.rows
    later = replace(with_rows(CUSTOMS, rows[[2, 1, 0]]), seed=b"later", n=9).prepared().refused
    assert later["fingerprint"].to_list() == first["fingerprint"].to_list()[2::-1]
    assert first["fingerprint"].n_unique() == first.height
    assert not set(first["envelope"]) & set(later["envelope"])


def test_fingerprints_are_of_one_feed_and_one_hub() -> None:
    """The same row refused in another feed or another hub has another fingerprint."""
    page, keys = CUSTOMS.page, CUSTOMS.keys
    refused = pl.DataFrame({"row": [0]}, schema={"row": pl.UInt32})
    found = {
        bytes(seal_refused(page, refused, connector, one, bytes(16))["fingerprint"][0])
        for connector in (CUSTOMS.connector, replace(CUSTOMS.connector, name="another"))
        for one in (keys, page_keys("legal_person", index=b"another"))
    }
    assert len(found) == 4


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
@settings(deadline=None, max_examples=60)
def test_any_row_can_be_refused_and_opened(rows: list[tuple[str | None, str | None]]) -> None:
    """Whatever a cell holds, the sealed row reads back; fingerprints are equal only for equal rows."""
    frame = pl.DataFrame(rows, schema={"甲": pl.String, "b": pl.String}, orient="row")
    page = RawPage("p", 0, frame, pl.DataFrame(schema=BROKEN), "", 0)
    refused = pl.DataFrame({"row": range(len(rows))}, schema={"row": pl.UInt32})
    made = seal_refused(page, refused, CUSTOMS.connector, CUSTOMS.keys, bytes(range(16)) * len(rows))
    marks = made["fingerprint"].to_list()
    opened = open_column(
        CUSTOMS.keys.quarantine, made["envelope"].to_list(), marks, Place("legal_person", "quarantine", 1)
    )
    assert [json.loads(text or b"") for text in opened] == frame.to_dicts()
    assert len(set(marks)) == len(set(rows))


def test_a_broken_line_is_kept_as_its_bytes() -> None:
    """A line that is no row is sealed as the bytes that were read, so that nothing of it is lost."""
    lines = [(0, "encoding", b"\xff\xfe,1"), (2, "too_many_fields", b"1,2,3")]
    rows = CUSTOMS.page.rows.clear(n=3)
    page = RawPage("p", 0, rows, pl.DataFrame(lines, schema=BROKEN, orient="row"), "", 0)
    made = replace(CUSTOMS, page=page).prepared().refused
    place = Place("legal_person", "quarantine", 1)
    opened = open_column(CUSTOMS.keys.quarantine, made["envelope"].to_list(), made["fingerprint"].to_list(), place)
    kept = {row: json.loads(text or b"") for row, text in zip(made["row"], opened, strict=True)}
    assert {row: base64.b64decode(one["raw"]) for row, one in kept.items() if row != 1} == {
        0: lines[0][2],
        2: lines[1][2],
    }
    assert set(kept[1]) == set(rows.columns)
    assert made.schema == REFUSED


@every
def test_the_cursor_opens_at_its_partition_only(name: str) -> None:
    """A cursor is an envelope bound to feed and partition."""
    case, made = sample(name), sample(name).prepared()
    key, library, feed = case.keys.cursor, case.connector.library, case.connector.name
    bound = [
        aad(Place(library, "cursor", 1), cursor_id(case.keys.index, feed, at), key.key_id) for at in ("part", "other")
    ]
    assert made.sealed_cursor is not None
    assert open_envelope(key, made.sealed_cursor, bound[0]).decode() == CURSOR
    with pytest.raises(SealBroken):
        open_envelope(key, made.sealed_cursor, bound[1])


def test_a_cursor_belongs_to_feed_and_partition() -> None:
    """Another feed, partition or hub binds another id, and no record has it."""
    index, other = CUSTOMS.keys.index, page_keys("legal_person", index=b"other").index
    ids = {
        cursor_id(index, "feed", "part"),
        cursor_id(index, "feed", "art"),
        cursor_id(index, "feedp", "art"),
        cursor_id(other, "feed", "part"),
        *identify(CUSTOMS.connector, CUSTOMS.page, index)["id"].drop_nulls(),
    }
    assert len(ids) == 4 + identify(CUSTOMS.connector, CUSTOMS.page, index)["id"].drop_nulls().n_unique()


@given(st.integers(0, 50_000), st.integers(1, 5))
def test_random_bytes_suffice_for_the_worst_page(rows: int, count: int) -> None:
    """A nonce of 16 bytes for each row in each group and in quarantine, and one for the cursor."""
    assert random_bytes_needed(rows, count) == 16 * (rows * count + rows + 1)


def test_no_page_reaches_the_cap_of_a_data_key() -> None:
    """The largest page stays below what one data key may seal, also where its key serves two columns, as the quarantine's."""
    columns_of_the_quarantine = 2
    assert PAGE_ROWS <= PAGE_ROWS_MAX
    assert columns_of_the_quarantine * PAGE_ROWS_MAX <= SEALS_PER_KEY_MAX
