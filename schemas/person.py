"""Persons: the basic record of the population library.

Columns after GA/T 543 and the DDL of a city's population library (standards §3.2). Almost nothing of it is public.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from exchange.core.codes import divisions
from exchange.core.identifiers import citizen_id
from schemas.columns import column
from schemas.rules import PHONE_FORM, at_most, column_rule, in_list, record_rule, shaped

POLICE = ("public_security",)
GAT = "GA/T 543"
DATES = ("birth_date", "id_from", "id_to")


def _citizen(holds: pl.Expr) -> pl.Expr:
    """Where the number is a citizen id: the kind of document says so, or nothing."""
    return pl.when(pl.col("id_type").fill_null("10").eq("10")).then(holds)


_NUMBER = pl.col("id_no")


class Person(pa.DataFrameModel):
    """One natural person, as one agency knows them."""

    id_no: pl.String = column(
        "公民身份号码",
        "citizen identity number",
        "GA/T 543 DE00001 (GB 11643-1999)",
        "L4",
        "identity",
        match="exact",
        form="id",
        required=True,
        survivorship=POLICE,
    )
    id_type: pl.String = column(
        "证件类型", "kind of document", "GS14 CB16", "L3", "identity", code_list="id_type", form="code"
    )
    name: pl.String = column(
        "姓名", "name", f"{GAT} XM", "L3", "identity", match="person", form="name", required=True, survivorship=POLICE
    )
    former_name: pl.String = column("曾用名", "former name", f"{GAT} CYM", "L3", "identity", form="name")
    birth_date: pl.Date = column(
        "出生日期", "date of birth", f"{GAT} CSRQ", "L3", "identity", match="date", form="value", survivorship=POLICE
    )
    id_from: pl.Date = column(
        "身份证有效期起", "identity card valid from", f"{GAT} JMSFZJYXQQSRQ", "L3", "identity", form="value"
    )
    id_to: pl.Date = column(
        "身份证有效期止", "identity card valid to", f"{GAT} JMSFZJYXQJZRQ", "L3", "identity", form="value"
    )
    residence: pl.String = column(
        "居住详址", "place of living", f"{GAT} JZXZ", "L3", "residence", match="address", survivorship=POLICE
    )
    household_address: pl.String = column(
        "户籍所在地", "address of the household register", f"{GAT} HJSZD", "L3", "residence", match="address"
    )
    household_type: pl.String = column(
        "户口性质", "kind of household register", f"{GAT} HKXZ", "L3", "residence", code_list="hukou", form="code"
    )
    household_no: pl.String = column("户编码", "household number", f"{GAT} HBM", "L3", "residence", form="code")
    native_place: pl.String = column(
        "籍贯省市县", "native place", f"{GAT} JGSSXQ (GB/T 2260)", "L2", "residence", form="code"
    )
    phone: pl.String = column("联系电话", "telephone", f"{GAT} LXDH", "L2", "residence", match="phone", form="phone")
    sex: pl.String = column(
        "性别", "sex", "GB/T 2261.1-2003", "L2", "status", code_list="sex", form="code", survivorship=POLICE
    )
    ethnic: pl.String = column(
        "民族",
        "nationality (ethnic)",
        "GB/T 3304-1991",
        "L2",
        "status",
        code_list="ethnic",
        form="code",
        survivorship=POLICE,
    )
    marital: pl.String = column(
        "婚姻状况", "marital status", "GB/T 2261.2-2003", "L3", "status", code_list="marital", form="code"
    )
    education: pl.String = column("文化程度", "education", "GB/T 4658", "L3", "status", form="code")
    party: pl.String = column("政治面貌", "political affiliation", "GB/T 4762", "L3", "status", form="code")
    military: pl.String = column("兵役状况", "military service", f"{GAT} BYZK", "L3", "status", form="code")
    religion: pl.String = column("宗教信仰", "religion", f"{GAT} ZJXY", "L4", "status", form="code")
    occupation: pl.String = column("职业", "occupation", "GB/T 6565", "L3", "status")
    employer: pl.String = column("服务处所", "place of work", f"{GAT} FWCS", "L3", "status")
    registration_status: pl.String = column(
        "注销状态", "state of registration", f"{GAT} ZXZT", "L3", "status", code_list="registration_status", form="code"
    )
    division: pl.String = column(
        "登记地行政区划", "division of registration", "GB/T 2260", form="code", survivorship=POLICE
    )
    person_id: pl.String = column(
        "人口标识", "the agency's own number of a person", f"{GAT} RKBS", "internal", form="code"
    )

    id_length = record_rule("citizen_id.length", "id_no", _citizen(citizen_id.length_holds(_NUMBER)))
    id_alphabet = record_rule("citizen_id.alphabet", "id_no", _citizen(citizen_id.alphabet_holds(_NUMBER)))
    id_province = record_rule("citizen_id.province", "id_no", _citizen(citizen_id.province_holds(_NUMBER)))
    id_county = record_rule("citizen_id.county", "id_no", _citizen(divisions.existed(citizen_id.county(_NUMBER))))
    id_date = record_rule("citizen_id.date", "id_no", _citizen(citizen_id.date_holds(_NUMBER)))
    id_check_digit = record_rule("citizen_id.check_digit", "id_no", _citizen(citizen_id.check_digit_holds(_NUMBER)))
    id_type_code = column_rule("code.unknown", in_list("id_type"), "id_type")
    name_long = column_rule("text.long", at_most(70), "name", "former_name")
    address_long = column_rule("text.long", at_most(200), "residence", "household_address", "employer")
    household_type_code = column_rule("code.unknown", in_list("hukou"), "household_type")
    sex_code = column_rule("code.unknown", in_list("sex"), "sex")
    ethnic_code = column_rule("code.unknown", in_list("ethnic"), "ethnic")
    marital_code = column_rule("code.unknown", in_list("marital"), "marital")
    status_code = column_rule("code.unknown", in_list("registration_status"), "registration_status")
    code_form = column_rule("code.form", shaped(r"^[0-9]{2}$"), "education", "party", "military", "religion")
    division_form = column_rule("division.form", shaped(r"^[0-9]{6}$"), "division", "native_place")
    division_existed = column_rule("division.unknown", divisions.existed, "division", "native_place")
    division_in_force = column_rule("division.abolished", divisions.in_force, "division", "native_place")
    phone_form = column_rule("phone.form", shaped(PHONE_FORM), "phone")
    id_term = record_rule("date.order", "id_to", pl.col("id_from") <= pl.col("id_to"))
    birth_date_id = record_rule(
        "birth_date.id", "birth_date", _citizen(citizen_id.birth_date(_NUMBER) == pl.col("birth_date"))
    )
    sex_id = record_rule(
        "sex.id",
        "sex",
        _citizen(pl.when(pl.col("sex").is_in(["1", "2"])).then(citizen_id.sex_digit(_NUMBER) == pl.col("sex"))),
    )

    class Config:
        """Frames have exactly these columns; nothing is converted here."""

        strict = True
        coerce = False


MODEL = Person
"""Read by `schemas.model`."""
