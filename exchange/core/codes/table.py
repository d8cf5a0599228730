"""The text form of a list, which a person can read and compare line by line.

Lines of `# key: value` say what the list is, one line names the columns, then one line an entry; tabs between cells.
Columns are `code`, `zh` and, where a list needs them, `en`, `valid_from`, `valid_to` (YYYY-MM-DD), `parent` and `also`
(other words, `|` between them). Scripts in scripts/codes write this form; files of the package are read from it.
"""

from __future__ import annotations

from datetime import date

from exchange.core.codes.model import CodeList, Entry

COLUMNS = ("code", "zh", "en", "valid_from", "valid_to", "parent", "also")


def read_table(text: str) -> CodeList:
    """The list of that text. ValueError or KeyError where it is not of the form.

    >>> text = "# name: switch\\n# standard: none\\n# edition: 1\\n# complete: yes\\ncode\\tzh\\ten\\n1\\t开\\ton\\n"
    >>> read_table(text).titles
    {'1': ('开', 'on')}
    """
    lines = text.splitlines()
    facts = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    header, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    if not set(header) <= set(COLUMNS):
        raise ValueError(f"columns of {facts['name']}: {header}")
    return CodeList(
        name=facts["name"],
        standard=facts["standard"],
        edition=facts["edition"],
        entries=tuple(_entry(dict(zip(header, cells, strict=True))) for cells in rows),
        valid_from=_day(facts.get("valid_from", "")),
        valid_to=_day(facts.get("valid_to", "")),
        source=facts.get("source", ""),
        licence=facts.get("licence", ""),
        complete={"yes": True, "no": False}[facts["complete"]],
        note=facts.get("note", ""),
    )


def written(listed: CodeList) -> str:
    """The text of a list, without the columns that no entry fills; `read_table` gives the list back."""
    facts = {
        "name": listed.name,
        "standard": listed.standard,
        "edition": listed.edition,
        "valid_from": _text(listed.valid_from),
        "valid_to": _text(listed.valid_to),
        "source": listed.source,
        "licence": listed.licence,
        "complete": "yes" if listed.complete else "no",
        "note": listed.note,
    }
    rows = [_cells(entry) for entry in listed.entries]
    kept = [place for place, name in enumerate(COLUMNS) if name in ("code", "zh") or any(row[place] for row in rows)]
    lines = [f"# {key}: {value}" for key, value in facts.items() if value]
    lines += ["\t".join(row[place] for place in kept) for row in (COLUMNS, *rows)]
    return "\n".join(lines) + "\n"


def _entry(cells: dict[str, str]) -> Entry:
    return Entry(
        code=cells["code"],
        zh=cells["zh"],
        en=cells.get("en", ""),
        valid_from=_day(cells.get("valid_from", "")),
        valid_to=_day(cells.get("valid_to", "")),
        parent=cells.get("parent", ""),
        also=tuple(word for word in cells.get("also", "").split("|") if word),
    )


def _cells(entry: Entry) -> tuple[str, ...]:
    days = _text(entry.valid_from), _text(entry.valid_to)
    return entry.code, entry.zh, entry.en, *days, entry.parent, "|".join(entry.also)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
