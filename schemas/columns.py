"""Facts of columns: what each column of a library means, where it comes from, and how it must be handled.

The facts stand in the pandera models, in each field's metadata, and nowhere else; this module reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypedDict, Unpack

import pandera.polars as pa
import polars as pl

from schemas import model

Level = Literal["public", "internal", "L2", "L3", "L4"]
"""public: shown to everyone. internal: never leaves the hub. L2 to L4: sealed (personal, sensitive, most sensitive)."""
Match = Literal["exact", "name", "person", "address", "phone", "date"]
"""exact: equal values mean the same entity. Others: how two values are compared where no identifier decides."""
Form = Literal["id", "code", "name", "text", "phone", "value"]
"""How a text is cleaned: id and code to their compact form, name without blanks between Han characters, text hardly."""


@dataclass(frozen=True)
class Fact:
    """One column of a library. `group` is the field group sealed together; None only for public and internal columns.

    `survivorship`: agencies whose value is believed first, the most authoritative first; () = the library's default.
    """

    name: str
    zh: str
    en: str
    standard: str
    level: Level
    group: str | None
    match: Match | None
    code_list: str | None
    survivorship: tuple[str, ...]
    dtype: pl.DataType
    form: Form = "text"
    required: bool = False


class More(TypedDict, total=False):
    """Facts of a column that most columns leave at their default."""

    match: Match | None
    code_list: str | None
    survivorship: tuple[str, ...]
    form: Form
    required: bool


def column(
    zh: str, en: str, standard: str, level: Level = "public", group: str | None = None, **more: Unpack[More]
) -> Any:
    """A pandera field that carries the column's facts as metadata."""
    plain = More(match=None, code_list=None, survivorship=(), form="text", required=False)
    facts = {"zh": zh, "en": en, "standard": standard, "level": level, "group": group, **plain, **more}
    return pa.Field(nullable=not more.get("required"), title=zh, description=en, metadata=facts)


@cache
def facts(library: str) -> tuple[Fact, ...]:
    """The library's columns in their order; KeyError for an unknown library."""
    return tuple(
        Fact(name=name, dtype=field.dtype.type, **(field.metadata or {}))
        for name, field in model(library).to_schema().columns.items()
    )


@cache
def fact(library: str, name: str) -> Fact:
    """One column's facts; KeyError for a column that the library doesn't have."""
    for one in facts(library):
        if one.name == name:
            return one
    raise KeyError(f"{library}.{name}")


@cache
def groups(library: str) -> tuple[str, ...]:
    """Field groups in the order of their first columns."""
    return tuple(dict.fromkeys(one.group for one in facts(library) if one.group))


@cache
def public(library: str) -> tuple[str, ...]:
    """Names of the columns that every reader of the library sees."""
    return tuple(one.name for one in facts(library) if one.level == "public")


@cache
def unsealed(library: str) -> tuple[str, ...]:
    """Names of the columns that stand in the hub in plain (public and internal): no citizen id may be in them."""
    return tuple(one.name for one in facts(library) if one.group is None)


@cache
def links(library: str) -> tuple[str, ...]:
    """Kinds of exact identifiers, the strongest first (their order in the model)."""
    return tuple(one.name for one in facts(library) if one.match == "exact")


@cache
def polars_schema(library: str) -> pl.Schema:
    """Column names and dtypes of a record, in order."""
    return pl.Schema({one.name: one.dtype for one in facts(library)})
