"""A process that prepares: what it imports and what it leaves out."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import pytest

from exchange.edge.work import _is_up
from exchange.edge.worker import begin


def test_it_prepares_without_pandas() -> None:
    """All that preparing needs is imported there, and pandas, which pandera and pyarrow would bring along, is not."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=begin) as executor:
        assert executor.submit(_is_up).result()
        with pytest.raises(ModuleNotFoundError, match="pandas"):
            executor.submit(import_module, "pandas").result()
