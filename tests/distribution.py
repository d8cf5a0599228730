"""How pytest-xdist shares the tests out: by file; whole folders that start servers of their own; what waits longest first."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/dags/", "tests/simulate/", "tests/verify/")
"""Each has a fixture of its session that starts servers: a second worker would start them again."""
FIRST = (
    *("tests/dags/", "tests/test_readme.py", "tests/verify/", "tests/simulate/"),
    *("tests/edge/", "tests/cli/", "tests/embedded/"),
)
"""They run for minutes and wait much; a worker that began one last would work on alone."""


class ByServers(LoadFileScheduling):
    """Gives a worker a file of tests at a time, or a folder."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def turn(nodeid: str) -> int:
    """Where a test stands among the others: a sort by it keeps the random order within a folder."""
    return next((at for at, folder in enumerate(FIRST) if nodeid.startswith(folder)), len(FIRST))
