"""hub up, hub down, hub status."""

from __future__ import annotations

from typing import Annotated

import typer

from exchange.cli.output import emit, say, table

AsJson = Annotated[bool, typer.Option("--json", help="Only JSON on standard output, the result last.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up(
    services: Annotated[bool, typer.Option("--services", help="Database and broker alone.")] = False,
    as_json: AsJson = False,
) -> int:
    """Start PostgreSQL, Kafka (installed on first use) and Airflow, and leave them running."""
    from exchange.cli.airflow import begin
    from exchange.cli.ground import ground

    stand = ground()
    found = {"database": "running", "broker": stand.broker.bootstrap, "home": str(stand.settings.home)}
    airflow = None if services else begin(stand.settings)
    if airflow is not None:
        found |= {"airflow": airflow.url, "user": airflow.user}
    if as_json:
        emit(found)
    else:
        table("运行中 · running", ("what", "where"), list(found.items()))
    return 0


def down(as_json: AsJson = False) -> int:
    """Stop the servers and the simulated agencies; what they hold stays."""
    from exchange.cli.ground import settings
    from exchange.embedded import services
    from exchange.embedded.airflow import stop_airflow
    from exchange.simulate import agencies

    chosen = settings()
    stopped = ["airflow"] if stop_airflow(chosen.home, say) else []
    stopped += services.down(chosen.home)
    if agencies.stop(chosen.agencies_home, say):
        stopped.append("agencies")
    if as_json:
        emit({"stopped": stopped})
    else:
        typer.echo("已停止 · stopped: " + (", ".join(stopped) or "nothing ran"))
    return 0


def status(as_json: AsJson = False) -> int:
    """What runs, how old it is, and what waits: open batches, changes not published, quarantined rows."""
    from exchange.cli.ground import settings
    from exchange.cli.waiting import ZH, waiting
    from exchange.embedded import services
    from exchange.embedded.airflow import airflow_status

    chosen = settings()
    found = [*services.status(chosen.home), *airflow_status(chosen.home)]
    rows = [
        (each.name, "running" if each.running else "stopped", each.address or "", str(each.since or ""))
        for each in found
    ]
    runs = any(each.name == "postgres" and each.running for each in found)
    database = chosen.database_url or (services.up(chosen.home, kafka=False, note=say).database_url if runs else None)
    waits = waiting(database) if database else {}
    if as_json:
        emit(
            {
                "services": [dict(zip(("name", "state", "address", "since"), row, strict=True)) for row in rows],
                "waiting": waits,
            }
        )
        return 0
    table("服务 · services", ("name", "state", "address", "since"), rows)
    if waits:
        table("待办 · waiting", ("what", "说明", "count"), [(name, ZH[name], count) for name, count in waits.items()])
    return 0
