"""The servers belong to a plain user as well as to root's system user."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("start_both.py")


@pytest.fixture
def plain(services: object, cache_home: Path) -> Iterator[tuple[list[str], Path]]:
    """How to run a command as a plain user, and a directory of that user's own with the jars in it.

    Where the tests run as root that user is `nobody`, who may read the interpreter and the project wherever they are
    installed (below a 0700 home, say), and write in its own directory alone.
    """
    own = Path(tempfile.mkdtemp(prefix="hub-plain-"))
    shutil.copytree(cache_home, own / "cache")
    if os.geteuid() != 0:
        yield [], own
    else:
        nobody = pwd.getpwnam("nobody")
        for path in (own, *own.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        capability = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
        who = (f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
        yield ["setpriv", *who, *capability], own
    shutil.rmtree(own)


def test_a_plain_user_starts_loses_recovers_and_stops_both(plain: tuple[list[str], Path]) -> None:
    """Without root everything lies in HUB_HOME and runs as the caller; nothing is shared with anybody."""
    prefix, own = plain
    command = [*prefix, sys.executable, str(SCRIPT), str(own / "home"), str(own / "cache"), "killed"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(own)}
    ended = subprocess.run(command, env=environ, cwd=own, capture_output=True, text=True, check=False, timeout=240)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["uid"] != 0
    assert said["kept"] == [[7]]
    assert said["again"]["postgres"] != said["pids"]["postgres"]
    assert said["again"]["kafka"] == said["pids"]["kafka"]
    assert sorted(said["stopped"]) == ["kafka", "postgres"]
    cluster = own / "home" / "postgres" / "cluster" / "pgdata"
    assert (cluster / "PG_VERSION").read_text() == "18\n"
    owners = {path.lstat().st_uid for path in (own / "home").rglob("*")}
    assert owners == {said["uid"]}
