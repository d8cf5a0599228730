"""GB/T 2261.1-2003, codes for sexual distinction of human: four codes."""

from datetime import date

from exchange.core.codes import CodeList

LIST = CodeList(
    name="sex",
    standard="GB/T 2261.1",
    edition="2003",
    valid_from=date(2003, 12, 1),
    titles={
        "0": ("未知的性别", "unknown"),
        "1": ("男", "male"),
        "2": ("女", "female"),
        "9": ("未说明的性别", "not stated"),
    },
)
