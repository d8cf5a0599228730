"""Write sections and divisions of GB/T 4754, and what became of the divisions of 2011, from the standard's own text.

uv run scripts/codes/industries.py STANDARD [LOADABLE]
    STANDARD   GB/T 4754-2017 as a Word file: "GB_T 4754-2017 国民经济行业分类.docx" of github wssmao/industry_category at
               commit afedfeaf715d06a451d02e8b10c0f0fb20c68b2e, a copy that names no licence
    LOADABLE   where to write groups and classes too, as a file for `hub codes load industry`; the package does not bring it

Table 1 holds the codes, annex A the sections of 2011 beside those of 2017, annex B what became of the classes of 2011. The
first amendment (2019) is not in this text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from exchange.core.codes import CodeList, Entry, code_list
from exchange.core.codes.supplied import Label, read_supplied
from exchange.core.codes.table import written
from scripts.codes.files import CODES, put

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SOURCE = "github wssmao/industry_category at commit afedfea: the standard's text (scripts/codes/industries.py)"
LICENCE = "none: facts of a published standard"
LEVELS, TITLE = 4, 4
"""Table 1 has a column for the codes of each level, then one for the titles."""
DAYS = {"2011": (date(2011, 11, 1), date(2017, 9, 30)), "2017": (date(2017, 10, 1), None)}
WALK = """# from: industry_division-2011
# to: industry_division-2017
# source: {source}
# note: a division of 2011 leads to each one that has a class, or a part of a class, of it; most of it is in the first
code\tto
"""

Row = list[list[str]]
"""Cells, each with its paragraphs: a cell may hold two codes, and the next one their titles."""


def tables(standard: Path) -> list[list[Row]]:
    """The tables of a Word file."""
    root = ElementTree.fromstring(ZipFile(standard).read("word/document.xml"))
    return [[_cells(row) for row in one.iter(f"{WORD}tr")] for one in root.iter(f"{WORD}tbl")]


def _cells(row: ElementTree.Element) -> Row:
    return [[text for part in cell.iter(f"{WORD}p") if (text := _text(part))] for cell in row.iter(f"{WORD}tc")]


def _text(part: ElementTree.Element) -> str:
    return "".join("".join(each.text or "" for each in part.iter(f"{WORD}t")).split())


def entries(rows: list[Row]) -> Iterator[Entry]:
    """Every code of table 1 with the one above it. A group of one class shares row and title with it."""
    section = ""
    for row in rows:
        codes = [code for cell in row[:LEVELS] for code in cell]
        titles = row[TITLE] if len(row) > TITLE else []
        for code, title in zip(codes, titles * 2, strict=False):
            section = code if code.isalpha() else section
            yield Entry(code, title, parent="" if code.isalpha() else code[:-1] if len(code) > len("01") else section)


def sections_before(rows: list[Row]) -> Iterator[Entry]:
    """The sections of 2011: the letter and title that stand in the second half of annex A."""
    for row in rows:
        if len(row) == 2 * LEVELS and re.match(r"[A-T]\S", "".join(row[LEVELS])):
            text = "".join(row[LEVELS])
            yield Entry(text[0], text[1:])


def became(rows: list[Row]) -> dict[str, set[str]]:
    """Annex B: class of 2011 → the classes that hold it or a part of it."""
    found: dict[str, set[str]] = {}
    for row in rows:
        new, old = (_classes(row[at]) if len(row) > at else [] for at in (0, 2))
        for before, after in zip(old, new, strict=True) if len(old) == len(new) else product(old, new):
            found.setdefault(before, set()).add(after)
    return found


def _classes(cell: list[str]) -> list[str]:
    return [code for part in cell for code in re.findall(r"[0-9]{4}", part)]


def walk(classes: dict[str, set[str]]) -> str:
    """The crosswalk of divisions, as a file; what took most classes of a division stands first."""
    taken: dict[str, list[str]] = {}
    for before, after in sorted(classes.items()):
        taken.setdefault(before[:2], []).extend(code[:2] for code in sorted(after))
    lines = (
        f"{code}\t{' '.join(sorted(set(into), key=lambda one: (-into.count(one), one)))}\n"
        for code, into in taken.items()
    )
    return WALK.format(source=SOURCE) + "".join(lines)


def listed(name: str, edition: str, found: list[Entry], note: str) -> CodeList:
    """The list of these entries, with the English that the hub's own list has for them."""
    begins, ends = DAYS[edition]
    english = {code: en for code, (_, en) in code_list(name, edition).titles.items()}
    return CodeList(
        name=name,
        standard="GB/T 4754",
        edition=edition,
        entries=tuple(Entry(one.code, one.zh, english[one.code], parent=one.parent) for one in found),
        valid_from=begins,
        valid_to=ends,
        source=SOURCE,
        licence=LICENCE,
        note=note,
    )


def main(standard: Path, loadable: Path | None) -> None:
    """Write the package's files, and the whole list where that is asked for; its counts are those of the standard."""
    codes, structure, classes, *_ = tables(standard)
    every = list(entries(codes))
    whole = CodeList("industry", "GB/T 4754", "2017", tuple(every), DAYS["2017"][0], source=SOURCE, licence=LICENCE)
    read_supplied(written(whole).encode(), Label("industry"))
    put(
        listed("industry_section", "2017", [one for one in every if not one.parent], "English is the hub's"),
        listed("industry_section", "2011", list(sections_before(structure)), "English is the hub's"),
        listed(
            "industry_division",
            "2017",
            [one for one in every if len(one.code) == len("01")],
            "English is the hub's; parent: industry_section",
        ),
    )
    (CODES / "crosswalks" / "industry_division_2011.tsv").write_text(walk(became(classes)), encoding="utf-8")
    if loadable:
        loadable.write_text(written(whole), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
