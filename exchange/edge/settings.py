"""The hub's settings, read once from the environment.

| variable | meaning | default |
|---|---|---|
| HUB_HOME | the hub's servers, keys and logs | `.hub` |
| HUB_AGENCIES_HOME | the simulated agencies | `.hub-agencies` |
| HUB_DATABASE_URL | a PostgreSQL to use instead of the embedded one | |
| HUB_KAFKA_BOOTSTRAP | a Kafka to use instead of the embedded one, `host:port,…` | |
| HUB_KAFKA_SECURITY_PROTOCOL | PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL | |
| HUB_KAFKA_SASL_MECHANISM, _SASL_USERNAME, _SASL_PASSWORD, HUB_KAFKA_CA_FILE | how to log in there | |
| HUB_POSTGRES_PORT, HUB_KAFKA_PORT | demand a port of the embedded servers | chosen and remembered |
| HUB_OFFLINE | `1`: never download; `0`: may | `0` |
| HUB_SUITE | how new key periods seal: `sm4` (SM4-CTR with HMAC-SM3) or `aes` (AES-256-GCM) | `sm4` |
| XDG_CACHE_HOME | where downloads are kept, in `binhai-exchange-hub` | `~/.cache` |
| HUB_CODES_URL | the folder of code lists that the DAG `code_lists` loads | |
| HUB_<CONNECTOR>_URL, HUB_<CONNECTOR>_TOKEN | an agency's address, before `agencies.json` in HUB_HOME | |
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exchange.core.envelope import AES_256_GCM, SM4_CTR_HMAC_SM3
from exchange.core.errors import Misuse

_SECURITY = {
    "HUB_KAFKA_SECURITY_PROTOCOL": "security.protocol",
    "HUB_KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "HUB_KAFKA_SASL_USERNAME": "sasl.username",
    "HUB_KAFKA_SASL_PASSWORD": "sasl.password",
    "HUB_KAFKA_CA_FILE": "ssl.ca.location",
}
_OURS = ("XDG_CACHE_HOME", "HOME")
_SUITES = {"sm4": SM4_CTR_HMAC_SM3, "aes": AES_256_GCM}
_PROTOCOLS = frozenset({"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"})


@dataclass(frozen=True)
class Address:
    """Where a feed is fetched: a URL or a directory, and the token or password for it if there is one."""

    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. `repr` shows no address with a password, no login, no token."""

    home: Path
    agencies_home: Path
    cache_home: Path
    database_url: str | None = field(default=None, repr=False)
    kafka_bootstrap: str | None = None
    kafka_security: Mapping[str, str] = field(default_factory=dict, repr=False)
    postgres_port: int | None = None
    kafka_port: int | None = None
    offline: bool = False
    suite: int = SM4_CTR_HMAC_SM3
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def from_environment(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; an empty value counts as unset. Raises Misuse `bad_setting` naming the variable.

    >>> settings = from_environment({"HUB_HOME": "/srv/hub", "HUB_KAFKA_PORT": "9092"})
    >>> settings.home.name, settings.kafka_port, settings.database_url
    ('hub', 9092, None)
    """
    kept = {name: value for name, value in environ.items() if value and (name.startswith("HUB_") or name in _OURS)}
    home = Path(kept.get("HUB_HOME", ".hub"))
    user_cache = Path(kept["HOME"], ".cache") if "HOME" in kept else home / "cache"
    return Settings(
        home=home.absolute(),
        agencies_home=Path(kept.get("HUB_AGENCIES_HOME", ".hub-agencies")).absolute(),
        cache_home=Path(kept.get("XDG_CACHE_HOME", user_cache), "binhai-exchange-hub").absolute(),
        database_url=_database_url(kept.get("HUB_DATABASE_URL")),
        kafka_bootstrap=kept.get("HUB_KAFKA_BOOTSTRAP"),
        kafka_security=_security(kept),
        postgres_port=_port(kept, "HUB_POSTGRES_PORT"),
        kafka_port=_port(kept, "HUB_KAFKA_PORT"),
        offline=_switch(kept, "HUB_OFFLINE"),
        suite=_suite(kept.get("HUB_SUITE", "sm4")),
        environ=kept,
    )


def address(settings: Settings, connector: str) -> Address:
    """Where the feed of this connector is: HUB_<CONNECTOR>_URL and _TOKEN, else its entry in `agencies.json`.

    Raises Misuse `no_address` if neither names it.
    """
    prefix = f"HUB_{connector.upper()}_"
    if url := settings.environ.get(prefix + "URL"):
        return Address(url, settings.environ.get(prefix + "TOKEN"))
    path = settings.home / "agencies.json"
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))[connector]
        return Address(str(entry["url"]), entry.get("token"))
    except (FileNotFoundError, KeyError):
        message = f"不知道 {connector} 的地址。The address of {connector} is not set."
        raise Misuse("no_address", message, f"设置 {prefix}URL。Set {prefix}URL, or pass --from.") from None
    except (json.JSONDecodeError, TypeError, AttributeError):
        # `from None`: the parser's message could quote a token.
        message = f"{path} 的格式不对。{path} is not of the form {{connector: {{url, token}}}}."
        raise Misuse("bad_setting", message, "更正该文件。Correct that file.") from None


def token_of(settings: Settings, connector: str) -> str | None:
    """The token for an address given on the command line: HUB_<CONNECTOR>_TOKEN alone; the one that `agencies.json` keeps
    for its own address is not shown to another."""
    return settings.environ.get(f"HUB_{connector.upper()}_TOKEN")


def _database_url(text: str | None) -> str | None:
    if text is not None and not text.startswith(("postgresql://", "postgres://")):
        raise _bad("HUB_DATABASE_URL", "须以 postgresql:// 开头", "must begin with postgresql://")
    return text.replace("postgres://", "postgresql://", 1) if text else None


def _security(environ: Mapping[str, str]) -> Mapping[str, str]:
    security = {option: environ[name] for name, option in _SECURITY.items() if name in environ}
    if security.get("security.protocol", "PLAINTEXT") not in _PROTOCOLS:
        allowed = ", ".join(sorted(_PROTOCOLS))
        raise _bad("HUB_KAFKA_SECURITY_PROTOCOL", f"须为 {allowed} 之一", f"must be one of {allowed}")
    return security


def _port(environ: Mapping[str, str], name: str) -> int | None:
    text = environ.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise _bad(name, "须为 1 到 65535 的整数", "must be a whole number from 1 to 65535")
    return int(text)


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "0")
    if text not in ("0", "1"):
        raise _bad(name, "须为 0 或 1", "must be 0 or 1")
    return text == "1"


def _suite(text: str) -> int:
    if text not in _SUITES:
        raise _bad("HUB_SUITE", "须为 sm4 或 aes", "must be sm4 or aes")
    return _SUITES[text]


def _bad(name: str, zh: str, en: str) -> Misuse:
    return Misuse("bad_setting", f"设置 {name} {zh}。The setting {name} {en}.", "更正后重试。Correct it and try again.")
