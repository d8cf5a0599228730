"""hub up, hub down, hub status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from exchange.cli.output import emit, say, table

if TYPE_CHECKING:
    from exchange.cli.waiting import Waiting
    from exchange.edge.broker.address import Broker
    from exchange.edge.settings import Settings
    from exchange.embedded.services import ServiceStatus

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


@dataclass(frozen=True)
class Server:
    """One line of `hub status`. `external`: the settings name it, and the hub neither starts nor stops it."""

    name: str
    state: str
    address: str
    since: str = ""
    external: bool = False

    @property
    def answers(self) -> bool:
        """Whether there is someone to talk to."""
        return self.state in ("running", "reachable")


def status(as_json: AsJson = False) -> int:
    """What runs, how old it is, and what waits: open batches, changes not published, quarantined rows."""
    from exchange.cli.ground import settings
    from exchange.cli.waiting import NOTHING, waiting
    from exchange.edge.store.away import database_away
    from exchange.embedded import services
    from exchange.embedded.airflow import airflow_status

    chosen = settings()
    embedded = [*services.status(chosen.home), *airflow_status(chosen.home)]
    found = [*map(_of_ours, embedded), *_of_others(chosen)]
    runs = any(each.name == "postgres" and each.answers and not each.external for each in found)
    away = any(each.name == "postgres" and each.external and not each.answers for each in found)
    database = chosen.database_url
    if database is None and runs:
        database = services.up(chosen.home, kafka=False, note=say).database_url
    waits = waiting(database, _broker(chosen, found)) if database and not away else NOTHING
    _show(found, waits, as_json)
    if away:
        raise database_away()
    return 0


def _of_ours(server: ServiceStatus) -> Server:
    state = "running" if server.running else "stopped"
    return Server(server.name, state, server.address or "", str(server.since or ""))


def _of_others(chosen: Settings) -> list[Server]:
    """The servers that the settings name, and whether they answer; no login is shown."""
    from exchange.cli.waiting import broker_answers, database_answers
    from exchange.edge.broker.address import Broker

    found = []
    if chosen.database_url:
        address = urlsplit(chosen.database_url).netloc.rpartition("@")[2]
        found.append(("postgres", address, database_answers(chosen.database_url)))
    if chosen.kafka_bootstrap:
        broker = Broker(chosen.kafka_bootstrap, chosen.kafka_security)
        found.append(("kafka", chosen.kafka_bootstrap, broker_answers(broker)))
    return [
        Server(name, "reachable" if answers else "away", address, external=True) for name, address, answers in found
    ]


def _broker(chosen: Settings, found: list[Server]) -> Broker | None:
    """The broker that the hub publishes to, if it answers."""
    from exchange.edge.broker.address import Broker

    external = chosen.kafka_bootstrap is not None
    for each in found:
        if each.name == "kafka" and each.external == external and each.answers:
            return Broker(each.address, chosen.kafka_security if external else {})
    return None


def _show(found: list[Server], waits: Waiting, as_json: bool) -> None:
    from exchange.cli.waiting import ZH

    if as_json:
        emit(
            {
                "services": [each.__dict__ for each in found],
                "waiting": waits.counts,
                "unpublished_changes": waits.unpublished,
                "open": [each.__dict__ for each in waits.open_batches],
                "last_runs": [each.__dict__ for each in waits.last_runs],
            }
        )
        return
    rows = [(each.name, each.state, each.address, _local(each.since)) for each in found]
    table("服务 · services", ("name", "state", "address", "since"), rows)
    if not waits.counts:
        return
    counts: list[tuple[str, str, object]] = [(name, ZH[name], count) for name, count in waits.counts.items()]
    counts += [(f"unpublished_changes {name}", "未发布的变更", _or_unknown(n)) for name, n in waits.unpublished.items()]
    table("待办 · waiting", ("what", "说明", "count"), counts)
    if waits.open_batches:
        begun = [(each.feed, _local(each.opened_at), timedelta(seconds=each.seconds)) for each in waits.open_batches]
        table("未结批次 · open batches", ("feed", "since", "age"), begun)
    if waits.last_runs:
        ended = [
            (each.feed, each.state, _local(each.closed_at), each.stopped_because or "") for each in waits.last_runs
        ]
        table("上次运行 · last runs", ("feed", "state", "at", "because"), ended)


def _or_unknown(count: int | None) -> object:
    return "未知 · unknown (Kafka)" if count is None else count


def _local(time: datetime | str) -> str:
    """A time as it reads on this machine's clock; nothing for none.

    >>> _local("")
    ''
    """
    if not time:
        return ""
    moment = datetime.fromisoformat(time) if isinstance(time, str) else time
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
