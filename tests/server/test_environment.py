"""What the environment says over server.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmstation_server.config import check
from warmstation_server.errors import BadConfig


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text('data_dir = "data"\n[broker]\nport = 1883\nusername = "server"\n')
    return path


def test_the_environment_is_over_the_file_and_leaves_the_rest_of_it(file: Path) -> None:
    config = check(
        file,
        {
            "WARMSTATION_BROKER__PORT": "8883",
            "WARMSTATION_HOME_ASSISTANT__ENABLED": "true",
            "WARMSTATION_EXPORTS__FORMS": '["csv"]',
            "WARMSTATION_DATA_DIR": "/srv/warmstation",
            "WARMSTATION_ALERTS__AGENT": "1.0",
            "WARMSTATION_CONFIG": "server.toml",
            "PATH": "/bin",
        },
    )
    assert (config.broker.port, config.broker.username) == (8883, "server")
    assert config.home_assistant.enabled is True
    assert config.exports.forms == ("csv",)
    assert config.data_dir == Path("/srv/warmstation")
    assert config.alerts.agent == "1.0"


def test_a_password_comes_from_the_environment_or_from_a_file_it_names(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("wärme\n")
    said = check(file, {"WARMSTATION_BROKER__PASSWORD": "kälte"})
    named = check(file, {"WARMSTATION_BROKER__PASSWORD_FILE": "secret"})
    assert said.broker.password_text() == "kälte"
    assert named.broker.password_text() == "wärme"
    assert "kälte" not in repr(said) + said.model_dump_json()


def test_any_key_can_be_in_a_file_of_its_own(file: Path, tmp_path: Path) -> None:
    url = tmp_path / "registry-url"
    url.write_text("postgresql+psycopg://server:s3cret@db/warmstation\n")
    config = check(file, {"WARMSTATION_REGISTRY__URL_FILE": str(url)})
    assert config.registry_url == "postgresql+psycopg://server:s3cret@db/warmstation"
    assert "s3cret" not in repr(config)


def test_no_secret_belongs_in_the_file(file: Path) -> None:
    file.write_text(file.read_text() + 'password = "kälte"\n')
    with pytest.raises(BadConfig, match=r"broker\.password: no secret belongs") as refusal:
        check(file, {})
    assert "kälte" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WARMSTATION_BROKER__PORT", "many", "broker.port: should be a valid integer"),
        ("WARMSTATION_BROKER__PORT", "0", "broker.port: should be from 1 up to 65535"),
        ("WARMSTATION_BROKER__PASWORD", "x", "broker.pasword: is not a key"),
        ("WARMSTATION_BROKR__PORT", "1", "there is no table brokr; there are broker, http"),
        ("WARMSTATION_LOG__FORMAT", "xml", "log.format: should be 'text' or 'json'"),
        ("WARMSTATION_REGISTRY__URL_FILE", "/nowhere/url", "/nowhere/url must be a readable file"),
        ("WARMSTATION_BROKER", "1883", "broker: should be"),
    ],
)
def test_a_mistake_names_the_variable_and_what_is_allowed(
    file: Path, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(BadConfig) as refusal:
        check(file, {name: value})
    assert str(refusal.value).startswith(name + ": ")
    assert sentence in str(refusal.value)


def test_a_key_said_twice_is_a_mistake(file: Path, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///x.db\n")
    both = {"REGISTRY__URL": "sqlite:///y.db", "REGISTRY__URL_FILE": str(tmp_path / "url")}
    with pytest.raises(BadConfig, match="says the same key"):
        check(file, {f"WARMSTATION_{name}": value for name, value in both.items()})
