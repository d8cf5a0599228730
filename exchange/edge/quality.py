"""The publishing gate: a Great Expectations checkpoint on a library's golden table, run as SQL in PostgreSQL.

Great Expectations shows offending values in every result form but BOOLEAN_ONLY, draws progress bars into logs, and
reports its use to its makers: all three are off. It keeps nothing on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, make_url

from exchange.core.errors import Away, Broken
from exchange.core.expectations import Expectation, suite
from exchange.edge.store.database import Store
from exchange.edge.store.golden_tables import golden_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from great_expectations.checkpoint.checkpoint import CheckpointResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation as Check

SHOWN = 10
"""Names of failed expectations that a held gate shows; more would not fit a line."""


@dataclass(frozen=True)
class Gate:
    """What the gate found: how many expectations it tried, and the names of those that do not hold."""

    library: str
    tried: int
    failed: tuple[str, ...]


def hold(gate: Gate) -> Gate:
    """The gate itself if it passed; else Broken `gate_held`, with the names of what does not hold."""
    if not gate.failed:
        return gate
    names = ", ".join(gate.failed[:SHOWN]) + (" …" if len(gate.failed) > SHOWN else "")
    raise Broken(
        "gate_held",
        f"{gate.library} 库未通过发布前检查：{names}。The library {gate.library} is held before publishing: {names}.",
        "查明原因并改正后重新运行；此前已发布的不受影响。"
        "Find the cause, mend it and run again; what was published before stands.",
    )


def check(store: Store, library: str) -> Gate:
    """Try the library's expectations on its golden table as it stands now. KeyError for an unknown library."""
    expected = suite(library)
    context, golden = _golden(store, library)
    result = _run(context, golden, [_check_of(each, library) for each in expected])
    [ran] = result.run_results.values()
    if any(_unanswered(each) for each in ran.results):
        raise _away(library)
    held = {_name_of(each): bool(each.success) for each in ran.results}
    return Gate(library, len(expected), tuple(each.name for each in expected if not held[each.name]))


def _golden(store: Store, library: str) -> tuple[EphemeralDataContext, BatchDefinition[Any]]:
    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    context = great_expectations.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    address = make_url(store.url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    try:
        # It makes several engines, and keeps them: with this pool none of them keeps a connection.
        unpooled: dict[str, Any] = {"kwargs": {"poolclass": NullPool}}
        source = context.data_sources.add_postgres(name="hub", connection_string=address, **unpooled)
        table = source.add_table_asset(name=library, table_name=golden_name(library))
    except TestConnectionError:
        raise _away(library) from None
    return context, table.add_batch_definition_whole_table(name="now")


def _run(context: EphemeralDataContext, golden: BatchDefinition[Any], checks: Sequence[Check]) -> CheckpointResult:
    from great_expectations import Checkpoint, ExpectationSuite, ValidationDefinition

    wanted = context.suites.add(suite=ExpectationSuite(name="gate", expectations=list(checks)))
    validation = context.validation_definitions.add(
        validation=ValidationDefinition(name="gate", data=golden, suite=wanted)
    )
    gate = Checkpoint(name="gate", validation_definitions=[validation], result_format="BOOLEAN_ONLY")
    return context.checkpoints.add(checkpoint=gate).run()


def _unanswered(found: ExpectationValidationResult) -> bool:
    """Whether the database gave no answer. Great Expectations counts that as a failure, and keeps the exception apart:
    one, or one for each quantity it wanted."""
    info = found.exception_info or {}
    each = info.values() if info and all(isinstance(one, dict) for one in info.values()) else [info]
    return any(bool(one.get("raised_exception")) for one in each)


def _away(library: str) -> Away:
    return Away(
        "gate_unanswered",
        f"{library} 库的发布前检查未能完成。The check of the library {library} before publishing could not be completed.",
        "检查数据库后重试；未发布任何内容。Look at the database and try again; nothing was published.",
    )


def _name_of(found: ExpectationValidationResult) -> str:
    config = found.expectation_config
    return str((config.meta or {})["name"]) if config else ""


def _check_of(expected: Expectation, library: str) -> Check:
    """The Great Expectations form of one of ours."""
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
    from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

    meta = {"name": expected.name}
    if expected.kind == "not_null":
        return ExpectColumnValuesToNotBeNull(column=expected.column, meta=meta)
    if expected.kind == "unique":
        return ExpectColumnValuesToBeUnique(column=expected.column, meta=meta)
    if expected.kind == "in_list":
        return ExpectColumnValuesToBeInSet(column=expected.column, value_set=list(expected.codes), meta=meta)
    return UnexpectedRowsExpectation(unexpected_rows_query=_sql(expected, library), meta=meta)


def _sql(expected: Expectation, library: str) -> str:
    """A query that finds a row, with nothing in it, where the expectation does not hold; one statement, one snapshot."""
    column = expected.column
    if expected.kind == "row_count":
        live = f"coalesce((SELECT entities FROM library WHERE name = '{library}'), 0)"
        return f"SELECT 1 AS found WHERE (SELECT count(*) FROM {{batch}}) <> {live}"
    if expected.kind == "paired":
        return f"SELECT 1 AS found FROM {{batch}} WHERE ({column} IS NULL) <> ({column}_record IS NULL) LIMIT 1"
    apart = f"SELECT entity_id FROM link_conflict WHERE kind = '{column}'"
    held = f"SELECT 1 AS found FROM {{batch}} WHERE {column} IS NOT NULL AND entity_id NOT IN ({apart})"
    return f"{held} GROUP BY {column} HAVING count(*) > 1 LIMIT 1"
