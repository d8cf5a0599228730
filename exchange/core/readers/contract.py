"""The columns an agency promised against the columns it sent; a difference stops the batch by name.

Names are shown shortened and without control characters. Of a header that came as text, an unknown name may be a value of
a row (a lost line end, an open quote): `require_names` refuses what may be one, and tells its place only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from exchange.core.errors import Refuse
from exchange.core.readers.headers import header_key

SHOWN_NAMES = 5
SHOWN_CHARS = 40
_NAME = re.compile(r"(?!.*\d{5})[^\W\d][\w()-]{0,29}")
"""What a column may be called; no number of a person or a thing has fewer than five digits in a row."""


def shown(names: Collection[str]) -> str:
    """Column names as a steward may see them.

    >>> shown(["曾用名", ""])
    "'曾用名', ''"
    """
    listed = ", ".join(repr(name[:SHOWN_CHARS]) for name in list(names)[:SHOWN_NAMES])
    return listed if len(names) <= SHOWN_NAMES else f"{listed} … ({len(names)})"


def connector_file(connector: str) -> str:
    """The file to edit for a connector.

    >>> connector_file("customs_enterprises")
    'connectors/customs_enterprises.py'
    """
    return f"connectors/{connector}.py"


def require_names(connector: str, found: Sequence[str], declared: Sequence[str]) -> None:
    """Raise Refuse (`wrong_header`) if an unknown name may be a value; its text is not shown.

    A row brings all its fields with it, so names are believed only where most declared ones are there and few others,
    each a plain short word that is not grown together with a declared name that is missing.
    """
    unknown = [place for place, name in enumerate(found, 1) if name not in declared]
    missing = tuple(header_key(name) for name in declared if name not in found)
    few = len(unknown) <= max(1, min(SHOWN_NAMES, len(declared) // 2)) and 2 * len(missing) < len(declared)
    if not unknown or (few and all(_is_plain(found[place - 1], missing) for place in unknown)):
        return
    places = "、".join(map(str, unknown[:SHOWN_NAMES])) + ("…" if len(unknown) > SHOWN_NAMES else "")
    file = connector_file(connector)
    raise Refuse(
        "wrong_header",
        f"{connector}：表头有 {len(found)} 列，应为 {len(declared)} 列；第 {places} 列可能是数据而不是列名，不予显示。"
        f"The header has {len(found)} columns, {len(declared)} are promised; what stands at {places} may be values of a "
        f"row and is not shown.",
        f"核对表头行是否缺换行或引号；若列名确已改变，修改 {file} 的 columns。"
        f"Look at the header for a lost line end or quote; if its names have changed, edit columns in {file}.",
    )


def _is_plain(name: str, missing: tuple[str, ...]) -> bool:
    key = header_key(name)
    return _NAME.fullmatch(unicodedata.normalize("NFKC", name).strip()) is not None and not (
        key.startswith(missing) or key.endswith(missing)
    )


def require_columns(connector: str, found: Sequence[str], declared: Sequence[str]) -> None:
    """Raise Refuse (`repeated_column`, `unknown_column`, `missing_column`) unless both hold the same names.

    The order may differ. Unknown is told before missing, so that a renamed column shows its new name.
    """
    file = connector_file(connector)
    repeated = list(dict.fromkeys(name for name in found if found.count(name) > 1))
    if repeated:
        raise Refuse(
            "repeated_column",
            f"{connector}：来源中列名重复：{shown(repeated)}。The source names a column twice: {shown(repeated)}.",
            f"请机构更正表头，或修改 {file}。Ask the agency to mend its header, or edit {file}.",
        )
    unknown = [name for name in found if name not in declared]
    if unknown:
        raise Refuse(
            "unknown_column",
            f"{connector}：来源多出未登记的列：{shown(unknown)}。The source has an unknown column: {shown(unknown)}.",
            f"在 {file} 的 columns 或 ignore 中登记该列。Add it to columns or ignore in {file}.",
        )
    missing = [name for name in declared if name not in found]
    if missing:
        raise Refuse(
            "missing_column",
            f"{connector}：来源缺少列：{shown(missing)}。The source lacks a column: {shown(missing)}.",
            f"请机构补齐该列，或在 {file} 中删除它。Ask the agency for it, or remove it in {file}.",
        )
