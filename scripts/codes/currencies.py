"""Write the list of currencies (ISO 4217, GB/T 12406) and the words for them.

uv run scripts/codes/currencies.py TABLE NAMES
    TABLE   iso4217/table.xml of the PyPI package iso4217 1.16.20260101 (public domain): ISO's list one
    NAMES   main/zh/currencies.json of the npm package cldr-numbers-full 48.2.0 (Unicode-3.0)
"""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path

from exchange.core.codes import CodeList, Entry
from exchange.core.codes.table import written

LISTS = Path(__file__).resolve().parents[2] / "exchange/core/codes/lists"
EURO_2002 = "040 ATS, 056 BEF, 246 FIM, 250 FRF, 276 DEM, 300 GRD, 372 IEP, 380 ITL, 442 LUF, 528 NLG, 620 PTE, 724 ESP"
ENDED = dict.fromkeys(EURO_2002.split(", "), date(2002, 2, 28)) | {
    "705 SIT": date(2006, 12, 31),
    "196 CYP": date(2007, 12, 31),
    "470 MTL": date(2007, 12, 31),
    "703 SKK": date(2008, 12, 31),
    "233 EEK": date(2010, 12, 31),
    "428 LVL": date(2013, 12, 31),
    "440 LTL": date(2014, 12, 31),
    "191 HRK": date(2022, 12, 31),
    "975 BGN": date(2025, 12, 31),
}
"""Replaced by the euro, with the last day of each (unconfirmed); old registrations still carry them."""
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


def build(table: str, names: str) -> CodeList:
    """All currencies by number, those in force and those that the euro replaced."""
    zh = {
        letters: one["displayName"]
        for letters, one in json.loads(names)["main"]["zh"]["numbers"]["currencies"].items()
        if "displayName" in one
    }
    now = dict(re.findall(r"<Ccy>(\w+)</Ccy>\s*<CcyNbr>(\d+)</CcyNbr>", table))
    known: list[tuple[str, str, date | None]] = [(number, letters, None) for letters, number in now.items()]
    known += [(one[:3], one[4:], last) for one, last in ENDED.items()]
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
        source="PyPI iso4217 1.16.20260101 (ISO's list of 2026-01-01), npm cldr-numbers-full 48.2.0",
        licence="public domain; Unicode-3.0, Copyright (c) Unicode, Inc.",
        note="last days of the currencies that the euro replaced: from knowledge (unconfirmed)",
    )


if __name__ == "__main__":
    table, names = (Path(one).read_text(encoding="utf-8") for one in sys.argv[1:3])
    (LISTS / "currency-2026.tsv").write_text(written(build(table, names)), encoding="utf-8")
