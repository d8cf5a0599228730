"""Run DAGs with `dag.test()`, in a process of its own, because Airflow reads its settings when it is imported.

Arguments: the DAG folder, then DAG ids. Prints one JSON object: import errors and the state of each run.
"""

from __future__ import annotations

import json
import sys

from airflow.dag_processing.dagbag import DagBag


def main(folder: str, ids: list[str]) -> None:
    """Run the DAGs one after the other."""
    bag = DagBag(folder)
    states = {dag_id: str(bag.dags[dag_id].test().state) for dag_id in ids}
    print(json.dumps({"import_errors": bag.import_errors, "dags": sorted(bag.dags), "states": states}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
