"""I6, broken by hand in a sound hub."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from exchange.verify.quarantine import quarantined_in
from exchange.verify.run import examine
from tests.verify.small_hub import SmallHub, broken

pytestmark = pytest.mark.servers
FIRST = "(SELECT min(id) FROM quarantine)"
BROKEN = {
    "entry deleted": ((f"DELETE FROM quarantine WHERE id = {FIRST}",), "refused rows that no entry counts"),
    "keyed entry deleted": (
        ("DELETE FROM quarantine WHERE id = (SELECT min(id) FROM quarantine WHERE record_id IS NOT NULL)",),
        "refused keys without an entry",
    ),
    "times": ((f"UPDATE quarantine SET times = times + 1 WHERE id = {FIRST}",), "refused rows that no entry counts"),
    "no reason": ((f"UPDATE quarantine SET reasons = '[]' WHERE id = {FIRST}",), "entries without reasons"),
    "no batch": ((f"UPDATE quarantine SET batch_id = 999 WHERE id = {FIRST}",), "entries without their batch"),
    "another row": (
        (f"UPDATE quarantine SET row = row + 100000 WHERE id = {FIRST}",),
        "entries that point at no refused row",
    ),
    "no envelope": ((f"UPDATE quarantine SET envelope = 'plain' WHERE id = {FIRST}",), "entries without an envelope"),
    "envelope damaged": (
        (f"UPDATE quarantine SET envelope = set_byte(envelope, 70, 255 - get_byte(envelope, 70)) WHERE id = {FIRST}",),
        "entries that do not open",
    ),
    "envelopes swapped": (
        ("UPDATE quarantine q SET envelope = o.envelope FROM quarantine o WHERE q.id IN (1, 2) AND o.id = 3 - q.id",),
        "entries that do not open",
    ),
    "opened twice": (
        (
            "DROP INDEX uq_quarantine_open",
            (
                "INSERT INTO quarantine (library_id, feed_id, fingerprint, record_id, reasons, envelope, contract, batch_id, "
                "partition, page, row, last_batch_id) SELECT library_id, feed_id, fingerprint, record_id, reasons, envelope, "
                f"contract, batch_id, partition, page, row, last_batch_id FROM quarantine WHERE id = {FIRST}"
            ),
        ),
        "rows with two open entries",
    ),
    "row never refused": (
        ("UPDATE page SET dispositions = replace_five(dispositions)",),
        "refused rows that no entry counts",
    ),
}
REPLACE = (
    "CREATE FUNCTION replace_five(bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS "
    "$$ SELECT decode(replace(encode($1, 'hex'), '05', '00'), 'hex') $$"
)


@pytest.mark.parametrize("case", BROKEN)
def test_quarantine_broken(hub: SmallHub, case: str) -> None:
    """Each way of losing a refused row, its reasons or its content is found and named."""
    statements, phrase = BROKEN[case]
    with broken(hub, REPLACE, *statements) as session:
        found = quarantined_in(hub.ground(), session)
    assert not found.ok
    assert phrase in found.detail


def test_later_states(hub: SmallHub) -> None:
    """An entry that was decided on is still the entry of its row."""
    with broken(hub, f"UPDATE quarantine SET state = 'released' WHERE id = {FIRST}") as session:
        assert quarantined_in(hub.ground(), session).ok


def test_master_key_gone(hub: SmallHub, tmp_path: Path) -> None:
    """Without the master key nothing can be opened, so nothing is ok."""
    ground = hub.ground()
    elsewhere = dataclasses.replace(ground, settings=dataclasses.replace(ground.settings, home=tmp_path))
    assert not examine(elsewhere, hub.prefix)["I6"].ok
