"""Both ways to make a key: each must do what the other does, and be understood by it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.support.enrolled import NOW, Deployment, deployment
from warmstation_edge.enrolment.by_library import Library
from warmstation_edge.enrolment.by_openssl import OpenSsl
from warmstation_edge.enrolment.command import station
from warmstation_edge.enrolment.crypto import Crypto, chosen
from warmstation_edge.enrolment.errors import EnrolmentFailed
from warmstation_edge.enrolment.identity import Identity
from warmstation_edge.enrolment.server import answer
from warmstation_edge.profile import parse
from warmstation_wire.enrolment import EnrolmentRequest

_BEGIN, _END = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"


@pytest.fixture(params=["library", "openssl"])
def crypto(request: pytest.FixtureRequest) -> Crypto:
    if request.param == "library":
        return Library()
    program = shutil.which("openssl")
    assert program is not None, "apt-get install openssl"
    return OpenSsl(program)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


def test_a_station_enrols_and_renews(here: Deployment, crypto: Crypto) -> None:
    mine = here.station("ks-a", crypto)
    assert mine.enrol("https://here", here.desk.claim("ks-a", NOW)) == NOW + timedelta(days=730)
    here.now = NOW + timedelta(days=600)
    assert mine.renew(here.now) == here.now + timedelta(days=730)
    key, certificate = Identity(here.folder / "ks-a.pem").parts() or ("", "")
    authority = here.authority.read_text()
    assert crypto.is_of(certificate, authority, key)
    assert not crypto.is_of(certificate, authority, crypto.new_key())
    assert crypto.span(certificate)[0] == here.now - timedelta(days=1)


def test_a_claim_that_was_used_here_is_not_asked_about_again(
    here: Deployment, crypto: Crypto
) -> None:
    """An installer types it twice; a power cut comes before the unit has removed it."""
    mine, claim = here.station("ks-a", crypto), here.desk.claim("ks-a", NOW)
    until = mine.enrol("https://here", claim)
    held = Identity(here.folder / "ks-a.pem").parts()
    assert here.station("ks-a", crypto).enrol("https://here", claim) == until
    assert Identity(here.folder / "ks-a.pem").parts() == held
    assert claim not in "".join(one.read_text() for one in here.folder.glob("ks-a.pem*"))
    mine.enrol("https://here", here.desk.claim("ks-a", NOW))
    assert Identity(here.folder / "ks-a.pem").parts() != held, "another claim is another one"


def test_another_authority_is_seen_through(
    here: Deployment, crypto: Crypto, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with deployment(tmp_path / "other") as other:
        key, certificate = Identity(other.enrolled("ks-a")).parts() or ("", "")
        assert not crypto.is_of(certificate, here.authority.read_text(), key)
        assert crypto.is_of(certificate, other.authority.read_text(), key)


def test_the_request_names_the_station_and_nothing_else(crypto: Crypto) -> None:
    key = crypto.new_key()
    read = x509.load_pem_x509_csr(crypto.request(key, "ks-a").encode())
    assert read.subject.rfc4514_string() == "CN=ks-a"
    assert len(read.extensions) == 0
    assert read.is_signature_valid


def test_openssl_says_in_one_sentence_what_it_cannot_do() -> None:
    with pytest.raises(EnrolmentFailed, match="openssl req"):
        OpenSsl(shutil.which("openssl") or "").request("no key", "ks-a")


def test_the_library_is_taken_where_it_is_installed() -> None:
    assert isinstance(chosen(), Library)


@pytest.mark.parametrize("text", ["", "junk\n", f"{_BEGIN}junk\n{_END}", f"{_BEGIN}AAAA\n{_END}"])
def test_what_is_no_certificate_is_one_sentence(text: str, crypto: Crypto) -> None:
    with pytest.raises(EnrolmentFailed):
        crypto.span(text)
    assert not crypto.is_of(text, text, crypto.new_key())


@pytest.mark.parametrize("text", ["junk\n", "\0" * 200, "\xff"])
def test_a_key_that_the_card_has_spoiled_is_made_anew(
    text: str, here: Deployment, crypto: Crypto
) -> None:
    (here.folder / "ks-a.pem.pending").write_text(text, "latin-1")
    here.station("ks-a", crypto).enrol("https://here", here.desk.claim("ks-a", NOW))
    assert here.station("ks-a", crypto).until() == NOW + timedelta(days=730)


ASKED = EnrolmentRequest(claim="ks-a." + "a" * 26, csr="-----BEGIN X-----\n")


@pytest.mark.parametrize(
    "address", ["http://stations.example.org", "ftp://x", "stations.example.org", "https://"]
)
def test_a_claim_never_travels_in_the_clear(address: str, tmp_path: Path) -> None:
    with pytest.raises(EnrolmentFailed, match="https://"):
        answer(address, "/", ASKED, tmp_path / "ca.pem")


@pytest.mark.parametrize(
    "address", ["https://[", "https://a..b", "https://h:port", "https://h:99999", "https://h/a b"]
)
def test_what_is_no_address_is_one_sentence(address: str, here: Deployment) -> None:
    with pytest.raises(EnrolmentFailed, match="is no address"):
        answer(address, "/", ASKED, here.authority)


def test_without_the_pinned_authority_nothing_is_asked(tmp_path: Path) -> None:
    with pytest.raises(EnrolmentFailed, match=r"ca\.pem"):
        answer("https://stations.example.org", "/", ASKED, tmp_path / "ca.pem")


def test_the_profile_must_say_where_the_certificate_goes(tmp_path: Path) -> None:
    ids = {"station": {"id": "ks-a", "district": "kunshan"}}
    with pytest.raises(EnrolmentFailed, match="ca and cert"):
        station(parse(ids))
    tls = {"ca": "/ca.pem", "cert": "/s.pem", "key": "/s.key"}
    with pytest.raises(EnrolmentFailed, match="leave key out"):
        station(parse(ids | {"broker": {"tls": tls}}))


def test_a_claim_for_another_station_is_not_even_sent(here: Deployment) -> None:
    with pytest.raises(EnrolmentFailed, match="not for ks-a"):
        here.station("ks-a").enrol("https://here", here.desk.claim("ks-b", NOW))
    assert Identity(here.folder / "ks-a.pem").pending_key() is None


def test_who_enrols_as_root_gives_the_file_to_whom_the_folder_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sudo warmstation-agent enrol` without -u: the agent could not read its own key."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))
    Identity(tmp_path / "station.pem").keep("key", "certificate")
    owner = tmp_path.stat()
    assert given == [(owner.st_uid, owner.st_gid)]
