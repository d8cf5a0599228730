"""Write the versions of requirements.lock into pyproject.toml, so that `uv run` resolves to the lock.

`python scripts/constraints.py` rewrites the list between the two marks; `--check` only says whether it is up to date
(exit 1 if not).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PYPROJECT = ROOT / "pyproject.toml"

BLOCK = re.compile(r"(?<=# constraints: begin\n).*?(?=# constraints: end\n)", re.DOTALL)


def pins(lock: str) -> list[str]:
    r"""The requirement lines of a lock, without hashes, in the lock's order.

    >>> pins("# uv\nnumpy==2.4.6 ; python_version < '3.12' \\\n    --hash=sha256:00\n    # via x\nrich==15.0.0\n")
    ["numpy==2.4.6 ; python_version < '3.12'", 'rich==15.0.0']
    """
    lines = (line.rstrip("\\").rstrip() for line in lock.splitlines())
    return [line for line in lines if line and not line.startswith((" ", "#", "-"))]


def block(lock: str) -> str:
    """The setting as it stands in pyproject.toml."""
    entries = "".join(f'    "{pin}",\n' for pin in pins(lock))
    return f"constraint-dependencies = [\n{entries}]\n"


def renewed(pyproject: str, lock: str) -> str:
    """The text of pyproject.toml with the setting made anew from the lock."""
    return BLOCK.sub(lambda _: block(lock), pyproject, count=1)


def main() -> int:
    """Renew or check pyproject.toml."""
    now = PYPROJECT.read_text("utf-8")
    then = renewed(now, LOCK.read_text("utf-8"))
    if "--check" in sys.argv[1:]:
        print("up to date" if now == then else "pyproject.toml is behind requirements.lock: run scripts/lock")
        return int(now != then)
    PYPROJECT.write_text(then, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
