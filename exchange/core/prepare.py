"""The pure function of the way of the data: a page in the agency's words in, a page without plaintext out.

It translates, checks, keys and seals; wherever it runs (in this process, a pool, a mapped task), the same page, keys,
random bytes and day give the same bytes. After it no plaintext of a sealed column exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from exchange.core import link_keys
from exchange.core.check import check
from exchange.core.connector import Connector
from exchange.core.identify import NO_RECORD
from exchange.core.keyed import IndexKeys, keyed_column
from exchange.core.originals import kept
from exchange.core.page import FAULTS, STATUS, Prepared, RawPage, Translated
from exchange.core.recall import with_status
from exchange.core.seal import PageKeys
from exchange.core.seal_page import NONCE, REFUSED, cursor_id, seal_cursor, seal_groups, seal_refused
from exchange.core.translate import require_promised, translate
from schemas import columns as facts

LINKS = pl.Schema({"row": pl.UInt32, "kind": pl.String, "key": pl.Binary})


@dataclass(frozen=True)
class Recipe:
    """What stays the same over a batch: the connector, its contract, the day on which rows are judged, the codes of lists
    that a steward has loaded."""

    connector: Connector
    contract: str
    today: date
    supplied: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)


def random_bytes_needed(rows: int, groups: int) -> int:
    """Random bytes that `prepare` takes: a nonce per row and group, one per row refused or with originals, one for the cursor.

    >>> random_bytes_needed(10, 2)
    496
    """
    return NONCE * (rows * (groups + 1) + 1)


def prepare(page: RawPage, rows: pl.DataFrame, recipe: Recipe, keys: PageKeys, random: bytes) -> Prepared:
    """Prepare one page. `rows`: what `identify` found, with the status that `hint` and `recall` gave; only what is `accepted`
    so far is checked. `random`: `random_bytes_needed` fresh random bytes."""
    connector = recipe.connector
    fresh = rows.filter(pl.col("status") == STATUS["accepted"])
    frames = _judged(page, fresh, recipe, keys, random) if fresh.height else _unjudged(connector, page)
    records, links, faults, flags, refused = frames
    bound = cursor_id(keys.index, connector.name, page.partition)
    told = with_status(rows, refused, "refused")
    return Prepared(
        partition=page.partition,
        number=page.number,
        sealed_cursor=seal_cursor(page.cursor, connector.library, bound, keys, random[-NONCE:]),
        withdraws=False,
        rows=told.with_columns(pl.col("id").fill_null(NO_RECORD), pl.col("ordering").fill_null(0)),
        records=records,
        links=links,
        faults=faults,
        flags=flags,
        refused=refused,
    )


Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]
"""Records, links, faults, flags and refused rows of a page, as `Prepared` has them."""


def _judged(page: RawPage, fresh: pl.DataFrame, recipe: Recipe, keys: PageKeys, random: bytes) -> Frames:
    """The `fresh` rows of the page translated, checked, keyed and sealed."""
    connector = recipe.connector
    library = connector.library
    part = _part(page, fresh["row"])
    translated = translate(connector, part)
    faults, flags = (_renumber(found, fresh["row"]) for found in _checked(recipe, translated))
    faults = pl.concat([faults, _row_faults(page, fresh, connector)]).unique().sort("row", "column", "rule")
    refused = faults.select("row").unique().sort("row")
    records = _accepted(translated.records.hstack(kept(connector, part, translated)), fresh, refused)
    # A row is refused or has originals, never both: one nonce a row serves for either.
    used = len(facts.groups(library)) * page.rows.height * NONCE
    after = used + refused.height * NONCE
    sealed = seal_groups(records, library, keys, random, random[after:])
    return (
        _keyed_names(sealed, records, library, keys.index),
        _keyed_links(link_keys.links(library, records), library, keys.index),
        faults,
        flags.join(refused, on="row", how="anti"),
        seal_refused(page, refused, connector, keys, random[used:]) if refused.height else pl.DataFrame(schema=REFUSED),
    )


def _unjudged(connector: Connector, page: RawPage) -> Frames:
    """Of a page of which no row is fresh: nothing, in the columns of a page of which some are."""
    require_promised(connector, page)
    groups = dict.fromkeys(facts.groups(connector.library), pl.Binary)
    sealed = {"unsealed": pl.String, **groups, "sealed": pl.Binary, "filled": pl.Int64, "name_key": pl.Binary}
    return pl.DataFrame(schema={"row": pl.UInt32, "id": pl.Binary, **sealed}), *_nothing()


def _checked(recipe: Recipe, translated: Translated) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Faults and flags of the part that was translated."""
    registering = recipe.connector.registering
    return check(
        recipe.connector.library, translated, registering=registering, today=recipe.today, supplied=recipe.supplied
    )


def hint(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Rows with their status: `known` where content and contract are those settled (schema KNOWN of `decide`); else
    `accepted` until a check says otherwise."""
    settled = known.select("id", "known_hash", "known_current", "known_withdrawn")
    same = (
        (pl.col("content_hash") == pl.col("known_hash")) & pl.col("known_current") & ~pl.col("known_withdrawn")
    ).fill_null(False)
    status = pl.when(same).then(STATUS["known"]).otherwise(STATUS["accepted"]).cast(pl.UInt8)
    joined = rows.join(settled, on="id", how="left", maintain_order="left")
    return joined.with_columns(status=status).select(*rows.columns, "status")


def _part(page: RawPage, chosen: pl.Series) -> RawPage:
    """The page with only the chosen rows, numbered anew."""
    order = pl.DataFrame({"row": chosen, "place": pl.int_range(chosen.len(), dtype=pl.UInt32, eager=True)})
    broken = page.broken.join(order, on="row", how="inner").select(row="place", rule="rule", raw="raw")
    marked = page.marked.join(order, on="row", how="inner").select(row="place", rule="rule")
    return RawPage(
        page.partition,
        page.number,
        page.rows[chosen.to_list()] if chosen.len() < page.rows.height else page.rows,
        broken,
        page.cursor,
        page.delivered_at,
        marked,
        page.rows,
    )


def _renumber(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Rows of a part back as rows of the page."""
    return frame.with_columns(row=rows.gather(frame["row"]))


def _row_faults(page: RawPage, rows: pl.DataFrame, connector: Connector) -> pl.DataFrame:
    """What is wrong with a row beside its columns: no key, no readable version."""
    whole = rows.join(page.broken, on="row", how="anti")
    keyless = whole.filter(pl.col("id").is_null()).select(
        "row", column=pl.lit(connector.key[0]), rule=pl.lit("key.missing")
    )
    undated = whole.filter(pl.col("ordering").is_null()).select(
        "row", column=pl.lit(connector.version or ""), rule=pl.lit("version.unreadable")
    )
    return pl.concat([frame.cast(FAULTS) for frame in (keyless, undated)])


def _accepted(records: pl.DataFrame, fresh: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    accepted = fresh.select("row", "id").join(refused, on="row", how="anti")
    return _renumber(records, fresh["row"]).join(accepted, on="row", how="inner").sort("row")


def _keyed_names(sealed: pl.DataFrame, records: pl.DataFrame, library: str, keys: IndexKeys) -> pl.DataFrame:
    names = link_keys.name_key_text(library, records).cast(pl.Binary).to_list()
    return sealed.with_columns(
        pl.Series("name_key", keyed_column(keys.name, [library.encode()], names), dtype=pl.Binary)
    )


def _keyed_links(found: pl.DataFrame, library: str, keys: IndexKeys) -> pl.DataFrame:
    """Identifiers as keyed hashes: `row`, `kind`, `key`."""
    parts = []
    for (kind,), group in found.group_by("kind", maintain_order=True):
        column = group["key"].cast(pl.Binary).to_list()
        hashes = keyed_column(keys.link, [library.encode(), str(kind).encode()], column)
        parts.append(group.select("row", "kind", pl.Series("key", hashes, dtype=pl.Binary)))
    return pl.concat(parts) if parts else pl.DataFrame(schema=LINKS)


def withdrawal(partition: str, number: int, ids: pl.Series) -> Prepared:
    """The page that says of these records: the agency no longer has them."""
    nothing = pl.lit(NO_RECORD, pl.Binary)
    rows = (
        ids.rename("id")
        .to_frame()
        .with_row_index("row")
        .with_columns(content_hash=nothing, ordering=pl.lit(0, pl.Int64), status=pl.lit(STATUS["accepted"], pl.UInt8))
    )
    none = pl.DataFrame(schema={"row": pl.UInt32})
    return Prepared(partition, number, None, True, rows, none, *_nothing())


def _nothing() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """No links, faults, flags and refused rows."""
    faults = pl.DataFrame(schema=FAULTS)
    return pl.DataFrame(schema=LINKS), faults, faults, pl.DataFrame(schema=REFUSED)
