"""Parse the DAG files as Airflow does, in a process of its own.

Argument: the DAG folder. Prints one JSON object: the serialised DAGs, and the modules that the DAG files brought in
beyond those of `airflow.sdk` itself.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from airflow.sdk.definitions._internal.contextmanager import DagContext


def main(folder: Path) -> None:
    """Parse first and count modules, then serialise: serialising brings in a lot itself."""
    before = set(sys.modules)
    DagContext.current_autoregister_module_name = __name__
    for path in sorted(folder.glob("*.py")):
        runpy.run_path(str(path))
    brought = sorted(set(sys.modules) - before)
    from airflow.serialization.serialized_objects import DagSerialization

    # Airflow keeps attributes in sets; it sorts them for the digest that tells one version of a DAG from the next.

    dags = [dag for dag, _ in DagContext.autoregistered_dags]
    serialised = {dag.dag_id: json.dumps(DagSerialization.serialize_dag(dag), sort_keys=True) for dag in dags}
    print("\n" + json.dumps({"brought": brought, "dags": serialised}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
