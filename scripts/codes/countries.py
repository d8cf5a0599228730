"""Write the list of countries and regions (GB/T 2659) from the npm package i18n-iso-countries 7.14.0 (MIT).

uv run scripts/codes/countries.py FOLDER      the unpacked package: it holds codes.json and langs/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from exchange.core.codes import CodeList, Entry
from scripts.codes.files import put

NOT_IN_THE_STANDARD = {"XK"}
"""Assigned by users of ISO 3166, not by ISO."""
NAMES = {"HK": "中国香港", "MO": "中国澳门", "TW": "中国台湾"}
"""As Chinese agencies write them, whatever the package says."""


def build(package: Path) -> CodeList:
    """All countries and regions by number; their letters are other words for them."""
    zh, en = (_names(package, language) for language in ("zh", "en"))
    rows = json.loads((package / "codes.json").read_text(encoding="utf-8"))
    entries = (
        Entry(number, NAMES.get(two, zh[two]), en[two], also=(two, three))
        for two, three, number, _ in rows
        if two not in NOT_IN_THE_STANDARD
    )
    return CodeList(
        name="country",
        standard="GB/T 2659 (ISO 3166-1)",
        edition="2022",
        entries=tuple(sorted(entries, key=lambda one: one.code)),
        source="npm i18n-iso-countries 7.14.0 (scripts/codes/countries.py)",
        licence="MIT, Copyright (c) 2016 widdix GmbH",
    )


def _names(package: Path, language: str) -> dict[str, str]:
    found = json.loads((package / "langs" / f"{language}.json").read_text(encoding="utf-8"))["countries"]
    return {two: name if isinstance(name, str) else name[0] for two, name in found.items()}


if __name__ == "__main__":
    put(build(Path(sys.argv[1])))
