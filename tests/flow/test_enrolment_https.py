"""A station enrols over HTTPS: its own command, a real nginx with TLS, the real desk behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from tests.support.enrolled import Deployment, deployment
from tests.support.enrolment_site import site
from warmstation_edge.__main__ import main
from warmstation_server.enrolment.authority import Authority


class Pi:
    """What an installer puts on it: a profile, and the authority that it pins."""

    def __init__(self, folder: Path, here: Deployment) -> None:
        self.certificate = folder / "station.pem"
        self.profile = folder / "station.toml"
        self.profile.write_text(
            '[station]\nid = "ks-a"\ndistrict = "kunshan"\n[presence]\npin = 23\n'
            f'[broker]\nhost = "localhost"\n[broker.tls]\nca = "{here.authority}"\n'
            f'cert = "{self.certificate}"\n'
        )

    def does(self, *words: str) -> int:
        """The exit code of `warmstation-agent` with these words."""
        return main([words[0], "--config", str(self.profile), *words[1:]])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path, now=datetime.now(UTC)) as found:
        yield found


@pytest.fixture
def pi(tmp_path: Path, here: Deployment) -> Pi:
    return Pi(tmp_path, here)


def test_a_claim_becomes_a_certificate_over_tls_and_is_renewed_the_same_way(
    here: Deployment, pi: Pi, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = here.folder / "claim"
    claim.write_text(here.desk.claim("ks-a", here.now) + "\n")
    with site(here, here.desk.authority(here.now)) as address:
        assert pi.does("enrol", "--server", f"{address}/", str(claim)) == 0
        assert pi.does("renew") == 0
        assert pi.does("renew", "--now") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("ks-a is enrolled until ")
    assert said[1] == "the certificate of ks-a needs no renewal yet"
    assert said[2].startswith("the certificate of ks-a is renewed until ")
    held = x509.load_pem_x509_certificate(pi.certificate.read_bytes())
    assert here.desk.authority(here.now).has_signed(held)
    assert held.subject.rfc4514_string() == "CN=ks-a"
    assert pi.certificate.stat().st_mode & 0o777 == 0o600
    assert len(here.registry.enrolments.certificates("ks-a")) == 2


@pytest.mark.parametrize("who", ["of a foreign authority", "for another host"])
def test_a_server_that_is_not_ours_never_sees_the_claim(
    here: Deployment, pi: Pi, who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    claim, own = here.desk.claim("ks-a", here.now), here.desk.authority(here.now)
    is_foreign = who == "of a foreign authority"
    signer, host = (Authority.new(here.now), "localhost") if is_foreign else (own, "other.example")
    with site(here, signer, host) as address:
        assert pi.does("enrol", "--server", address, claim) == 1
    assert "CERTIFICATE_VERIFY_FAILED" in capsys.readouterr().err
    assert here.registry.enrolments.certificates("ks-a") == ()
    assert not pi.certificate.exists()
    here.station("ks-a").enrol("https://here", claim)  # it is as good as before


def test_a_claim_is_not_told_without_tls(
    here: Deployment, pi: Pi, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = here.desk.claim("ks-a", here.now)
    assert pi.does("enrol", "--server", "http://stations.example.org", claim) == 1
    assert "must begin with https://" in capsys.readouterr().err
