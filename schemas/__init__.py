"""One pandera model per kind of record; everything else (tables, masking, documents, suites) is generated from them.

`model` imports pandera when it is called, so that a connector's author or the command line need not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandera.polars as pa

LIBRARIES = ("legal_person", "person")
VERSION = {"legal_person": 4, "person": 4}
"""Schema version per library; raised with every change of a column or a rule, and of the code that reads and judges rows
wherever a row may come out otherwise: rows judged under a version are not judged again while it holds."""


def model(library: str) -> type[pa.DataFrameModel]:
    """The library's model; KeyError for a library that isn't in `LIBRARIES`."""
    if library not in LIBRARIES:
        raise KeyError(library)
    found: type[pa.DataFrameModel] = import_module(f"schemas.{library}").MODEL
    return found
