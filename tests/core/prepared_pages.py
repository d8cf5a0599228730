"""Sample pages prepared with invented keys, and the same pages spoiled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

import connectors
from exchange.core.check import check
from exchange.core.connector import Connector
from exchange.core.contract import contract_of
from exchange.core.decide import KNOWN
from exchange.core.identify import identify
from exchange.core.page import Prepared, RawPage
from exchange.core.prepare import Recipe, hint, prepare, random_bytes_needed
from exchange.core.seal import PageKeys
from exchange.core.translate import translate
from schemas.columns import polars_schema, public
from tests.core.invented_keys import page_keys
from tests.test_connectors import sample_page

TODAY = date(2026, 1, 1)
NAMES = connectors.names()
CURSOR = "120116198003050012/1700000000000"
FRAMES = ("rows", "records", "links", "faults", "flags", "refused")


@dataclass(frozen=True)
class Given:
    """What a page is prepared with: its connector and rows, what is settled, which random bytes, which data key."""

    connector: Connector
    page: RawPage
    known: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN))
    seed: bytes = b"seed"
    n: int = 1

    @property
    def keys(self) -> PageKeys:
        """The page's keys."""
        return page_keys(self.connector.library, self.n)

    @property
    def recipe(self) -> Recipe:
        """The batch's recipe."""
        return Recipe(self.connector, contract_of(self.connector), TODAY)

    def prepared(self) -> Prepared:
        """The page prepared as the edge does it, with random bytes that can be asked for again."""
        rows = hint(identify(self.connector, self.page, self.keys.index), self.known)
        needed = random_bytes_needed(rows.height, len(self.keys.groups))
        return prepare(self.page, rows, self.recipe, self.keys, hashlib.shake_256(self.seed).digest(needed))


def sample(name: str) -> Given:
    """A connector's sample, with a cursor that holds a citizen id."""
    return Given(connectors.load(name), replace(sample_page(name), partition="part", number=3, cursor=CURSOR))


def accepted_records(case: Given) -> pl.DataFrame:
    """The records that have no fault, in plain."""
    translated = translate(case.connector, case.page)
    found, _ = check(case.connector.library, translated, registering=case.connector.registering, today=TODAY)
    return translated.records.join(found, on="row", how="anti")


def plain_part(made: Prepared, library: str) -> pl.DataFrame:
    """The records without envelopes, with the columns that the page left out because nothing stood in them."""
    schema = polars_schema(library)
    left_out = [pl.lit(None, schema[name]).alias(name) for name in public(library) if name not in made.records.columns]
    return made.records.with_columns(left_out).select("row", "id", *public(library), "unsealed", "filled", "name_key")


def with_rows(given: Given, rows: pl.DataFrame) -> Given:
    """The same with other rows."""
    return replace(given, page=replace(given.page, rows=rows))


def spoiled(given: Given, column: str, value: str | None, at: set[int]) -> Given:
    """The same with another text in one column of some rows."""
    rows = given.page.rows
    there = pl.int_range(pl.len()).is_in(sorted(at))
    return with_rows(given, rows.with_columns(pl.when(there).then(pl.lit(value)).otherwise(column).alias(column)))


def settled(given: Given, at: set[int]) -> Given:
    """The same where some rows are known with the content and contract they have."""
    rows = identify(given.connector, given.page, given.keys.index).filter(pl.col("row").is_in(sorted(at)))
    known = (
        rows.drop_nulls()
        .unique("id", keep="first", maintain_order=True)
        .select(
            "id",
            known_hash="content_hash",
            known_ordering="ordering",
            known_current=pl.lit(True),
            known_entity=pl.lit("entity"),
            known_withdrawn=pl.lit(False),
        )
    )
    return replace(given, known=known.cast(KNOWN))
