"""The systemd units, judged by systemd itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.firmware import FIRMWARE, SYSTEM, UNITS, run

SERVICES = sorted(UNITS.glob("*.service"))
WORST = 2.0


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_exposed_as_little_as_promised(unit: Path) -> None:
    assert _exposure(unit) <= WORST


def _exposure(unit: Path) -> float:
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stderr
    return float(found[1])


def test_where_chrony_sets_the_clock_the_agent_is_not_exposed_more_than_promised(
    tmp_path: Path,
) -> None:
    """The drop-in that the installer adds there lets it ask the kernel, and set nothing."""
    unit = tmp_path / "warmstation-agent.service"
    text = (UNITS / unit.name).read_text()
    unit.write_text(text.replace("/opt/warmstation/bin/warmstation-agent", "/bin/true"))
    without = _exposure(unit)
    drop_in = tmp_path / "warmstation-agent.service.d/warmstation-clock.conf"
    drop_in.parent.mkdir()
    drop_in.write_text((FIRMWARE / "clock" / drop_in.name).read_text())
    assert without < _exposure(unit) <= WORST, "it was read"
    done = run("systemd-analyze", "verify", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "CapabilityBoundingSet=\n" in text
    assert "CapabilityBoundingSet" not in drop_in.read_text()


def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/warmstation/bin/warmstation-agent", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    done = run("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_hung_agent_is_started_anew_and_it_is_tried_for_ever() -> None:
    text = (UNITS / "warmstation-agent.service").read_text()
    for line in ("Type=notify", "WatchdogSec=30", "Restart=always", "StartLimitIntervalSec=0"):
        assert f"\n{line}\n" in text


def test_nothing_makes_sampling_wait_for_a_network_or_a_clock() -> None:
    text = (UNITS / "warmstation-agent.service").read_text()
    for word in ("network", "time-sync", "nss-lookup"):
        assert not re.search(rf"^(After|Wants|Requires|BindsTo)=.*{word}", text, re.MULTILINE)


def test_the_watchdog_stays_below_what_old_kernels_refuse() -> None:
    text = (SYSTEM / "etc/systemd/system.conf.d/warmstation-watchdog.conf").read_text()
    seconds = {key: int(value) for key, value in re.findall(r"^(\w+)=(\d+)s$", text, re.MULTILINE)}
    assert set(seconds) == {"RuntimeWatchdogSec", "RebootWatchdogSec"}
    assert all(10 <= value <= 15 for value in seconds.values())


def test_the_firewall_is_read_by_nft() -> None:
    rules = SYSTEM / "etc/nftables.conf"
    done = run("nft", "-c", "-f", rules)
    if "Operation not permitted" in done.stderr:  # a container without the right to ask the kernel
        done = run("unshare", "--user", "--map-root-user", "--net", "nft", "-c", "-f", rules)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_firewall_is_read_where_nobody_installed_a_list_of_protocols() -> None:
    """As in a small Debian, which has no /etc/protocols: without its firewall it would be open."""
    alone = ("unshare", "--map-root-user", "--mount", "--net", "sh", "-c")
    if run(*alone, "true").returncode != 0:
        pytest.skip("no mounts of one's own can be made here")
    hidden = '[ ! -e /etc/protocols ] || mount --bind /dev/null /etc/protocols; exec nft -c -f "$0"'
    done = run(*alone, hidden, SYSTEM / "etc/nftables.conf")
    assert (done.returncode, done.stderr) == (0, "")
