"""What we sign, before the checks that Python has made by default since 3.13 (RFC 5280)."""

from __future__ import annotations

import ssl
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.enrolled import NOW, deployment
from warmstation_edge.profile import Broker, Tls
from warmstation_edge.uplink.connect import account
from warmstation_server.enrolment.authority import Authority, pem

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: no test knows what year it is."""
_STRICTLY = ssl.VERIFY_X509_STRICT | _NO_CHECK_TIME


def test_station_and_broker_believe_each_other_under_the_strictest_checks(tmp_path: Path) -> None:
    with deployment(tmp_path) as here:
        identity, pinned = here.enrolled("ks-a"), here.authority
        broker = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pinned))
        broker.load_cert_chain(_identity_of_a_broker(here.desk.authority(NOW), tmp_path))
        broker.verify_mode = ssl.CERT_REQUIRED
        where = Broker(host="mqtt.example.org", tls=Tls(ca=pinned, cert=identity))
        make = account(where, "ks-a").tls
        assert make is not None
        agent = make()
    for one in (agent, broker):
        one.verify_flags |= _STRICTLY
    _shake_hands(agent, broker, "mqtt.example.org")


def _identity_of_a_broker(authority: Authority, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = folder / "broker.pem"
    path.write_text(private + pem(authority.broker(["mqtt.example.org"], key.public_key(), NOW)))
    return path


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """In memory; ssl.SSLError where one refuses the other."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    calling = client.wrap_bio(to_client, to_server, server_hostname=name)
    called = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = [calling, called]
    for _ in range(8):
        for one in tuple(waiting):
            try:
                one.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(one)
    assert not waiting
