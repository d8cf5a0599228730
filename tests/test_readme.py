"""The README is a promise: each of its commands is run here as it stands, and each of its links leads somewhere."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from exchange.embedded import services
from exchange.embedded.airflow import stop_airflow
from exchange.embedded.postgres import start_postgres
from exchange.simulate import agencies

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"^```(?:console|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
SECONDS = 300
THIS_VERY_RUN = "uv run pytest"
STAYS = "uv run hub demo"
"""Goes on until Ctrl-C; ended so once Airflow has nothing left to do."""
LEFT = (
    "SELECT (SELECT count(*) FROM dag_run WHERE state IN ('queued', 'running')) + (SELECT count(*) FROM asset_event e "
    "WHERE NOT EXISTS (SELECT FROM dagrun_asset_event d WHERE d.event_id = e.id))"
)
RAN = "SELECT dag_id, min(state), max(state) FROM dag_run GROUP BY dag_id ORDER BY dag_id"


def commands(markdown: str) -> list[str]:
    r"""The command lines of all console blocks, in order, without prompts and remarks.

    >>> commands("```console\n$ uv run hub up   # starts\n\nuv run hub status\n```\n```json\n{}\n```\n")
    ['uv run hub up', 'uv run hub status']
    """
    lines = [line for block in BLOCK.findall(markdown) for line in block.splitlines()]
    return [shlex.join(words) for line in lines if (words := shlex.split(line.removeprefix("$ "), comments=True))]


COMMANDS = [line for line in commands((ROOT / "README.md").read_text("utf-8")) if line != THIS_VERY_RUN]


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A new home for the hub and the agencies; whatever was started there is stopped afterwards."""
    home = tmp_path_factory.mktemp("readme")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment = kept | {
        "HUB_HOME": str(home / "hub"),
        "HUB_AGENCIES_HOME": str(home / "agencies"),
        "UV_NO_SYNC": "1",  # the environment that runs the tests is the one that is tested
    }
    environment.pop("VIRTUAL_ENV", None)
    try:
        yield environment
    finally:
        stop_airflow(home / "hub", _silent)
        services.discard(home / "hub", _silent)
        agencies.discard(home / "agencies", _silent)


def _silent(text: str) -> None:
    """Nobody waits for these notes."""


@pytest.fixture(scope="module")
def outcomes(surroundings: dict[str, str]) -> dict[str, subprocess.CompletedProcess[str]]:
    """What became of each command, run in the README's order in one home."""
    return {command: (_stay if command == STAYS else _run)(command, surroundings) for command in COMMANDS}


def _stay(command: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the demo, and press Ctrl-C once it says so and its DAGs have ended; what it said ends with how they ended."""
    with subprocess.Popen(
        shlex.split(command), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        patience = Timer(2 * SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        patience.start()
        try:
            assert process.stderr
            said = "".join(takewhile(lambda line: "Ctrl-C ends this" not in line, process.stderr))
            ended = _dags_ended(process, Path(environment["HUB_HOME"]))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            shown, more = process.communicate()
        finally:
            patience.cancel()
    return subprocess.CompletedProcess(command, process.returncode, shown, f"{said}{more}{ended}")


def _dags_ended(process: subprocess.Popen[str], home: Path) -> str:
    """How the runs of each DAG ended, a line each, once nothing is left to run; nothing if the demo ended before."""
    ended = ""
    metadata = start_postgres(home / "postgres", _silent).superuser_url("airflow")
    while process.poll() is None and not ended:
        with psycopg.connect(metadata) as airflow:
            if airflow.execute(LEFT).fetchone() == (0,):
                ended = "\n".join(" ".join(row) for row in airflow.execute(RAN))
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
    return ended


def _run(command: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        shlex.split(command), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


@pytest.mark.servers
@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_does_what_the_readme_says(
    command: str, outcomes: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    """Each command of the README ends with exit code 0 and says something."""
    outcome = outcomes[command]
    assert outcome.returncode == 0, f"{command}\n{outcome.stdout[-2000:]}\n{outcome.stderr[-2000:]}"
    assert outcome.stdout.strip(), f"{command} prints nothing"


@pytest.mark.servers
@pytest.mark.airflow
def test_the_demo_runs_the_feeds_and_libraries_in_airflow(
    outcomes: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    """Until Ctrl-C ends the demo well, Airflow has run its three feeds and published both libraries, all to a good end."""
    outcome = outcomes[STAYS]
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    assert outcome.stderr.splitlines()[-5:] == [
        f"{dag} success success"
        for dag in (
            *("customs_enterprises", "market_regulation_companies", "public_security_residents"),
            *("publish_legal_person", "publish_person"),
        )
    ], outcome.stderr[-2000:]


def test_the_first_screen_holds_the_two_commands() -> None:
    """Demo and tests are the first two commands, within the first 25 lines, in both languages."""
    for name in READMES:
        text = (ROOT / name).read_text("utf-8")
        first_screen = "\n".join(text.splitlines()[:25])
        assert commands(text)[:2] == commands(first_screen)[:2] == ["uv run hub demo", THIS_VERY_RUN], name


def test_both_languages_name_the_same_commands() -> None:
    """What is run for README.md is also true of README.zh-CN.md."""
    english, chinese = (commands((ROOT / name).read_text("utf-8")) for name in READMES)
    assert english == chinese
    assert len(english) == len(set(english)) > 5


def test_every_link_leads_to_a_file() -> None:
    """Each relative link of a page in the project's folder or in docs/ names a file that is there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")]
    links = [(page, link) for page in pages for link in LINK.findall(page.read_text("utf-8"))]
    assert links
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_every_setting_is_explained_to_the_operator() -> None:
    """Each HUB_ variable that the settings read stands in docs/operators.md."""
    read = set(re.findall(r"\"(HUB_[A-Z]+(?:_[A-Z]+)*)\"", (ROOT / "exchange/edge/settings.py").read_text("utf-8")))
    assert {"HUB_HOME", "HUB_DATABASE_URL"} <= read
    operators = (ROOT / "docs" / "operators.md").read_text("utf-8")
    assert {name for name in read if f"`{name}`" not in operators} == set()
