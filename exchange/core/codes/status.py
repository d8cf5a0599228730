"""存续状态: whether a legal person still exists; from a provincial draft standard for the legal-person library."""

from exchange.core.codes import CodeList

LIST = CodeList(
    name="status",
    standard="法人库存续状态",
    edition="draft",
    titles={
        "1": ("存续（在营、开业、在册）", "in operation"),
        "2": ("吊销，未注销", "licence revoked, not deregistered"),
        "3": ("吊销，已注销", "licence revoked, deregistered"),
        "4": ("注销", "deregistered"),
        "5": ("撤销", "registration annulled"),
        "6": ("迁出", "moved to another authority"),
        "9": ("其他", "other"),
    },
)
