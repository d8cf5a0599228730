"""One PostgreSQL cluster: ports, full disks, strangers' process ids, and what its log may not hold."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from exchange.core.errors import Misuse
from exchange.embedded.child import failure
from exchange.embedded.postgres import (
    Postgres,
    discard_postgres,
    find_postgres,
    place_in,
    start_postgres,
    stop_postgres,
)

CANARY = "CANARY-4711"


def silent(text: str) -> None:
    """Nobody waits for these notes."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of a cluster that these tests stop, kill and start as they need."""
    path = tmp_path_factory.mktemp("cluster") / "postgres"
    yield path
    discard_postgres(path, silent)


@pytest.fixture
def directory(cluster: Path) -> Path:
    """That directory, the cluster running and its role and database called binhai."""
    start_postgres(cluster, silent, name="binhai")
    return cluster


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_port_is_remembered_or_replaced(directory: Path) -> None:
    """A cluster keeps its port over a restart, and takes another one if somebody else has got it meanwhile."""
    first = start_postgres(directory, silent)
    assert first.url().startswith("postgresql://binhai:")
    assert stop_postgres(directory, silent)
    assert not stop_postgres(directory, silent)
    assert start_postgres(directory, silent).port == first.port
    stop_postgres(directory, silent)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first.port))
        other.listen()
        second = start_postgres(directory, silent)
    assert second.port != first.port
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("binhai",)


def test_a_taken_port_that_was_demanded_is_one_sentence(directory: Path, taken: int) -> None:
    """A demanded port that is taken ends with exit code 2, and nothing runs."""
    stop_postgres(directory, silent)
    with pytest.raises(Misuse) as raised:
        start_postgres(directory, silent, port=taken)
    assert (raised.value.code, raised.value.exit_code) == ("port_taken", 2)
    assert str(taken) in raised.value.message
    assert find_postgres(directory) is None


def test_a_stranger_with_our_process_id_is_left_alone(directory: Path) -> None:
    """After a crash our old process id may belong to somebody else: it is neither taken for ours nor stopped."""
    postgres = start_postgres(directory, silent)
    server = psutil.Process(postgres.pid)
    server.kill()
    server.wait(20)
    (directory / "server.pid").write_text(f"{os.getpid()}\n")
    place = place_in(directory)
    assert place is not None
    stale = place / "pgdata" / "postmaster.pid"
    stale.write_text(stale.read_text().replace(str(postgres.pid), str(os.getpid()), 1))
    assert not stop_postgres(directory, silent)
    assert start_postgres(directory, silent).pid not in (os.getpid(), postgres.pid)


def test_a_lost_cluster_is_not_replaced_by_an_empty_one(directory: Path) -> None:
    """If the data directory is gone, the hub says so instead of starting with an empty database."""
    stop_postgres(directory, silent)
    place = place_in(directory)
    assert place is not None
    aside = place.rename(place.with_name(place.name + "-aside"))
    with pytest.raises(Misuse) as raised:
        start_postgres(directory, silent)
    aside.rename(place)
    assert raised.value.code == "data_missing"


def test_the_log_and_the_command_line_hold_no_value_and_no_password(directory: Path) -> None:
    """A refused statement leaves no trace of its values in the log, and passwords are in 0600 files alone."""
    postgres = start_postgres(directory, silent)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE one (code text PRIMARY KEY)")
        connection.execute("INSERT INTO one VALUES (%s)", [CANARY])
        for statement in ("INSERT INTO one VALUES (%s)", "SELECT (%s::text)::int"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, [CANARY])
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://binhai:{CANARY}@127.0.0.1:{postgres.port}/hub")
    log = (directory / "server.log").read_text()
    assert "ready to accept connections" in log
    command = " ".join(psutil.Process(postgres.pid).cmdline())
    for secret in (CANARY, postgres.password, postgres.superuser_password):
        assert secret not in log
        assert secret not in command
        assert secret not in repr(postgres)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir() if path.is_file()}
    assert {modes[name] for name in ("password", "superuser.password", "server.json", "server.log")} == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_cluster_is_durable_and_sorts_by_code_point(services_postgres: Postgres) -> None:
    """Commits are synchronous, and text sorts the same on every machine."""
    with psycopg.connect(services_postgres.url()) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")}
        assert shown == {"fsync": ("on",), "synchronous_commit": ("on",)}
        found = connection.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'hub'")
        assert found.fetchone() in {("b", "C.UTF-8"), (b"b", "C.UTF-8")}
        assert connection.execute("SELECT upper('ß津é') COLLATE pg_c_utf8").fetchone() == ("ß津É",)


def test_the_clusters_locale_is_not_the_environments(services_postgres: Postgres) -> None:
    """Messages, numbers and classes of characters are C's, whatever locale the programs themselves run in."""
    names = ("lc_messages", "lc_monetary", "lc_numeric", "lc_time", "default_text_search_config", "server_encoding")
    with psycopg.connect(services_postgres.url()) as connection:
        found = {name: connection.execute(f"SHOW {name}").fetchone() for name in names}
        kinds = "SELECT DISTINCT datcollate, datctype FROM pg_database WHERE datname IN ('hub', 'template1')"
        assert connection.execute(kinds).fetchall() == [("C", "C")]
    assert found == dict.fromkeys(names[:4], ("C",)) | {names[4]: ("pg_catalog.english",), names[5]: ("UTF8",)}


@pytest.fixture
def services_postgres(home: Path, services: object) -> Postgres:
    """The session's cluster."""
    return start_postgres(home / "postgres", silent)


@pytest.fixture
def small_disk() -> Iterator[Path | None]:
    """A disk with room for the programs but not for a cluster; None where it can't be mounted.

    It lies where the server's user can reach it, which pytest's own directories, 0700 and root's, do not.
    """
    place = Path(tempfile.mkdtemp(prefix="hub-small-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m,mode=0755", "tmpfs", str(place)], capture_output=True, check=False
    )
    yield place if mounted.returncode == 0 else None
    if mounted.returncode == 0:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


LIMITED = """
import resource, sys
from pathlib import Path
from exchange.core.errors import Misuse
from exchange.embedded.postgres import start_postgres
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    start_postgres(Path(sys.argv[1]), print, system_place=Path(sys.argv[2]))
except Misuse as raised:
    print(raised.code)
"""


def test_a_full_disk_leaves_nothing_half_made(tmp_path: Path, small_disk: Path | None) -> None:
    """A cluster that can't be written whole is not there at all, and can be made once there is room.

    A real full disk where one can be mounted; elsewhere a limit on the size of files.
    """
    directory = tmp_path / "postgres"
    if small_disk is None:
        command = [sys.executable, "-c", LIMITED, str(directory), str(tmp_path / "place")]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
        assert said.splitlines()[-1] == "disk_full"
        assert not list(tmp_path.rglob("*cluster*"))
        return
    with pytest.raises(Misuse) as raised:
        start_postgres(directory, silent, system_place=small_disk)
    assert (raised.value.code, raised.value.exit_code) == ("disk_full", 2)
    assert not list(small_disk.glob("cluster*"))
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    with psycopg.connect(start_postgres(directory, silent, system_place=small_disk).url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    discard_postgres(directory, silent)


UMASKED = """
import os, sys
from pathlib import Path
import psycopg
from exchange.embedded.postgres import discard_postgres, start_postgres
os.umask(0o077)
directory = Path(sys.argv[1])
started = start_postgres(directory, print, system_place=Path(sys.argv[2], "not", "yet"))
print(psycopg.connect(started.url()).execute("SELECT 7").fetchone()[0])
discard_postgres(directory, print)
"""


def test_a_strict_umask_hides_nothing_from_the_server(tmp_path: Path) -> None:
    """Where the caller's new files are for the caller alone, the server's user still reaches its programs and data, and
    the directory that was there keeps its mode."""
    place = Path(tempfile.mkdtemp(prefix="hub-umask-"))
    place.chmod(0o711)
    command = [sys.executable, "-c", UMASKED, str(tmp_path / "postgres"), str(place)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        mode = stat.S_IMODE(place.stat().st_mode)
    finally:
        shutil.rmtree(place)
    assert ended.stdout.splitlines()[-1:] == ["7"], ended.stderr
    assert mode == 0o711


def test_a_disk_that_takes_no_writes(small_disk: Path | None) -> None:
    """A read-only disk is a place that may not be written, not a server whose log would tell more."""
    if small_disk is None:
        raised = failure("PostgreSQL", "ERROR [Errno 30] Read-only file system: '/x'", Path("/x"))
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        with pytest.raises(Misuse) as caught:
            start_postgres(small_disk / "home" / "postgres", silent)
        raised = caught.value
    assert (raised.code, raised.exit_code) == ("not_writable", 2)
