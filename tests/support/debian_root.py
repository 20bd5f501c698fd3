"""A Debian 12 in a directory, made a station by the installer, and the same booted in qemu."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.firmware import FIRMWARE, run
from tests.support.virtual_machine import KERNEL, MODULES, ROOT, Run

OFFLINE = ("env", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=/root/wheels")
_NETWORK = ("failover", "net_failover", "virtio_net")
_INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for m in {modules}; do /bin/busybox insmod /lib/$m.ko; done
/bin/busybox mount -t ext4 /dev/vda /new
/bin/busybox ip link set lo up
/bin/busybox ip link set eth0 up
/bin/busybox ip addr add 10.0.2.15/24 dev eth0
/bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /lib/systemd/systemd
"""


class DebianRoot:
    """Made by debootstrap; `install` runs the installer in it, as root would on a Pi."""

    def __init__(self, folder: Path, extras: str = "edge,pi") -> None:
        self.path = folder / "root"
        extra = "--include=python3-venv,ca-certificates,systemd,dbus"
        made = run("debootstrap", "--variant=minbase", extra, "bookworm", self.path)
        assert made.returncode == 0, made.stdout[-2000:]
        wheels = self.path / "root/wheels"  # with all it stands on: no index is asked from inside
        build = (sys.executable, "-m", "pip", "wheel", "-q", "-w", str(wheels))
        asked = f"warmstation[{extras}] @ file://{FIRMWARE.parent}"
        subprocess.run((*build, asked), check=True, capture_output=True)
        self.wheel = f"/root/wheels/{next(wheels.glob('warmstation-*.whl')).name}"
        shutil.copytree(FIRMWARE, self.path / "root/firmware-config")
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")

    def install(self) -> subprocess.CompletedProcess[str]:
        """Run the installer."""
        return self.run(*OFFLINE, "/root/firmware-config/install.sh", "--wheel", self.wheel)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run something in it."""
        return run("chroot", self.path, *words)


class BootedDebian:
    """The root on a disk of its own, started by Debian's kernel; 10.0.2.2 is this machine."""

    def __init__(self, root: Path, folder: Path) -> None:
        subprocess.run([ROOT / ".ci/kernel"], check=True, capture_output=True)
        image, initrd = folder / "system.img", folder / "initrd"
        words = ("/sbin/mke2fs", "-q", "-t", "ext4", "-d", str(root), str(image), "1500M")
        subprocess.run(words, check=True, capture_output=True)
        _initrd(initrd)
        kernel = next((KERNEL / "boot").glob("vmlinuz-*"))
        self.run = Run([
            "qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-nodefaults", "-no-reboot",
            "-display", "none", "-serial", "stdio", "-kernel", str(kernel), "-initrd", str(initrd),
            "-append", "console=ttyS0 quiet panic=-1 net.ifnames=0",
            "-drive", f"file={image},if=virtio,format=raw",
            "-nic", "user,model=virtio-net-pci",
        ])  # fmt: skip


def _initrd(path: Path) -> None:
    at = path.with_name("boot.d")
    for folder in ("bin", "dev", "lib", "new"):
        (at / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", at / "bin/busybox")
    modules = (*MODULES, *_NETWORK)
    for name in modules:
        shutil.copy(next((KERNEL / "lib/modules").rglob(f"{name}.ko")), at / "lib")
    (at / "init").write_text(_INIT.format(modules=" ".join(modules)))
    (at / "init").chmod(0o755)
    names = "\n".join(str(one.relative_to(at)) for one in sorted(at.rglob("*")))
    words = ("cpio", "-o", "-H", "newc", "--quiet")
    packed = subprocess.run(words, cwd=at, input=names.encode(), capture_output=True, check=True)
    path.write_bytes(gzip.compress(packed.stdout, 1))
