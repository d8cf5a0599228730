"""hub feeds, hub run, hub publish: feeds run directly, without Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.output import counting, emit, say, table
from exchange.cli.reasons import remarks, show_reasons
from exchange.cli.servers import AsJson
from exchange.core.errors import HubError, Misuse

if TYPE_CHECKING:
    from exchange.cli.ground import Ground
    from exchange.core.connector import Connector
    from exchange.edge.publish import Published
    from exchange.edge.run import FeedAt, FeedRun, Options
    from exchange.edge.settings import Address, Settings

TOLD = {
    "balanced": "平衡 · balanced",
    "stopped": "停止的来源 · the feed that was stopped",
    "not_tried": "尚未运行的来源 · feeds not tried",
}
COUNTS = ("pulled", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "withdrawn")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(feeds)
    app.command()(run)
    app.command()(publish)


def feeds(as_json: AsJson = False) -> int:
    """List the feeds: one per file in connectors/."""
    import connectors

    rows = []
    for name in connectors.names():
        connector = connectors.load(name)
        kind = type(connector.source).__name__.removesuffix("Source").lower()
        rows.append((name, connector.agency, connector.library, kind, connector.title.zh, connector.title.en))
    if as_json:
        keys = ("feed", "agency", "library", "source", "zh", "en")
        emit({"feeds": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        table("来源 · feeds", ("feed", "agency", "library", "source", "名称", "title"), rows)
    return 0


def run(
    names: Annotated[list[str], typer.Argument(metavar="FEED…", help="Feeds to run, as `hub feeds` lists them.")],
    full: Annotated[bool, typer.Option("--full", help="Read everything again, whatever was read before.")] = False,
    source: Annotated[str | None, typer.Option("--from", help="Another folder or URL of the same form.")] = None,
    as_json: AsJson = False,
) -> int:
    """Run feeds directly (pull, check, seal, settle) and publish the libraries they touch while they come in, without the
    check of the whole library that `hub publish` and the DAGs ask."""
    chosen = [known_connector(name) for name in names]
    if source is not None and len(chosen) > 1:
        raise Misuse(
            "one_feed_only", "--from 只能用于一个来源。--from goes with one feed.", "hub run FEED --from DIR_OR_URL"
        )
    # Imported and started only now: a typo costs neither.
    from exchange.cli.ground import ground, settings
    from exchange.edge.run import FeedAt, Options

    feeds = [FeedAt(connector, _address(settings(), connector, source)) for connector in chosen]
    for feed in feeds:
        _tell_if_nothing_matches(feed.connector, feed.address)
    stand = ground()
    options = Options(full=full)
    runs, published = bring(stand, feeds, options, as_json)
    balanced = all(each.counts.balanced for each in runs) and all(each.balanced for each in published)
    for each in runs:
        for line in remarks(each):
            say(line)
        if not as_json:
            show_reasons(each)
    show(runs, published, as_json, balanced=balanced)
    return 0 if balanced else 1


def publish(
    library: Annotated[str, typer.Argument(help="legal_person or person.")],
    as_json: AsJson = False,
) -> int:
    """Publish a library's changes that are not on its topic yet, once the library has passed its checks."""
    from schemas import LIBRARIES

    if library not in LIBRARIES:
        raise Misuse("unknown_library", f"没有 {library} 库。There is no library {library}.", ", ".join(LIBRARIES))
    from exchange.cli.ground import ground

    published = publish_one(ground(), library)
    show([], [published], as_json, balanced=published.balanced)
    return 0 if published.balanced else 1


def bring(
    stand: Ground, feeds: Sequence[FeedAt], options: Options, as_json: bool
) -> tuple[list[FeedRun], list[Published]]:
    """Run feeds one after the other, each with its library's publishing beside it, under progress bars; what was
    published is summed per library. Where one of several is stopped, those before it are shown before its error."""
    runs: list[FeedRun] = []
    published: dict[str, Published] = {}
    for place, feed in enumerate(feeds):
        try:
            ran, out = bring_one(stand, feed, options)
        except (HubError, KeyboardInterrupt):
            if len(feeds) > 1:
                not_tried = [later.connector.name for later in feeds[place + 1 :]]
                show(runs, list(published.values()), as_json, stopped=feed.connector.name, not_tried=not_tried)
            raise
        runs.append(ran)
        before = published.get(ran.library)
        published[ran.library] = out if before is None else before.and_then(out)
    return runs, list(published.values())


def bring_one(stand: Ground, feed: FeedAt, options: Options) -> tuple[FeedRun, Published]:
    """One feed under two progress bars: rows settled, changes published."""
    from exchange.edge.flow import Hub, Progress, run_and_publish
    from exchange.edge.workers import Workers

    with counting(feed.connector.name) as (bar, task), Workers() as workers:
        out = bar.add_task(f"→ {feed.connector.library}", total=None)
        progress = Progress(lambda rows: bar.advance(task, rows), lambda done: bar.update(out, completed=done))
        return run_and_publish(Hub(stand.store, stand.broker), feed, options, progress, workers)


def publish_one(stand: Ground, library: str) -> Published:
    """Publish one library behind its gate, under a progress bar."""
    from exchange.edge.gated import publish_gated

    with counting(f"→ {library}") as (bar, task):
        return publish_gated(stand.store, stand.broker, library, lambda done: bar.update(task, completed=done))


def show(runs: list[FeedRun], published: list[Published], as_json: bool, **more: bool | str | list[str]) -> None:
    """The table that balances, or its JSON; `more`: what else there is to say of the run, by the names in `TOLD`."""
    rows = [_told(each) for each in runs]
    libraries = [dict(each.__dict__) for each in published]
    if as_json:
        emit({"feeds": rows, "libraries": libraries, **more})
        return
    if rows:
        shown = [[row[name] for name in ("feed", *COUNTS)] for row in rows]
        table("本次 · this run", ("feed", *COUNTS), shown)
    if libraries:
        table(
            "库 · libraries",
            ("library", "entities", "changes", "published", "overtaken"),
            [list(row.values()) for row in libraries],
        )
    for name, value in more.items():
        say(f"{TOLD[name]}: {_in_words(value)}")


def _in_words(value: bool | str | list[str]) -> str:
    if isinstance(value, bool):
        return "是 · yes" if value else "否 · no"
    return value if isinstance(value, str) else ", ".join(value) or "无 · none"


def _told(run: FeedRun) -> dict[str, object]:
    """A run as `--json` tells it."""
    return {
        "feed": run.feed,
        "agency": run.agency,
        "library": run.library,
        **run.counts.__dict__,
        "quarantined_because": [dict(each.__dict__) for each in run.refusals.reasons],
        "waiting": run.waiting,
        "skipped": run.skipped,
        "unfinished": run.unfinished,
    }


def known_connector(name: str) -> Connector:
    """The connector of a feed; Misuse where there is none."""
    import connectors

    if name not in connectors.names():
        raise Misuse("unknown_feed", f"没有来源 {name}。There is no feed {name}.", "hub feeds")
    return connectors.load(name)


def _address(settings: Settings, connector: Connector, source: str | None) -> Address:
    from exchange.edge.settings import Address, address, token_of

    if source is None:
        return address(settings, connector.name)
    if "://" not in source and not Path(source).exists():
        raise Misuse("no_such_source", f"{source} 不存在。{source} does not exist.", "--from DIR_OR_URL")
    return Address(source, token_of(settings, connector.name))


def _tell_if_nothing_matches(connector: Connector, at: Address) -> None:
    """Say so where a folder holds no file of the feed: that is no error, and seldom what was meant."""
    from exchange.core.connector import FileSource
    from exchange.edge.fetch import folder_of

    if not isinstance(connector.source, FileSource):
        return
    folder, glob = folder_of(connector, at.url), connector.source.glob
    if folder.is_dir() and not any(folder.glob(glob)):
        say(f"{connector.name}: {folder} 中没有符合 {glob} 的文件。No file matches {glob} in {folder}.")
