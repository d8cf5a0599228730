"""A worker: what it imports and what it leaves out, what comes to it and back, and what becomes of its work if it is killed."""

from __future__ import annotations

import gc
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import polars as pl
import pytest
from adbc_driver_manager import AdbcStatusCode, ProgrammingError
from polars.testing import assert_frame_equal

from exchange.edge.crossing import SHARED_FROM
from exchange.edge.preparing import come_up
from exchange.edge.workers import Workers
from tests.edge.beside import begun, started


@pytest.fixture(name="worker", scope="module")
def one_worker() -> Iterator[Workers]:
    """One process that has come up as a run's own do: all that it works with is imported."""
    with Workers() as workers:
        begun(workers, come_up)
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
        worker.ask(import_module, "pandas").result()


@pytest.mark.parametrize("height", [0, 100, 60_000])
def test_a_frame_goes_there_and_back(worker: Workers, height: int) -> None:
    """Empty, small and as large as a page, the frame that comes back is the one that was sent."""
    sent = frame(height)
    assert (sent.estimated_size() > SHARED_FROM) == (height == 60_000)
    assert_frame_equal(worker.ask(pl.DataFrame.clone, sent).result(), sent)


def test_shared_memory_is_given_back(worker: Workers) -> None:
    """However many pages have crossed, no descriptor is left open on either side."""
    sent = frame(60_000)
    for _ in range(5):
        worker.ask(pl.DataFrame.clone, sent).result()
    assert shared_open() == worker.ask(shared_open).result() == 0


def shared_open() -> int:
    """How many descriptors of shared pages this process has open."""
    opened = [one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return sum("memfd:page" in str(name) for name in opened)


def refused() -> None:
    """What the driver raises where the database refuses a statement."""
    raise ProgrammingError("no such table", status_code=AdbcStatusCode.NOT_FOUND, vendor_code=None, sqlstate="42P01")


def test_a_refusal_of_the_database_crosses(worker: Workers) -> None:
    """An error of the driver comes back as the one it was, and the worker stays."""
    asked = worker.ask(refused)
    with pytest.raises(ProgrammingError, match="no such table") as told:
        asked.result()
    assert (told.value.status_code, told.value.sqlstate) == (AdbcStatusCode.NOT_FOUND, "42P01")
    assert worker.ask(os.getpid).result() != os.getpid()


def killed_while_telling() -> str:
    """In a worker: begin to send a long result and be killed; elsewhere it does no harm."""
    if parent_process() is None:
        return "here"
    [results] = [found for found in gc.get_objects() if isinstance(found, SimpleQueue)]
    os.write(vars(results)["_writer"].fileno(), struct.pack("!i", 1_000_000) + bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)
    return "there"


def test_killed_in_the_middle_of_a_result() -> None:
    """The rest of a result that never comes is not waited for: the work is done here, and all that is asked afterwards."""
    with Workers() as workers:
        started(workers)
        assert workers.ask(killed_while_telling).result() == "here"
        assert workers.ask(os.getpid).result() == os.getpid()
        assert not workers.up


def test_one_that_never_comes_up() -> None:
    """Where a worker is killed before it has come up, everything is done here."""
    with Workers() as workers:
        workers.start(killed_while_telling)
        [begins] = workers.begun
        assert isinstance(begins.exception(), BrokenProcessPool)
        assert not workers.up
        assert workers.ask(os.getpid).result() == os.getpid()


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
