"""The columns an agency promised against the columns it sent; a difference stops the batch by name.

Names are shown shortened and without control characters. They are shown only beside names that are known: where not
one name is known, what was sent may be a row, and a row's values are never shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from exchange.core.errors import Refuse

SHOWN_NAMES = 5
SHOWN_CHARS = 40


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
