"""hub codes load, hub codes list: code lists that no open source gives are supplied as files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from exchange.cli.output import emit, say, table
from exchange.cli.servers import AsJson

DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Code lists: what the hub knows, and loading what it lacks.", no_args_is_help=True)
    group.command()(load)
    group.command("list")(lists)
    app.add_typer(group, name="codes")


def load(
    name: Annotated[str, typer.Argument(metavar="LIST", help="The list's name, such as industry.")],
    file: Annotated[Path, typer.Argument(help="CSV or TSV: code,zh,en,valid_from,valid_to,parent,also.")],
    edition: Annotated[str, typer.Option(help="Its edition, such as 2017, where the file does not say.")] = "",
    valid_from: Annotated[datetime | None, typer.Option(formats=DAY, help="The day it came into force.")] = None,
    as_json: AsJson = False,
) -> int:
    """Load a supplied list. The same file twice changes nothing; a wrong one is refused whole, by line."""
    from exchange.core.codes.supplied import Label
    from exchange.edge.codes import load_list, read_file

    since = valid_from.date() if valid_from else None
    listed = read_file(file, Label(name, edition, since))
    # The file is read before any server is started: a wrong one costs nothing.
    from exchange.cli.ground import ground

    loaded = load_list(ground().store.url, listed)
    if as_json:
        emit(dict(loaded.__dict__))
        return 0
    what = "已装入 loaded" if loaded.changed else "没有变化 unchanged"
    say(f"{loaded.name} {loaded.edition}: {loaded.entries:,} 个代码 codes, {what}")
    return 0


def lists(
    packaged: Annotated[bool, typer.Option("--packaged", help="Only those of the package; needs no server.")] = False,
    as_json: AsJson = False,
) -> int:
    """List the code lists, with their editions and how many codes they hold."""
    from exchange.core.codes import NAMES, editions

    rows: list[dict[str, object]] = [
        {
            "list": one.name,
            "edition": one.edition,
            "standard": one.standard,
            "codes": len(one.titles),
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "complete": one.complete,
            "from": "package",
        }
        for name in NAMES
        for one in editions(name)
    ]
    if not packaged:
        rows += _loaded()
    if as_json:
        emit({"lists": rows})
    else:
        shown = [[_cell(value) for value in row.values()] for row in rows]
        table("代码表 · code lists", tuple(rows[0]), shown)
    return 0


def _loaded() -> list[dict[str, object]]:
    from exchange.cli.ground import ground
    from exchange.edge.codes import shelved

    return [
        {
            "list": one.name,
            "edition": one.edition,
            "standard": one.standard,
            "codes": one.entries,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "complete": one.complete,
            "from": f"loaded {one.loaded_at:%Y-%m-%d}",
        }
        for one in shelved(ground().store.url)
    ]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "✓" if value else "…"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value
