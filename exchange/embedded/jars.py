"""Kafka's jars: exactly those of `kafka_jars.txt` (group:artifact:version and SHA-256), fetched once into a cache.

They come by `mvn` where it is installed (it knows the user's mirrors), else by the PyPI package `jgo`. A cache
directory exists only whole: it is filled under another name, every checksum is compared, then it gets its own.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from filelock import FileLock

from exchange.core.errors import Misuse
from exchange.embedded.child import Note, failure

_Step = Callable[[str], None]
_TOLD = re.compile(r"Downloaded(?: from \S+)?: \S*/([^/\s]+\.jar)\b|Copying ([^/\s]+\.jar) to ")
_HINT = (
    "接通网络后重试，或用 HUB_KAFKA_BOOTSTRAP 指向现有的 Kafka。"
    "Try again with a network, or point HUB_KAFKA_BOOTSTRAP at a Kafka of yours."
)


@dataclass(frozen=True)
class Jar:
    """One pinned artefact and the SHA-256 of its jar, in hexadecimal."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The jar's file name in every Maven repository."""
        return f"{self.artifact}-{self.version}.jar"


def pinned() -> tuple[Jar, ...]:
    """The jars that `kafka.Kafka` and `kafka.tools.StorageTool` need, with their logger."""
    text = files("exchange.embedded").joinpath("kafka_jars.txt").read_text(encoding="utf-8")
    return tuple(parse(line) for line in text.splitlines() if line)


def parse(line: str) -> Jar:
    """One line of the list.

    >>> parse("org.slf4j:slf4j-api:1.7.36 d3ef575e").name
    'slf4j-api-1.7.36.jar'
    """
    coordinates, sha256 = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256)


def jars(cache: Path, note: Note, *, offline: bool = False) -> Path:
    """The directory that holds all pinned jars, fetched if this cache has none. Raises Misuse `download_missing`.

    The whole content is hashed each time (0.1 s): a broken file is fetched again, never loaded.
    """
    wanted = pinned()
    key = hashlib.sha256("".join(jar.sha256 for jar in wanted).encode()).hexdigest()[:12]
    directory = cache / f"kafka-jars-{key}"
    if _whole(directory, wanted):
        return directory
    if offline:
        message = "缺少 Kafka 程序，又设置了 HUB_OFFLINE。Kafka's jars are missing and HUB_OFFLINE is set."
        raise Misuse("download_missing", message, _HINT)
    try:
        cache.mkdir(mode=0o755, parents=True, exist_ok=True)
        with FileLock(cache / "download.lock"):
            if not _whole(directory, wanted):
                _fill(directory, wanted, note)
    except PermissionError as denied:
        message = f"缓存目录不可写：{cache}。The cache directory {cache} is not writable."
        raise Misuse("cache_not_writable", message, "设置 XDG_CACHE_HOME。Set XDG_CACHE_HOME.") from denied
    except OSError as broken:
        raise failure("the download of Kafka", f"ERROR {broken}: {broken.strerror}", cache) from broken
    return directory


def _whole(directory: Path, wanted: tuple[Jar, ...]) -> bool:
    if not directory.is_dir():
        return False
    with ThreadPoolExecutor(2) as pool:
        return all(pool.map(lambda jar: _sha256(directory / jar.name) == jar.sha256, wanted))


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fill(directory: Path, wanted: tuple[Jar, ...], note: Note) -> None:
    note(f"下载 Kafka：{len(wanted)} 个文件，43 MB，只此一次。Fetching Kafka's {len(wanted)} jars, 43 MB, once.")
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix="new-") as scratch:
        new = Path(scratch, "jars")
        new.mkdir(mode=0o755)
        said = ""
        with _bar({jar.name for jar in wanted}) as step:
            if shutil.which("mvn"):
                said = _by_maven(wanted, Path(scratch), step)
            if any(not (new / jar.name).exists() for jar in wanted):
                said = _by_jgo(wanted, Path(scratch), step) or said
        wrong = [jar.name for jar in wanted if _sha256(new / jar.name) != jar.sha256]
        if wrong:
            _refuse(wrong, new, said)
        shutil.rmtree(directory, ignore_errors=True)
        new.rename(directory)


def _refuse(wrong: list[str], new: Path, said: str) -> None:
    present = [name for name in wrong if (new / name).exists()]
    if present:
        message = f"校验和不符：{present[0]}。The checksum of {present[0]} is not the pinned one."
        raise Misuse("download_broken", message, "检查镜像或代理。Check your mirror or proxy.")
    if "No space left" in said:
        raise failure("the download of Kafka", said, new.parent.parent)
    message = f"Kafka 有 {len(wrong)} 个文件下载不到。{len(wrong)} jars of Kafka can't be fetched ({wrong[0]} …)."
    raise Misuse("download_missing", message, _HINT)


def _by_maven(wanted: tuple[Jar, ...], scratch: Path, step: _Step) -> str:
    """Let Maven copy the listed artefacts and nothing that they depend on; what it said if it failed."""
    (scratch / "pom.xml").write_text(pom(wanted), encoding="utf-8")
    command = ["mvn", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={scratch / 'jars'}"]
    with subprocess.Popen(
        command, cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        said = ""
        for line in running.stdout or ():
            step(told(line))
            said = (said + line)[-4000:]
    return said if running.returncode else ""


def told(line: str) -> str:
    """The jar that a line of Maven's says has been fetched or, at the end of all, copied; empty for any other line.

    >>> told("[INFO] Downloaded from central: https://jars.example/a/b/1/b-1.jar (4 kB at 1 MB/s)")
    'b-1.jar'
    """
    found = _TOLD.search(line)
    return (found[1] or found[2]) if found else ""


def counting(names: AbstractSet[str], show: Callable[[int], None]) -> _Step:
    """A step that shows how many of these names have come: each once, however often it comes, and no other."""
    come: set[str] = set()

    def step(name: str) -> None:
        if name in names:
            come.add(name)
            show(len(come))

    return step


def pom(wanted: tuple[Jar, ...]) -> str:
    """A Maven project that depends on exactly these artefacts, whatever they themselves depend on."""
    exclusion = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    listed = "".join(
        f"<dependency><groupId>{escape(jar.group)}</groupId><artifactId>{escape(jar.artifact)}</artifactId>"
        f"<version>{escape(jar.version)}</version>{exclusion}</dependency>\n"
        for jar in wanted
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>hub</groupId><artifactId>kafka</artifactId>"
        f"<version>1</version><packaging>pom</packaging><dependencies>\n{listed}</dependencies></project>\n"
    )


def _by_jgo(wanted: tuple[Jar, ...], scratch: Path, step: _Step) -> str:
    """Fetch each jar by itself, eight at a time; what went wrong first if something did."""
    from jgo.maven import MavenContext  # 60 ms, needed once in a machine's life

    context = MavenContext(repo_cache=scratch / "repository", timeout=30)

    def fetch(jar: Jar) -> str:
        try:
            found = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
            shutil.copyfile(found, scratch / "jars" / jar.name)
        except (RuntimeError, OSError) as broken:
            return f"{type(broken).__name__}: {broken}"
        step(jar.name)
        return ""

    with ThreadPoolExecutor(8) as pool:
        missing = (jar for jar in wanted if not (scratch / "jars" / jar.name).exists())
        return next((said for said in pool.map(fetch, missing) if said), "")


@contextmanager
def _bar(names: AbstractSet[str]) -> Iterator[_Step]:
    """A progress bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Kafka", total=len(names))
        yield counting(names, lambda come: progress.update(task, completed=come))
