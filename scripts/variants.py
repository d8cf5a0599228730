"""Write exchange/core/variants.py from OpenCC's table of traditional characters.

Run: python scripts/variants.py TSCharacters.txt > exchange/core/variants.py (the table is in the wheel of
opencc-python-reimplemented 0.1.7, folder opencc/dictionary; Apache-2.0).
"""

from __future__ import annotations

import sys
from pathlib import Path

PER_LINE = 54
HEAD = '''"""Traditional and variant characters with the simplified one they are compared as (standards §5, defect 50).

For keys and flags only: no stored name is converted. Made by scripts/variants.py from OpenCC's TSCharacters (opencc.byvoid.com,
Apache-2.0): characters of one simplified form, which is in GB 2312.
"""

from __future__ import annotations
'''


def pairs(table: str) -> dict[str, str]:
    """Traditional → simplified, where there is one simplified form, in GB 2312, and the character is not it itself."""
    found = {}
    for line in table.splitlines():
        old, _, new = line.partition("\t")
        forms = new.split(" ")
        if len(old) == 1 and old <= "\uffff" and old not in forms and _in_gb2312(forms[0]) and not _in_gb2312(old):
            found[old] = forms[0]
    return found


def _in_gb2312(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _literal(name: str, text: str) -> str:
    lines = [f'    "{text[at : at + PER_LINE]}"' for at in range(0, len(text), PER_LINE)]
    return "\n".join([f"{name} = (", *lines, ")"])


def main() -> None:
    """Print the module."""
    found = pairs(Path(sys.argv[1]).read_text("utf-8"))
    parts = [_literal("TRADITIONAL", "".join(found)), _literal("SIMPLIFIED", "".join(found.values()))]
    sys.stdout.write("\n".join([HEAD, *parts]) + "\n")


if __name__ == "__main__":
    main()
