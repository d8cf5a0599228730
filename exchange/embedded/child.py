"""A server as a process of its own: launch it detached, find it again, wait until it answers, stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from exchange.core.errors import Misuse

Note = Callable[[str], None]

# The outer shell ends at once, so the server is nobody's zombie and no Python object has to outlive it. The inner one
# writes its process id before it becomes the server: a server without a pid file can't exist, whenever we are killed.
# Descriptor 0 is the pid file; it goes through 3 because a background command's input is /dev/null.
_LAUNCH = """exec 3>&0 </dev/null; /bin/sh -c 'echo $$ >&3; exec "$@" 3>&-' sh "$@" &"""

_FULL = ("No space left on device", "File too large", "Disk quota exceeded")
_DENIED = ("Permission denied", "Read-only file system")
_TAKEN = ("Address already in use", "could not bind", "BindException")
_TELLING = ("FATAL", "PANIC", "ERROR", "error", "Exception")
_NOTE_SECONDS = 5.0


@dataclass(frozen=True)
class Owner:
    """The system user a server runs as, where the caller is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Launch:
    """How a server is started: its command line, where it runs, as whom, and what it may see of the environment."""

    command: tuple[str, ...]
    directory: Path
    owner: Owner | None = None


def environment() -> dict[str, str]:
    """The environment of every server and tool: nothing of the caller's (PG*, KAFKA_*, JAVA_TOOL_OPTIONS …)."""
    # Plain C would have Java read and write file names as ASCII.
    return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def launch(start: Launch, pid_file: Path, log: Path) -> psutil.Process | None:
    """Start a server that outlives us, its output at the end of `log`; None if it ended before it could be seen."""
    if log.exists() and log.stat().st_size > 10_000_000:
        log.replace(log.with_name(log.name + ".1"))
    with open(pid_file, "wb") as pid_out, open(log, "ab") as log_out:
        os.fchmod(pid_out.fileno(), 0o600)
        os.fchmod(log_out.fileno(), 0o600)
        subprocess.run(
            ["/bin/sh", "-c", _LAUNCH, "sh", *start.command],
            stdin=pid_out,
            stdout=log_out,
            stderr=log_out,
            check=True,
            start_new_session=True,
            cwd="/",
            env=environment(),
            umask=0o077,
            user=start.owner.uid if start.owner else None,
            group=start.owner.gid if start.owner else None,
            extra_groups=[] if start.owner else None,
        )
    try:
        return psutil.Process(int(_first_line(pid_file, 10.0)))
    except (ValueError, psutil.NoSuchProcess):
        return None


def _first_line(path: Path, seconds: float) -> str:
    """The first line of a file that may still be empty for that long."""
    deadline = time.monotonic() + seconds
    while not (text := path.read_text()).endswith("\n") and time.monotonic() < deadline:
        time.sleep(0.005)
    return text.partition("\n")[0]


def run_tool(start: Launch, stdin: str = "") -> None:
    """Run a set-up tool (initdb, StorageTool …) to its end; its failure as one sentence."""
    ended = subprocess.run(
        start.command,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=start.directory,
        env=environment(),
        umask=0o077,
        user=start.owner.uid if start.owner else None,
        group=start.owner.gid if start.owner else None,
        extra_groups=[] if start.owner else None,
    )
    if ended.returncode != 0:
        raise failure(Path(start.command[0]).name, ended.stdout + "\n" + ended.stderr, start.directory)


def find(pid_file: Path, program: str, marker: str) -> psutil.Process | None:
    """Our server, if it runs: the process of the pid file whose command is `program … marker …`.

    The marker is a path inside the server's own directory, which no other process has as an argument of that program:
    a pid given to another process since is never taken for ours. (Create times are not compared: they move with the
    clock, and a server taken for a stranger would be started twice.) A process that is just ending is waited for.
    """
    try:
        # An empty file: whoever launched the server may have been killed in the millisecond before it wrote its id.
        process = psutil.Process(int(_first_line(pid_file, 1.0)))
        deadline = time.monotonic() + 10
        while not (command := _command(process)) and alive(process) and time.monotonic() < deadline:
            time.sleep(0.01)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    ours = bool(command) and Path(command[0]).name in (program, "sh") and marker in command[1:]
    return process if ours else None


def _command(process: psutil.Process) -> list[str]:
    """The command line; empty once the process has begun to end."""
    try:
        return process.cmdline()
    except psutil.ZombieProcess:
        return []


def alive(process: psutil.Process | None) -> bool:
    """Whether this very process (not another with its id) still runs, or still holds its ports and files.

    A process is a zombie as soon as its first thread has ended; its others may take a second more.
    """
    try:
        if process is None or not process.is_running():
            return False
        return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
    except psutil.NoSuchProcess:
        return False


def waiting_for(what: str, *, first: bool) -> str:
    """What is said while a server is waited for: a `first` start has nothing to recover.

    >>> waiting_for("Kafka", first=True)
    '正在启动 Kafka。Starting Kafka'
    """
    return f"正在启动 {what}。Starting {what}" if first else f"等待 {what} 恢复。Waiting for {what} to recover"


def wait_ready(process: psutil.Process | None, ready: Callable[[], bool], note: Note, waiting: str) -> bool:
    """Wait until `ready()`, as long as the process lives, saying `waiting` every 5 s; False if it ended first."""
    began = time.monotonic()
    told = began
    while not ready():
        if not alive(process):
            return False
        if time.monotonic() - told >= _NOTE_SECONDS:
            told = time.monotonic()
            note(f"{waiting} ({told - began:.0f} s)")
        time.sleep(0.03)
    return True


def stop(process: psutil.Process, signals: Sequence[tuple[signal.Signals, float]], note: Note) -> None:
    """Send each signal in turn, waiting its number of seconds for the end of the process."""
    try:
        for number, seconds in signals:
            process.send_signal(number)
            if _ended(process, seconds):
                return
            note(f"进程 {process.pid} 仍未结束。Process {process.pid} has not ended after {number.name}.")
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as denied:
        message = f"进程 {process.pid} 属于另一用户。Process {process.pid} belongs to another user."
        raise Misuse("not_yours", message, "用启动它的用户停止。Stop it as the user that started it.") from denied


def _ended(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def attempt_start(attempt: Callable[[], str | None], *, fixed_port: bool, what: str, where: Path) -> None:
    """Run `attempt` until it returns None; what it returns instead is what the server said before it ended.

    It is repeated (three times at most) only where another program was faster in taking a port that may be changed.
    """
    said: str | None = ""
    for _ in range(3):
        said = attempt()
        if said is None:
            return
        if fixed_port or not any(words in said for words in _TAKEN):
            break
    raise failure(what, said or "", where)


def failure(what: str, text: str, where: Path) -> Misuse:
    """Why a server or tool ended, from its own output, as one sentence."""
    if any(words in text for words in _FULL):
        message = f"磁盘已满：{where}。The disk is full: {what} could not write to {where}."
        return Misuse("disk_full", message, "腾出空间后重试。Free some space, then try again.")
    if any(words in text for words in _TAKEN):
        message = f"{what} 的端口已被占用。The port of {what} is taken by another program."
        return Misuse("port_taken", message, "换一个端口或停掉占用者。Choose another port or stop that program.")
    if any(words in text for words in _DENIED):
        message = f"没有写入权限：{where}。{what} may not write to {where}."
        return Misuse(
            "not_writable", message, "用所有者的用户运行，或换一个目录。Run as its owner, or choose another directory."
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in _TELLING)]
    last = (telling or lines or ["-"])[-1][:300]
    message = f"{what} 未能启动：{last}。{what} did not start: {last}"
    return Misuse("server_failed", message, f"见 {where} 的日志。See the log in {where}.")
