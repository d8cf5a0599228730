"""Code lists that a steward or an agency supplies: read, checked line by line, counted where the standard's counts are known.

The file is CSV or TSV in UTF-8 (or GB 18030) with a heading; the text form of `exchange.core.codes.table`, whose first
lines say what the list is, is read too. A wrong file is refused whole, with the lines that are wrong and never what
stands in them.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from exchange.core.codes import CodeList, Entry
from exchange.core.codes.table import COLUMNS
from exchange.core.errors import Misuse

COUNTS: Mapping[tuple[str, str], tuple[Mapping[int, int], ...]] = {
    ("industry", "2011"): ({1: 20, 2: 96, 3: 432, 4: 1_094},),
    ("industry", "2017"): ({1: 20, 2: 97, 3: 473, 4: 1_381}, {1: 20, 2: 97, 3: 473, 4: 1_382}),
}
"""(list, edition) → how many codes of each length there may be: annex A of GB/T 4754-2017 counts both editions, and the
first amendment of 2019 added a class."""

HEADINGS = {
    "代码": "code",
    "名称": "zh",
    "中文名称": "zh",
    "英文名称": "en",
    "启用日期": "valid_from",
    "停用日期": "valid_to",
    "上级代码": "parent",
    "别名": "also",
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
EDITION = re.compile(r"[a-z0-9][a-z0-9_.]{0,19}")
MOST_ENTRIES = 1_000_000
CODE_LENGTH, TITLE_LENGTH = 40, 400
_SHOWN = 10

Wrong = tuple[int, str, str]
"""Line of the file, from 1, and what is wrong with it in Chinese and English."""


@dataclass(frozen=True)
class Label:
    """What the steward says of the file; an empty text or None leaves it to the file's own first lines."""

    name: str
    edition: str = ""
    valid_from: date | None = None


def read_supplied(content: bytes, label: Label) -> CodeList:
    """The list in the file; one that says `# complete: no` is not counted. Raises Misuse `bad_code_list`."""
    if not NAME.fullmatch(label.name):
        raise _refused(
            [(0, "代码表名只能用小写字母、数字和下划线", "a list's name is small letters, digits, underscores")]
        )
    lines = [line + "\n" for line in re.sub(r"\r\n?", "\n", _text(content)).split("\n")]
    said = dict(_fact(line) for line in lines if line.startswith("#"))
    edition = label.edition or said.get("edition", "")
    if not EDITION.fullmatch(edition):
        raise _refused([(0, "未注明版本，或版本名不合规", "no edition is given, or its name is not a plain one")])
    wrong: list[Wrong] = []
    valid_from, valid_to = (_said_day(said, key, wrong) for key in ("valid_from", "valid_to"))
    entries = tuple(_entries(lines, wrong))
    complete = said.get("complete", "yes") != "no"
    wrong += _repeated(entries) + (_miscounted((label.name, edition), entries) if complete else [])
    if wrong or not entries:
        raise _refused(sorted(wrong) or [(0, "没有任何代码", "there is no code in it")])
    return CodeList(
        name=label.name,
        standard=said.get("standard", ""),
        edition=edition,
        entries=tuple(entry for _, entry in entries),
        valid_from=label.valid_from or valid_from,
        valid_to=valid_to,
        source=said.get("source", ""),
        licence=said.get("licence", ""),
        complete=complete,
        note=said.get("note", ""),
    )


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and "\ufffd" not in text:
            return text.replace("\ufeff", "")
    raise _refused([(0, "编码既不是UTF-8也不是GB 18030", "the encoding is neither UTF-8 nor GB 18030")])


def _fact(line: str) -> tuple[str, str]:
    key, _, value = line.removeprefix("#").partition(":")
    return key.strip(), value.strip()


def _said_day(said: Mapping[str, str], key: str, wrong: list[Wrong]) -> date | None:
    try:
        return _day(said.get(key, ""))
    except ValueError:
        wrong.append((0, f"{key} 须写作 2024-01-31", f"{key} is a day, written 2024-01-31"))
        return None


def _entries(lines: list[str], wrong: list[Wrong]) -> Iterator[tuple[int, Entry]]:
    """Entries with the line they begin in; what can't be read is added to `wrong`."""
    first = next((place for place, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    rows = csv.reader(lines[first:], delimiter="\t" if "\t" in "".join(lines[first : first + 1]) else ",", strict=True)
    before = 0
    header: list[str] = []
    try:
        for row in rows:
            line, before = first + before + 1, rows.line_num
            if not header:
                header = _header(row, line)
            elif any(cell.strip() for cell in row):
                found = _entry(dict(zip(header, row, strict=False)) if len(row) == len(header) else None, line, wrong)
                if found is not None:
                    yield line, found
            if before > MOST_ENTRIES:
                raise _refused([(line, "行数过多", "too many lines")])
    except csv.Error:
        wrong.append((first + rows.line_num, "引号或单元格有误", "a quote or a cell is not well formed"))


def _header(row: list[str], line: int) -> list[str]:
    names = [HEADINGS.get(cell.strip(), cell.strip().lower()) for cell in row]
    if not {"code", "zh"} <= set(names) <= set(COLUMNS) or len(set(names)) != len(names):
        expected = ",".join(COLUMNS)
        raise _refused([(line, f"表头须为 {expected} 中的列，且有 code 和 zh", f"the heading must be of {expected}")])
    return names


def _entry(cells: dict[str, str] | None, line: int, wrong: list[Wrong]) -> Entry | None:
    if cells is None:
        wrong.append((line, "列数与表头不同", "not as many cells as the heading"))
        return None
    cell = {name: text.strip() for name, text in cells.items()}
    try:
        entry = Entry(
            code=cell["code"],
            zh=cell["zh"],
            en=cell.get("en", ""),
            valid_from=_day(cell.get("valid_from", "")),
            valid_to=_day(cell.get("valid_to", "")),
            parent=cell.get("parent", ""),
            also=tuple(word for word in cell.get("also", "").split("|") if word),
        )
    except ValueError:
        wrong.append((line, "日期须写作 2024-01-31", "a day is written 2024-01-31"))
        return None
    wrong += [(line, zh, en) for holds, zh, en in _flaws(entry) if holds]
    return entry


def _flaws(entry: Entry) -> Iterator[tuple[bool, str, str]]:
    texts = (entry.code, entry.zh, entry.en, entry.parent, *entry.also)
    yield not entry.code, "缺少代码", "the code is missing"
    yield not entry.zh, "缺少中文名称", "the Chinese title is missing"
    yield len(entry.code) > CODE_LENGTH or max(map(len, texts)) > TITLE_LENGTH, "文字过长", "a text is too long"
    yield not all(text.isprintable() for text in texts), "含有控制字符", "a text holds control characters"
    ends_first = (entry.valid_to or date.max) < (entry.valid_from or date.min)
    yield ends_first, "停用日期早于启用日期", "the code ends before it begins"


def _repeated(entries: tuple[tuple[int, Entry], ...]) -> list[Wrong]:
    """Lines that give a code a second meaning on the same day."""
    taken: dict[str, list[Entry]] = {}
    wrong = []
    for line, entry in entries:
        others = taken.setdefault(entry.code, [])
        if any(_overlap(entry, other) for other in others):
            wrong.append((line, "代码重复", "the code stands in the list twice"))
        others.append(entry)
    return wrong


def _overlap(one: Entry, two: Entry) -> bool:
    starts = max(one.valid_from or date.min, two.valid_from or date.min)
    return starts <= min(one.valid_to or date.max, two.valid_to or date.max)


def _miscounted(key: tuple[str, str], entries: tuple[tuple[int, Entry], ...]) -> list[Wrong]:
    due = COUNTS.get(key, ())
    found = Counter(len(code) for code in {entry.code for _, entry in entries})
    if not due or found in due:
        return []
    lengths = sorted({*found, *(length for counts in due for length in counts)})
    *are_due, is_found = ("/".join(str(counts.get(length, 0)) for length in lengths) for counts in (*due, found))
    zh = f"标准各级有 {' 或 '.join(are_due)} 个代码，文件有 {is_found} 个（不全的表请在首行注明 # complete: no）"
    en = (
        f"the standard has {' or '.join(are_due)} codes by level, the file {is_found} "
        "(an incomplete list says # complete: no)"
    )
    return [(0, zh, en)]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _refused(wrong: list[Wrong]) -> Misuse:
    zh = "；".join(f"第{line}行 {zh}" if line else zh for line, zh, _ in wrong[:_SHOWN])
    en = "; ".join(f"line {line}: {en}" if line else en for line, _, en in wrong[:_SHOWN])
    return Misuse(
        "bad_code_list",
        f"代码表有 {len(wrong)} 处错误：{zh}。The list has {len(wrong)} faults: {en}.",
        "更正文件后重试，什么也没有装入。Correct the file and try again; nothing was loaded.",
    )
