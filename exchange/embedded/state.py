"""What one embedded server remembers in its own directory: `server.json`, `server.pid`, passwords; ports it may use.

One file per server and no index beside it: the same fact is never kept twice, and a second cluster in another
directory (the simulated agencies') works by the same functions.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from exchange.core.errors import Misuse
from exchange.embedded.child import Note, failure

# Below the ranges from which Linux (32768) and macOS (49152) take the local ports of outgoing connections.
PORTS = range(20000, 30000)


@contextmanager
def locked(directory: Path, what: str, note: Note) -> Iterator[None]:
    """Hold a server's directory (made if needed) against other processes; a disk's refusal becomes one sentence.

    The lock ends with the process that holds it, however that ends.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(directory / "lock")
        try:
            lock.acquire(timeout=1)
        except Timeout:
            note(f"另一个 hub 正在启动 {what}，等待中。Waiting for another hub that is starting {what}.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
    except OSError as broken:
        raise failure(what, f"ERROR {broken}", directory) from broken


def read_state(directory: Path) -> dict[str, object]:
    """The remembered facts of the server in `directory`; empty if it was never started."""
    try:
        loaded: dict[str, object] = json.loads((directory / "server.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except PermissionError as denied:
        raise failure("hub", "Permission denied", directory) from denied
    except json.JSONDecodeError as broken:
        path = directory / "server.json"
        message = f"状态文件不是 JSON：{path}。{path} is not JSON."
        raise Misuse("state_broken", message, "恢复它，或删除该目录。Restore it, or delete the directory.") from broken
    return loaded


def write_state(directory: Path, state: Mapping[str, object]) -> None:
    """Replace the remembered facts in one step, readable by the owner alone."""
    write_private(directory / "server.json", json.dumps(state, indent=1) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file in one step: a reader sees the old text or the new, also after a crash."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def tail(log: Path, start: int) -> str:
    """What was written to `log` since it was `start` bytes long, at most the last 8,000 bytes."""
    try:
        size = log.stat().st_size
        with open(log, "rb") as file:
            file.seek(max(start if size >= start else 0, size - 8000))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def password(path: Path) -> str:
    """The password in `path`, made (192 random bits, URL-safe) if there is none yet."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def choose_port(wanted: int | None, remembered: object, taken: frozenset[int] = frozenset()) -> int:
    """The port to listen on: the wanted one (Misuse if taken), else the remembered one, else a free one.

    `taken` are ports that another listener of the same server has got in this start.
    """
    if wanted is not None:
        if not is_free(wanted):
            message = f"端口 {wanted} 已被占用。Port {wanted} is taken by another program."
            raise Misuse("port_taken", message, "换一个端口或停掉占用者。Choose another port or stop that program.")
        return wanted
    if isinstance(remembered, int) and remembered not in taken and is_free(remembered):
        return remembered
    for port in random.sample(PORTS, 200):
        if port not in taken and is_free(port):
            return port
    message = f"{PORTS.start} 到 {PORTS.stop} 之间没有空闲端口。No free port from {PORTS.start} to {PORTS.stop}."
    raise Misuse("port_taken", message, "释放一些端口。Free some ports.")
