from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.support.snapshots import NOW, city, later
from warmstation_server.publish import feed
from warmstation_server.publish.directory import Directory
from warmstation_server.publish.documents import document
from warmstation_server.publish.site import Site

SITE = Site("https://stations.example")


def test_every_document_lies_there_plain_and_packed(tmp_path: Path) -> None:
    documents = feed.documents(city(), SITE)
    Directory(tmp_path).write(documents)
    for path, it in documents.items():
        plain = tmp_path / path.lstrip("/")
        assert plain.read_bytes() == it.body
        packed = plain.with_name(plain.name + ".gz")
        if it.gzipped is None:
            assert not packed.exists()
        else:
            assert gzip.decompress(packed.read_bytes()) == it.body


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    before = feed.documents(city(), SITE)
    directory.write(before)
    written = tmp_path / "feed/v1/station_status.json"
    first = written.stat().st_ino
    assert directory.write(feed.documents(later(city(), minutes=1), SITE, before)) == []
    assert written.stat().st_ino == first
    assert directory.write(feed.documents(city(50), SITE, before)) == [
        "/feed/v1/station_information.json",
        "/feed/v1/station_status.json",
        "/feed/v1/stations.geojson",
    ]
    assert written.stat().st_ino != first


def test_a_reader_that_has_a_file_open_keeps_the_old_bytes_whole(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    before = feed.documents(city(), SITE)
    directory.write(before)
    path = "feed/v1/station_status.json"
    with (tmp_path / path).open("rb") as reader:
        half = reader.read(1000)
        directory.write(feed.documents(city(50), SITE, before))
        assert half + reader.read() == before["/" + path].body


def test_no_temporary_files_stay_behind(tmp_path: Path) -> None:
    Directory(tmp_path).write(feed.documents(city(), SITE))
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".new-")]


def test_pages_become_index_files(tmp_path: Path) -> None:
    pages = {
        path: document(path, b"x", media_type="text/html", changed_at=NOW, cache_control="no-cache")
        for path in ("/", "/en/", "/stations/ks-000", "/sw.js")
    }
    Directory(tmp_path).write(pages)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"index.html", "en/index.html", "stations/ks-000/index.html", "sw.js"}


def test_files_can_be_read_by_a_web_server_of_another_user(tmp_path: Path) -> None:
    Directory(tmp_path).write(feed.documents(city(1), SITE))
    assert (tmp_path / "feed/v1/feed.json").stat().st_mode & 0o777 == 0o644


def test_a_directory_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="feed"):
        Directory(tmp_path).write(feed.documents(city(1), SITE))
