"""Legal persons and other organisations: the basic record.

Columns after a provincial draft standard for the legal-person library (standards §3.1), GB/T 36104-2018 and the
national vocabulary of business registration (GS14).
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated

import pandera.polars as pa
import polars as pl

from exchange.core.codes import divisions, editions
from exchange.core.codes.industry import MOVED, section_of
from exchange.core.identifiers import citizen_id
from exchange.core.identifiers import customs_code as customs_codes
from exchange.core.identifiers import org_code as org_codes
from exchange.core.identifiers import reg_no as reg_nos
from exchange.core.identifiers import uscc as usccs
from schemas.columns import column
from schemas.rules import PHONE_FORM, at_most, column_rule, in_list, record_rule, shaped

REGISTERS = ("national_register", "market_regulation")
BASIC = "GB/T 36104-2018"
DRAFT = "法人库数据元 (draft)"
CUSTOMS = "海关企业注册登记"
IDENTIFIERS = ("uscc", "org_code", "reg_no", "customs_code")
DATES = ("established_on", "approved_on", "term_from", "term_to", "customs_registered_on", "customs_valid_to")
CARD_LIKE = r"^[0-9]{13,}[0-9X]$|^[0-9.]+E\+?[0-9]+$"
"""Longer than the digits of any passport, or a long number as a spreadsheet shows it (standards §5, defects 9 and 11)."""
INDUSTRY_FORM = rf"^(?:{'|'.join(section_of())})[0-9]{{0,2}}$"
INDUSTRY_EDITIONS = {one.edition: list(one.titles) for one in editions("industry_division")}


def _citizen(holds: pl.Expr) -> pl.Expr:
    """Where the document is an identity card, or its kind is not given and the number looks like one (or spoiled)."""
    kind, number = pl.col("legal_rep_id_type"), pl.col("legal_rep_id_no")
    return pl.when(kind.eq("10") | (kind.is_null() & number.str.contains(CARD_LIKE))).then(holds)


def _in_its_edition() -> pl.Expr:
    """Whether the division is one of the edition that the record names; where it names none, one that all editions share."""
    division, edition = pl.col("industry_code").str.slice(0, 2), pl.col("industry_edition")
    of_its_own = (edition.eq_missing(name) & division.is_in(divisions) for name, divisions in INDUSTRY_EDITIONS.items())
    return reduce(or_, of_its_own, edition.is_null() & ~division.is_in(MOVED))


_NUMBER = pl.col("legal_rep_id_no")


class LegalPerson(pa.DataFrameModel):
    """One legal person, branch, partnership or individual business, as one agency knows it."""

    uscc: pl.String = column(
        "统一社会信用代码",
        "unified social credit code",
        "GB 32100-2015",
        match="exact",
        form="id",
        survivorship=REGISTERS,
    )
    org_code: pl.String = column("组织机构代码", "organisation code", "GB 11714-1997", match="exact", form="id")
    reg_no: pl.String = column(
        "登记注册号", "registration number", "GS15-2006", match="exact", form="id", survivorship=REGISTERS
    )
    customs_code: pl.String = column(
        "海关注册编码", "customs registration code", CUSTOMS, form="id", survivorship=("customs",)
    )
    name: pl.String = column("名称", "name", BASIC, match="name", form="name", required=True, survivorship=REGISTERS)
    name_en: pl.String = column("英文名称", "English name", DRAFT)
    short_name: pl.String = column("简称", "short name", DRAFT, form="name")
    entity_type: pl.String = column("主体类型", "kind of entity", DRAFT, code_list="entity_type", form="code")
    market_entity_type: pl.String = column(
        "市场主体类型", "kind of market entity", "GS14 CA16", form="code", survivorship=REGISTERS
    )
    status: pl.String = column("存续状态", "status", DRAFT, code_list="status", form="code", survivorship=REGISTERS)
    established_on: pl.Date = column(
        "成立日期", "established on", BASIC, match="date", form="value", survivorship=REGISTERS
    )
    approved_on: pl.Date = column("核准日期", "approved on", BASIC, form="value", survivorship=REGISTERS)
    term_from: pl.Date = column("经营期限自", "term from", BASIC, form="value", survivorship=REGISTERS)
    term_to: pl.Date = column("经营期限至", "term to", BASIC, form="value", survivorship=REGISTERS)
    domicile: pl.String = column("住所", "domicile", BASIC, match="address", survivorship=REGISTERS)
    domicile_province: pl.String = column("住所省份", "province of the domicile", BASIC)
    domicile_city: pl.String = column("住所地市", "city of the domicile", BASIC)
    postal_code: pl.String = column("邮政编码", "postal code", BASIC, form="code")
    reg_authority: pl.String = column("登记管理机关", "registration authority", BASIC, survivorship=REGISTERS)
    competent_authority: pl.String = column("业务主管机关", "competent authority", DRAFT)
    business_scope: pl.String = column("经营范围", "business scope", BASIC, survivorship=REGISTERS)
    reg_capital: Annotated[pl.Decimal, 24, 6] = column(
        "注册资本（万元）", "registered capital, 10,000 units", BASIC, form="value", survivorship=REGISTERS
    )
    currency: pl.String = column(
        "币种", "currency", "GB/T 12406", code_list="currency", form="code", survivorship=REGISTERS
    )
    industry_section: pl.String = column(
        "行业门类", "industry section", "GB/T 4754", code_list="industry_section", form="code"
    )
    industry_code: pl.String = column("行业代码", "industry code", "GB/T 4754", form="code", survivorship=REGISTERS)
    industry_edition: pl.String = column("行业分类版本", "edition of the industry code", "GB/T 4754", form="code")
    customs_office: pl.String = column("注册海关", "customs office", CUSTOMS)
    customs_registered_on: pl.Date = column("海关注册日期", "registered with customs on", CUSTOMS, form="value")
    customs_valid_to: pl.Date = column("报关有效期", "customs registration valid to", CUSTOMS, form="value")
    customs_category: pl.String = column("海关经营类别", "customs business category", CUSTOMS)
    customs_cancelled: pl.String = column(
        "海关注销标志", "cancelled at customs", CUSTOMS, code_list="yes_no", form="code"
    )
    legal_rep_name: pl.String = column(
        "法定代表人",
        "legal representative",
        BASIC,
        "L2",
        "representative",
        match="person",
        form="name",
        survivorship=REGISTERS,
    )
    legal_rep_id_type: pl.String = column(
        "法定代表人证件类型",
        "kind of the representative's document",
        "GS14 CB16",
        "L3",
        "representative",
        code_list="id_type",
        form="code",
    )
    legal_rep_id_no: pl.String = column(
        "法定代表人证件号码",
        "number of the representative's document",
        "GB 11643-1999",
        "L3",
        "representative",
        form="id",
    )
    phone: pl.String = column("联系电话", "telephone", BASIC, "L2", "contact", match="phone", form="phone")
    email: pl.String = column("电子邮箱", "e-mail", DRAFT, "L2", "contact")
    fax: pl.String = column("传真", "fax", DRAFT, "L2", "contact", form="phone")
    contact_address: pl.String = column("联系地址", "contact address", DRAFT, "L2", "contact", match="address")

    uscc_length = column_rule("uscc.length", usccs.length_holds, "uscc")
    uscc_alphabet = column_rule("uscc.alphabet", usccs.alphabet_holds, "uscc")
    uscc_kind = column_rule("uscc.kind", usccs.kind_holds, "uscc")
    uscc_check_digit = column_rule("uscc.check_digit", usccs.check_digit_holds, "uscc")
    uscc_embedded = column_rule("uscc.embedded", usccs.embedded_holds, "uscc")
    org_code_form = column_rule("org_code.form", org_codes.form_holds, "org_code")
    org_code_check_digit = column_rule("org_code.check_digit", org_codes.check_digit_holds, "org_code")
    org_code_uscc = record_rule("org_code.uscc", "org_code", pl.col("org_code") == pl.col("uscc").str.slice(8, 9))
    reg_no_form = column_rule("reg_no.form", reg_nos.form_holds, "reg_no")
    reg_no_check_digit = column_rule("reg_no.check_digit", reg_nos.check_digit_holds, "reg_no")
    customs_code_form = column_rule("customs_code.form", customs_codes.form_holds, "customs_code")
    customs_code_zone = column_rule("customs_code.zone", customs_codes.zone_holds, "customs_code")
    customs_code_kind = column_rule("customs_code.kind", customs_codes.kind_holds, "customs_code")
    identifier_none = record_rule(
        "identifier.none", "uscc", reduce(or_, (pl.col(name).is_not_null() for name in IDENTIFIERS))
    )
    name_long = column_rule("text.long", at_most(256), "name", "name_en", "short_name")
    domicile_long = column_rule("text.long", at_most(512), "domicile", "contact_address")
    scope_long = column_rule("text.long", at_most(4000), "business_scope")
    status_code = column_rule("code.unknown", in_list("status"), "status")
    entity_type_code = column_rule("code.unknown", in_list("entity_type"), "entity_type")
    market_entity_type_form = column_rule("market_entity_type.form", shaped(r"^[1-9][0-9]{3}$"), "market_entity_type")
    currency_code = column_rule("code.unknown", in_list("currency"), "currency")
    customs_cancelled_code = column_rule("code.unknown", in_list("yes_no"), "customs_cancelled")
    legal_rep_id_type_code = column_rule("code.unknown", in_list("id_type"), "legal_rep_id_type")
    reg_capital_negative = column_rule("money.negative", lambda value: value >= 0, "reg_capital")
    industry_section_known = column_rule("industry.unknown", in_list("industry_section"), "industry_section")
    industry_code_known = column_rule("industry.unknown", shaped(INDUSTRY_FORM), "industry_code")
    industry_code_edition = record_rule("industry.edition", "industry_code", _in_its_edition())
    term_order = record_rule("date.order", "term_to", pl.col("term_from") <= pl.col("term_to"))
    postal_code_form = column_rule("postal_code.form", shaped(r"^[0-9]{6}$"), "postal_code")
    phone_form = column_rule("phone.form", shaped(PHONE_FORM), "phone", "fax")
    email_form = column_rule("email.form", shaped(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), "email")
    rep_id_length = record_rule("citizen_id.length", "legal_rep_id_no", _citizen(citizen_id.length_holds(_NUMBER)))
    rep_id_alphabet = record_rule(
        "citizen_id.alphabet", "legal_rep_id_no", _citizen(citizen_id.alphabet_holds(_NUMBER))
    )
    rep_id_province = record_rule(
        "citizen_id.province", "legal_rep_id_no", _citizen(citizen_id.province_holds(_NUMBER))
    )
    rep_id_county = record_rule(
        "citizen_id.county", "legal_rep_id_no", _citizen(divisions.existed(citizen_id.county(_NUMBER)))
    )
    rep_id_date = record_rule("citizen_id.date", "legal_rep_id_no", _citizen(citizen_id.date_holds(_NUMBER)))
    rep_id_check = record_rule(
        "citizen_id.check_digit", "legal_rep_id_no", _citizen(citizen_id.check_digit_holds(_NUMBER))
    )

    class Config:
        """Frames have exactly these columns; nothing is converted here."""

        strict = True
        coerce = False


MODEL = LegalPerson
"""Read by `schemas.model`."""
