"""The key provider: who keeps the master key, and wraps the hub's secrets with it.

`KeyProvider` is the seam: a certified device or software module (GM/T 0018, PKCS #11) takes the place of `FileKeys`
without any other change, since only wrapped secrets are stored and only `unwrap` gives them back. `FileKeys` keeps the
master key in `<home>/keys/master.key`, one line of 64 hexadecimal digits, readable by the hub's user alone.

No key, no publishing: a key that is missing, unreadable, open to others or another user's raises Misuse (exit 2). Nothing
here falls back to plaintext. Losing the file loses every sealed value, so a copy belongs in a safe (docs/envelope.md).
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exchange.core.data_key import DataKey, derive
from exchange.core.envelope import KEY_ID_BYTES, SM4_CTR_HMAC_SM3, parse
from exchange.core.errors import Misuse
from exchange.core.keyed import KEY_BYTES, expand
from exchange.core.seal import ROW_NONCE_BYTES, open_envelope, seal

MASTER_KEY = Path("keys") / "master.key"
_LINE_BYTES = 2 * KEY_BYTES + 1
_RESTORE = "从备份恢复主密钥文件。Restore the master key file from its backup copy."


class KeyProvider(Protocol):
    """Wraps and unwraps secrets of 32 bytes; `context` binds a wrapped secret to what it is for."""

    @property
    def master_id(self) -> bytes:
        """Eight bytes that name the master key; not secret."""
        ...

    @property
    def suite(self) -> int:
        """The suite in which periods are opened from now on; one that is open keeps its own."""
        ...

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """The secret sealed under the master key."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret; Misuse if another master key wrapped it, SealBroken if it was changed or moved."""
        ...


@dataclass(frozen=True)
class FileKeys:
    """A master key read from a file; made by `open_file_keys`. Wrapped secrets are envelopes of suite 1 with n = 0."""

    master_id: bytes
    wrapping: DataKey = field(repr=False)
    suite: int = SM4_CTR_HMAC_SM3

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Seal a secret; the envelope's key id is the master key's."""
        return seal(self.wrapping, secret, context, secrets.token_bytes(ROW_NONCE_BYTES))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Open a wrapped secret."""
        key_id = parse(wrapped).key_id
        if key_id != self.master_id:
            raise Misuse(
                "master_key_other",
                f"密钥由另一主密钥 {key_id.hex()} 封装,现有主密钥为 {self.master_id.hex()}。"
                f"The secret is wrapped under master key {key_id.hex()}, but {self.master_id.hex()} is at hand.",
                _RESTORE,
            )
        return open_envelope(self.wrapping, wrapped, context)


def open_file_keys(home: Path, *, create: bool) -> FileKeys:
    """Read the master key below `home`; with `create`, make it if there is none.

    `create` is only right while nothing is wrapped yet. Two processes that create at once end with one key. Raises
    Misuse if the file is missing or unreadable, is no master key, or if it or its directory is open to others or another's.
    """
    path = home / MASTER_KEY
    try:
        if create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_private(path.parent, path.parent.stat())
            if not path.exists():
                _create(path)
        line = _read(path)
    except FileNotFoundError:
        raise Misuse(
            "master_key_missing",
            f"找不到主密钥文件 {path},而数据库中已有用它封装的密钥。"
            f"The master key file {path} is missing, and the database holds secrets wrapped under it.",
            _RESTORE,
        ) from None
    except OSError as error:
        raise Misuse(
            "master_key_unreadable",
            f"无法读写主密钥文件 {path}:{error.strerror}。Can't read or write the master key {path}: {error.strerror}.",
            "检查文件、所有者与磁盘空间。Check the file, its owner and the disk space.",
        ) from None
    return _from_line(path, line)


def _from_line(path: Path, line: bytes) -> FileKeys:
    try:
        master = bytes.fromhex(line.decode("ascii").removesuffix("\n"))
    except ValueError:
        master = b""
    if len(master) != KEY_BYTES:
        raise Misuse(
            "master_key_damaged", f"主密钥文件 {path} 已损坏。The master key file {path} is damaged.", _RESTORE
        )
    master_id = expand(master, KEY_ID_BYTES, b"master id")
    return FileKeys(master_id, derive(master, master_id, 0, SM4_CTR_HMAC_SM3))


def _read(path: Path) -> bytes:
    """The file's line, after it and its directory were found to be this user's alone; links are not followed."""
    _check_private(path.parent, path.parent.stat())
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check_private(path, os.fstat(descriptor))
        return os.read(descriptor, 2 * _LINE_BYTES)
    finally:
        os.close(descriptor)


def _check_private(path: Path, status: os.stat_result) -> None:
    """Misuse where others may reach it, or may give themselves the right to: a file's owner can always change its mode."""
    if status.st_uid not in (0, os.geteuid()):
        raise Misuse(
            "master_key_foreign",
            f"{path} 属于用户 {status.st_uid},既非本用户也非 root。"
            f"The owner of {path} is user {status.st_uid}, neither this one nor root.",
            f"查明原因后运行 chown {os.geteuid()} {path},并考虑更换密钥。"
            f"Find out why, run chown {os.geteuid()} {path}, and think of new keys.",
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = f"{stat.S_IMODE(status.st_mode):04o}"
        wanted = "0700" if stat.S_ISDIR(status.st_mode) else "0600"
        raise Misuse(
            "master_key_open",
            f"{path} 的权限为 {mode},他人可以访问。{path} has mode {mode}: others can reach it.",
            f"运行 chmod {wanted} {path},并考虑更换密钥。Run chmod {wanted} {path}, and think of new keys.",
        )


def _create(path: Path) -> None:
    """Put a new key at `path`, whole and on disk, unless another process was first.

    The key is written under a name of its own and then linked: a link is atomic and fails when the name exists, so no
    reader ever meets half a key, and whoever comes second reads the first one's.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        draft.unlink()
