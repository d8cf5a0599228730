"""Airflow on the hub's own PostgreSQL: API server, scheduler and DAG processor as child processes that outlive a command.

Airflow's metadata lie in a database and under a role of their own, so nothing of Airflow can touch the hub's tables. All
it must know stands in one file, `environment` (mode 0600), which a steward's shell may read too (docs/airflow.md).
"""

from __future__ import annotations

import base64
import json
import secrets
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from exchange.core.errors import Misuse
from exchange.edge.settings import Settings
from exchange.embedded.child import Launch, Note, alive, environment, failure, launch
from exchange.embedded.postgres import Postgres
from exchange.embedded.services import ServiceStatus
from exchange.embedded.state import choose_port, locked, password, read_state, tail, write_private, write_state

# The API server reads the tasks' logs from the disk: a server for them, open to every network, is not wanted.
PARTS = {"api-server": (), "scheduler": ("--skip-serve-logs",), "dag-processor": ()}
STEWARD = "steward"
DAGS = Path(__file__).resolve().parents[2] / "dags"
_READY_SECONDS = 180.0
_ROLE = "airflow"
# The file is read by the shell that becomes Airflow: a password on a command line could be read by every user.
_WITH_ENVIRONMENT = 'set -a; . "$0"; set +a; cd "$AIRFLOW_HOME" && exec "$@"'
# For two cores shared with the hub's own work (reliability (e): an idle LocalExecutor worker keeps 120 MB).
_SMALL = {
    "CORE__EXECUTOR": "LocalExecutor",
    "CORE__PARALLELISM": "2",
    "CORE__LOAD_EXAMPLES": "False",
    "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
    "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
    "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{STEWARD}:admin",
    "API__HOST": "127.0.0.1",
    "API__WORKERS": "1",
    "DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
    "USAGE_DATA_COLLECTION__ENABLED": "False",
}


@dataclass(frozen=True)
class Airflow:
    """A running Airflow: where its pages are, and who may log in there."""

    port: int
    user: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The address of its pages."""
        return f"http://127.0.0.1:{self.port}"


def start_airflow(settings: Settings, postgres: Postgres, note: Note, *, dags: Path = DAGS) -> Airflow:
    """Airflow of this HUB_HOME, running: reused or started, its database made on first use. Safe to call at once from
    several processes. Raises Misuse `no_dags`, `port_taken`, `server_failed`."""
    directory = settings.home / "airflow"
    with locked(directory, "Airflow", note):
        if set(find_airflow(directory)) != set(PARTS):
            stop_parts(directory, note)
            _prepare(settings, postgres, note, dags)
            note("启动 Airflow。Starting Airflow.")
            for part, more in PARTS.items():
                start = Launch(command(directory, part, *more), directory)
                launch(start, directory / f"{part}.pid", directory / f"{part}.log")
        port = int(str(read_state(directory)["port"]))
        _wait(directory, port, note)
        return Airflow(port, STEWARD, password(directory / "steward.password"))


def prepare_airflow(settings: Settings, postgres: Postgres, note: Note, *, dags: Path = DAGS) -> Path:
    """All that an `airflow` command needs, with nothing started: the folder, with its environment and its database."""
    directory = settings.home / "airflow"
    with locked(directory, "Airflow", note):
        if not find_airflow(directory):
            _prepare(settings, postgres, note, dags)
    return directory


def command(directory: Path, *arguments: str) -> tuple[str, ...]:
    """The command line of `airflow ARGUMENTS…` for the Airflow of this folder."""
    return with_environment(directory, "-m", "airflow", *arguments)


def with_environment(directory: Path, *arguments: str) -> tuple[str, ...]:
    """The command line of `python ARGUMENTS…` in the environment of the Airflow of this folder."""
    return ("/bin/sh", "-c", _WITH_ENVIRONMENT, str(directory / "environment"), sys.executable, "-P", *arguments)


def stop_airflow(home: Path, note: Note) -> bool:
    """Stop Airflow of this HUB_HOME with the tasks it runs (each goes on at its next run); whether any part ran."""
    directory = home / "airflow"
    if not (directory / "server.json").exists():
        return False
    with locked(directory, "Airflow", note):
        return stop_parts(directory, note)


def find_airflow(directory: Path) -> dict[str, psutil.Process]:
    """The parts of Airflow that run for this directory, by name."""
    found = {part: _find(directory, part) for part in PARTS}
    return {part: process for part, process in found.items() if process is not None}


def airflow_status(home: Path) -> list[ServiceStatus]:
    """Airflow of this HUB_HOME, running or not, in the words of the other servers; nothing if it was never started."""
    directory = home / "airflow"
    port = read_state(directory).get("port")
    if port is None:
        return []
    found = find_airflow(directory)
    whole = set(found) == set(PARTS)
    process = found.get("api-server")
    since = datetime.fromtimestamp(process.create_time(), UTC) if process else None
    size = sum(path.lstat().st_size for path in directory.rglob("*") if path.is_file())
    return [ServiceStatus("airflow", whole, process.pid if process else None, f"127.0.0.1:{port}", since, size)]


def _find(directory: Path, part: str) -> psutil.Process | None:
    """The process of a part's pid file, if it works in this directory (it renames itself, over its environment too)."""
    try:
        process = psutil.Process(int((directory / f"{part}.pid").read_text()))
        beginning = str(directory / "environment") in process.cmdline()
        ours = beginning or Path(process.cwd()) == directory.resolve()
    except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if ours and alive(process) else None


def stop_parts(directory: Path, note: Note) -> bool:
    """End each part and everything it started, first asking; the caller holds the directory."""
    found = find_airflow(directory)
    started = [child for process in found.values() for child in _tree(process)]
    for process in found.values():
        _signal(process, signal.SIGTERM)
    _, left = psutil.wait_procs(list(found.values()), timeout=15)
    if left:
        note("Airflow 未及时结束。Airflow did not end in time; ending it.")
    for process in started:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(started, timeout=15)
    return bool(found)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _environment(directory: Path, settings: Settings, postgres: Postgres, place: tuple[Path, int]) -> dict[str, str]:
    """All that Airflow and the tasks in it must know: Airflow's settings and the hub's own. `place`: DAG folder, port."""
    dags, port = place
    login = password(directory / "database.password")
    users = directory / "users.json"
    write_private(users, json.dumps({STEWARD: password(directory / "steward.password")}))
    special = {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__FERNET_KEY": _fernet_key(directory / "fernet.key"),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(users),
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{_ROLE}:{login}@127.0.0.1:{postgres.port}/{_ROLE}",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__SECRET_KEY": password(directory / "api.secret"),
        "API_AUTH__JWT_SECRET": password(directory / "jwt.secret"),
    }
    homes = {"HUB_HOME": str(settings.home), "HUB_AGENCIES_HOME": str(settings.agencies_home)}
    # The gate switches it off too; no library may report its use to its makers.
    inherited = {
        "GX_ANALYTICS_ENABLED": "false",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
    }
    airflow = {f"AIRFLOW__{name}": value for name, value in {**_SMALL, **special}.items()}
    return {**inherited, **settings.environ, **homes, **airflow, "AIRFLOW_HOME": str(directory)}


def _fernet_key(path: Path) -> str:
    if not path.exists():
        write_private(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return path.read_text(encoding="utf-8")


def _make_database(postgres: Postgres, login: str) -> bool:
    """Airflow's own role and database in the hub's cluster, made if needed; whether the database is new."""
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        role = sql.Identifier(_ROLE)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(login)))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_ROLE]).fetchone():
            return False
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
        return True


def _prepare(settings: Settings, postgres: Postgres, note: Note, dags: Path) -> None:
    if not (dags / "feeds.py").is_file():
        message = f"找不到 DAG 文件夹 {dags}。The folder of the DAGs, {dags}, is not there."
        raise Misuse("no_dags", message, "在项目目录中运行。Run it from the project's own folder.")
    directory = settings.home / "airflow"
    state = read_state(directory)
    if _make_database(postgres, password(directory / "database.password")):
        state.pop("migrated", None)
    state["port"] = choose_port(None, state.get("port"))
    write_state(directory, state)
    made = _environment(directory, settings, postgres, (dags, int(str(state["port"]))))
    write_private(directory / "environment", "".join(f"{key}={shlex.quote(made[key])}\n" for key in sorted(made)))
    _migrate(directory, state, note)


def _migrate(directory: Path, state: dict[str, object], note: Note) -> None:
    """Bring Airflow's database to the installed version, once per version."""
    wanted = version("apache-airflow-core")
    if state.get("migrated") == wanted:
        return
    note("准备 Airflow 数据库。Preparing Airflow's database.")
    ended = subprocess.run(
        command(directory, "db", "migrate"),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=environment(),
    )
    if ended.returncode != 0:
        raise failure("Airflow", ended.stdout + "\n" + ended.stderr, directory)
    write_state(directory, state | {"migrated": wanted})


def _wait(directory: Path, port: int, note: Note) -> None:
    """Until API server, scheduler and DAG processor all say that they are well."""
    began = told = time.monotonic()
    while not _healthy(port):
        gone = [part for part in PARTS if part not in find_airflow(directory)]
        now = time.monotonic()
        if gone or now - began > _READY_SECONDS:
            stop_parts(directory, note)
            part = [*gone, *PARTS][0]
            raise failure(f"Airflow {part}", tail(directory / f"{part}.log", 0), directory)
        if now - told >= 5:
            told = now
            note(f"等待 Airflow。Waiting for Airflow ({now - began:.0f} s)")
        time.sleep(0.5)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as answer:
            health: Mapping[str, Mapping[str, str]] = json.load(answer)
    except (OSError, urllib.error.URLError, json.JSONDecodeError):
        return False
    return all(
        health.get(part, {}).get("status") == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")
    )
