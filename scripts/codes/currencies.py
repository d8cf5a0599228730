"""Write the list of currencies (ISO 4217, GB/T 12406) and the words for them.

uv run scripts/codes/currencies.py TABLE NAMES PERIODS
    TABLE     iso4217/table.xml of the PyPI package iso4217 1.16.20260101 (public domain): ISO's list one
    NAMES     main/zh/currencies.json of the npm package cldr-numbers-full 48.2.0 (Unicode-3.0)
    PERIODS   supplemental/currencyData.json of the npm package cldr-core 48.2.0 (Unicode-3.0)
"""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

from exchange.core.codes import CodeList, Entry
from scripts.codes.files import put

ENDED = (
    "040 ATS, 056 BEF, 246 FIM, 250 FRF, 276 DEM, 300 GRD, 372 IEP, 380 ITL, 442 LUF, 528 NLG, 620 PTE, 724 ESP, 705 SIT, "
    "196 CYP, 470 MTL, 703 SKK, 233 EEK, 428 LVL, 440 LTL, 191 HRK, 975 BGN"
)
"""Replaced by the euro, which old registrations still carry. ISO's list three gives their numbers and is in no package;
PyPI py-moneyed 3.0 has 20 of the 21 alike, and gives ESP the number of the Andorran peseta."""
NAMES = {"MOP": "澳门元", "XAD": "阿拉伯记账第纳尔"}
"""Where the names' source has another usage than Chinese registers, or none."""
ALSO = {
    "CNY": "人民币元|RMB",
    "HKD": "港币|香港元",
    "JPY": "日圆",
    "AUD": "澳元",
    "CAD": "加元",
    "SGD": "新加坡币",
    "KRW": "韩国元",
    "DKK": "丹麦克郎",
}
"""Other words that registers write, 丹麦克郎 included."""


def build(table: str, names: Any, periods: Any) -> CodeList:
    """All currencies by number, those in force and those that the euro replaced."""
    zh = {
        letters: one["displayName"]
        for letters, one in names["main"]["zh"]["numbers"]["currencies"].items()
        if "displayName" in one
    }
    now = dict(re.findall(r"<Ccy>(\w+)</Ccy>\s*<CcyNbr>(\d+)</CcyNbr>", table))
    known: list[tuple[str, str, date | None]] = [(number, letters, None) for letters, number in now.items()]
    known += [(one[:3], one[4:], last_day(one[4:], periods)) for one in ENDED.split(", ")]
    return CodeList(
        name="currency",
        standard="GB/T 12406 (ISO 4217)",
        edition="2026",
        entries=tuple(
            Entry(
                number,
                NAMES.get(letters, zh.get(letters, "")),
                letters,
                valid_to=last,
                also=tuple(ALSO.get(letters, "").split("|")),
            )
            for number, letters, last in sorted(known)
        ),
        source="PyPI iso4217 1.16.20260101 (ISO's list of 2026-01-01), npm cldr-numbers-full 48.2.0, npm cldr-core 48.2.0 "
        "(scripts/codes/currencies.py)",
        licence="public domain; Unicode-3.0, Copyright (c) Unicode, Inc.",
        note="currencies that the euro replaced end on the day that CLDR gives: for some the last of double circulation, for "
        "others the one before the euro",
    )


def last_day(letters: str, periods: Any) -> date:
    """The last day of the currency in the country whose letters it begins with."""
    country = periods["supplemental"]["currencyData"]["region"][letters[:2]]
    return date.fromisoformat(max(one[letters]["_to"] for one in country if letters in one))


if __name__ == "__main__":
    table, names, periods = (Path(one).read_text(encoding="utf-8") for one in sys.argv[1:4])
    put(build(table, json.loads(names), json.loads(periods)))
