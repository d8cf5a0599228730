"""What must hold of a library's golden table before it is published, generated from the columns' facts (design §4.5).

Expectations are values; `exchange.edge.quality` runs them. None holds or returns a value of a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from exchange.core.codes import code_list
from schemas import columns

Kind = Literal["not_null", "unique", "held_once", "in_list", "paired", "row_count"]
"""not_null, unique, in_list: as they say (in_list lets null pass). held_once: an identifier stands in one golden record,
unless the hub recorded why it kept two apart. paired: an envelope and the id of its record are there together, or
neither. row_count: as many rows as the library has live entities."""


@dataclass(frozen=True)
class Expectation:
    """One expectation; `codes` are the codes allowed, for in_list only."""

    kind: Kind
    column: str
    codes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The stable name that a failing gate shows.

        >>> Expectation("not_null", "name").name
        'name.not_null'
        """
        return f"{self.column}.{self.kind}"


def suite(library: str) -> tuple[Expectation, ...]:
    """The library's expectations in the order of its columns; KeyError for an unknown library.

    >>> [each.name for each in suite("person")][:3]
    ['entity_id.unique', 'entity_id.row_count', 'sources.not_null']
    """
    public = [fact for fact in columns.facts(library) if fact.level == "public"]
    strongest = columns.links(library)[:1]
    own = (
        Expectation("unique", "entity_id"),
        Expectation("row_count", "entity_id"),
        Expectation("not_null", "sources"),
    )
    return (
        *own,
        *(Expectation("not_null", fact.name) for fact in public if fact.required),
        *(Expectation("held_once", fact.name) for fact in public if fact.name in strongest),
        *(
            Expectation("in_list", fact.name, tuple(code_list(fact.code_list).titles))
            for fact in public
            if fact.code_list
        ),
        *(Expectation("paired", group) for group in columns.groups(library)),
    )
