"""hub ids check: what the hub would say of numbers, one a line."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.output import say
from exchange.cli.servers import AsJson
from exchange.core.errors import Misuse
from exchange.core.identifiers import load, names

if TYPE_CHECKING:
    from exchange.core.identifiers.verdict import Verdict


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(ids)


ids = typer.Typer(name="ids", help="Identifiers: what the hub would say of a number.", no_args_is_help=True)


@ids.command(
    help=f"""Check numbers on standard input, one a line, in UTF-8. Nothing is stored or logged.

    Each is ok, repaired (only its writing was changed), suspect (doubtful, but kept), invalid or a placeholder; with it
    come the rule that decided or everything that was changed, and what it means. 例: hub ids check uscc < file

    With --json exactly one object a line: value, type, status, rule, normalised.

    A line ends with a line feed; a carriage return before it belongs to the line's end, as Windows writes it. An empty
    line is a placeholder. Bytes that are not UTF-8 are invalid by the rule `encoding` and shown as U+FFFD.

    The exit code is 0 whatever the numbers are.

    Types · 类型: {", ".join(names())}"""
)
def check(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="Which kind of number it is; see the list above.")],
    as_json: AsJson = False,
) -> int:
    """Check numbers on standard input, one a line."""
    if kind not in names():
        raise Misuse("unknown_type", "没有这种号码。There is no such type of number.", ", ".join(names()))
    show = _as_object if as_json else _as_line
    counts: Counter[str] = Counter()
    for verdict in _verdicts(_judge(kind)):
        sys.stdout.write(show(kind, verdict))
        counts[verdict.status] += 1
    if not as_json:
        say(
            "  ".join(f"{status}: {count:,}" for status, count in counts.most_common()) or "没有输入。Nothing to check."
        )
    return 0


def _judge(kind: str) -> Callable[[str], Verdict]:
    """The kind's check; a number that holds a date of birth is judged as of today, in China."""
    judge: Callable[..., Verdict] = load(kind).check
    if "today" not in signature(judge).parameters:
        return judge
    from exchange.edge.run import CHINA

    return partial(judge, today=datetime.now(CHINA).date())


def _verdicts(judge: Callable[[str], Verdict]) -> Iterator[Verdict]:
    """The verdict on each line of standard input, which is read as it comes."""
    from exchange.core.identifiers.verdict import Verdict

    for line in sys.stdin.buffer:
        value = line.removesuffix(b"\n").removesuffix(b"\r")
        try:
            yield judge(value.decode("utf-8"))
        except UnicodeDecodeError:
            shown = value.decode("utf-8", "replace")
            yield Verdict("invalid", "encoding", shown, shown)


def _as_object(kind: str, verdict: Verdict) -> str:
    found = {
        "value": verdict.before,
        "type": kind,
        "status": verdict.status,
        "rule": verdict.rule,
        "normalised": verdict.after,
    }
    return json.dumps(found, ensure_ascii=True) + "\n"


def _as_line(_kind: str, verdict: Verdict) -> str:
    """Status, number and what it became; after a tab the rule, or everything that was changed, and what it means."""
    from schemas.messages import message

    value = _visible(verdict.before)
    became = "" if verdict.after == verdict.before else f" → {_visible(verdict.after)}"
    rules = verdict.repairs if verdict.status == "repaired" else filter(None, [verdict.rule])
    told = ((message(rule), rule) for rule in rules)
    reasons = "; ".join(f"{one.zh} · {one.en} [{rule}]" for one, rule in told)
    return f"{verdict.status:<11} {value}{became}\t{reasons}".rstrip() + "\n"


def _visible(text: str) -> str:
    """Characters that a terminal would obey or not show are written as escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
