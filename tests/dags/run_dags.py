"""Run DAGs with `dag.test()`, in a process of its own, because Airflow reads its settings when it is imported.

Arguments: the DAG folder (empty: Airflow's), then DAG ids. Prints one JSON object on its last line: import errors, and
the state of each run.
"""

from __future__ import annotations

import json
import sys

from airflow.dag_processing.dagbag import DagBag


def main(folder: str, ids: list[str]) -> None:
    """Run the DAGs one after the other."""
    bag = DagBag(folder or None)
    for dag in bag.dags.values():
        for task in dag.tasks:
            task.retries = 0  # a test does not wait for a second try
    states = [(dag_id, str(bag.dags[dag_id].test().state)) for dag_id in ids]
    print("\n" + json.dumps({"import_errors": bag.import_errors, "states": states}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
