"""注销状态 of a person in the household register, as feeds give it (no national list known)."""

from exchange.core.codes import CodeList

LIST = CodeList(
    name="registration_status",
    standard="人口库注销状态",
    edition="feed",
    titles={
        "0": ("正常", "registered"),
        "1": ("死亡注销", "cancelled: death"),
        "2": ("迁出注销", "cancelled: moved out"),
    },
)
