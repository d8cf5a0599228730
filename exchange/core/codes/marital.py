"""GB/T 2261.2-2003, codes for marital status: main codes (n0) and, under 20 married, their kinds."""

from datetime import date

from exchange.core.codes import CodeList

LIST = CodeList(
    name="marital",
    standard="GB/T 2261.2",
    edition="2003",
    valid_from=date(2003, 12, 1),
    titles={
        "10": ("未婚", "single"),
        "20": ("已婚", "married"),
        "21": ("初婚", "first marriage"),
        "22": ("再婚", "remarried"),
        "23": ("复婚", "remarried to the former spouse"),
        "30": ("丧偶", "widowed"),
        "40": ("离婚", "divorced"),
        "90": ("未说明的婚姻状况", "not stated"),
    },
)
