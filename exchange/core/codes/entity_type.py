"""主体类型: kinds of legal persons and other organisations, after the Civil Code's 营利, 非营利, 特别法人, 非法人组织.

From a provincial draft standard for the legal-person library.
"""

from exchange.core.codes import CodeList

LIST = CodeList(
    name="entity_type",
    standard="法人库主体类型",
    edition="draft",
    titles={
        "10": ("营利法人", "for-profit legal person"),
        "11": ("有限责任公司", "limited liability company"),
        "12": ("股份有限公司", "joint-stock company"),
        "13": ("其他企业法人", "other enterprise legal person"),
        "20": ("非营利法人", "non-profit legal person"),
        "21": ("事业单位", "public institution"),
        "22": ("社会团体", "social association"),
        "23": ("基金会", "foundation"),
        "24": ("社会服务机构", "social service organisation"),
        "29": ("其他非营利法人", "other non-profit legal person"),
        "30": ("特别法人", "special legal person"),
        "31": ("机关法人", "government organ"),
        "32": ("农村集体经济组织法人", "rural collective economic organisation"),
        "33": ("城镇农村的合作经济组织法人", "cooperative economic organisation"),
        "34": ("基层群众性自治组织法人", "grass-roots self-governing organisation"),
        "39": ("其他特别法人", "other special legal person"),
        "40": ("非法人组织", "unincorporated organisation"),
        "41": ("个人独资企业", "sole proprietorship enterprise"),
        "42": ("合伙企业", "partnership"),
        "43": ("分支机构", "branch"),
        "44": ("不具有法人资格的专业服务机构", "unincorporated professional service body"),
        "49": ("其他非法人组织", "other unincorporated organisation"),
        "90": ("其他", "other"),
        "91": ("个体工商户", "individual business"),
        "92": ("农村承包经营户", "rural contracting household"),
    },
)
