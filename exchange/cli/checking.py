"""hub check, hub trace, hub verify: looking without changing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exchange.cli.feeds import known_connector
from exchange.cli.output import emit, say, table
from exchange.cli.reasons import in_words, meaning
from exchange.cli.servers import AsJson
from exchange.cli.trace import typed_key
from exchange.core.errors import Misuse

FAULTS_SHOWN = 1000


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(check)
    app.command()(trace)
    app.command()(verify)


def check(
    file: Annotated[Path, typer.Argument(help="A delivery of the feed's form.", exists=True, dir_okay=False)],
    connector: Annotated[str, typer.Option("--connector", "-c", help="The feed it would come from.")],
    as_json: AsJson = False,
) -> int:
    """Dry run: what the hub would say of a file. Writes nothing, needs no server; rows count from 1 after the header."""
    from exchange.cli.dry_run import dry_run

    found = dry_run(file, known_connector(connector), FAULTS_SHOWN)
    if as_json:
        emit(
            {
                "rows": found.rows,
                "accepted": found.accepted,
                "fault_count": found.fault_count,
                "faults": list(found.faults),
            }
        )
        return 0
    shown = [(fault["row"], fault["column"], fault["rule"], meaning(str(fault["rule"]))) for fault in found.faults[:50]]
    table(
        f"{file.name}: {found.accepted:,} / {found.rows:,} accepted, {found.fault_count:,} faults",
        ("row", "column", "rule", "说明 · meaning"),
        shown,
    )
    return 0


def trace(
    feed: Annotated[str, typer.Argument(help="The feed.")],
    as_json: AsJson = False,
) -> int:
    """Where a row went: its key on standard input (parts of a key on one line, separated by tabs); every time the hub saw
    it, with what became of it, and why where it was refused."""
    from exchange.cli.ground import ground
    from exchange.edge.trace import trace_key

    connector = known_connector(feed)
    parts = typed_key(connector)
    sightings = trace_key(ground().store, connector, parts)
    if as_json:
        told = [
            each.__dict__ | {"reasons": [{"column": column, "rule": rule} for column, rule in each.reasons]}
            for each in sightings
        ]
        emit({"feed": feed, "sightings": told})
    elif sightings:
        shown = [
            [*(each.__dict__ | {"reasons": in_words(connector.library, each.reasons)}).values()] for each in sightings
        ]
        table(feed, list(sightings[0].__dict__), shown)
    else:
        say("没有见过这个键。No row with this key was ever seen.")
    return 0


def verify(as_json: AsJson = False) -> int:
    """Check the invariants by an independent reader of source, database and raw Kafka; exit 1 if one does not hold."""
    import connectors
    from exchange.cli.ground import ground
    from exchange.edge.settings import address
    from exchange.verify.run import verify as examine

    stand = ground()
    addresses = {}
    for name in connectors.names():
        try:
            addresses[name] = address(stand.settings, name)
        except Misuse:
            continue
    found = examine(stand.settings, stand.store.url, stand.broker.bootstrap, addresses, say)
    if as_json:
        emit(
            {
                "invariants": {
                    name: {"ok": one.ok, "examined": one.examined, "detail": one.detail} for name, one in found.items()
                }
            }
        )
    else:
        rows = [(name, "✓" if one.ok else "✗", one.examined, one.detail) for name, one in found.items()]
        table("不变量 · invariants", ("invariant", "ok", "examined", "detail"), rows)
    return 0 if found and all(one.ok for one in found.values()) else 1
