"""The image's layer, cloud-init's user-data, and what is in config.txt."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml

from tests.support.firmware import FIRMWARE, layer_header, lint

LAYER = (FIRMWARE / "image/layer/warmstation.yaml").read_text("utf-8")


def user_data(release: str) -> dict[str, Any]:
    text = (FIRMWARE / "cloud-init" / release / "user-data").read_text("utf-8")
    assert text.startswith("#cloud-config\n")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_the_layers_header_passes_the_rules_of_the_image_builder() -> None:
    assert lint(LAYER) == []
    assert layer_header(LAYER)["X-Env-Layer-Name"] == "warmstation"


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        ("X-Env-Layer-Version: 1.0.0", "X-Env-Layer-Version: 1.0", "major.minor.patch"),
        ("X-Env-Layer-Name: warmstation", "X-Env-Layer-Nam: warmstation", "not supported"),
        ("X-Env-VarPrefix: warmstation", "", "VarPrefix"),
        ("X-Env-Var-ca-Desc", "X-Env-Var-cb-Desc", "no variable"),
        ("ca-Valid: string", "ca-Valid: strange", "no rule"),
        ("ca-Valid: string", "ca-Valid: regex:(", "no rule"),
        ("X-Env-Layer-Version: 1.0.0", "X-Env-Layer-Version:", "Version is missing"),
        (",openssh-server", ",openssh server", "no name"),
        ("X-Env-Layer-Category", "X-Evn-Layer-Category", "not supported"),
    ],
)
def test_the_lint_finds_what_it_is_for(found: str, instead: str, said: str) -> None:
    assert found in LAYER
    assert any(said in line for line in lint(LAYER.replace(found, instead, 1)))


def test_the_layers_body_is_yaml_of_packages_and_hooks() -> None:
    body = yaml.safe_load(LAYER.partition("---\n")[2])["mmdebstrap"]
    assert {"python3-lgpio", "nftables", "python3-venv"} <= set(body["packages"])
    assert all(isinstance(hook, str) for hook in body["customize-hooks"])


def test_outbox_and_identity_are_shared_by_both_slots_and_the_root_is_read_only() -> None:
    assert "'Version=1' 'Path=/var/lib/warmstation' 'Path=/etc/warmstation'" in LAYER
    assert "'Path=/etc/NetworkManager/system-connections'" in LAYER, "and the networks it joined"
    config = yaml.safe_load((FIRMWARE / "image/config/warmstation.yaml").read_text())
    assert config["include"] == {"file": "trixie-minbase-ab.yaml"}
    assert config["image"]["rootfs_type"] == "erofs", "a file system that cannot be written"


def test_only_trixie_knows_the_rpi_key() -> None:
    interfaces = user_data("trixie")["rpi"]["interfaces"]
    serial = {"console": False, "hardware": True}
    assert interfaces == {"spi": True, "i2c": True, "serial": serial}
    assert "rpi" not in user_data("bookworm")


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_the_first_start_ends_with_a_restart_and_with_ssh(release: str) -> None:
    data = user_data(release)
    assert data["power_state"]["mode"] == "reboot", "the buses need one"
    assert ["systemctl", "enable", "--now", "ssh"] in data["runcmd"]


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_no_image_brings_a_password(release: str) -> None:
    data = user_data(release)
    assert data["ssh_pwauth"] is False
    for user in data["users"]:
        assert user["lock_passwd"] is True
        assert not {"passwd", "plain_text_passwd", "hashed_passwd"} & set(user)


def test_the_overlays_are_those_of_the_example_profile() -> None:
    lines = (FIRMWARE / "boot/warmstation.txt").read_text().splitlines()
    profile = tomllib.loads((FIRMWARE / "profiles/example.toml").read_text("utf-8"))
    assert f"dtoverlay=w1-gpio,gpiopin={profile['one_wire']['pin']}" in lines
    contactors = [
        point["contactor_pin"] for point in profile["chargers"] if "contactor_pin" in point
    ]
    for pin in contactors:
        assert f"gpio={pin}=op,dl" in lines, "open while the Pi starts"
    assert {"dtparam=spi=on", "dtparam=i2c_arm=on", "dtparam=watchdog=on"} <= set(lines)
