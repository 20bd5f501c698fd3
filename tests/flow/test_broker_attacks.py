"""Attacks on the broker as we configure it: each is refused, and the honest station goes on.

mosquitto 2 grants any subscription and then delivers only what the ACL lets the client read; so
"may not listen" is proved by what arrives.
"""

from __future__ import annotations

import resource
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.enrolled import deployment
from tests.support.guarded_broker import Guarded, GuardedBroker
from tests.support.honest_station import OWN, Honest
from tests.support.patience import PATIENCE_S, eventually
from warmstation_server.enrolment.admission import MOST_NAMED, Admission, acl
from warmstation_server.enrolment.authority import Authority
from warmstation_server.enrolment.eviction import evict

pytestmark = pytest.mark.broker
OTHER = "warmstation/v1/kunshan/ks-b"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedBroker]:
    folder = tmp_path_factory.mktemp("attacked")
    with (
        deployment(folder, "ks-a", "ks-b", "ks-c", "ks-d", "ks-e") as here,
        GuardedBroker(folder, here) as started,
    ):
        yield started


@pytest.fixture(scope="module")
def honest(broker: GuardedBroker) -> Iterator[Honest]:
    station = Honest(broker)
    yield station
    station.end()


@pytest.fixture(autouse=True)
def _unnoticed(honest: Honest) -> Iterator[None]:
    yield
    honest.noticed_nothing()


@pytest.fixture
def attacker(broker: GuardedBroker) -> Iterator[Guarded]:
    client = broker.client("ks-b")
    yield client
    client.close()


@pytest.mark.parametrize("leaf", ["report", "presence", "applied", "result", "command", "status"])
def test_nobody_speaks_for_another_station(attacker: Guarded, honest: Honest, leaf: str) -> None:
    assert not attacker.publish(f"{OWN}/{leaf}", b"forged", retain=True)
    assert attacker.publish(f"{OTHER}/report", b"end of " + leaf.encode())
    eventually(lambda: (f"{OTHER}/report", b"end of " + leaf.encode()) in honest.server.heard)
    assert all(payload != b"forged" for _, payload in honest.server.heard)


@pytest.mark.parametrize("leaf", ["receipt", "command", "desired", "status"])
def test_a_station_may_not_say_what_the_server_says(attacker: Guarded, leaf: str) -> None:
    assert not attacker.publish(f"{OTHER}/{leaf}")


def test_nobody_listens_for_another_station(attacker: Guarded, honest: Honest) -> None:
    for topic in (f"{OWN}/command", f"{OWN}/#", "warmstation/v1/+/+/receipt", "#", "$SYS/#"):
        attacker.subscribe(topic)
    assert honest.server.publish(f"{OWN}/command", b"for ks-a only")
    assert honest.server.publish(f"{OTHER}/command", b"for ks-b")
    eventually(lambda: (f"{OTHER}/command", b"for ks-b") in attacker.heard)
    assert {topic for topic, _ in attacker.heard} == {f"{OTHER}/command"}


def test_no_will_is_left_for_another_station(broker: GuardedBroker, honest: Honest) -> None:
    for topic in (f"{OWN}/presence", f"{OTHER}/presence"):
        broker.vanish(broker.context("ks-b"), "ks-b", will=topic)
    eventually(lambda: (f"{OTHER}/presence", b"mine") in honest.server.heard)
    assert (f"{OWN}/presence", b"mine") not in honest.server.heard


@pytest.mark.parametrize("name", ["+", "#", "+/ks-a", "ks-a/+", "kunshan/ks-a"])
def test_wildcards_in_a_name_open_nothing_even_if_somebody_signed_them(
    broker: GuardedBroker, honest: Honest, name: str
) -> None:
    authority = broker.here.desk.authority(broker.here.now)
    context = broker.context(name, authority)
    client = Guarded(broker, context, "x")
    try:
        client.connect()
        eventually(lambda: client.is_in or client.is_out)
        if client.is_in:
            client.subscribe("warmstation/v1/+/+/command")
            assert not client.publish(f"{OWN}/report", b"forged")
        assert honest.server.publish(f"{OWN}/command", b"secret")
        eventually(lambda: honest.server.heard[-1:] != [])
        assert client.heard == []
    finally:
        client.close()
    assert all(payload != b"forged" for _, payload in honest.server.heard)


def test_strangers_stay_outside(broker: GuardedBroker, tmp_path: Path) -> None:
    now = broker.here.now
    own, foreign = broker.here.desk.authority(now), Authority.new(now)
    assert not broker.lets_in(broker.context(None)), "without a certificate"
    assert not broker.lets_in(broker.context("ks-a", foreign)), "of a foreign authority"
    over = broker.context(None)
    over.load_cert_chain(broker.forged("ks-a", own, timedelta(seconds=-1)))
    assert not broker.lets_in(over), "expired"
    no_client = broker.context(None)
    no_client.load_cert_chain(broker.folder / "broker.pem", broker.folder / "broker.key")
    assert not broker.lets_in(no_client, "localhost"), "a broker's certificate is no client's"
    assert not broker.lets_in(None), "without TLS"


def test_old_tls_is_refused_and_the_new_one_spoken(broker: GuardedBroker) -> None:
    old = broker.context("ks-b")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    assert not broker.lets_in(old, "ks-b")
    new = broker.context("ks-b")
    new.minimum_version = ssl.TLSVersion.TLSv1_3
    assert broker.lets_in(new, "ks-b")


def test_a_stations_certificate_does_not_make_a_broker(broker: GuardedBroker) -> None:
    broker.here.enrolled("ks-b")
    fake = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    fake.load_cert_chain(broker.here.folder / "ks-b.pem")
    ours, theirs = socket.socketpair()
    client = broker.context("ks-a")
    client.check_hostname = False  # the name alone must not be what saves us
    failed: list[BaseException] = []

    def serve() -> None:
        with pytest.raises((ssl.SSLError, OSError)):
            fake.wrap_socket(theirs, server_side=True).recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(ours)
    except ssl.SSLCertVerificationError as error:
        failed.append(error)
    finally:
        ours.close()
        thread.join()
    assert "purpose" in str(failed[0])


def test_another_client_id_takes_nobody_over(broker: GuardedBroker, honest: Honest) -> None:
    for is_old in (True, False):
        taker = broker.client("ks-a", context=broker.context("ks-b"), is_old=is_old)
        assert not taker.publish(f"{OWN}/report", b"forged") or is_old  # 3.1.1 cannot say no
        taker.close()
    assert all(payload != b"forged" for _, payload in honest.server.heard)


def test_a_revoked_station_is_out_at_once_and_stays_out(broker: GuardedBroker) -> None:
    victim = broker.client("ks-c")
    broker.here.desk.revoke("ks-c", "stolen", broker.here.now)
    broker.reload()
    assert evict(
        broker.config(), broker.here.desk.authority(broker.here.now), "ks-c", broker.here.now
    )
    eventually(lambda: victim.losses)
    assert not broker.lets_in(broker.context("ks-c"), "ks-c")
    broker.here.now += timedelta(seconds=2)
    broker.here.station("ks-c").enrol(
        "https://here", broker.here.desk.claim("ks-c", broker.here.now)
    )
    assert broker.lets_in(broker.context("ks-c"), "ks-c"), "a new claim lets it in again"


def test_one_whom_the_registry_does_not_know_is_not_heard_whoever_signed_it(
    broker: GuardedBroker,
) -> None:
    authority = broker.here.desk.authority(broker.here.now)
    unknown = broker.client("ks-x", context=broker.context("ks-x", authority))
    for topic in ("warmstation/v1/kunshan/ks-x/report", f"{OWN}/report"):
        assert not unknown.publish(topic, b"from nowhere")


def test_a_known_station_is_heard_in_its_own_district_only(attacker: Guarded) -> None:
    assert not attacker.publish("warmstation/v1/suzhou/ks-b/report")
    assert attacker.publish(f"{OTHER}/report")


def test_a_revoked_station_is_not_heard_on_the_connection_that_it_still_has(
    broker: GuardedBroker,
) -> None:
    topic = "warmstation/v1/kunshan/ks-e/report"
    held = broker.client("ks-e")
    assert held.publish(topic)
    broker.here.desk.revoke("ks-e", "stolen", broker.here.now)
    broker.reload()
    eventually(lambda: not held.publish(topic))
    assert held.losses == 0, "it is the ACL that does not hear it"
    authority = broker.here.desk.authority(broker.here.now)
    other = broker.client("ks-e", context=broker.context("ks-e", authority))
    assert not other.publish(topic), "nor with a certificate that no list names"


def test_in_a_country_patterns_let_all_in_but_those_that_are_barred(
    tmp_path: Path,
) -> None:
    many = {f"ks-{number}": "kunshan" for number in range(MOST_NAMED)}
    with deployment(tmp_path) as here, GuardedBroker(tmp_path, here) as broker:
        found = Admission(many | {"ks-a": "kunshan"}, frozenset({"ks-b"}))
        clients = {name: broker.client(name) for name in ("ks-a", "ks-b")}
        assert clients["ks-b"].publish(f"{OTHER}/report")
        (tmp_path / "authority" / "acl").write_text(acl("_server", found))
        broker.reload()
        eventually(lambda: not clients["ks-b"].publish(f"{OTHER}/report"))
        assert clients["ks-a"].publish(f"{OWN}/report")
        assert not clients["ks-a"].publish(f"{OTHER}/report")


def test_a_packet_that_is_too_large_costs_only_its_sender(broker: GuardedBroker) -> None:
    loud = broker.client("ks-d")
    assert not loud.publish("warmstation/v1/kunshan/ks-d/report", b"x" * 200_000)
    eventually(lambda: loud.losses)
    raw = broker.context("ks-b").wrap_socket(
        socket.create_connection(("127.0.0.1", broker.port)), server_hostname="localhost"
    )
    with raw:
        # CONNECT that announces 256 MB: hung up on before anything is kept for it.
        raw.sendall(b"\x10\xff\xff\xff\x7f" + b"\x00" * 100)
        raw.settimeout(PATIENCE_S)
        assert raw.recv(10) in (b"", b"\xe0\x02\x95\x00", b"\xe0\x01\x95")


def test_half_open_connections_keep_nobody_out(broker: GuardedBroker, honest: Honest) -> None:
    _half_open(broker, honest, 600)


@pytest.mark.slow
def test_ten_thousand_half_open_connections_keep_nobody_out(
    broker: GuardedBroker, honest: Honest
) -> None:
    _half_open(broker, honest, 10_000)


def _half_open(broker: GuardedBroker, honest: Honest, count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 2_000), hard))
    honest.slowest_s = 0.0
    held: list[socket.socket] = []
    try:
        for number in range(count):
            one = socket.create_connection(("127.0.0.1", broker.port), timeout=PATIENCE_S)
            held.append(one)
            if number % 2:
                one.sendall(b"\x16\x03\x01\x02\x00")  # the first bytes of a ClientHello, no more
        honest.noticed_nothing()
        assert broker.lets_in(broker.context("ks-b"), "ks-b"), "there is room for those who speak"
    finally:
        for one in held:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert honest.slowest_s < PATIENCE_S / 2
