"""Write the list of ethnic groups (GB/T 3304-1991) from the npm package gb3304 1.0.1 (MIT).

uv run scripts/codes/ethnic.py FOLDER      the unpacked package: it holds dist/gb3304.esm.js
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

from exchange.core.codes import CodeList, Entry
from scripts.codes.files import put

GROUP = re.compile(
    r"\{\s*name: '([^']+)',\s*romanization: '([^']+)',\s*code: '[A-Z]{2}',"
    r"(?:\s*romanizationInternational: '[^']+',)?\s*digitalCode: '([0-9]{2})'\s*\}"
)
BEYOND = (Entry("97", "其他", "other"), Entry("98", "外国血统中国籍人士", "Chinese citizen of foreign descent"))
"""Public security's additions, which the standard does not print (unconfirmed)."""


def build(package: Path) -> CodeList:
    """The 56 groups by number, with the standard's romanisation; agencies write them with and without 族."""
    found = GROUP.findall((package / "dist" / "gb3304.esm.js").read_text(encoding="utf-8"))
    groups = [Entry(number, zh, romanised, also=(zh.removesuffix("族"),)) for zh, romanised, number in found]
    return CodeList(
        name="ethnic",
        standard="GB/T 3304",
        edition="1991",
        entries=(*sorted(groups, key=lambda one: one.code), *BEYOND),
        valid_from=date(1992, 4, 1),
        source="npm gb3304 1.0.1 (scripts/codes/ethnic.py)",
        licence="MIT, Copyright (c) 2020 Qingrong Ke",
        note="97 and 98 are public security's additions (unconfirmed)",
    )


if __name__ == "__main__":
    put(build(Path(sys.argv[1])))
