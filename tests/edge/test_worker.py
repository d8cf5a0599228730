"""A process that prepares: what it imports and what it leaves out, and how frames come to it and back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from exchange.edge.crossing import SHARED_FROM
from exchange.edge.workers import Workers


@pytest.fixture(name="worker", scope="module")
def one_worker() -> Iterator[Workers]:
    """One process that has come up as a run's own do: all that it works with is imported."""
    with Workers(1) as workers:
        workers.start(partial(import_module, "exchange.edge.work"))
        yield workers


def frame(height: int) -> pl.DataFrame:
    """A frame with texts, envelopes and holes, some 130 bytes a row."""
    number = pl.int_range(height, eager=True)
    envelope = pl.Series([None if at % 7 == 0 else bytes([at % 251]) * 90 for at in range(height)], dtype=pl.Binary)
    text = pl.select(pl.when(number % 5 > 0).then(pl.format("天津{}号", number))).to_series()
    return pl.DataFrame({"row": number, "name": text, "contact": envelope})


def test_it_prepares_without_pandas(worker: Workers) -> None:
    """All that preparing needs is imported there, and pandas, which pandera and pyarrow would bring along, is not."""
    with pytest.raises(ModuleNotFoundError, match="pandas"):
        worker.submit(import_module, "pandas").result()


@pytest.mark.parametrize("height", [0, 100, 60_000])
def test_a_frame_goes_there_and_back(worker: Workers, height: int) -> None:
    """Empty, small and as large as a page, the frame that comes back is the one that was sent."""
    sent = frame(height)
    assert (sent.estimated_size() > SHARED_FROM) == (height == 60_000)
    assert_frame_equal(worker.submit(pl.DataFrame.clone, sent).result(), sent)


def test_shared_memory_is_given_back(worker: Workers) -> None:
    """However many pages have crossed, no descriptor is left open on either side."""
    sent = frame(60_000)
    for _ in range(5):
        worker.submit(pl.DataFrame.clone, sent).result()
    assert shared_open() == worker.submit(shared_open).result() == 0


def shared_open() -> int:
    """How many descriptors of shared pages this process has open."""
    opened = [one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return sum("memfd:page" in str(name) for name in opened)


CROSSING = """
import pickle
import polars as pl
from multiprocessing.reduction import ForkingPickler
from exchange.edge.crossing import SHARED_FROM
sent = pl.DataFrame({"n": pl.int_range(1_000_000, eager=True)})
assert sent.estimated_size() > SHARED_FROM
assert pickle.loads(ForkingPickler.dumps(sent)).equals(sent)
"""


def test_without_a_socket_the_pipe_serves(tmp_path: Path) -> None:
    """Where no socket can be made, since the path of the temporary files is too long for one, a large frame still crosses."""
    far = tmp_path / ("far" * 50)
    far.mkdir()
    told = subprocess.run(
        [sys.executable, "-c", CROSSING], env={**os.environ, "TMPDIR": str(far)}, capture_output=True, check=False
    )
    assert (told.returncode, told.stderr.decode()) == (0, "")
