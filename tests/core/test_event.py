"""Events: their bytes on the wire, what CloudEvents asks of them, and tags that hold envelopes in their place."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exchange.core.event import Stream, events, headers_at
from exchange.core.tag import tag, tag_key
from tests import independent_envelope

STREAM = Stream("legal_person", "3f2a", 1, ("uscc", "name", "established_on"), ("representative", "contact"))
SECRETS = {b"period-7": bytes(range(32)), b"period-8": bytes(range(1, 33))}
CHANGES = pl.Schema(
    {
        "entity_id": pl.String,
        "version": pl.Int64,
        "kind": pl.String,
        "sources": pl.String,
        "uscc": pl.String,
        "name": pl.String,
        "established_on": pl.Date,
        "representative": pl.Binary,
        "representative_record": pl.Binary,
        "contact": pl.Binary,
        "contact_record": pl.Binary,
    }
)
ENTITY = "1B28YMJ0000000000000"
ENVELOPE = b"\x01\x01period-7" + bytes(range(40))
SOURCES = '[["customs","customs_enterprises","2024-03-01T01:00:00Z"]]'
CHANGED = (ENTITY, 3, "changed", SOURCES, "91120116MA07X0011P", '天津"甲"示例', None, ENVELOPE, b"r" * 16, None, None)
WITHDRAWN = (ENTITY, 4, "withdrawn", None, None, None, None, None, None, None, None)
GOLDEN = (
    '{"entity":"1B28YMJ0000000000000","version":3,"values":{"uscc":"91120116MA07X0011P","name":"天津\\"甲\\"示例"},'
    '"sealed":{"representative":{"record":"72727272727272727272727272727272",'
    '"envelope":"AQFwZXJpb2QtNwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJic=",'
    '"tag":"513be5c7400ca631f010f96bbb8c4242"}},'
    '"sources":[["customs","customs_enterprises","2024-03-01T01:00:00Z"]]}'
)
HEX16 = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["entity", "version", "values", "sealed", "sources"],
    "additionalProperties": False,
    "properties": {
        "entity": {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{20}$"},
        "version": {"type": "integer", "minimum": 1},
        "values": {
            "type": "object",
            "propertyNames": {"enum": list(STREAM.public)},
            "additionalProperties": {"type": "string", "minLength": 1},
        },
        "sealed": {
            "type": "object",
            "propertyNames": {"enum": list(STREAM.groups)},
            "additionalProperties": {
                "type": "object",
                "required": ["record", "envelope", "tag"],
                "additionalProperties": False,
                "properties": {"record": HEX16, "envelope": {"type": "string", "minLength": 16}, "tag": HEX16},
            },
        },
        "sources": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 3},
        },
    },
}

Change = tuple[Any, ...]
envelopes = st.none() | st.builds(
    lambda key, rest: b"\x01\x01" + key + rest, st.sampled_from(sorted(SECRETS)), st.binary(min_size=4, max_size=9)
)
names = st.none() | st.text(min_size=1, max_size=6).filter(lambda text: text.isprintable())


@st.composite
def some_changes(draw: st.DrawFn) -> list[Change]:
    """Changes of a page, of two periods, with and without groups."""
    lines: list[Change] = []
    for version in range(1, draw(st.integers(1, 5)) + 1):
        groups = [draw(envelopes), draw(envelopes)]
        pairs = [part for one in groups for part in (one, None if one is None else b"%016d" % version)]
        lines.append((ENTITY, version, "changed", SOURCES, draw(names), draw(names), None, *pairs))
    return lines


def made(changes: list[Change]) -> list[bytes]:
    """The values of a page of changes."""
    frame = pl.DataFrame(changes, schema=CHANGES, orient="row").with_row_index("seq")
    found = events(frame, STREAM, {key_id: tag_key(secret, key_id) for key_id, secret in SECRETS.items()})
    assert found.drop("value").equals(frame.select("seq", "entity_id", "version", "kind"))
    return found["value"].to_list()


def test_an_event_has_its_golden_bytes() -> None:
    """The value of a change, byte for byte, with the tag that a second reader of the page computes."""
    expected = independent_envelope.event_tag(
        SECRETS[b"period-7"], ENVELOPE, ENTITY.encode(), 3, "representative"
    ).hex()
    assert expected in GOLDEN
    assert made([CHANGED])[0].decode() == GOLDEN


def test_a_withdrawn_entity_has_no_values() -> None:
    """It stays as a value without values, groups or sources."""
    assert made([WITHDRAWN]) == [
        b'{"entity":"' + ENTITY.encode() + b'","version":4,"values":{},"sealed":{},"sources":[]}'
    ]


@given(some_changes())
@settings(deadline=None, max_examples=100)
def test_values_are_json_of_the_promised_form(changes: list[Change]) -> None:
    """Each value is JSON, fits the schema, and holds exactly the filled public columns and groups."""
    validator = Draft202012Validator(SCHEMA)
    for change, text in zip(changes, made(changes), strict=True):
        value = json.loads(text)
        assert list(validator.iter_errors(value)) == []
        assert (value["entity"], value["version"]) == change[:2]
        assert value["values"] == {
            key: one for key, one in zip(("uscc", "name"), change[4:6], strict=True) if one is not None
        }
        assert {key: base64.b64decode(one["envelope"]) for key, one in value["sealed"].items()} == {
            group: envelope for group, envelope in zip(STREAM.groups, change[7::2], strict=True) if envelope is not None
        }
        assert {one["record"] for one in value["sealed"].values()} <= {(b"%016d" % change[1]).hex()}


@given(some_changes())
@settings(deadline=None, max_examples=100)
def test_tags_verify_under_the_period_that_sealed(changes: list[Change]) -> None:
    """Each envelope's tag is that of its entity, version and group under the key its header names, in a page of several
    periods too; for another version it is another."""
    for text in made(changes):
        value = json.loads(text)
        for group, one in value["sealed"].items():
            envelope = base64.b64decode(one["envelope"])
            key = tag_key(SECRETS[envelope[2:10]], envelope[2:10])
            assert one["tag"] == tag(key, value["entity"].encode(), value["version"], group, envelope).hex()
            assert one["tag"] != tag(key, value["entity"].encode(), value["version"] + 1, group, envelope).hex()


def test_an_envelope_of_an_unknown_period_is_not_sent() -> None:
    """Without the period's secret there is no tag, so nothing is made of the page."""
    foreign = (*CHANGED[:7], b"\x01\x01period-9" + bytes(40), *CHANGED[8:])
    with pytest.raises(KeyError):
        made([CHANGED, foreign])


def test_no_changes_make_no_values() -> None:
    """An empty page is a page."""
    assert made([]) == []


def test_headers_are_those_of_cloudevents() -> None:
    """Every required attribute is there, in binary mode, with ids that never come twice and the entity's version."""
    found = dict(headers_at(STREAM, "2026-01-01T00:00:00.000Z")((17, ENTITY, 3, "changed")))
    assert found == {
        "ce_specversion": b"1.0",
        "ce_id": b"3f2a/legal_person/17",
        "ce_source": b"/binhai/hub/3f2a/legal_person",
        "ce_type": b"legal_person.changed",
        "ce_subject": ENTITY.encode(),
        "ce_time": b"2026-01-01T00:00:00.000Z",
        "ce_dataschema": b"urn:binhai-exchange-hub:schema:legal_person:1",
        "ce_sequence": b"3",
        "content-type": b"application/json",
    }
    assert {"ce_id", "ce_source", "ce_specversion", "ce_type"} <= set(found)
    assert dict(headers_at(STREAM, "t")((18, ENTITY, 4, "withdrawn")))["ce_type"] == b"legal_person.withdrawn"


def test_the_data_schema_is_an_absolute_uri() -> None:
    """CloudEvents 1.0 allows a relative reference as source, but not as dataschema (RFC 3986 section 4.3)."""
    found = dict(headers_at(STREAM, "t")((17, ENTITY, 3, "changed")))["ce_dataschema"]
    assert isinstance(found, bytes)
    assert re.match(r"^[a-z][a-z0-9+.-]*:\S+$", found.decode())
