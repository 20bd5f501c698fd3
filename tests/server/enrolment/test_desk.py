"""Claims, certificates, renewal and revocation, tried without a network."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.enrolled import NOW, Deployment, deployment
from warmstation_edge.enrolment.by_library import Library
from warmstation_edge.enrolment.errors import EnrolmentFailed
from warmstation_edge.enrolment.identity import Identity
from warmstation_edge.enrolment.station import Station
from warmstation_server.enrolment import keeping
from warmstation_server.enrolment.authority import Authority
from warmstation_server.enrolment.errors import (
    BadAuthority,
    BadClaim,
    BadRecord,
    BadSignature,
    BadSigningRequest,
)
from warmstation_server.registry import UnknownStation
from warmstation_wire import Payload
from warmstation_wire.commissioning import Check, Record
from warmstation_wire.enrolment import Commissioning

LIBRARY = Library()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


def csr(*names: tuple[x509.ObjectIdentifier, str], key: object = None, more: object = None) -> str:
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if more is not None:
        builder = builder.add_extension(more, critical=False)  # type: ignore[arg-type]
    signer = key or ec.generate_private_key(ec.SECP256R1())
    signed = builder.sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(Encoding.PEM).decode()


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_claim_becomes_a_certificate_for_this_station_as_a_client_only(here: Deployment) -> None:
    path = here.enrolled("ks-a")
    found = certificate(path)
    assert found.subject.rfc4514_string() == "CN=ks-a"
    assert found.not_valid_before_utc == NOW - timedelta(days=1), "the broker's clock may be behind"
    assert found.not_valid_after_utc == NOW + timedelta(days=730)
    uses = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.with_name("ks-a.pem.pending").exists()


def test_a_claim_is_used_once_and_never_kept_as_text(here: Deployment) -> None:
    claim = here.desk.claim("ks-a", NOW)
    here.station().enrol("https://here", claim)
    thief = Station("ks-a", Identity(here.folder / "t.pem"), here.authority, LIBRARY, here.ask)
    with pytest.raises(BadClaim):
        thief.enrol("https://here", claim)
    secret = claim.partition(".")[2].encode()
    assert all(secret not in path.read_bytes() for path in here.folder.glob("registry.db*"))


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_claim(here: Deployment) -> None:
    heard: list[bytes] = []

    def deaf(address: str, path: str, asked: Payload, authority: Path) -> bytes:
        heard.append(here.ask(address, path, asked, authority))
        raise EnrolmentFailed("the network went away")

    claim = here.desk.claim("ks-a", NOW)
    identity = Identity(here.folder / "ks-a.pem")
    with pytest.raises(EnrolmentFailed):
        Station("ks-a", identity, here.authority, LIBRARY, deaf).enrol("https://here", claim)
    here.now += timedelta(days=10)
    here.station().enrol("https://here", claim)
    assert len(here.registry.enrolments.certificates("ks-a")) == 1


@pytest.mark.parametrize("later", [timedelta(hours=72), timedelta(days=300)])
def test_a_claim_that_is_over_is_refused(here: Deployment, later: timedelta) -> None:
    claim = here.desk.claim("ks-a", NOW)
    here.now += later
    with pytest.raises(BadClaim):
        here.station().enrol("https://here", claim)


def test_a_new_claim_voids_the_old_one_and_unknown_stations_get_none(here: Deployment) -> None:
    old, new = here.desk.claim("ks-a", NOW), here.desk.claim("ks-a", NOW)
    with pytest.raises(BadClaim):
        here.station().enrol("https://here", old)
    here.station().enrol("https://here", new)
    with pytest.raises(UnknownStation):
        here.desk.claim("ks-nowhere", NOW)


CN = NameOID.COMMON_NAME


@pytest.mark.parametrize("name", ["+", "#", "ks-a/#", "ks-b", "KS-A", "ks-a ", "ks-a\n", "_server"])
def test_no_other_name_is_signed(here: Deployment, name: str) -> None:
    with pytest.raises(BadSigningRequest):
        here.desk.enrol(here.desk.claim("ks-a", NOW), csr((CN, name)), NOW)


def test_nothing_is_signed_but_one_name_and_one_good_key(here: Deployment) -> None:
    weak = rsa.generate_private_key(65537, 2048)
    other_curve = ec.generate_private_key(ec.SECP384R1())
    names = x509.SubjectAlternativeName([x509.DNSName("mqtt.example.org")])
    authority = x509.BasicConstraints(True, None)
    honest = csr((CN, "ks-a"))
    asked = [
        csr((CN, "ks-a"), (CN, "ks-b")),
        csr((CN, "ks-a"), (NameOID.ORGANIZATION_NAME, "x")),
        csr((NameOID.ORGANIZATION_NAME, "ks-a")),
        csr((CN, "ks-a"), key=weak),
        csr((CN, "ks-a"), key=other_curve),
        csr((CN, "ks-a"), more=names),
        csr((CN, "ks-a"), more=authority),
        honest[:200] + "AAAA" + honest[204:],
        "-----BEGIN CERTIFICATE REQUEST-----\nno\n-----END CERTIFICATE REQUEST-----\n",
    ]
    claim = here.desk.claim("ks-a", NOW)
    for request in asked:
        with pytest.raises(BadSigningRequest):
            here.desk.enrol(claim, request, NOW)
    here.desk.enrol(claim, honest, NOW)


def test_a_certificate_is_renewed_with_a_new_key_in_its_last_third(here: Deployment) -> None:
    path = here.enrolled("ks-a")
    first = path.read_text()
    here.now = NOW + timedelta(days=480)
    assert here.station().renew(here.now) is None
    here.now = NOW + timedelta(days=490)
    assert here.station().renew(here.now) == here.now + timedelta(days=730)
    assert certificate(path).not_valid_after_utc == here.now + timedelta(days=730)
    assert path.read_text().partition("-----END")[0] != first.partition("-----END")[0]


def test_a_lost_answer_to_a_renewal_costs_no_second_certificate(here: Deployment) -> None:
    here.enrolled("ks-a")

    def deaf(address: str, path: str, asked: Payload, authority: Path) -> bytes:
        here.ask(address, path, asked, authority)
        raise EnrolmentFailed("the network went away")

    identity = Identity(here.folder / "ks-a.pem")
    with pytest.raises(EnrolmentFailed):
        Station("ks-a", identity, here.authority, LIBRARY, deaf).renew(NOW, is_forced=True)
    here.station().renew(NOW, is_forced=True)
    assert len(here.registry.enrolments.certificates("ks-a")) == 2


def test_what_is_revoked_or_over_is_not_renewed(here: Deployment) -> None:
    here.enrolled("ks-a")
    here.enrolled("ks-b")
    assert len(here.desk.revoke("ks-a", "stolen", NOW)) == 1
    with pytest.raises(BadSignature, match="revoked"):
        here.station("ks-a").renew(NOW, is_forced=True)
    here.now = NOW + timedelta(days=731)
    with pytest.raises(BadSignature, match="over"):
        here.station("ks-b").renew(here.now)


def test_revoking_voids_the_open_claim_and_lists_the_serial(here: Deployment) -> None:
    path, claim = here.enrolled("ks-a"), here.desk.claim("ks-a", NOW)
    here.desk.revoke("ks-a", "stolen", NOW)
    with pytest.raises(BadClaim):
        here.station().enrol("https://here", claim)
    text = (here.folder / "authority" / "crl.pem").read_bytes()
    listed = x509.load_pem_x509_crl(text)
    serial = certificate(path).serial_number
    assert listed.get_revoked_certificate_by_serial_number(serial) is not None
    assert listed.next_update_utc is not None
    assert listed.next_update_utc > NOW + timedelta(days=9000), "a list that is over stops everyone"


def test_a_foreign_authority_is_not_believed_by_server_or_station(
    here: Deployment, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with deployment(tmp_path / "other") as other:
        path = other.enrolled("ks-a")
        stranger = Station("ks-a", Identity(path), other.authority, LIBRARY, here.ask)
        with pytest.raises(BadSignature):
            stranger.renew(NOW, is_forced=True)
        claim = other.desk.claim("ks-b", NOW)
        pinned = Station("ks-b", Identity(tmp_path / "b.pem"), here.authority, LIBRARY, other.ask)
        with pytest.raises(EnrolmentFailed, match="right server"):
            pinned.enrol("https://here", claim)
        assert Identity(tmp_path / "b.pem").parts() is None


def test_authority_and_broker_are_valid_for_a_pi_that_begins_in_1970(tmp_path: Path) -> None:
    authority = Authority.new(NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    broker = authority.broker(["mqtt.example.org", "192.0.2.7"], key.public_key(), NOW)
    for one in (authority.certificate, broker):
        assert one.not_valid_before_utc <= datetime(1970, 1, 1, tzinfo=UTC)
    names = broker.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mqtt.example.org"]


def test_the_authoritys_key_is_its_owners_and_damage_is_told(tmp_path: Path) -> None:
    at = tmp_path / "ca"
    first = keeping.opened(at, NOW)
    assert stat.S_IMODE((at / "ca.key").stat().st_mode) == 0o600
    assert keeping.opened(at, NOW).pem == first.pem
    (at / "ca.key").write_text("no key")
    with pytest.raises(BadAuthority, match="damaged"):
        keeping.opened(at, NOW)


def record(station: str = "ks-a", *verdicts: str) -> dict[str, object]:
    checks = tuple(
        Check.model_validate({"name": f"c{n}", "verdict": one})
        for n, one in enumerate(verdicts or ("pass",))
    )
    made = Record(station=station, made_at=NOW, agent="0.1.0", checks=checks)
    return made.model_dump(mode="json")


def test_a_commissioning_record_is_kept_once_under_its_signers_name(here: Deployment) -> None:
    here.enrolled("ks-a")
    for _ in range(2):
        here.station().commission(Commissioning(record=record("ks-a", "pass", "fail")))
    kept = here.registry.enrolments.commissionings("ks-a")
    assert [(one.passed, one.made_at) for one in kept] == [(False, NOW)]
    with pytest.raises(BadRecord):
        here.station().commission(Commissioning(record=record("ks-b")))
    with pytest.raises(BadRecord):
        here.station().commission(Commissioning(record={"v": 1}))
    here.desk.revoke("ks-a", "", NOW)
    with pytest.raises(BadSignature):
        here.station().commission(Commissioning(record=record()))
