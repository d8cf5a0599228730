"""The benchmark's feed: one seeded UTF-8 CSV of legal persons with eleven columns, four of them sealed."""

from exchange.core.connector import Column, Connector, FileSource, Title

CONNECTOR = Connector(
    name="bench_companies",
    agency="bench",
    library="legal_person",
    title=Title("基准测试：企业", "Benchmark: companies"),
    source=FileSource(
        glob="*.csv",
        encoding="utf-8",
        columns=(
            *("uscc", "name", "legal_rep", "legal_rep_id", "phone", "address"),
            *("industry", "reg_capital", "established", "status", "updated_at"),
        ),
    ),
    key=("uscc",),
    columns={
        "uscc": Column("uscc"),
        "name": Column("name"),
        "legal_rep": Column("legal_rep_name"),
        "legal_rep_id": Column("legal_rep_id_no"),
        "phone": Column("phone"),
        "address": Column("contact_address"),
        "industry": Column("industry_code"),
        "reg_capital": Column("reg_capital", "money_wan"),
        "established": Column("established_on", "date"),
        "status": Column("status"),
    },
    codes={"status": {"存续": "1", "吊销": "2", "注销": "4"}},
    constants={"legal_rep_id_type": "10", "currency": "156", "industry_edition": "2017"},
    ignore=frozenset({"updated_at"}),
    version="updated_at",
)
