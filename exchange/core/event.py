"""Golden records as CloudEvents 1.0 in Kafka's binary mode: `ce_*` headers, JSON value, key = entity id.

The value is {"entity","version","values":{public columns},"sealed":{group:{"record","envelope","tag"}},"sources"}; record
and tag are hex, envelopes base64. A withdrawn entity has empty values and no sealed groups, and stays as a value: a
tombstone is a change of its own, later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from exchange.core.envelope import KEY_ID_BYTES
from exchange.core.jsontext import object_texts
from exchange.core.tag import tag_column

CONTENT_TYPE = "application/json"

Headers = list[tuple[str, str | bytes | None]]


@dataclass(frozen=True)
class Stream:
    """What all events of one library's topic share."""

    library: str
    incarnation: str
    schema: int
    public: tuple[str, ...]
    groups: tuple[str, ...]


def events(changes: pl.DataFrame, stream: Stream, tag_keys: Mapping[bytes, bytes]) -> pl.DataFrame:
    """The event of each change: seq, entity_id, version, kind and `value`, its JSON text (Binary). `changes`: those four and
    the golden columns; `tag_keys`: `tag_key` of each period that has sealed an envelope here, by key id."""
    return changes.select("seq", "entity_id", "version", "kind", value=_values(changes, stream, tag_keys))


def _values(changes: pl.DataFrame, stream: Stream, tag_keys: Mapping[bytes, bytes]) -> pl.Series:
    sealed = [_group_texts(changes, group, tag_keys) for group in stream.groups]
    frame = changes.select(
        "entity_id",
        "version",
        object_texts(changes, stream.public).alias("values"),
        pl.col("sources").fill_null("[]"),
    ).hstack(sealed)
    members = pl.concat_str([pl.col(group) for group in stream.groups], separator=",", ignore_nulls=True)
    text = pl.concat_str(
        pl.lit('{"entity":"'),
        "entity_id",
        pl.lit('","version":'),
        "version",
        pl.lit(',"values":'),
        "values",
        pl.lit(',"sealed":{'),
        members,
        pl.lit('},"sources":'),
        "sources",
        pl.lit("}"),
    )
    return frame.select(text.cast(pl.Binary)).to_series()


def _group_texts(changes: pl.DataFrame, group: str, tag_keys: Mapping[bytes, bytes]) -> pl.Series:
    """`"group":{"record":…,"envelope":…,"tag":…}` per row, null where the group is empty."""
    tags = pl.Series("tag", _tags(changes, group, tag_keys), dtype=pl.Binary)
    text = pl.concat_str(
        pl.lit(f'"{group}":{{"record":"'),
        pl.col(f"{group}_record").bin.encode("hex"),
        pl.lit('","envelope":"'),
        pl.col(group).bin.encode("base64"),
        pl.lit('","tag":"'),
        pl.col("tag").bin.encode("hex"),
        pl.lit('"}'),
    )
    return changes.with_columns(tags).select(text.alias(group)).to_series()


def _tags(changes: pl.DataFrame, group: str, tag_keys: Mapping[bytes, bytes]) -> list[bytes | None]:
    """Each envelope's tag, under the key of the period that sealed it."""
    entities = [entity.encode() for entity in changes["entity_id"].to_list()]
    versions = changes["version"].to_list()
    named = pl.col(group).bin.slice(2, KEY_ID_BYTES)
    key_ids = changes.select(named.drop_nulls().unique().sort()).to_series().to_list()
    if len(key_ids) == 1:
        return tag_column(tag_keys[key_ids[0]], entities, versions, group, changes[group].to_list())
    tags: list[bytes | None] = [None] * changes.height
    for key_id in key_ids:
        mine = changes.select(pl.when(named == pl.lit(key_id)).then(pl.col(group))).to_series().to_list()
        made = tag_column(tag_keys[key_id], entities, versions, group, mine)
        tags = [old if new is None else new for old, new in zip(tags, made, strict=True)]
    return tags


def headers_at(stream: Stream, time: str) -> Callable[[Sequence[object]], Headers]:
    """CloudEvents headers for changes published at `time`: a function of (seq, entity id, version, kind)."""
    before = f"{stream.incarnation}/{stream.library}/"
    kind_before = f"{stream.library}."
    fixed: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_source", f"/binhai/hub/{stream.incarnation}/{stream.library}".encode()),
        ("ce_time", time.encode()),
        ("ce_dataschema", f"urn:binhai-exchange-hub:schema:{stream.library}:{stream.schema}".encode()),
        ("content-type", CONTENT_TYPE.encode()),
    ]

    def headers(change: Sequence[object]) -> Headers:
        seq, entity, version, kind = change
        return [
            *fixed,
            ("ce_id", f"{before}{seq}".encode()),
            ("ce_type", f"{kind_before}{kind}".encode()),
            ("ce_subject", str(entity).encode()),
            ("ce_sequence", str(version).encode()),
        ]

    return headers
