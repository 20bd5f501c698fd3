"""The broker's ACL follows the registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.enrolled import NOW, Deployment, deployment
from tests.support.places import REGIONS, station
from tests.support.web import SetClock
from warmstation_server.enrolment.admission import MOST_NAMED, Admission, acl
from warmstation_server.enrolment.doorman import Doorman


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


def _doorman(here: Deployment) -> Doorman:
    directory = here.folder / "authority"
    return Doorman(directory, here.registry.revision, lambda: here.desk, SetClock(NOW))


def _acl(here: Deployment) -> str:
    return (here.folder / "authority" / "acl").read_text()


def test_a_station_is_named_from_its_claim_on_and_no_longer_when_that_is_over(
    here: Deployment,
) -> None:
    here.desk.authority(NOW)
    doorman = _doorman(here)
    doorman.turn(NOW)
    assert "ks-a" not in _acl(here)
    here.desk.claim("ks-a", NOW)
    assert "user ks-a\ntopic write warmstation/v1/kunshan/ks-a/report\n" in _acl(here)
    assert "ks-b" not in _acl(here)
    doorman.turn(NOW + timedelta(hours=73))
    assert "ks-a" not in _acl(here)


def test_an_enrolled_station_stays_until_it_is_revoked_or_its_certificate_is_over(
    here: Deployment,
) -> None:
    here.enrolled("ks-a")
    here.enrolled("ks-b")
    doorman = _doorman(here)
    doorman.turn(NOW + timedelta(days=700))
    assert "user ks-a\n" in _acl(here)
    here.desk.revoke("ks-b", "stolen", NOW + timedelta(days=700))
    assert "ks-b" not in _acl(here)
    doorman.turn(NOW + timedelta(days=731))
    assert "ks-a" not in _acl(here)


def test_a_station_that_moves_speaks_for_its_new_district(here: Deployment) -> None:
    here.enrolled("ks-a")
    doorman = _doorman(here)
    doorman.turn(NOW)
    here.registry.put(REGIONS, [replace(station("ks-a"), district="suzhou")])
    doorman.turn(NOW)
    assert "warmstation/v1/suzhou/ks-a/report" in _acl(here)
    assert "warmstation/v1/kunshan/ks-a/" not in _acl(here)


def test_what_is_right_is_not_written_again(here: Deployment) -> None:
    here.enrolled("ks-a")
    path = here.desk.write_acl(NOW)
    before = path.stat()
    here.desk.write_acl(NOW)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_where_nobody_was_enrolled_nothing_is_made(here: Deployment) -> None:
    _doorman(here).turn(NOW)
    assert not (here.folder / "authority").exists()


def test_a_registry_that_is_away_changes_nothing_and_is_asked_again(here: Deployment) -> None:
    here.enrolled("ks-a")
    before, is_away = _acl(here), True

    def revision() -> int:
        if is_away:
            raise ConnectionError("away")
        return here.registry.revision()

    doorman = Doorman(here.folder / "authority", revision, lambda: here.desk, SetClock(NOW))
    here.registry.put(REGIONS, [replace(station("ks-a"), district="suzhou")])
    doorman.turn(NOW)
    assert _acl(here) == before
    is_away = False
    doorman.turn(NOW)
    assert _acl(here) != before


def test_in_a_country_only_those_that_may_not_are_named() -> None:
    many = {f"ks-{number}": "kunshan" for number in range(MOST_NAMED + 1)}
    text = acl("_server", Admission(many, frozenset({"ks-gone"})))
    assert "user ks-gone\ntopic deny #\n" in text
    assert "ks-7" not in text
    assert "pattern write warmstation/v1/+/%u/report" in text
