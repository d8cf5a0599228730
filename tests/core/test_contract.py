"""The contract's digest: whatever judges a row changes it, whatever only describes the feed does not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import connectors
import schemas
from exchange.core.connector import Column, FileSource, Title
from exchange.core.contract import contract_of
from schemas import VERSION

JUDGED_BY = ({"legal_person": 4, "person": 4}, "25a2109b42e9152e")
"""The schema versions, and a digest of the code that reads and judges rows under them."""
JUDGES = (
    "schemas",
    "exchange/core/readers",
    "exchange/core/identifiers",
    "exchange/core/codes",
    "exchange/core/addresses.py",
    "exchange/core/characters.py",
    "exchange/core/check.py",
    "exchange/core/clean.py",
    "exchange/core/dates.py",
    "exchange/core/derive.py",
    "exchange/core/garbled.py",
    "exchange/core/money.py",
    "exchange/core/names.py",
    "exchange/core/numerals.py",
    "exchange/core/parse.py",
    "exchange/core/public_ids.py",
    "exchange/core/several_ids.py",
    "exchange/core/texts.py",
    "exchange/core/translate.py",
    "exchange/core/variants.py",
)

CUSTOMS = connectors.load("customs_enterprises")
JUDGING: dict[str, Any] = {
    "library": "person",
    "key": ("统一社会信用代码",),
    "columns": {**CUSTOMS.columns, "注册日期": Column("customs_registered_on", "text")},
    "codes": {**CUSTOMS.codes, "注销标志": {**CUSTOMS.codes["注销标志"], "作废": "1"}},
    "constants": {**CUSTOMS.constants, "currency": "156"},
    "ignore": frozenset({"注册海关"}),
    "version": "注册日期",
    "version_parse": "epoch_ms",
    "registering": True,
}
DESCRIBING: dict[str, Any] = {
    "title": Title("另一名称", "another title"),
    "source": FileSource("other_*.csv", "utf-8", ()),
    "agency": "another",
    "sample_encoding": "utf-8",
}


@pytest.mark.parametrize("part", JUDGING)
def test_what_judges_a_row_changes_the_contract(part: str) -> None:
    """Another library, key, column, code, constant, version or standing of the agency is another contract."""
    assert contract_of(replace(CUSTOMS, **{part: JUDGING[part]})) != contract_of(CUSTOMS)


@pytest.mark.parametrize("part", DESCRIBING)
def test_what_describes_the_feed_does_not(part: str) -> None:
    """A new title or another place to read from judges no row anew."""
    assert contract_of(replace(CUSTOMS, **{part: DESCRIBING[part]})) == contract_of(CUSTOMS)


def test_the_order_in_which_a_connector_is_written_does_not_matter() -> None:
    """The same columns, codes and ignored columns in another order are the same contract."""
    turned = replace(
        CUSTOMS,
        columns=dict(reversed(list(CUSTOMS.columns.items()))),
        codes={name: dict(reversed(list(table.items()))) for name, table in CUSTOMS.codes.items()},
        ignore=frozenset(sorted(CUSTOMS.ignore, reverse=True)),
    )
    assert contract_of(turned) == contract_of(CUSTOMS)


def test_every_process_comes_to_the_same_contract() -> None:
    """Sets are put in order, so that processes that hash texts differently agree."""
    program = (
        "import connectors; from dataclasses import replace; from exchange.core.contract import contract_of;"
        "print(contract_of(replace(connectors.load('customs_enterprises'), ignore=frozenset('abcdefgh'))))"
    )
    shown = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert shown == {contract_of(replace(CUSTOMS, ignore=frozenset("abcdefgh"))) + "\n"}


def test_each_feed_has_a_contract_of_its_own() -> None:
    """16 hex digits, no two alike."""
    found = {contract_of(connectors.load(name)) for name in connectors.names()}
    assert len(found) == len(connectors.names())
    assert all(len(one) == 16 and set(one) <= set("0123456789abcdef") for one in found)


def test_judging_otherwise_is_another_version() -> None:
    """Rows are not judged again while their contract holds. Where this fails because a row may now come out otherwise, raise
    `schemas.VERSION`; then, or where no row can, write down the new digest."""
    root = Path(schemas.__file__).resolve().parents[1]
    digest = sha256()
    files = {path for name in JUDGES for path in ((root / name).rglob("*.py") if "." not in name else [root / name])}
    for path in sorted(files):
        lines = (line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
        digest.update("\n".join(line for line in lines if line and not line.lstrip().startswith("#")).encode())
    assert (VERSION, digest.hexdigest()[:16]) == JUDGED_BY
