"""Facts of columns, and the pandera models they stand in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from exchange.core.codes import code_list
from exchange.core.topics import MAJOR
from schemas import LIBRARIES, VERSION, model
from schemas.columns import fact, facts, groups, links, polars_schema, public, unsealed
from schemas.messages import MESSAGES, is_fault
from schemas.rules import rules

LEAST = {"legal_person": 25, "person": 20}
SEALED = ("L2", "L3", "L4")

each = pytest.mark.parametrize("library", LIBRARIES)


@each
def test_a_library_has_its_columns(library: str) -> None:
    """Each library has at least the promised columns, each with titles, a standard and a known dtype."""
    found = facts(library)
    assert len(found) >= LEAST[library]
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.zh
        assert one.en
        assert one.standard
        assert one.dtype in (pl.String(), pl.Date(), pl.Boolean(), pl.Decimal(24, 6))
    assert VERSION[library] >= 1


@each
def test_sensitive_columns_are_in_a_group_and_others_are_not(library: str) -> None:
    """A column has a field group if and only if its level is L2, L3 or L4."""
    for one in facts(library):
        assert (one.group is not None) == (one.level in SEALED), one.name
    assert set(groups(library)) == {one.group for one in facts(library) if one.group}
    assert set(public(library)) <= set(unsealed(library))


def test_names_and_numbers_of_people_are_sealed() -> None:
    """What names a person or their document is never public."""
    for name in ("legal_rep_name", "legal_rep_id_no", "phone", "contact_address"):
        assert name not in unsealed("legal_person")
    assert public("person") == ("division",)
    assert fact("person", "id_no").level == "L4"


def test_links_are_the_exact_identifiers() -> None:
    """Link kinds come strongest first."""
    assert links("legal_person") == ("uscc", "org_code", "reg_no")
    assert links("person") == ("id_no",)


@each
def test_facts_and_model_agree(library: str) -> None:
    """The model's frame is the facts' frame, empty records of it validate, and an additional column doesn't."""
    empty = pl.DataFrame(schema=polars_schema(library))
    assert model(library).validate(empty).equals(empty)
    assert list(polars_schema(library)) == [one.name for one in facts(library)]
    assert model(library).to_schema().strict is True
    assert model(library).to_schema().coerce is False


@each
def test_code_listed_columns_are_checked_against_their_list(library: str) -> None:
    """Every column with a code list has a rule of its own."""
    ruled = {rule.column for rule in rules(library) if rule.name in ("code.unknown", "industry.unknown")}
    assert {one.name for one in facts(library) if one.code_list} <= ruled


@each
def test_only_a_complete_list_refuses(library: str) -> None:
    """No column is bound by a list of which only a part is known."""
    assert all(code_list(one.code_list).complete for one in facts(library) if one.code_list)


def test_unknown_libraries_and_columns_are_key_errors() -> None:
    """A name that isn't there is a KeyError, not a guess."""
    with pytest.raises(KeyError):
        model("place")
    with pytest.raises(KeyError):
        fact("person", "uscc")


def test_a_wrong_check_digit_is_kept_from_the_register_only() -> None:
    """MOD-31 refuses an ordinary agency's row and marks the register's; the embedded digit only ever marks."""
    assert is_fault("uscc.check_digit", registering=False)
    assert not is_fault("uscc.check_digit", registering=True)
    assert not is_fault("uscc.embedded", registering=False)
    assert all(message.zh and message.en for message in MESSAGES.values())


def test_importing_schemas_alone_is_cheap() -> None:
    """`import schemas` loads neither polars nor pandera."""
    program = "import sys, schemas; print([m for m in ('polars', 'pandera') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def told(library: str) -> list[str]:
    """The table of a library's columns as docs/agencies.md shows it."""
    types = {
        pl.String(): "text",
        pl.Date(): "date",
        pl.Boolean(): "true or false",
        pl.Decimal(24, 6): "decimal, as text",
    }
    shown = [one for one in facts(library) if one.level != "internal"]
    return [
        f"### `hub.{library}.v{MAJOR[library]}`: {len(shown)} columns",
        "",
        "| column | 名称 | title | type | codes | sealed group |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{one.name}` | {one.zh} | {one.en} | {types[one.dtype]} | {_code(one.code_list)} | {_code(one.group)} |"
            for one in shown
        ),
    ]


def _code(name: str | None) -> str:
    return f"`{name}`" if name else ""


@each
def test_agencies_are_told_of_every_column(library: str) -> None:
    """docs/agencies.md shows each column that leaves the hub, as the schema says it, and names each field group."""
    page = (Path(__file__).parents[2] / "docs" / "agencies.md").read_text("utf-8")
    assert "\n".join(told(library)) + "\n\n" in page
    assert f"`urn:binhai-exchange-hub:schema:{library}:{MAJOR[library]}`" in page
    named = page.partition(f"Field groups of `{library}`: ")[2].partition(".")[0]
    assert named == ", ".join(f"`{group}`" for group in groups(library))
