"""The national business register: UTF-8 CSV extracts of ten columns, one file per year and province.

The register issues the identifiers, so a wrong check digit is suspect and kept. Firms that never got a credit code carry
their registration number in that column. `N/A` stands for nothing.
"""

from exchange.core.connector import Column, Connector, FileSource, Title

KINDS = {
    "11": (
        *("有限责任公司", "其他有限责任公司", "有限责任公司 国有企业", "有限责任公司 港、澳、台"),
        *("有限责任公司 外商投资企业", "有限责任公司 私营企业", "有限责任公司 外商投资企业 港、澳、台"),
        *("有限责任公司(台港澳法人独资)", "有限责任公司(国有控股)", "有限责任公司(非自然人投资或控股的法人独资)"),
    ),
    "12": ("股份有限公司", "股份有限公司 国有企业", "股份有限公司 外商投资企业", "股份有限公司 港、澳、台"),
    "13": (
        *("集体所有制", "集体经济", "集体企业", "集体", "集体(非上市)", "国有企业", "国有经济", "全民"),
        *("全民(内联-独资)", "股份合作制", "股份制", "内资企业法人", "非公司企业法人(集体经济)"),
        *("非公司企业法人(国有经济)", "非公司企业法人(股份合作制)"),
    ),
    "33": ("农民专业合作社",),
    "41": ("个人独资企业", "私营独资企业"),
    "42": ("普通合伙", "有限合伙", "合伙企业", "私营合伙企业"),
    "43": (
        *("集体分支机构(非法人)", "股份合作制分支机构", "分公司", "内资企业法人分支机构(非法人)", "股份制分支机构"),
        *("股份合作企业分支机构", "合伙企业分支机构", "外商投资企业分支机构", "私营独资企业分支机构"),
        *("非公司企业法人分支机构(股份合作制)", "内资企业办事机构", "内资企业办事机构(非上市)", "办事处"),
    ),
    "49": (
        *("集体经营单位(非法人)", "国有经营单位(非法人)", "经营单位(非法人)", "集体企业经营单位(非法人)"),
        *(
            "股份合作企业经营单位(非法人)",
            "股份制企业(非法人)",
            "股份合作制(非法人)",
            "来料加工",
            "来料繁殖",
            "来件装配",
        ),
        *("集体事业单位营业", "事业单位营业", "社团法人营业", "集体社团法人营业", "国有社团法人营业"),
        "外国(地区)企业常驻代表机构",
    ),
    "90": ("私营企业", "联营企业", "港、澳、台", "外商投资企业", "其他"),
    "91": ("个体工商户", "个体户", "个体", "个体(内地)", "个体工商户(临时)", "临时个体工商户", "个人经营"),
}
"""Hub's kind of entity → the register's words, which name ownership as often as legal form; where they leave the form
open (私营企业, 外商投资企业), 90."""

PROVINCES = (
    *("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建"),
    *("江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏"),
    *("陕西", "甘肃", "青海", "宁夏", "新疆"),
)

CONNECTOR = Connector(
    name="national_register_extract",
    agency="national_register",
    library="legal_person",
    title=Title("全国企业登记：数据摘录", "National business register: extract"),
    source=FileSource(
        glob="**/*.csv",
        encoding="utf-8",
        columns=(
            *("企业名称", "统一社会信用代码", "注册日期", "企业类型", "法人代表"),
            *("注册资金", "经营范围", "所在省份", "地区", "注册地址"),
        ),
    ),
    key=("统一社会信用代码", "企业名称"),
    columns={
        "企业名称": Column("name"),
        "统一社会信用代码": Column("uscc"),
        "注册日期": Column("established_on", "date"),
        "企业类型": Column("entity_type"),
        "法人代表": Column("legal_rep_name"),
        "注册资金": Column("reg_capital", "money_wan"),
        "经营范围": Column("business_scope"),
        "所在省份": Column("domicile_province"),
        "地区": Column("domicile_city"),
        "注册地址": Column("domicile"),
    },
    codes={
        "企业类型": {word: code for code, words in KINDS.items() for word in words},
        "所在省份": {province: province for province in PROVINCES},
    },
    registering=True,
)
