"""Market regulation: companies, table `e_baseinfo` of the agency's PostgreSQL, in the national vocabulary (GS14).

Capital in 万元 with six decimals; kinds and states by the national code lists; rows are updated and deleted in place.
"""

from exchange.core.connector import Column, Connector, SqlSource, Title

ID_TYPES = {code: code for code in ["10", "20", "30", "40", "51", "52", "53", "54", "55", "56", "57", "58", "60", "90"]}
STATES = {
    **{code: code for code in "1234569"},
    "存续（在营、开业、在册）": "1",
    "存续": "1",
    "在营": "1",
    "开业": "1",
    "在册": "1",
    "吊销，未注销": "2",
    "吊销未注销": "2",
    "吊销，已注销": "3",
    "吊销已注销": "3",
    "注销": "4",
    "撤销": "5",
    "迁出": "6",
    "其他": "9",
}
CURRENCIES = {
    **{
        code: code
        for code in ["156", "344", "446", "901", "840", "978", "392", "826", "756", "124", "036", "554", "702", "410"]
    },
    "142": "156",  # customs' list before 2018
    "CNY": "156",
    "RMB": "156",
    "人民币": "156",
    "USD": "840",
    "美元": "840",
    "HKD": "344",
    "港币": "344",
    "港元": "344",
    "EUR": "978",
    "欧元": "978",
    "JPY": "392",
    "日元": "392",
}

CONNECTOR = Connector(
    name="market_regulation_companies",
    agency="market_regulation",
    library="legal_person",
    title=Title("市场监管：企业登记", "Market regulation: registered companies"),
    source=SqlSource(
        table="e_baseinfo",
        columns=(
            *("pripid", "uniscid", "regno", "entname", "enttype", "name", "certype", "cerno", "regcap", "regcapcur"),
            *("estdate", "opfrom", "opto", "apprdate", "dom", "opscope", "regorg", "regstate", "industryco", "tel"),
            *("postalcode", "update_time"),
        ),
        timestamp="update_time",
        key="pripid",
    ),
    key=("pripid",),
    columns={
        "uniscid": Column("uscc"),
        "regno": Column("reg_no"),
        "entname": Column("name"),
        "enttype": Column("market_entity_type"),
        "name": Column("legal_rep_name"),
        "certype": Column("legal_rep_id_type"),
        "cerno": Column("legal_rep_id_no"),
        "regcap": Column("reg_capital", "money_wan"),
        "regcapcur": Column("currency"),
        "estdate": Column("established_on", "date"),
        "opfrom": Column("term_from", "date"),
        "opto": Column("term_to", "date"),
        "apprdate": Column("approved_on", "date"),
        "dom": Column("domicile"),
        "opscope": Column("business_scope"),
        "regorg": Column("reg_authority"),
        "regstate": Column("status"),
        "industryco": Column("industry_code"),
        "tel": Column("phone"),
        "postalcode": Column("postal_code"),
    },
    codes={"certype": ID_TYPES, "regcapcur": CURRENCIES, "regstate": STATES},
    constants={"industry_edition": "2017"},
    ignore=frozenset({"pripid", "update_time"}),
    version="update_time",
)
