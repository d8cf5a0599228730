"""How frames cross from one process to another: as Arrow IPC, a large one in memory that both see.

polars' own pickle takes ten times as long for columns of envelopes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from multiprocessing.reduction import DupFd, ForkingPickler
from typing import Any

import polars as pl

SHARED_FROM = 4_000_000
"""Bytes from which a frame is handed over in memory that both processes see; a smaller one goes through the pipe."""


def _parcel(frame: pl.DataFrame) -> tuple[Callable[[Any], pl.DataFrame], tuple[Any]]:
    if frame.estimated_size() >= SHARED_FROM and hasattr(os, "memfd_create"):
        with suppress(OSError):  # no room, no socket to pass a descriptor through: the pipe serves as well
            return _shared, (_in_memory(frame),)
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="uncompressed")
    return _piped, (buffer.getvalue(),)


def _in_memory(frame: pl.DataFrame) -> Any:
    """The frame in memory without a name, gone when both processes have closed it, however they end."""
    with open(os.memfd_create("page"), "wb") as memory:
        frame.write_ipc(memory, compression="uncompressed")
        return DupFd(memory.fileno())


def _piped(parcel: bytes) -> pl.DataFrame:
    return pl.read_ipc(BytesIO(parcel))


def _shared(parcel: Any) -> pl.DataFrame:
    with open(parcel.detach(), "rb") as memory:
        return pl.read_ipc(f"/proc/self/fd/{memory.fileno()}")


ForkingPickler.register(pl.DataFrame, _parcel)
