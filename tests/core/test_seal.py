"""Sealing: what was sealed opens unchanged, and nothing else opens."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import Pipe

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256, SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.two_key_gcm import craft
from exchange.core.envelope import parse
from exchange.core.keyed import index_keys
from exchange.core.seal import (
    SEALS_PER_KEY_MAX,
    DataKey,
    EnvelopeUnreadable,
    PageKeys,
    Place,
    SealBroken,
    aad,
    derive,
    open_column,
    open_envelope,
    open_mixed,
    seal,
    seal_column,
)
from tests import independent_envelope

SECRET, KEY_ID = bytes(range(32)), b"period-7"
KEYS = {suite: derive(SECRET, KEY_ID, 5, suite) for suite in (1, 2)}
PLACE = Place("legal_person", "contact", 1)
RECORD, OTHER_RECORD = bytes(range(16)), bytes(range(1, 17))
NONCE = bytes(range(0xA0, 0xB0))
PLAINTEXT = b'{"phone":"022-00000000"}'
GOLDEN = {
    1: "0101706572696f642d3700000000000000059f1b823c1881086a2873766568714dac3b5873161680c048d529a368a36b9109"
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf09a4f654387b4f4aa11a85bca6fc3cb2e6337076b7e43728d6c580e0c9a27a91"
    "51c8bb37195ae453",
    2: "0102706572696f642d3700000000000000057c8ef913e348d12516b8bdc539095594bdabe22912d94b40e8f15fd04ee27b68"
    "a0a1a2a3a4a5a6a7a8a9aaabb56ba169466f187784e9a98b11da25c85260f0a2102575a22e2223f983c354b65e14e249"
    "3eb98281",
}
SUITES = pytest.mark.parametrize("suite", [1, 2])


def sealed(suite: int, plaintext: bytes = PLAINTEXT) -> bytes:
    """The plaintext in an envelope of the tests' own key, place and record."""
    return seal(KEYS[suite], plaintext, aad(PLACE, RECORD, KEY_ID), NONCE)


def test_sm4_gives_the_ciphertext_printed_in_the_standard() -> None:
    """GB/T 32907-2016 annex A: one encryption, and one million of them."""
    block = vector = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(SM4(vector), ECB()).encryptor()
    block = encryptor.update(block)
    assert block.hex() == "681edf34d206965e86b3e94f536e4246"
    for _ in range(999_999):
        block = encryptor.update(block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_sm4_counter_mode_counts_the_whole_block() -> None:
    """CTR carries over all 128 bits, as the independent reader's big-endian counter does."""
    start, text = b"\xff" * 15 + b"\xfe", bytes(80)
    made = Cipher(SM4(SECRET[:16]), CTR(start)).encryptor().update(text)
    assert made == independent_envelope.sm4_ctr(SECRET[:16], start, text)


@SUITES
def test_golden_envelope(suite: int) -> None:
    """The bytes of version 1 never change: an envelope sealed years ago opens."""
    assert sealed(suite).hex() == GOLDEN[suite]
    assert open_envelope(KEYS[suite], bytes.fromhex(GOLDEN[suite]), aad(PLACE, RECORD, KEY_ID)) == PLAINTEXT


@given(st.sampled_from([1, 2]), st.binary(max_size=300), st.binary(min_size=16, max_size=16))
def test_what_is_sealed_opens(suite: int, plaintext: bytes, nonce: bytes) -> None:
    """Open gives back what seal was given, and the reader written from docs/envelope.md reads the same."""
    bound = aad(PLACE, RECORD, KEY_ID)
    envelope = seal(KEYS[suite], plaintext, bound, nonce)
    assert len(envelope) == len(plaintext) + (82 if suite == 1 else 78)
    assert open_envelope(KEYS[suite], envelope, bound) == plaintext
    place = (PLACE.library, PLACE.group, PLACE.schema_version)
    assert independent_envelope.read(SECRET, envelope, place, RECORD) == plaintext


@SUITES
def test_any_flipped_bit_breaks_the_seal(suite: int) -> None:
    """Every single bit of the envelope counts."""
    whole, bound = sealed(suite), aad(PLACE, RECORD, KEY_ID)
    for at in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(SealBroken):
            open_envelope(KEYS[suite], bytes(flipped), bound)


@given(st.sampled_from([1, 2]), st.data())
def test_cut_or_grown_envelopes_do_not_open(suite: int, draw: st.DataObject) -> None:
    """Neither a part of an envelope nor one with bytes added is an envelope."""
    whole = sealed(suite)
    cut = whole[: draw.draw(st.integers(0, len(whole) - 1))]
    for changed in (cut, whole + draw.draw(st.binary(min_size=1, max_size=40))):
        with pytest.raises(SealBroken):
            open_envelope(KEYS[suite], changed, aad(PLACE, RECORD, KEY_ID))


PLACES = st.builds(Place, st.text(max_size=12), st.text(max_size=12), st.integers(0, 2**32 - 1))
BINDINGS = st.tuples(PLACES, st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8))


@given(BINDINGS, BINDINGS)
def test_aad_is_injective(left: tuple[Place, bytes, bytes], right: tuple[Place, bytes, bytes]) -> None:
    """Two places, records or key ids never share their AAD."""
    assert (aad(*left) == aad(*right)) == (left == right)


@SUITES
@pytest.mark.parametrize(
    ("place", "record"),
    [
        (replace(PLACE, library="person"), RECORD),
        (replace(PLACE, group="representative"), RECORD),
        (replace(PLACE, schema_version=2), RECORD),
        (Place("legal_personc", "ontact", 1), RECORD),
        (PLACE, OTHER_RECORD),
    ],
)
def test_an_envelope_opens_nowhere_else(suite: int, place: Place, record: bytes) -> None:
    """Moved to another library, group, schema version or record, an envelope stays shut, in both forms."""
    with pytest.raises(SealBroken):
        open_envelope(KEYS[suite], sealed(suite), aad(place, record, KEY_ID))
    with pytest.raises(SealBroken):
        open_column(KEYS[suite], [sealed(suite)], [record], place)


@SUITES
def test_every_pair_of_swapped_envelopes_is_refused(suite: int) -> None:
    """Among four records and two groups, an envelope opens in its own cell alone."""
    cells = [
        (Place("person", group, 1), bytes([record]) * 16) for group in ("identity", "status") for record in range(4)
    ]
    envelopes = [seal(KEYS[suite], b"same", aad(place, record, KEY_ID), NONCE) for place, record in cells]
    for own, envelope in enumerate(envelopes):
        for at, (place, record) in enumerate(cells):
            if at == own:
                assert open_column(KEYS[suite], [envelope], [record], place) == [b"same"]
            else:
                with pytest.raises(SealBroken):
                    open_column(KEYS[suite], [envelope], [record], place)


@given(
    st.sampled_from([1, 2]),
    st.lists(st.none() | st.binary(max_size=200), max_size=12),
)
def test_bulk_form_equals_scalar_form(suite: int, plaintexts: list[bytes | None]) -> None:
    """A column is sealed and opened as its rows one by one; None stays None."""
    key, rows = KEYS[suite], len(plaintexts)
    records = [row.to_bytes(16, "big") for row in range(rows)]
    nonces = bytes((row * 7 + at) % 256 for row in range(rows) for at in range(16))
    envelopes = seal_column(key, plaintexts, records, PLACE, nonces)
    assert envelopes == [
        None if text is None else seal(key, text, aad(PLACE, records[row], KEY_ID), nonces[16 * row : 16 * row + 16])
        for row, text in enumerate(plaintexts)
    ]
    assert open_column(key, envelopes, records, PLACE) == plaintexts


def test_mixed_keys_open_by_what_each_header_names() -> None:
    """Envelopes of several secrets, numbers and suites open in one call; an unknown key id is named, not guessed."""
    secrets = {b"period-7": SECRET, b"period-8": bytes(32)}
    keys = [derive(secrets[key_id], key_id, n, suite) for key_id in secrets for n in (1, 2) for suite in (1, 2)]
    envelopes: list[bytes | None] = [
        seal(key, bytes([at]), aad(PLACE, RECORD, key.key_id), NONCE) for at, key in enumerate(keys)
    ]
    records = [RECORD] * 9
    assert open_mixed(secrets, [*envelopes, None], records, PLACE) == [*(bytes([at]) for at in range(8)), None]
    with pytest.raises(SealBroken, match=b"period-8".hex()):
        open_mixed({b"period-7": SECRET}, [*envelopes, None], records, PLACE)
    with pytest.raises(SealBroken):
        open_mixed({**secrets, b"period-8": SECRET}, [*envelopes, None], records, PLACE)
    with pytest.raises(EnvelopeUnreadable):
        open_mixed(secrets, [b""], [RECORD], PLACE)


def test_a_ciphertext_crafted_for_two_keys_opens_under_the_committed_one_alone() -> None:
    """Plain GCM accepts it under both keys; the commitment, compared first, refuses the second."""
    mine, yours = derive(SECRET, KEY_ID, 5, 2), derive(bytes(32), KEY_ID, 5, 2)
    bound = aad(PLACE, RECORD, KEY_ID)
    signed = mine.head + len(bound).to_bytes(4, "big") + bound
    crafted = craft(AES256(mine.encryption), AES256(yours.encryption), NONCE[:12], signed)
    for key in (mine, yours):
        assert len(AESGCM(key.encryption).decrypt(NONCE[:12], crafted, signed)) == 32
    assert len(open_envelope(mine, mine.head + NONCE[:12] + crafted, bound)) == 32
    for head in (mine.head, yours.head):
        with pytest.raises(SealBroken):
            open_envelope(yours, head + NONCE[:12] + crafted, bound)


@SUITES
def test_another_key_is_told_apart_from_changed_bytes(suite: int) -> None:
    """The commitment is judged before the tag: a wrong key is said to be one."""
    bound = aad(PLACE, RECORD, KEY_ID)
    for other in (derive(bytes(32), KEY_ID, 5, suite), derive(SECRET, KEY_ID, 6, suite), KEYS[3 - suite]):
        with pytest.raises(SealBroken, match="not sealed with this key"):
            open_envelope(other, sealed(suite), bound)
    with pytest.raises(SealBroken, match="were changed"):
        open_envelope(KEYS[suite], sealed(suite)[:-1] + b"\0", bound)


@SUITES
def test_a_broken_seal_tells_nothing_of_the_content(suite: int) -> None:
    """No plaintext, ciphertext, key or record id is in the error, its cause or its context."""
    with pytest.raises(SealBroken) as refused:
        open_envelope(KEYS[suite], sealed(suite)[:-1] + b"\0", aad(PLACE, RECORD, KEY_ID))
    error = refused.value
    shown = repr(error) + str(error) + error.message + error.hint
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for hidden in (b"phone", b"022", RECORD.hex().encode(), KEYS[suite].encryption.hex().encode()):
        assert hidden.decode() not in shown


def test_data_keys_differ_in_every_part() -> None:
    """Secret, key id, number and suite each change encryption key, MAC key and commitment."""
    keys = [
        derive(secret, key_id, n, suite)
        for secret in (SECRET, bytes(32))
        for key_id in (b"period-7", b"period-8")
        for n in (1, 2)
        for suite in (1, 2)
    ]
    assert len({key.encryption for key in keys}) == len({key.commitment for key in keys}) == len(keys)
    assert len({key.mac for key in keys if key.suite == 1}) == len(keys) // 2
    assert not {key.encryption for key in keys} & {key.commitment[:16] for key in keys}


def test_keys_show_nothing_and_cross_processes() -> None:
    """Repr of a key, and of all keys of a page, holds no secret; a worker process gets them whole."""
    page = PageKeys({"contact": KEYS[1]}, KEYS[1], KEYS[2], index_keys(SECRET))
    near, far = Pipe()
    with near, far:
        near.send(page)
        assert far.recv() == page
    for key in (KEYS[1].encryption, KEYS[1].mac, KEYS[1].commitment, KEYS[2].encryption, page.index.link):
        assert repr(key) not in repr(page)
        assert key.hex() not in repr(page)
    assert "n=5" in repr(KEYS[1])


def test_a_data_key_seals_no_more_than_its_cap() -> None:
    """With a cap of three, four rows are refused before anything is sealed."""
    key = replace(KEYS[1], seals_max=3)
    rows = [RECORD] * 4
    assert SEALS_PER_KEY_MAX <= 5_000_000
    assert len(seal_column(key, [b"x"] * 3, rows[:3], PLACE, bytes(range(48)))) == 3
    with pytest.raises(ValueError, match="at most 3"):
        seal_column(key, [b"x"] * 4, rows, PLACE, bytes(range(64)))


def test_lengths_that_do_not_fit_are_refused() -> None:
    """Too few nonces, record ids of another length or number, an unknown suite: nothing is sealed."""
    key: DataKey = KEYS[1]
    with pytest.raises(ValueError, match="random bytes"):
        seal_column(key, [b"x"], [RECORD], PLACE, bytes(15))
    with pytest.raises(ValueError, match="record ids"):
        seal_column(key, [b"x"], [], PLACE, bytes(16))
    with pytest.raises(ValueError, match="record id has 16"):
        seal_column(key, [b"x"], [b"short"], PLACE, bytes(16))
    with pytest.raises(ValueError, match="record id has 16"):
        aad(PLACE, b"short", KEY_ID)
    with pytest.raises(ValueError, match="nonce has 16"):
        seal(key, b"x", b"", bytes(12))
    with pytest.raises(ValueError, match="unknown suite 3"):
        derive(SECRET, KEY_ID, 1, 3)


def test_the_header_names_the_data_key() -> None:
    """Who opens reads key id and number in clear and derives the one key."""
    header = parse(sealed(1))
    assert derive(SECRET, header.key_id, header.n, header.suite) == KEYS[1]
