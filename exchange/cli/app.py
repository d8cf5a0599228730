"""The commands of `hub`, and how each ends. A command imports what it works with only when it is asked for its work."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import typer

import exchange.cli.bench as bench
import exchange.cli.checking as checking
import exchange.cli.codes as codes
import exchange.cli.demo as demo
import exchange.cli.feeds as feeds
import exchange.cli.ids as ids
import exchange.cli.servers as servers
from exchange.cli.output import emit_error
from exchange.core.errors import HubError, Misuse

app = typer.Typer(
    name="hub",
    help="Binhai's exchange hub: pulls agencies' records, checks, links and seals them, and publishes to Kafka.\n\n"
    "Start with `hub demo`. 滨海新区基础信息交换枢纽;先运行 hub demo。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (demo, servers, feeds, checking, ids, codes, bench):
    module.register(app)


def run() -> int:
    """Run the command line; its exit code."""
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
    except HubError as error:
        emit_error(error, as_json)
        return error.exit_code
    except typer.TyperException as error:
        emit_error(Misuse("usage", error.format_message(), "hub --help"), as_json)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        emit_error(_unexpected(error), as_json)
        return 1
    return code if isinstance(code, int) else 0


def _unexpected(error: Exception) -> HubError:
    """A fault of ours. Its text is not shown: a library's message may quote a value of a row."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "exchange" in Path(frame.filename).parts] or frames[-1:]
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(ours[-4:]))
    return HubError(
        "unexpected",
        f"程序错误。A fault of the hub itself: {type(error).__name__} at {place}.",
        "请连同此行报告。Please report it with this line; what was settled is safe.",
    )
