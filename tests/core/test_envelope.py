"""The envelope's layout, and what is refused as no envelope."""

from __future__ import annotations

import re
from multiprocessing import Pipe
from pathlib import Path

import pytest

from exchange.core.envelope import (
    AES_256_GCM,
    SM4_CTR_HMAC_SM3,
    EnvelopeUnreadable,
    Header,
    SealBroken,
    head,
    parse,
)
from exchange.core.seal import Place, aad, derive, open_envelope
from exchange.core.tag import tag, tag_key
from tests import independent_envelope

COMMITMENT = bytes(range(32))
PAGE = Path(__file__).parents[2] / "docs" / "envelope.md"


def test_header_is_read_back_for_both_suites() -> None:
    """Parse gives back every part of the header, with the nonce's length of each suite."""
    for suite, nonce in ((SM4_CTR_HMAC_SM3, bytes(range(16))), (AES_256_GCM, bytes(range(12)))):
        whole = head(suite, b"period-7", 2**63 + 1, COMMITMENT) + nonce + b"cipher" + bytes(16)
        assert parse(whole) == Header(1, suite, b"period-7", 2**63 + 1, COMMITMENT, nonce)


def test_offsets_are_those_of_the_page() -> None:
    """Version, suite, key id, n and commitment lie where docs/envelope.md says."""
    bytes_before_nonce = head(SM4_CTR_HMAC_SM3, b"period-7", 5, COMMITMENT)
    assert bytes_before_nonce == b"\x01\x01" + b"period-7" + b"\0\0\0\0\0\0\0\x05" + COMMITMENT


@pytest.mark.parametrize(
    ("first", "code"),
    [(b"\x00\x01", "version"), (b"\x02\x01", "version"), (b"\x01\x00", "suite"), (b"\x01\x03", "suite")],
)
def test_unknown_version_or_suite_is_refused_by_name(first: bytes, code: str) -> None:
    """An envelope of another version or suite is refused, and no byte of its content is in the error."""
    whole = first + head(SM4_CTR_HMAC_SM3, b"period-7", 5, COMMITMENT)[2:] + bytes(16) + b"SECRET" + bytes(16)
    with pytest.raises(EnvelopeUnreadable) as refused:
        parse(whole)
    assert refused.value.code == f"envelope_{code}_unknown"
    assert "SECRET" not in repr(refused.value) + str(refused.value) + refused.value.hint


def test_every_shorter_prefix_is_refused() -> None:
    """Cut anywhere before the end of the shortest envelope, the bytes are too short."""
    for suite, shortest in ((SM4_CTR_HMAC_SM3, 82), (AES_256_GCM, 78)):
        whole = head(suite, b"period-7", 5, COMMITMENT) + bytes(32)
        parse(whole[:shortest])
        for length in range(shortest):
            with pytest.raises(EnvelopeUnreadable):
                parse(whole[:length])


def test_head_refuses_wrong_lengths() -> None:
    """A key id or commitment of another length never makes an envelope."""
    for suite, key_id, commitment in ((3, b"period-7", COMMITMENT), (1, b"period", COMMITMENT), (1, b"period-7", b"")):
        with pytest.raises(ValueError, match="unknown suite, or key id"):
            head(suite, key_id, 1, commitment)


def test_the_error_is_a_broken_seal_and_a_value_error_and_crosses_processes() -> None:
    """One except clause catches both kinds, and the error survives pickling with its code."""
    with pytest.raises(SealBroken) as refused:
        parse(b"\x01")
    assert isinstance(refused.value, ValueError)
    near, far = Pipe()
    with near, far:
        near.send(refused.value)
        again = far.recv()
    assert (type(again), again.code, again.exit_code) == (EnvelopeUnreadable, "envelope_too_short", 1)


def test_worked_example_of_the_page_opens_as_it_says() -> None:
    """The hexadecimal blocks of docs/envelope.md are one envelope, its AAD and its tag, and a stranger can read it."""
    blocks = {
        title: bytes.fromhex(re.sub(r"[^0-9a-f]", "", re.sub(r"  +#.*", "", body)))
        for title, body in re.findall(r"```hex ([a-z-]+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    }
    place, record = Place("legal_person", "contact", 1), bytes(range(16))
    key = derive(bytes(range(32)), b"period-7", 5)
    assert (key.encryption, key.mac, key.commitment) == (blocks["encryption"], blocks["mac"], blocks["commitment"])
    assert blocks["aad"] == aad(place, record, key.key_id)
    envelope = blocks["envelope"]
    assert open_envelope(key, envelope, blocks["aad"]) == b'{"phone":"022-00000000"}'
    opened = independent_envelope.read(bytes(range(32)), envelope, ("legal_person", "contact", 1), record)
    assert opened == b'{"phone":"022-00000000"}'
    entity = b"1B28YMJ0000000000000"
    made = tag(tag_key(bytes(range(32)), key.key_id), entity, 3, "contact", envelope)
    assert blocks["event-tag"] == made
    assert blocks["event-tag"] == independent_envelope.event_tag(bytes(range(32)), envelope, entity, 3, "contact")
