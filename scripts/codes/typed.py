"""Check the lists that no package holds, and write them in their one form; or compare one of them with somebody's copy.

uv run scripts/codes/typed.py                    each list that names this script as its source
uv run scripts/codes/typed.py NAME-EDITION COPY  COPY: CSV or TSV with the columns code and zh (docs/codes.md, "Loading a list")

Such a list was typed, from a reference or from the form of the feeds, and its file is all that there is to build it from:
a table in this script would be the same file twice. So the file is held to what any supplied list is held to (no code
twice, no title missing, no cell too many), its counts are in the tests, and a steward who has the standard lays it beside.
"""

from __future__ import annotations

import sys
from pathlib import Path

from exchange.core.codes import NAMES, CodeList, code_list, editions
from exchange.core.codes.supplied import Label, read_supplied
from exchange.core.codes.table import written
from scripts.codes.files import put

MARK = "(scripts/codes/typed.py)"


def checked(typed: CodeList) -> CodeList:
    """The same list, read as a supplied one is. Raises Misuse `bad_code_list`, which names the lines that are wrong."""
    return read_supplied(written(typed).encode(), Label(typed.name))


def differences(typed: CodeList, copy: CodeList) -> list[str]:
    """One line for each code that only one of them has, or that has another title in the copy."""
    ours, theirs = ({code: zh for code, (zh, _) in one.titles.items()} for one in (typed, copy))
    return [
        f"{code}\t{ours.get(code, '-')}\t{theirs.get(code, '-')}"
        for code in sorted({*ours, *theirs})
        if ours.get(code) != theirs.get(code)
    ]


def main(arguments: list[str]) -> None:
    """Write the lists, or print how one differs from the copy."""
    if not arguments:
        put(*(checked(one) for name in NAMES for one in editions(name) if one.source.endswith(MARK)))
        return
    name, _, edition = arguments[0].rpartition("-")
    copy = read_supplied(Path(arguments[1]).read_bytes(), Label("copy", edition))
    print("\n".join(differences(code_list(name, edition), copy)) or "the same")


if __name__ == "__main__":
    main(sys.argv[1:])
