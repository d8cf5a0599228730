"""Why a batch's rows were refused: the reasons of its quarantine entries, counted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from exchange.edge.store import tables as t
from exchange.edge.store.batches import Batch


@dataclass(frozen=True)
class Reason:
    """`rows` of a batch were refused because `column` broke `rule`; a row that is none, or has no such column, on ""."""

    column: str
    rule: str
    rows: int


@dataclass(frozen=True)
class Refusals:
    """`rows`: refused rows that have a reason. `reasons`: the most frequent first; a row may have several."""

    rows: int = 0
    reasons: tuple[Reason, ...] = ()


def refusals_of(engine: Engine, batch: Batch) -> Refusals:
    """Why rows of the batch are in quarantine; asked before the batch is closed, for then no other can refuse them again."""
    q = t.quarantine.c
    asked = select(q.reasons, func.sum(q.last_times)).where(q.feed_id == batch.feed_id, q.last_batch_id == batch.id)
    with engine.begin() as connection:
        kinds = [(json.loads(text), int(times)) for text, times in connection.execute(asked.group_by(q.reasons))]
    rows: Counter[tuple[str, str]] = Counter()
    for reasons, times in kinds:
        for column, rule in reasons:
            rows[column, rule] += times
    frequent = sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    told = tuple(Reason(column, rule, times) for (column, rule), times in frequent)
    return Refusals(sum(times for reasons, times in kinds if reasons), told)
