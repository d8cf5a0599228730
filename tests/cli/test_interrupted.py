"""Ctrl-C in the middle of a run: a real signal to a real process that waits for an agency's answer."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

from tests.cli.commands import HUB, SECONDS, Command
from tests.edge.firms import deliver, firm

pytestmark = pytest.mark.servers


@pytest.fixture
def hub(tmp_path: Path, database_url: str, kafka_bootstrap: str) -> Command:
    """The command over the session's servers, in a database of its own."""
    return Command(tmp_path, {"HUB_DATABASE_URL": database_url, "HUB_KAFKA_BOOTSTRAP": kafka_bootstrap})


@pytest.fixture
def asked() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """An agency's address; an event for its first being asked, and one upon which it hangs up without an answer."""
    came, hang_up = threading.Event(), threading.Event()

    class Silence(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Say that someone asked, and leave them waiting."""
            came.set()
            hang_up.wait(SECONDS)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Silence) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", came, hang_up
        finally:
            hang_up.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_ctrl_c_says_what_stays(
    hub: Command, asked: tuple[str, threading.Event, threading.Event], more: tuple[str, ...]
) -> None:
    """A run that is interrupted ends with exit code 130 and an error that says that what was settled stays."""
    url, came, _ = asked
    words = [*HUB, "run", "public_security_residents", "--from", url, *more]
    running = subprocess.Popen(words, env=hub.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert came.wait(SECONDS)
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=SECONDS)
    assert running.returncode == 130, stderr
    assert "Traceback" not in stderr
    if more:
        [line] = stdout.splitlines()
        error = json.loads(line)["error"]
        assert error["code"] == "interrupted"
        assert "再次运行" in error["hint"]
    else:
        assert stdout == ""
        assert "已中断" in stderr
        assert "Run it again" in stderr
    status = hub("status", "--json").result
    assert [(each["name"], each["state"], each["external"]) for each in status["services"]] == [
        ("postgres", "reachable", True),
        ("kafka", "reachable", True),
    ]
    assert set(status["unpublished_changes"]) == {"person"}
    [left] = status["open"]
    assert set(left) == {"feed", "opened_at", "seconds"}
    assert left["feed"] == "public_security_residents"
    assert status["waiting"]["open_batches"] == 1
    assert status["last_runs"] == []
    assert "public_security_residents" in hub("status").stdout


def test_ctrl_c_while_the_database_works(hub: Command, database_url: str, tmp_path: Path) -> None:
    """A run that is interrupted in the middle of a statement ends in the same way."""
    deliver(tmp_path / "drops", "a.csv", [firm(1)])
    words = ("run", "bench_companies", "--from", str(tmp_path / "drops"))
    assert hub(*words).code == 0
    deliver(tmp_path / "drops", "b.csv", [firm(2)])
    waiting = (
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        "WHERE NOT l.granted AND d.datname = current_database()"
    )
    with psycopg.connect(database_url) as holder, psycopg.connect(database_url, autocommit=True) as looker:
        holder.execute("LOCK TABLE record")
        with subprocess.Popen(
            [*HUB, *words], env=hub.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            while looker.execute(waiting).fetchone() == (0,):
                assert running.poll() is None
            running.send_signal(signal.SIGINT)
            _, stderr = running.communicate(timeout=SECONDS)
        assert (running.returncode, "已中断" in stderr.decode()) == (130, True)
