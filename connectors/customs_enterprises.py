"""Customs: registered importers, exporters and brokers, GB18030 CSV drops `customs_YYYYMMDD_NN.csv` with done-markers.

The customs code changes when a firm moves to another zone; a re-sent file is recognised by its content.
"""

from exchange.core.connector import Column, Connector, FileSource, Title

CONNECTOR = Connector(
    name="customs_enterprises",
    agency="customs",
    library="legal_person",
    title=Title("海关：注册企业", "Customs: registered enterprises"),
    source=FileSource(
        glob="customs_*.csv",
        encoding="gb18030",
        columns=(
            *("海关注册编码", "统一社会信用代码", "组织机构代码", "企业名称", "企业英文名称", "注册海关", "注册日期"),
            *("报关有效期", "经营类别", "行业种类", "法定代表人", "法人证件号", "联系电话", "工商注册地址", "注销标志"),
        ),
        done_suffix=".done",
        aliases={"shxydm": "统一社会信用代码", "zchg": "注册海关", "bgyxq": "报关有效期"},
    ),
    key=("海关注册编码",),
    columns={
        "海关注册编码": Column("customs_code"),
        "统一社会信用代码": Column("uscc"),
        "组织机构代码": Column("org_code"),
        "企业名称": Column("name"),
        "企业英文名称": Column("name_en"),
        "注册海关": Column("customs_office"),
        "注册日期": Column("customs_registered_on", "date"),
        "报关有效期": Column("customs_valid_to", "date"),
        "经营类别": Column("customs_category"),
        "行业种类": Column("industry_code"),
        "法定代表人": Column("legal_rep_name"),
        "法人证件号": Column("legal_rep_id_no"),
        "联系电话": Column("phone"),
        "工商注册地址": Column("domicile"),
        "注销标志": Column("customs_cancelled"),
    },
    codes={"注销标志": {"0": "0", "1": "1", "否": "0", "是": "1", "未注销": "0", "已注销": "1"}},
    constants={"industry_edition": "2017"},
    sample_encoding="gb18030",
)
