"""The commands of `hub`, and how each ends. A command imports what it works with only when it is asked for its work."""

from __future__ import annotations

import sys
import traceback
from io import TextIOWrapper
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
from exchange.edge.store.away import STATEMENT_CANCELLED

app = typer.Typer(
    name="hub",
    help="Binhai's exchange hub: pulls agencies' records, checks, links and seals them, and publishes to Kafka.\n\n"
    "Start with `hub demo`. 滨海新区基础信息交换枢纽;先运行 hub demo。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
BY_CTRL_C = 130
INTERRUPTED = HubError(
    "interrupted",
    "已中断。Interrupted.",
    "已结算的内容有效，再次运行即可继续。What was settled stays. Run it again, and it goes on from there.",
)
for module in (demo, servers, feeds, checking, ids, codes, bench):
    module.register(app)


def run() -> int:
    """Run the command line; its exit code."""
    as_json = "--json" in sys.argv
    _write_anything()
    try:
        code = app(standalone_mode=False, prog_name="hub")
    except HubError as error:
        if error.code != STATEMENT_CANCELLED:
            emit_error(error, as_json)
            return error.exit_code
        code = BY_CTRL_C
    except typer.TyperException as error:
        if said := error.format_message():  # empty where the help itself was the answer
            emit_error(Misuse("usage", f"命令用法有误。{said}", f"{_command_of(error)} --help"), as_json)
        return 2
    except KeyboardInterrupt:
        code = BY_CTRL_C
    except Exception as error:
        emit_error(_unexpected(error), as_json)
        return 1
    if code == BY_CTRL_C:  # typer gives it too, for a Ctrl-C within a command
        emit_error(INTERRUPTED, as_json)
    return code if isinstance(code, int) else 0


def _write_anything() -> None:
    """Let a character that the output's encoding lacks be shown by its number: all the work is done by then."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _command_of(error: typer.TyperException) -> str:
    """The command that was misused, as far as it could be read."""
    return str(getattr(getattr(error, "ctx", None), "command_path", "hub"))


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
