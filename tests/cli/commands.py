"""Running the `hub` command as a person or a script does: a process, its exit code, its standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HUB = (sys.executable, "-c", "from exchange.cli.main import main; main()")
SECONDS = 240


@dataclass(frozen=True)
class Outcome:
    """What became of a command."""

    code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        """The last line of standard output, which holds only JSON objects in ASCII, one a line."""
        assert self.stdout.isascii()
        lines = [json.loads(line) for line in self.stdout.splitlines()]
        assert lines, self.stderr
        assert all(isinstance(line, dict) for line in lines)
        last: dict[str, Any] = lines[-1]
        return last

    @property
    def error(self) -> dict[str, str]:
        """The error it ended with: code, message and hint."""
        error = self.result["error"]
        assert set(error) == {"code", "message", "hint"}
        assert error["message"]
        return dict(error)


@dataclass(frozen=True)
class Command:
    """The `hub` command with homes of its own and some settings."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the command: no setting of ours but those of the test."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        homes = {"HUB_HOME": str(self.folder / "hub"), "HUB_AGENCIES_HOME": str(self.folder / "agencies")}
        return kept | homes | dict(self.settings)

    def __call__(self, *words: str, typed: str = "") -> Outcome:
        """Run it to its end; `typed` is its standard input."""
        done = self.raw(*words, typed=typed.encode())
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def raw(self, *words: str, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run it to its end, in bytes."""
        return subprocess.run(
            [*HUB, *words], env=self.environ, input=typed, capture_output=True, timeout=SECONDS, check=False
        )
