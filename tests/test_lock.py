"""The lock is the truth: pyproject.toml repeats it, and no file says where anything is downloaded from."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HOSTS = re.compile(
    r"https?://[\w.-]*\b(pypi|pythonhosted|repo1?|maven|registry|mirrors?|proxy|files|download|deb|crates|npmjs|index)\b[\w.-]*\.[a-z]+",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root)/\w|" + re.escape(str(ROOT)))


def _tracked() -> list[Path]:
    """What git tracks or would track: new files count before they are added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def _locked() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]


def _pyproject() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_constraints_are_those_of_the_lock() -> None:
    """`scripts/constraints.py --check` finds pyproject.toml up to date, and the list that uv reads is the lock's."""
    checked = subprocess.run([sys.executable, "scripts/constraints.py", "--check"], cwd=ROOT, check=False)
    assert checked.returncode == 0
    settings = _pyproject()["tool"]
    assert isinstance(settings, dict)
    assert [Requirement(line) for line in settings["uv"]["constraint-dependencies"]] == _locked()


def test_every_direct_dependency_is_pinned_to_the_version_of_the_lock() -> None:
    """A direct dependency has one exact version, and the lock holds that version and no other."""
    pyproject = _pyproject()
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    assert isinstance(project, dict)
    assert isinstance(groups, dict)
    locked = {canonicalize_name(pin.name): {str(pin.specifier)} for pin in _locked()}
    for pin in _locked():
        locked[canonicalize_name(pin.name)].add(str(pin.specifier))
    direct = [Requirement(line) for line in [*project["dependencies"], *groups["dev"]]]
    assert direct
    for requirement in direct:
        assert locked[canonicalize_name(requirement.name)] == {str(requirement.specifier)}, requirement.name


def test_every_line_of_the_lock_has_a_hash() -> None:
    """Each pin is followed by at least one sha256, so that `--require-hashes` can hold."""
    entries = re.split(r"^(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) == len(_locked()) > 100
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("pattern", [HOSTS, MACHINE_PATHS], ids=["download hosts", "machine paths"])
def test_no_file_names_a_download_host_or_a_path_of_one_machine(pattern: re.Pattern[str]) -> None:
    """Where packages come from is the machine's own setting; where the tree lies is nobody's business."""
    this = Path(__file__).resolve()
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked()
        if path != this
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "see https://" + "pypi.org/simple",
        "https://" + "repo1.maven.org/maven2",
        "https://files." + "pythonhosted.org/x",
    ],
)
def test_the_search_for_download_hosts_finds_them(line: str) -> None:
    """The pattern above meets the hosts that it is there for."""
    assert HOSTS.search(line)


def test_uvs_own_lock_is_not_tracked() -> None:
    """uv.lock names download hosts, so git ignores it."""
    ignored = subprocess.run(["git", "check-ignore", "-q", "uv.lock"], cwd=ROOT, check=False)
    assert ignored.returncode == 0
