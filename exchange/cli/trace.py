"""The key that `hub trace` asks for: one line of standard input, so that it stands in no list of processes and no history."""

from __future__ import annotations

import sys

from exchange.cli.output import say
from exchange.core.connector import Connector
from exchange.core.errors import Misuse


def typed_key(connector: Connector) -> list[str]:
    """The parts of the one key on standard input. Misuse where there is none, where there are several, or where it is not
    UTF-8; its text is never shown."""
    form = " ⇥ ".join(connector.key)
    lines = sys.stdin.buffer
    if sys.stdin.isatty():
        say(f"输入键后回车（各部分以制表符分隔）：Type the key, then Enter (a tab between its parts): {form}")
        text = lines.readline()
    else:
        text = lines.readline()
        if any(line.strip() for line in lines):
            raise Misuse(
                "one_key_only", "一次只能查一个键。One key at a time.", f"只给一行：Give one line alone: {form}"
            )
    try:
        parts = text.decode("utf-8-sig").rstrip("\r\n").split("\t")
    except UnicodeDecodeError:
        raise Misuse(
            "key_not_utf8", "键不是 UTF-8。The key is not UTF-8.", "转换后再试。Convert it, then try again."
        ) from None
    if not any(part.strip() for part in parts):
        raise Misuse(
            "key_missing",
            "标准输入中没有键。There is no key on standard input.",
            f"给一行，各部分以制表符分隔：Give one line, a tab between the parts: {form}",
        )
    return parts
