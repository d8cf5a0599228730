"""The simulated agencies of a small world, running for all tests of this folder; and a second set that may advance."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchange.simulate.agencies import Agencies, discard, start

COMPANIES = 1_800
SEED = 11


def note(text: str) -> None:
    """Show progress where pytest shows output."""
    sys.stderr.write(text + "\n")


@dataclass(frozen=True)
class Place:
    """Running agencies and where they keep what they hold."""

    home: Path
    agencies: Agencies


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Agencies at day 0; no test changes them."""
    home = tmp_path_factory.mktemp("agencies")
    try:
        yield _running(home)
    finally:
        discard(home, note)


@pytest.fixture(scope="session")
def moving_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where agencies lie that tests advance, stop and replace."""
    home = tmp_path_factory.mktemp("moving")
    try:
        yield home
    finally:
        discard(home, note)


@pytest.fixture
def moving(moving_home: Path) -> Place:
    """These agencies, running the same world, on whatever day a test has left them."""
    return _running(moving_home)


def _running(home: Path) -> Place:
    return Place(home, start(home, companies=COMPANIES, seed=SEED, note=note))
