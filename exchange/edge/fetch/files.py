"""Folders of CSV drops: which files are whole and new, and their pages.

A file is known by what it holds: SHA-256 of its bytes, of which the partition's name carries twelve digits
(`customs_20260105_01.csv#0123456789ab`). The same bytes under another name are recognised and skipped; other bytes
under the same name are a new delivery. A page's place in a file is its number, so a file is resumed by reading it again
from the start and passing over the settled pages.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from itertools import islice
from pathlib import Path

from exchange.core.connector import FileSource
from exchange.core.errors import Away, Misuse, Refuse
from exchange.core.page import RawPage
from exchange.core.readers.csv import read_csv
from exchange.core.readers.headers import Promised

BLOCK_BYTES = 4 * 1024 * 1024
DIGEST_CHARS = 12
DATED = re.compile(r"_(\d{8})_(\d{2})(?=\.)")
CHANGED = "file_changed"
SLOT = 864_000_000
"""Microseconds of one of the hundred deliveries a day can have."""


@dataclass(frozen=True)
class Drop:
    """One whole file, as it was when its digest was taken."""

    name: str
    path: Path
    digest: str
    size: int
    modified_ns: int
    inode: int

    @property
    def partition(self) -> str:
        """The name under which the hub remembers this delivery."""
        return f"{self.name}#{self.digest[:DIGEST_CHARS]}"


@dataclass(frozen=True)
class Folder:
    """The files of a folder at one moment: to read (by name), recognised as read before, not whole yet."""

    drops: tuple[Drop, ...]
    skipped: tuple[str, ...]
    waiting: tuple[str, ...]


def partitions(source: FileSource, folder: Path, seen: Collection[str], now: float) -> Folder:
    """Look through a folder. `seen`: partitions (or digests) of deliveries already read; `now`: seconds since 1970.

    Raises Misuse if the folder is not there or is a file, Refuse for a link, a name with control characters, a thing that is no
    file, or a place outside the folder.
    """
    if folder.is_file():
        raise Misuse(
            "folder_missing",
            f"{folder} 是文件，不是目录。{folder} is a file, not a folder.",
            f"改用它所在的目录。Give the folder it lies in: {folder.parent}",
        )
    if not folder.is_dir():
        raise Misuse(
            "folder_missing",
            f"目录不存在：{folder}。There is no folder {folder}.",
            "核对地址设置或 --from。Check the address in the settings, or --from.",
        )
    known = {name.rpartition("#")[2][:DIGEST_CHARS] for name in seen}
    drops: list[Drop] = []
    skipped: list[str] = []
    waiting: list[str] = []
    for path in sorted(folder.glob(source.glob)):
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.relative_to(folder).as_posix()
        _require_plain(path, name, folder)
        with _reading(name):
            whole = _is_whole(source, path, now)
        if not whole:
            waiting.append(name)
            continue
        drop = _drop(path, name)
        digest = drop.digest[:DIGEST_CHARS]
        if digest in known:
            skipped.append(name)
            continue
        known.add(digest)
        drops.append(drop)
    return Folder(tuple(drops), tuple(skipped), tuple(waiting))


def pages(connector: str, source: FileSource, drop: Drop, page_rows: int, start_number: int = 0) -> Iterator[RawPage]:
    """Pages of one file from page `start_number` on. Raises Refuse if the file changes while it is read or is not as the
    connector says, Away if reading fails; both name it.

    A page's cursor is `<number of the next page>/<rows of a page>`: a file must be resumed with pages of that size.
    """
    promised = Promised(source.columns, source.aliases)
    read = read_csv(_blocks(drop), connector=connector, encoding=source.encoding, columns=promised, page_rows=page_rows)
    delivered_at = delivered(drop.name, drop.modified_ns)
    try:
        for number, page in islice(enumerate(read), start_number, None):
            cursor = f"{number + 1}/{page_rows}"
            yield RawPage(drop.partition, number, page.rows, page.broken, cursor, delivered_at, page.marked)
    except Refuse as error:
        if error.code == CHANGED:
            raise
        raise Refuse(error.code, f"文件（file）{drop.name!r}：{error.message}", error.hint) from None


def resumed_rows(cursors: Mapping[str, str | None], partition: str, page_rows: int) -> int:
    """Rows of a page with which a partition was begun; `page_rows` for a new one.

    >>> resumed_rows({"a.csv#0123456789ab": "3/20000"}, "a.csv#0123456789ab", 500)
    20000
    """
    return int((cursors.get(partition) or "").partition("/")[2] or page_rows)


def delivered(name: str, modified_ns: int) -> int:
    """When a file was delivered, in microseconds since 1970 UTC; orders the versions of a row.

    `…_YYYYMMDD_NN.csv` says it: the day, the delivery of the day, and among files of one such name the seconds from
    that day to the change of the file (a mended file comes later). Copying changes the time of a file, so that counts
    only where the name says nothing.

    >>> delivered("customs_19700102_01.csv", 86_407 * 10**9) - 86_400 * 10**6 - SLOT
    7
    >>> delivered("drop.csv", 5_000)
    5
    """
    dated = DATED.search(name)
    try:
        day = datetime.strptime(dated[1], "%Y%m%d").replace(tzinfo=UTC) if dated else None
    except ValueError:
        day = None
    if dated is None or day is None:
        return modified_ns // 1000
    start = int(day.timestamp())
    late = min(max(modified_ns // 10**9 - start, 0), SLOT - 1)
    return start * 10**6 + int(dated[2]) * SLOT + late


def _require_plain(path: Path, name: str, folder: Path) -> None:
    """Raise Refuse unless a path is a regular file inside the folder with a printable name."""
    why = ""
    if not name.isprintable():
        why = "文件名含控制字符。Its name has control characters."
    elif path.is_symlink():
        why = "是符号链接。It is a symbolic link."
    elif not path.is_file():
        why = "不是普通文件。It is no regular file."
    elif not path.resolve().is_relative_to(folder.resolve()):
        why = "在目录之外。It lies outside the folder."
    if why:
        raise Refuse(
            "file_refused",
            f"拒收文件 {name!r}：{why}",
            "请从目录中移走该文件，再运行一次。Take it out of the folder and run again.",
        )


def _is_whole(source: FileSource, path: Path, now: float) -> bool:
    if source.done_suffix is not None:
        return path.with_name(path.name + source.done_suffix).is_file()
    return now - path.stat().st_mtime >= source.settle_seconds


def _drop(path: Path, name: str) -> Drop:
    with _reading(name), _open(path) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise _changed(name)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        drop = Drop(name, path, digest, before.st_size, before.st_mtime_ns, before.st_ino)
        _require_same(drop, file.fileno())
    return drop


def _blocks(drop: Drop) -> Iterator[bytes]:
    with _reading(drop.name), _open(drop.path) as file:
        _require_same(drop, file.fileno())
        while block := file.read(BLOCK_BYTES):
            _require_same(drop, file.fileno())
            yield block
        if file.tell() != drop.size:
            raise _changed(drop.name)


def _open(path: Path) -> FileIO:
    return FileIO(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """A file that is gone has changed; whatever else the system answers (a disk, a share, permissions) may pass."""
    try:
        yield
    except FileNotFoundError:
        raise _changed(name) from None
    except OSError as error:
        raise Away(
            "file_unreadable",
            f"无法读取文件 {name!r}：{error.strerror}。The file can't be read: {error.strerror}.",
            "检查权限和磁盘后再运行一次。Check its permissions and the disk, then run again.",
        ) from error


def _require_same(drop: Drop, descriptor: int) -> None:
    now = os.fstat(descriptor)
    if (now.st_size, now.st_mtime_ns, now.st_ino) != (drop.size, drop.modified_ns, drop.inode):
        raise _changed(drop.name)


def _changed(name: str) -> Refuse:
    return Refuse(
        CHANGED,
        f"文件 {name!r} 在读取时被改动。The file changed while it was read.",
        "请机构写完后再放置完成标记，然后再运行一次。Have the agency finish it before its done-marker, then run again.",
    )
