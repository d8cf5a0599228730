"""What Airflow sees of a task that fails: whether to try again, in the hub's words, without a value."""

from __future__ import annotations

import json

import pytest

from tests.dags.hubs import Hub

pytestmark = [pytest.mark.airflow, pytest.mark.servers]
SECRET = "120116199001017777"


@pytest.fixture(scope="module")
def failed(hub: Hub) -> dict[str, tuple[str, str, bool]]:
    """Case → kind of exception, text, whether another exception is shown with it."""
    return {case: tuple(found) for case, found in json.loads(hub.script("fail_tasks.py", SECRET)).items()}


@pytest.mark.parametrize(("case", "code"), [("misuse", "no_address"), ("broken", "batch_ended")])
def test_what_is_wrong_is_not_tried_again(failed: dict[str, tuple[str, str, bool]], case: str, code: str) -> None:
    """Wrong settings and an ended batch fail at once: another try would meet the same."""
    kind, text, _ = failed[case]
    assert kind == "AirflowFailException"
    assert text.startswith(f"[{code}]")


@pytest.mark.parametrize("case", ["away", "unforeseen"])
def test_what_may_pass_is_tried_again(failed: dict[str, tuple[str, str, bool]], case: str) -> None:
    """What is away, and what nobody foresaw, is tried again as the DAG says."""
    assert failed[case][0] == "AirflowException"


def test_a_task_log_shows_no_value(failed: dict[str, tuple[str, str, bool]]) -> None:
    """No foreign exception goes into a task's log, neither as text nor as cause: it could quote a row."""
    assert failed["unforeseen"][1].startswith("[unexpected] ")
    assert [case for case, (_, text, more) in failed.items() if SECRET in text or more] == []
