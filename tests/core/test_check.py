"""Rules on records: which row breaks which, equal to pandera's own answer, and never with a value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandera.errors
import polars as pl
import pytest

from exchange.core.check import check
from exchange.core.errors import Refuse
from exchange.core.page import FAULTS, Translated
from schemas import LIBRARIES, model
from schemas.columns import polars_schema
from schemas.rules import rules

TODAY = date(2026, 1, 1)
FIRM = {"uscc": "91120116244997951G", "name": "天津示例公司"}
PERSON = {"id_no": "11010519491231002X", "name": "王芳"}
SPOILED = "91110000100003962T"
EMBEDDED = "911100007109320225"


def records(library: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Records with these values, null elsewhere."""
    frame = pl.DataFrame(list(rows), schema=polars_schema(library))
    return frame.with_row_index("row").cast({"row": pl.UInt32})


def checked(
    library: str, *rows: dict[str, Any], registering: bool = False, before: list[tuple[int, str, str]] | None = None
) -> tuple[list[tuple[int, str, str]], list[tuple[int, str, str]]]:
    """Faults and flags as (row, column, rule)."""
    known = pl.DataFrame(before or [], schema=FAULTS, orient="row")
    page = Translated(records(library, *rows), known, pl.DataFrame(schema=FAULTS))
    faults, flags = check(library, page, registering=registering, today=TODAY)
    assert faults.schema == flags.schema == FAULTS
    return faults.rows(), flags.rows()


FAULTY: list[tuple[str, dict[str, Any], str, str]] = [
    ("legal_person", FIRM | {"uscc": "9112011624499795G"}, "uscc", "uscc.length"),
    ("legal_person", FIRM | {"uscc": "91350100M000100Y4Z"}, "uscc", "uscc.alphabet"),
    ("legal_person", FIRM | {"uscc": SPOILED}, "uscc", "uscc.check_digit"),
    ("legal_person", FIRM | {"org_code": "3515602"}, "org_code", "org_code.form"),
    ("legal_person", FIRM | {"reg_no": "12"}, "reg_no", "reg_no.form"),
    ("legal_person", FIRM | {"customs_code": "12072"}, "customs_code", "customs_code.form"),
    ("legal_person", FIRM | {"name": None}, "name", "required"),
    ("legal_person", FIRM | {"name": "天" * 257}, "name", "text.long"),
    ("legal_person", FIRM | {"uscc": None}, "uscc", "identifier.none"),
    ("legal_person", FIRM | {"status": "8"}, "status", "code.unknown"),
    ("legal_person", FIRM | {"market_entity_type": "11"}, "market_entity_type", "market_entity_type.form"),
    ("legal_person", FIRM | {"industry_code": "9901"}, "industry_code", "industry.unknown"),
    ("legal_person", FIRM | {"industry_section": "U"}, "industry_section", "industry.unknown"),
    ("legal_person", FIRM | {"reg_capital": -1}, "reg_capital", "money.negative"),
    ("legal_person", FIRM | {"phone": "12345678901"}, "phone", "phone.form"),
    ("legal_person", FIRM | {"phone": "6620000"[:5]}, "phone", "phone.form"),
    ("legal_person", FIRM | {"legal_rep_id_no": "110105194912310021"}, "legal_rep_id_no", "citizen_id.check_digit"),
    ("legal_person", FIRM | {"legal_rep_id_no": "1.10105E+17"}, "legal_rep_id_no", "citizen_id.length"),
    ("legal_person", FIRM | {"legal_rep_id_no": "1101051949123100"}, "legal_rep_id_no", "citizen_id.length"),
    ("person", PERSON | {"id_no": None}, "id_no", "required"),
    ("person", PERSON | {"id_no": "360426199113010079"}, "id_no", "citizen_id.date"),
    ("person", PERSON | {"id_no": "990426199112010074"}, "id_no", "citizen_id.province"),
    ("person", PERSON | {"id_no": "11010519491231002Q"}, "id_no", "citizen_id.alphabet"),
    ("person", PERSON | {"sex": "3"}, "sex", "code.unknown"),
    ("person", PERSON | {"education": "本科"}, "education", "code.form"),
]
FLAGGED: list[tuple[str, dict[str, Any], str, str]] = [
    ("legal_person", FIRM | {"uscc": EMBEDDED}, "uscc", "uscc.embedded"),
    ("legal_person", FIRM | {"org_code": "244997952"}, "org_code", "org_code.check_digit"),
    ("legal_person", FIRM | {"org_code": "35156027X"}, "org_code", "org_code.uscc"),
    ("legal_person", FIRM | {"reg_no": "440301104001818"}, "reg_no", "reg_no.check_digit"),
    ("legal_person", FIRM | {"customs_code": "1207860001"}, "customs_code", "customs_code.zone"),
    ("legal_person", FIRM | {"customs_code": "1207200001"}, "customs_code", "customs_code.kind"),
    ("legal_person", FIRM | {"legal_rep_id_no": "120199194912310021"}, "legal_rep_id_no", "citizen_id.county"),
    ("person", PERSON | {"id_no": "120199194912310021"}, "id_no", "citizen_id.county"),
    ("legal_person", FIRM | {"established_on": date(2026, 1, 2)}, "established_on", "date.future"),
    ("legal_person", FIRM | {"term_from": date(2020, 1, 2), "term_to": date(2020, 1, 1)}, "term_to", "date.order"),
    ("legal_person", FIRM | {"postal_code": "30045"}, "postal_code", "postal_code.form"),
    ("legal_person", FIRM | {"email": "x"}, "email", "email.form"),
    ("person", PERSON | {"birth_date": date(1949, 12, 30)}, "birth_date", "birth_date.id"),
    ("person", PERSON | {"sex": "1"}, "sex", "sex.id"),
    ("person", PERSON | {"division": "12011"}, "division", "division.form"),
]
FINE: list[tuple[str, dict[str, Any]]] = [
    ("legal_person", FIRM | {"phone": "022-66200001,13900000000"}),
    ("legal_person", FIRM | {"phone": "+8613900000000"}),
    ("legal_person", FIRM | {"phone": "(022)66200001转123"}),
    ("legal_person", FIRM | {"phone": "400-123-4567"}),
    ("legal_person", FIRM | {"phone": "66200001"}),
    ("legal_person", FIRM | {"legal_rep_id_type": "40", "legal_rep_id_no": "E12345678"}),
    ("legal_person", FIRM | {"legal_rep_id_no": "EA1234567"}),
    ("legal_person", FIRM | {"industry_section": "C", "industry_code": "27"}),
    ("legal_person", {"name": "滨海修理部", "reg_no": "310230001716146"}),
    ("legal_person", FIRM | {"established_on": TODAY}),
    ("person", PERSON | {"id_no": "E12345678", "id_type": "40"}),
    ("person", PERSON | {"id_no": "120107194912310024"}),
    ("person", PERSON | {"id_no": "932682198501010017"}),
    ("person", PERSON | {"id_no": "830000199003071230"}),
    ("person", PERSON | {"sex": "2", "birth_date": date(1949, 12, 31)}),
    ("person", PERSON | {"id_no": "810000199001010015"[:17] + "2", "id_type": "55"}),
]


@pytest.mark.parametrize(("library", "record", "column", "rule"), FAULTY)
def test_a_broken_rule_refuses_the_record(library: str, record: dict[str, Any], column: str, rule: str) -> None:
    """Exactly this rule on exactly this column refuses the record."""
    assert checked(library, record)[0] == [(0, column, rule)]


@pytest.mark.parametrize(("library", "record", "column", "rule"), FLAGGED)
def test_a_doubtful_value_is_marked_and_kept(library: str, record: dict[str, Any], column: str, rule: str) -> None:
    """The record stays, with a flag."""
    faults, flags = checked(library, record)
    assert faults == []
    assert (0, column, rule) in flags


@pytest.mark.parametrize(("library", "record"), FINE)
def test_a_good_record_has_neither(library: str, record: dict[str, Any]) -> None:
    """Nothing is said about a good record."""
    assert checked(library, record) == ([], [])


def test_the_registers_wrong_check_digit_is_suspect() -> None:
    """The registering authority's code with a wrong check character is kept and flagged."""
    faults, flags = checked("legal_person", FIRM | {"uscc": SPOILED}, registering=True)
    assert faults == []
    assert flags == [(0, "uscc", "uscc.check_digit")]


def test_today_is_an_argument() -> None:
    """A birth is in the future only before its day has come."""
    page = Translated(
        records("person", PERSON | {"id_no": "120116201501010026"}), *(pl.DataFrame(schema=FAULTS) for _ in range(2))
    )
    found = [
        check("person", page, registering=False, today=day)[0].rows() for day in (date(2014, 12, 31), date(2015, 1, 1))
    ]
    assert found == [[(0, "id_no", "citizen_id.future")], []]


def test_all_faults_of_a_row_are_told() -> None:
    """Several broken rules are several faults, by row."""
    faults, _ = checked("legal_person", FIRM, FIRM | {"uscc": SPOILED, "name": None, "phone": "12", "status": "8"})
    assert faults == [
        (1, "uscc", "uscc.check_digit"),
        (1, "name", "required"),
        (1, "status", "code.unknown"),
        (1, "phone", "phone.form"),
    ]


def test_what_could_not_be_read_is_not_also_missing() -> None:
    """A value that was there and couldn't be read is not told as missing; a line that is no row has one fault only."""
    nothing: dict[str, Any] = {}
    before = [(0, "name", "date.unreadable"), (1, "", "open_quote")]
    faults, flags = checked("legal_person", FIRM | {"name": None}, nothing, before=before)
    assert faults == before
    assert flags == []


def test_an_empty_object_is_a_row_without_anything() -> None:
    """A row that holds nothing is refused for everything it needs."""
    assert checked("person", {})[0] == [(0, "id_no", "required"), (0, "name", "required")]


@pytest.mark.parametrize("library", LIBRARIES)
def test_pandera_gives_the_same_answer(library: str) -> None:
    """Rules in one pass and the model's own lazy validation name the same rows, columns and rules."""
    chosen = [record for lib, record, *_ in (*FAULTY, *FLAGGED) if lib == library]
    chosen += [record for lib, record in FINE if lib == library] + [{}]
    frame = records(library, *chosen)
    page = Translated(frame, *(pl.DataFrame(schema=FAULTS) for _ in range(2)))
    both = pl.concat(check(library, page, registering=False, today=date.max))
    try:
        model(library).validate(frame.drop("row"), lazy=True)
        failed: set[tuple[int, str, str]] = set()
    except pandera.errors.SchemaErrors as error:
        failed = pandera_failures(library, error.failure_cases)
    assert set(both.rows()) == failed
    assert failed


def pandera_failures(library: str, cases: pl.DataFrame) -> set[tuple[int, str, str]]:
    """(row, column, rule) in the words of `check`."""
    whole = {rule.name: rule.column for rule in rules(library)}
    return {
        (
            row,
            whole[rule] if context == "DataFrameSchema" else column,
            "required" if rule == "not_nullable" else rule,
        )
        for context, column, rule, row in cases.select("schema_context", "column", "check", "index").rows()
    }


def test_another_frame_is_nobodys_fault() -> None:
    """A column too few or of another dtype refuses the batch and names the column, not a row."""
    frame = records("person", PERSON)
    for wrong in (frame.drop("sex"), frame.with_columns(pl.col("id_from").cast(pl.String).alias("sex").cast(pl.Date))):
        with pytest.raises(Refuse) as refused:
            check(
                "person",
                Translated(wrong, *(pl.DataFrame(schema=FAULTS) for _ in range(2))),
                registering=False,
                today=TODAY,
            )
        assert "sex" in refused.value.message


def test_a_page_in_which_every_row_is_bad_is_checked() -> None:
    """Fifty thousand bad rows give fifty thousand faults and no exception."""
    frame = records("legal_person", FIRM | {"uscc": SPOILED}).drop("row")
    many = pl.concat([frame] * 50_000).with_row_index("row").cast({"row": pl.UInt32})
    page = Translated(many, *(pl.DataFrame(schema=FAULTS) for _ in range(2)))
    faults, _ = check("legal_person", page, registering=False, today=TODAY)
    assert faults.height == 50_000
