"""Residence permits and permanent residence cards: columns say what single values say."""

from __future__ import annotations

from types import ModuleType

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.identifiers import citizen_id, permanent_residence, residence_permit
from exchange.core.identifiers.verdict import SOUND

BODIES = st.builds(
    lambda area, day, sequence: area + day + sequence,
    st.sampled_from(["810000", "820000", "830000", "810001", "932682", "911840", "110105", "120116"]),
    st.sampled_from(["19900307", "20080101", "19491231"]),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
)
NUMBERS = st.lists(
    BODIES.map(lambda body: body + citizen_id.calc_check_digit(body))
    | st.from_regex(r"[A-Z]{3}[0-9]{12}|[0-9]{15,18}", fullmatch=True),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize(
    ("module", "names"), [(residence_permit, ("prefix", "area")), (permanent_residence, ("form", "prefix"))]
)
@given(numbers=NUMBERS)
def test_columns_say_what_single_values_say(module: ModuleType, names: tuple[str, ...], numbers: list[str]) -> None:
    """A rule that decides about a single value fails in the column, and no rule fails where the value is sound."""
    kind = module.__name__.rpartition(".")[2]
    frame = pl.DataFrame({"n": [module.compact(number) for number in numbers]})
    found = frame.select(getattr(module, f"{name}_holds")(pl.col("n")).alias(f"{kind}.{name}") for name in names)
    for number, holds in zip(numbers, found.iter_rows(named=True), strict=True):
        verdict = module.check(number)
        if verdict.rule in holds:
            assert holds[verdict.rule] is False
        if verdict.status in SOUND and len(module.compact(number)) == len(verdict.after):
            assert False not in holds.values()
