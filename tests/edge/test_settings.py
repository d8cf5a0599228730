"""Settings come from the environment alone, and refuse what makes no sense by the variable's name."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from exchange.core.errors import Misuse
from exchange.edge.settings import Address, address, from_environment, token_of


def test_defaults_and_an_empty_value() -> None:
    """An empty variable counts as unset; state goes below the working directory, downloads to the user's cache."""
    settings = from_environment({"HOME": "/home/steward", "HUB_HOME": "", "HUB_DATABASE_URL": ""})
    assert settings.home == Path.cwd() / ".hub"
    assert settings.agencies_home == Path.cwd() / ".hub-agencies"
    assert settings.cache_home == Path("/home/steward/.cache/binhai-exchange-hub")
    assert from_environment({"XDG_CACHE_HOME": "/c", "HOME": "/h"}).cache_home == Path("/c/binhai-exchange-hub")
    assert (settings.database_url, settings.kafka_bootstrap, settings.offline) == (None, None, False)


def test_a_kafka_of_ones_own_is_named_in_librdkafkas_words() -> None:
    """TLS and SASL settings become the options that the client takes."""
    settings = from_environment(
        {
            "HUB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "HUB_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "HUB_KAFKA_SASL_USERNAME": "hub",
            "HUB_KAFKA_SASL_PASSWORD": "letmein",
            "HUB_KAFKA_CA_FILE": "/etc/ca.pem",
        }
    )
    assert settings.kafka_security == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "hub",
        "sasl.password": "letmein",
        "ssl.ca.location": "/etc/ca.pem",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_DATABASE_URL", "mysql://letmein@db/hub"),
        ("HUB_KAFKA_SECURITY_PROTOCOL", "letmein"),
        ("HUB_POSTGRES_PORT", "70000"),
        ("HUB_KAFKA_PORT", "-1"),
        ("HUB_KAFKA_PORT", "９０９２"),
        ("HUB_OFFLINE", "letmein"),
        ("HUB_SUITE", "letmein"),
        ("HUB_SUITE", "AES"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    """The message names the variable and never repeats its value, which may be a secret."""
    with pytest.raises(Misuse) as raised:
        from_environment({name: value})
    assert raised.value.code == "bad_setting"
    assert name in raised.value.message
    assert value not in raised.value.message


def test_no_secret_is_shown() -> None:
    """Neither settings nor addresses show a password or token; their copy is whole."""
    settings = from_environment(
        {
            "HUB_DATABASE_URL": "postgresql://hub:letmein@db.example/hub",
            "HUB_KAFKA_SASL_PASSWORD": "letmein",
            "HUB_CUSTOMS_ENTERPRISES_URL": "https://u:letmein@customs.example",
            "HUB_CUSTOMS_ENTERPRISES_TOKEN": "letmein",
        }
    )
    assert "letmein" not in repr(settings)
    assert "letmein" not in repr(address(settings, "customs_enterprises"))
    assert copy.deepcopy(settings) == settings


def test_an_address_comes_from_the_environment_or_the_file(tmp_path: Path) -> None:
    """A feed's variable goes before its entry in `agencies.json`; without both, the missing variable is named."""
    settings = from_environment({"HUB_HOME": str(tmp_path), "HUB_A_FEED_URL": "file:///drop"})
    assert address(settings, "a_feed") == Address("file:///drop")
    with pytest.raises(Misuse, match="b_feed") as raised:
        address(settings, "b_feed")
    assert "HUB_B_FEED_URL" in raised.value.hint
    (tmp_path / "agencies.json").write_text(json.dumps({"b_feed": {"url": "http://127.0.0.1:1", "token": "t"}}))
    assert address(settings, "b_feed") == Address("http://127.0.0.1:1", "t")
    with pytest.raises(Misuse):
        address(settings, "c_feed")


@pytest.mark.parametrize("text", ['{"a_feed": "letmein"}', '{"a_feed": {"url": letmein}}', "[]"])
def test_a_broken_file_of_addresses_is_refused_without_its_content(tmp_path: Path, text: str) -> None:
    """A file that isn't of the right form is named; nothing of it is repeated."""
    (tmp_path / "agencies.json").write_text(text)
    with pytest.raises(Misuse) as raised:
        address(from_environment({"HUB_HOME": str(tmp_path)}), "a_feed")
    assert raised.value.code == "bad_setting"
    assert "letmein" not in str(raised.value) + repr(raised.value.__cause__)


def test_a_kept_token_is_not_shown_to_another_address(tmp_path: Path) -> None:
    """For an address of the command line only the token of the environment counts, never the one kept in the file."""
    (tmp_path / "agencies.json").write_text(json.dumps({"b_feed": {"url": "http://127.0.0.1:1", "token": "t"}}))
    assert token_of(from_environment({"HUB_HOME": str(tmp_path)}), "b_feed") is None
    given = {"HUB_HOME": str(tmp_path), "HUB_B_FEED_TOKEN": "mine"}
    assert token_of(from_environment(given), "b_feed") == "mine"
