"""What crosses from one process to another, and how: frames as Arrow IPC, a large one in memory that both see, and the
database driver's errors.

polars' own pickle takes ten times as long for columns of envelopes; the driver's errors can't be unpickled by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from multiprocessing.reduction import DupFd, ForkingPickler
from typing import Any

import adbc_driver_manager as adbc
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


def _error(error: adbc.Error) -> tuple[Callable[..., adbc.Error], tuple[Any, ...]]:
    return _same_error, (type(error), str(error), error.status_code, error.vendor_code, error.sqlstate)


def _same_error(kind: type[adbc.Error], text: str, status: Any, vendor: Any, sqlstate: str | None) -> adbc.Error:
    return kind(text, status_code=status, vendor_code=vendor, sqlstate=sqlstate)


ForkingPickler.register(pl.DataFrame, _parcel)
_KINDS: list[type[adbc.Error]] = [adbc.Error, *adbc.Error.__subclasses__(), *adbc.DatabaseError.__subclasses__()]
for _kind in _KINDS:
    ForkingPickler.register(_kind, _error)
