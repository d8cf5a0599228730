"""The master key file: made once, whole, for its owner alone; and what it wraps."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.core.envelope import SealBroken
from exchange.core.errors import Misuse
from exchange.edge.keys import MASTER_KEY, FileKeys, KeyProvider, open_file_keys

SECRET = bytes(range(32))


def test_first_use_makes_a_key_for_the_owner_alone(tmp_path: Path) -> None:
    """The file has mode 0600 and its directory 0700, and a second opening reads the same key."""
    first = open_file_keys(tmp_path, create=True)
    path = tmp_path / MASTER_KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]
    assert open_file_keys(tmp_path, create=True) == open_file_keys(tmp_path, create=False) == first


def test_wrapped_secret_opens_with_its_context_alone(tmp_path: Path) -> None:
    """A wrapped secret holds no secret byte string, opens with its context, and with no other."""
    keys: KeyProvider = open_file_keys(tmp_path, create=True)
    wrapped = keys.wrap(SECRET, b"legal_person/contact")
    assert SECRET not in wrapped
    assert keys.unwrap(wrapped, b"legal_person/contact") == SECRET
    assert keys.wrap(SECRET, b"legal_person/contact") != wrapped
    with pytest.raises(SealBroken):
        keys.unwrap(wrapped, b"legal_person/representative")


def test_another_master_key_is_named_not_tried(tmp_path: Path) -> None:
    """What another master key wrapped is refused with both ids and the way out."""
    one, other = (open_file_keys(tmp_path / name, create=True) for name in ("one", "other"))
    with pytest.raises(Misuse) as refused:
        other.unwrap(one.wrap(SECRET, b"c"), b"c")
    assert refused.value.code == "master_key_other"
    assert one.master_id.hex() in refused.value.message
    assert other.master_id.hex() in refused.value.message


def test_repr_shows_no_key(tmp_path: Path) -> None:
    """Neither the file's digits nor the wrapping key are in the provider's repr."""
    keys = open_file_keys(tmp_path, create=True)
    digits = (tmp_path / MASTER_KEY).read_text().strip()
    for hidden in (digits, repr(bytes.fromhex(digits)), keys.wrapping.encryption.hex(), repr(keys.wrapping.encryption)):
        assert hidden not in repr(keys)


def widen_file(path: Path) -> None:
    """Let the group read the key."""
    path.chmod(0o640)


def widen_directory(path: Path) -> None:
    """Let everyone list the directory."""
    path.parent.chmod(0o755)


def give_file_away(path: Path) -> None:
    """The key belongs to another user, who could change its mode."""
    os.chown(path, 65534, -1)


def give_directory_away(path: Path) -> None:
    """The directory belongs to another user, who could put another key in it."""
    os.chown(path.parent, 65534, -1)


def cut(path: Path) -> None:
    """Half a key."""
    path.write_text(path.read_text()[:32])


def not_hexadecimal(path: Path) -> None:
    """As long as a key, but none."""
    path.write_text("z" * 64 + "\n")


def link_elsewhere(path: Path) -> None:
    """A symbolic link in the key's place."""
    path.rename(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


def directory_in_its_place(path: Path) -> None:
    """A directory of the key's name."""
    path.unlink()
    path.mkdir(mode=0o700)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (widen_file, "master_key_open"),
        (widen_directory, "master_key_open"),
        (cut, "master_key_damaged"),
        (not_hexadecimal, "master_key_damaged"),
        (link_elsewhere, "master_key_unreadable"),
        (directory_in_its_place, "master_key_unreadable"),
    ],
)
def test_a_spoilt_key_is_refused_and_left_alone(
    tmp_path: Path, spoil: Callable[[Path], None], code: str, create: bool
) -> None:
    """Exit code 2, a message in both languages that names the file and shows no key; nothing is replaced."""
    open_file_keys(tmp_path, create=True)
    path = tmp_path / MASTER_KEY
    digits = path.read_text().strip()
    spoil(path)
    before = sorted((each.name, each.lstat().st_mtime_ns) for each in path.parent.iterdir())
    with pytest.raises(Misuse) as refused:
        open_file_keys(tmp_path, create=create)
    error = refused.value
    assert (error.code, error.exit_code) == (code, 2)
    assert "keys" in error.message
    assert "。" in error.message
    assert error.message.isascii() is False
    assert digits[:32] not in error.message + error.hint
    assert sorted((each.name, each.lstat().st_mtime_ns) for each in path.parent.iterdir()) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("give_away", [give_file_away, give_directory_away])
def test_a_key_of_another_user_is_refused(tmp_path: Path, give_away: Callable[[Path], None], create: bool) -> None:
    """A key whose file or directory belongs to neither this user nor root is exit code 2, and says which and whose."""
    open_file_keys(tmp_path, create=True)
    path = tmp_path / MASTER_KEY
    digits = path.read_text().strip()
    give_away(path)
    with pytest.raises(Misuse) as refused:
        open_file_keys(tmp_path, create=create)
    error = refused.value
    assert (error.code, error.exit_code) == ("master_key_foreign", 2)
    named = path if give_away is give_file_away else path.parent
    assert f" {named} " in error.message
    assert "65534" in error.message
    assert digits[:32] not in error.message + error.hint
    assert path.read_text().strip() == digits


def test_missing_key_is_not_replaced(tmp_path: Path) -> None:
    """Once secrets exist, a missing file is a loss: refused, and no new key is made."""
    for home in (tmp_path / "never", tmp_path):
        with pytest.raises(Misuse) as refused:
            open_file_keys(home, create=False)
        assert refused.value.code == "master_key_missing"
        assert not (home / MASTER_KEY).exists()


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    """A user whose files are open by default still gets a key of mode 0600."""
    before = os.umask(0)
    try:
        open_file_keys(tmp_path, create=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / MASTER_KEY).stat().st_mode) == 0o600


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    """Six processes, let go at once, all hold the key that is in the file, and leave nothing beside it."""
    code = (
        "import sys, pathlib; from exchange.edge.keys import open_file_keys; print('ready', flush=True); "
        "sys.stdin.readline(); print(open_file_keys(pathlib.Path(sys.argv[1]), create=True).master_id.hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ids = {process.communicate(timeout=120)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0] * 6
    assert ids == {open_file_keys(tmp_path, create=False).master_id.hex()}
    assert [each.name for each in (tmp_path / "keys").iterdir()] == ["master.key"]


def test_provider_is_a_value(tmp_path: Path) -> None:
    """The file is read once: the provider keeps working when the file goes, and a new one is refused."""
    keys = open_file_keys(tmp_path, create=True)
    wrapped = keys.wrap(SECRET, b"c")
    (tmp_path / MASTER_KEY).unlink()
    assert isinstance(keys, FileKeys)
    assert keys.unwrap(wrapped, b"c") == SECRET
    with pytest.raises(Misuse):
        open_file_keys(tmp_path, create=False)
