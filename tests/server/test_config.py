"""server.toml: what is read, what is refused, and how it is said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from warmstation_server.config import check, parse
from warmstation_server.errors import BadConfig


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "server.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_data_directory_is_all_that_must_be_said(tmp_path: Path) -> None:
    config = check(write(tmp_path, 'data_dir = "/var/lib/warmstation"'))
    assert config.data_dir == Path("/var/lib/warmstation")
    assert config.http.host == "127.0.0.1"
    assert config.registry_url == "sqlite:////var/lib/warmstation/registry.db"
    assert config.retention == timedelta(days=90)
    assert config.base_url == "http://127.0.0.1:8000"


def test_relative_paths_count_from_the_files_own_directory(tmp_path: Path) -> None:
    config = check(
        write(tmp_path, 'data_dir = "data"\n[feed]\ndirectory = "feed"\n[http]\nport = 81')
    )
    assert config.data_dir == tmp_path / "data"
    assert config.feed.directory == tmp_path / "feed"
    assert config.http.port == 81


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({}, "server.toml: data_dir: must be given"),
        ({"data_dir": "d", "colour": 1}, "server.toml: colour: is not a key of this file"),
        ({"data_dir": "d", "histroy": {}}, "histroy: is not a key of this file: did you mean hist"),
        (
            {"data_dir": "d", "feed": {"colour": 1}},
            "feed.colour: is not a key of this file: known are directory",
        ),
        (
            {"data_dir": "d", "broker": {"port": 99999}},
            "broker.port: should be from 1 up to 65535",
        ),
        (
            {"data_dir": "d", "http": {"base_url": "stations.example.org"}},
            "http.base_url: should be an address with http:// or https:// before it",
        ),
        (
            {"data_dir": "d", "history": {"bucket": "a b"}},
            "history.bucket: should be 1 to 64 of the characters",
        ),
        ({"data_dir": "d", "broker": {"port": 0}}, "broker.port: should be from 1 up to"),
        ({"data_dir": "d", "broker": {"port": "1883"}}, "broker.port: should be a valid integer"),
        (
            {"data_dir": "d", "exports": {"forms": ["docx"]}},
            "exports.forms.0: should be 'xlsx', 'pdf', 'csv' or 'hours'",
        ),
        ({"data_dir": "d", "zone": "Asia/Kunshan"}, "zone: must be an IANA time zone"),
        (
            {"data_dir": "d", "history": {"storage": "duckdb"}},
            "history.storage: should be 'sqlite'",
        ),
        (
            {"data_dir": "d", "broker": {"password_file": "p"}},
            "broker: password_file needs username",
        ),
        (
            {"data_dir": "d", "broker": {"cert_file": "c"}},
            "broker: cert_file and key_file go together",
        ),
        (
            {"data_dir": "d", "history": {"url": "http://influx", "ca_file": "c"}},
            "history: ca_file needs a url that begins with https://",
        ),
    ],
)
def test_a_mistake_names_file_key_and_what_is_allowed(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        parse(table, "server.toml")
    assert sentence in str(refusal.value)


def test_a_wrong_member_of_a_list_is_one_mistake() -> None:
    with pytest.raises(BadConfig) as refusal:
        parse({"data_dir": "d", "exports": {"forms": ["docx"]}}, "server.toml")
    assert str(refusal.value).count("exports.forms") == 1


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read: No such file"):
        check(tmp_path / "none.toml")


def test_a_file_that_is_not_toml_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="is not TOML"):
        check(write(tmp_path, "data_dir ="))


def test_the_password_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wärme\n", encoding="utf-8")
    table = {"data_dir": "d", "broker": {"username": "server", "password_file": "secret"}}
    assert parse(table, "server.toml", tmp_path).broker.password_text() == "wärme"


def test_a_password_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    table = {"data_dir": "d", "broker": {"username": "server", "password_file": "secret"}}
    with pytest.raises(BadConfig, match=r"broker\.password_file: .* must be a readable file"):
        parse(table, "server.toml", tmp_path).broker.password_text()
