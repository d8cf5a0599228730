"""hub demo: everything at once, on this machine, with invented agencies."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.output import say
from exchange.cli.servers import AsJson
from exchange.core.errors import Misuse

if TYPE_CHECKING:
    from exchange.cli.ground import Ground
    from exchange.edge.publish import Published

SEED = 1
FEEDS = ("market_regulation_companies", "customs_enterprises", "public_security_residents")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(
    rows: Annotated[int, typer.Option("--rows", min=1, help="Companies in the simulated Binhai.")] = 2000,
    once: Annotated[bool, typer.Option("--once", help="Stop after the table; otherwise stay until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> int:
    """Start servers and three simulated agencies, pull, check, seal, settle, publish, read back, and print a table that
    balances. Run it twice: the second run brings nothing new."""
    import connectors
    from exchange.cli.feeds import bring, show
    from exchange.cli.ground import ground
    from exchange.edge.run import FeedAt, Options
    from exchange.edge.settings import address
    from exchange.embedded.services import Wishes
    from exchange.simulate import agencies

    _require_same_size(rows)
    stand = ground()
    say(f"模拟滨海新区 · a small Binhai of {rows:,} companies …")
    chosen = stand.settings
    wishes = Wishes(cache=chosen.cache_home, offline=chosen.offline)
    found = agencies.start(chosen.agencies_home, companies=rows, seed=SEED, note=say, wishes=wishes)
    remember(chosen.home, found.entries())
    feeds = [FeedAt(connectors.load(name), address(chosen, name)) for name in FEEDS]
    runs, published = bring(stand, feeds, Options(), as_json)
    sums = all(each.counts.balanced for each in runs)
    balanced = sums and all(read_back(stand, each) for each in published)
    show(runs, published, as_json, balanced=balanced)
    if not once:
        stay(stand)
    return 0 if balanced else 1


def _require_same_size(rows: int) -> None:
    """Refuse another number of companies than the demo here has: to a hub that knows the others, they would all be gone."""
    from exchange.cli.ground import settings
    from exchange.simulate import agencies

    found = agencies.status(settings().agencies_home)
    if found is not None and found.companies != rows:
        raise Misuse(
            "demo_of_another_size",
            f"此处的演示有 {found.companies:,} 家企业。The demo here has {found.companies:,} companies.",
            f"加 --rows {found.companies}，或另设 HUB_HOME 和 HUB_AGENCIES_HOME。"
            f"Run it with --rows {found.companies}, or choose new HUB_HOME and HUB_AGENCIES_HOME.",
        )


def remember(home: Path, entries: dict[str, dict[str, str | None]]) -> None:
    """Write the agencies' addresses where settings look for them; only this user can read the file."""
    from exchange.embedded.state import write_private

    write_private(home / "agencies.json", json.dumps(entries, indent=1))


def read_back(stand: Ground, published: Published) -> bool:
    """Whether an agency that reads the topic ends with as many live entities as the library has."""
    from exchange.core.topics import library_topic
    from exchange.edge.broker.address import admin_options
    from exchange.subscriber.topic import read_copy

    copy = read_copy(library_topic(published.library, stand.broker.prefix), admin_options(stand.broker))
    say(f"{published.library}: {copy.events:,} events read back, {copy.live:,} live entities")
    return copy.live == published.entities and copy.out_of_order == 0


def stay(stand: Ground) -> None:
    """Start Airflow, run the same feeds as DAGs, and wait for Ctrl-C; all stays up afterwards, until `hub down`."""
    from exchange.cli.airflow import begin, run_dags

    airflow = begin(stand.settings)
    if airflow is not None:
        run_dags(airflow, FEEDS)
        password = stand.settings.home / "airflow" / "steward.password"
        say(f"Airflow: {airflow.url}  {airflow.user}, 密码见 · password in {password}")
    say("运行中,按 Ctrl-C 结束;hub down 停止服务。Running. Ctrl-C ends this; hub down stops the servers.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("")
