"""The broker alone: what stops it from starting, and what it never leaves behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from exchange.core.errors import Misuse
from exchange.embedded.jars import counting, jars, parse, pinned, pom, told
from exchange.embedded.kafka import Program, discard_kafka, find_kafka, start_kafka, stop_kafka
from exchange.embedded.state import write_state


def silent(text: str) -> None:
    """Nobody waits for these notes."""


def test_a_taken_port_that_was_demanded_is_one_sentence(tmp_path: Path, services: object, cache_home: Path) -> None:
    """A demanded port that is taken ends with exit code 2 before anything is made."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Misuse) as raised:
            start_kafka(tmp_path / "kafka", Program(cache_home), silent, port=port)
    assert (raised.value.code, raised.value.exit_code) == ("port_taken", 2)
    assert str(port) in raised.value.message
    assert not (tmp_path / "kafka" / "storage").exists()


def test_a_cluster_id_that_begins_with_a_hyphen(tmp_path: Path, cache_home: Path) -> None:
    """One id in 64 begins with a hyphen; the storage is made for it like for any other."""
    directory = tmp_path / "kafka"
    directory.mkdir()
    write_state(directory, {"cluster": "-AAAAAAAAAAAAAAAAAAAAA"})
    try:
        assert start_kafka(directory, Program(cache_home), silent).pid
    finally:
        discard_kafka(directory, silent)


def test_missing_jars_are_one_sentence_when_downloads_are_forbidden(tmp_path: Path) -> None:
    """Offline and without jars the broker ends with exit code 2, and neither cache nor storage is begun."""
    with pytest.raises(Misuse) as raised:
        start_kafka(tmp_path / "kafka", Program(tmp_path / "cache", offline=True), silent)
    assert (raised.value.code, raised.value.exit_code) == ("download_missing", 2)
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "kafka" / "storage").exists()
    assert not stop_kafka(tmp_path / "kafka", silent)


UNREACHABLE = """
import sys
from pathlib import Path
from exchange.core.errors import Misuse
from exchange.embedded.jars import jars
try:
    jars(Path(sys.argv[1]), lambda text: None)
except Misuse as raised:
    print(raised.code, raised.exit_code)
"""


def test_an_unreachable_network_is_one_sentence(tmp_path: Path) -> None:
    """With no Maven and no network the download ends with exit code 2, and the cache holds nothing of it."""
    nowhere = "http://127.0.0.1:1"
    environ = {"PATH": str(tmp_path), "HOME": str(tmp_path), "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere}
    said = subprocess.run(
        [sys.executable, "-c", UNREACHABLE, str(tmp_path / "cache")],
        env=environ | {"https_proxy": nowhere, "http_proxy": nowhere},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert said.split() == ["download_missing", "2"]
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_an_incomplete_cache_is_never_used(tmp_path: Path, services: object, cache_home: Path) -> None:
    """One jar lost, or one byte changed, and the directory counts as missing."""
    whole = jars(cache_home, silent, offline=True)
    copy = tmp_path / whole.name
    copy.mkdir()
    for jar in whole.iterdir():
        (copy / jar.name).symlink_to(jar)
    assert jars(tmp_path, silent, offline=True) == copy
    first = copy / pinned()[0].name
    content = first.read_bytes()
    first.unlink()
    for broken in (None, content[:-1] + bytes([content[-1] ^ 1])):
        if broken is not None:
            first.write_bytes(broken)
        with pytest.raises(Misuse) as raised:
            jars(tmp_path, silent, offline=True)
        assert raised.value.code == "download_missing"


def test_the_list_names_every_jar_once_with_its_checksum() -> None:
    """The pinned list has Kafka 4.1 with its logger, every jar once, and nothing that Maven would add to it."""
    listed = pinned()
    assert {"kafka_2.13", "kafka-clients", "log4j-core", "log4j-slf4j-impl"} <= {jar.artifact for jar in listed}
    assert all(jar.version.startswith("4.1.") for jar in listed if jar.group == "org.apache.kafka")
    assert len({jar.name for jar in listed}) == len(listed)
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in listed)
    assert pom((parse("a.b:c:1 00"),)).count("<exclusion>") == 1


def test_another_program_with_our_process_id_is_not_our_broker(tmp_path: Path) -> None:
    """A process id is ours only with our own settings file on its command line."""
    (tmp_path / "server.pid").write_text(f"{os.getpid()}\n")
    assert find_kafka(tmp_path) is None
    (tmp_path / "server.pid").write_text("not a number\n")
    assert find_kafka(tmp_path) is None


def test_a_full_disk_leaves_no_storage(tmp_path: Path, services: object, cache_home: Path) -> None:
    """A broker that can't write its storage ends with one sentence; no half of it is left."""
    limited = """
import resource, sys
from pathlib import Path
from exchange.core.errors import Misuse
from exchange.embedded.kafka import Program, start_kafka
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    start_kafka(Path(sys.argv[1]), Program(Path(sys.argv[2]), offline=True), print)
except Misuse as raised:
    print(raised.code)
"""
    directory = tmp_path / "kafka"
    command = [sys.executable, "-c", limited, str(directory), str(cache_home)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert said.splitlines()[-1] == "disk_full"
    assert not list(directory.glob("storage*"))


@pytest.mark.parametrize("name", ["a,b", "100%", "${sys:user}", "a\nb", "\udcd5\udcc5"])
def test_a_path_that_kafka_would_misread_is_one_sentence(tmp_path: Path, cache_home: Path, name: str) -> None:
    """A comma would part the storage in two: such a path is refused by name before anything is made."""
    with pytest.raises(Misuse) as raised:
        start_kafka(tmp_path / name / "kafka", Program(cache_home, offline=True), silent)
    assert (raised.value.code, raised.value.exit_code) == ("path_unusable", 2)
    assert "HUB_HOME" in raised.value.hint
    assert str(raised.value).isprintable()
    assert not (tmp_path / name).exists()


def test_a_cache_that_java_would_misread_is_one_sentence(tmp_path: Path) -> None:
    """A colon would part the class path in two."""
    with pytest.raises(Misuse) as raised:
        start_kafka(tmp_path / "kafka", Program(tmp_path / "a:b", offline=True), silent)
    assert raised.value.code == "path_unusable"
    assert "XDG_CACHE_HOME" in raised.value.hint


def test_a_first_start_is_not_called_a_recovery(tmp_path: Path, cache_home: Path) -> None:
    """Who waits for a broker that was never there is told that it is being started."""
    directory, told_so, never = tmp_path / "kafka", [], Event()

    def hold() -> None:
        while (broker := find_kafka(directory)) is None:
            never.wait(0.01)
        broker.send_signal(signal.SIGSTOP)

    def note(text: str) -> None:
        told_so.append(text)
        if "Kafka (" in text and (broker := find_kafka(directory)):
            broker.send_signal(signal.SIGCONT)

    holding = Thread(target=hold, daemon=True)
    holding.start()
    try:
        start_kafka(directory, Program(cache_home, small=True), note)
    finally:
        discard_kafka(directory, silent)
    assert any(text.startswith("正在启动 Kafka。Starting Kafka (") for text in told_so)
    assert not any("recover" in text for text in told_so)


MAVEN = """\
[INFO] Downloading from central: https://jars.example/maven2/a/b/1/b-1.jar
[INFO] Downloaded from central: https://jars.example/maven2/org/plugins/plugin/3/plugin-3.jar (9 kB at 1 MB/s)
[INFO] Downloaded from central: https://jars.example/maven2/a/b/1/b-1.pom (2.1 kB at 40 kB/s)
[INFO] Downloaded from central: https://jars.example/maven2/a/b/1/b-1.jar (1.2 MB at 3.4 MB/s)
Downloaded: https://jars.example/maven2/a/c/1/c-1.jar (1.2 MB at 3.4 MB/s)
[INFO] Copying b-1.jar to /scratch/jars/b-1.jar
[INFO] Copying d-1.jar to /scratch/jars/d-1.jar
"""


def test_each_jar_moves_the_bar_once() -> None:
    """A jar counts when Maven has fetched it, or copies it because it had it before; others than ours never."""
    lines = MAVEN.splitlines()
    assert [told(line) for line in lines] == ["", "plugin-3.jar", "", "b-1.jar", "c-1.jar", "b-1.jar", "d-1.jar"]
    shown: list[int] = []
    step = counting({"b-1.jar", "c-1.jar", "d-1.jar"}, shown.append)
    for line in lines:
        step(told(line))
    assert shown == [1, 2, 2, 3]
