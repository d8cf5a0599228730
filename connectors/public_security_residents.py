"""Public security: residents, paged JSON behind a token, in the words of GA/T 543.

Ordered by (GXSJ, GMSFHM); the key is the citizen id itself, so key and cursor are sensitive. Pages are small, since each run
reads the last one again.
"""

from exchange.core.connector import Column, Connector, HttpSource, Title

ETHNIC = {f"{number:02d}": f"{number:02d}" for number in (*range(1, 57), 97, 98)}

CONNECTOR = Connector(
    name="public_security_residents",
    agency="public_security",
    library="person",
    title=Title("公安：常住人口", "Public security: residents"),
    source=HttpSource(
        path="/api/v1/residents",
        items="items",
        next_cursor="next",
        columns=(
            *("RKBS", "GMSFHM", "XM", "CYM", "XB", "MZ", "CSRQ", "JGSSXQ", "WHCD", "HYZK", "ZY", "FWCS"),
            *("JMSFZJYXQQSRQ", "JMSFZJYXQJZRQ", "JZXZ", "HJSZD", "HKXZ", "LXDH", "ZXZT", "XZQH", "GXSJ"),
        ),
        page_rows=1_000,
    ),
    key=("GMSFHM",),
    columns={
        "RKBS": Column("person_id"),
        "GMSFHM": Column("id_no"),
        "XM": Column("name"),
        "CYM": Column("former_name"),
        "XB": Column("sex"),
        "MZ": Column("ethnic"),
        "CSRQ": Column("birth_date", "date"),
        "JGSSXQ": Column("native_place"),
        "WHCD": Column("education"),
        "HYZK": Column("marital"),
        "ZY": Column("occupation"),
        "FWCS": Column("employer"),
        "JMSFZJYXQQSRQ": Column("id_from", "date"),
        "JMSFZJYXQJZRQ": Column("id_to", "date"),
        "JZXZ": Column("residence"),
        "HJSZD": Column("household_address"),
        "HKXZ": Column("household_type"),
        "LXDH": Column("phone"),
        "ZXZT": Column("registration_status"),
        "XZQH": Column("division"),
    },
    codes={
        "XB": {"0": "0", "1": "1", "2": "2", "9": "9", "男": "1", "女": "2", "M": "1", "F": "2"},
        "MZ": ETHNIC,
        "HYZK": {code: code for code in ["10", "20", "21", "22", "23", "30", "40", "90"]},
        "HKXZ": {"10": "10", "20": "20", "农业": "10", "非农业": "20"},
        "ZXZT": {"0": "0", "1": "1", "2": "2"},
    },
    constants={"id_type": "10"},
    ignore=frozenset({"GXSJ"}),
    version="GXSJ",
    version_parse="epoch_ms",
)
