"""A Debian of debian_root booted in qemu, with systemd, and a shell on its console.

with BootedDebian(debian, folder, forward=(8883,)) as machine:
    machine.ask("systemctl is-active nftables")  # what was said; AssertionError where it failed
    socket.create_connection(("127.0.0.1", machine.port(8883)))

Software emulation: everything in it takes ten times as long, so no test judges how long. It reaches
this machine as 10.0.2.2, and nothing else: no name server, no time server.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.debian_root import DebianRoot
from tests.support.ports import free_port
from tests.support.virtual_machine import KERNEL, MODULES, ROOT, Run

HERE = "10.0.2.2"
_NETWORK = ("failover", "net_failover", "virtio_net")
_INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for m in {modules}; do /bin/busybox insmod /lib/$m.ko; done
/bin/busybox mount -t ext4 /dev/vda /new
/bin/busybox ip link set lo up
/bin/busybox ip link set eth0 up
/bin/busybox ip addr add 10.0.2.15/24 dev eth0
/bin/busybox ip route add default via 10.0.2.2
/bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /lib/systemd/systemd
"""
_SHELL = """\
stty -echo
echo # newer systemds reset the terminal, in the same line
echo shell
while read -r line; do
  said=$(sh -c "$line" 2>&1 </dev/null); code=$?
  printf '%s\\n' "$said" | sed 's/^/| /'
  echo "over $code"
done
"""
_SHELL_UNIT = """\
[Unit]
After=multi-user.target nftables.service
[Service]
ExecStart=/bin/sh /root/shell.sh
StandardInput=tty-force
StandardOutput=tty
TTYPath=/dev/ttyS0
"""
_KERNEL = (
    "console=ttyS0 quiet panic=-1 net.ifnames=0 systemd.show_status=false mitigations=off audit=0"
)
_IDLE = (
    "getty@tty1.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "unattended-upgrades.service",
)
"""What nobody waits for in a machine without a screen and without a Debian to ask: it would take
minutes of an emulated processor."""
_SILENT = "192.0.2.1"
"""An address of nobody (RFC 5737): the name server that never answers."""


class BootedDebian:
    """Started by `with`, its power cut at the end. `forward`: its ports that are reached here."""

    def __init__(
        self,
        debian: DebianRoot,
        folder: Path,
        *,
        forward: Sequence[int] = (),
        memory_mb: int = 512,
        modules: Sequence[str] = (),
    ) -> None:
        self._ports = {port: free_port() for port in forward}
        self._image, self._initrd = folder / "system.img", folder / "initrd"
        self._memory_mb = memory_mb
        subprocess.run([ROOT / ".ci/kernel"], check=True, capture_output=True)
        _prepare(debian)
        _modules(debian, modules)
        words = ("/sbin/mke2fs", "-q", "-t", "ext4", "-d", str(debian.path), str(self._image))
        subprocess.run((*words, "2500M"), check=True, capture_output=True)
        _pack(self._initrd)

    def port(self, guest: int) -> int:
        """Where a forwarded port of its is reached here, on 127.0.0.1."""
        return self._ports[guest]

    def ask(self, command: str) -> str:
        """Run a shell's line as root; what it said, its words one space apart."""
        code, said = self.tell(command)
        assert code == 0, f"{command}: {said}"
        return said

    def tell(self, command: str) -> tuple[int, str]:
        """Run a shell's line as root; its exit code, and what it said."""
        self.run.send(command)
        before = len(self.run.lines)
        code = self.run.line("over", 900)[0]
        said = (words[1:] for words in self.run.lines[before:] if words[0] == "|")
        return int(code), "\n".join(" ".join(words) for words in said).strip()

    def __enter__(self) -> Self:
        kernel = next((KERNEL / "boot").glob("vmlinuz-*"))
        forwards = "".join(
            f",hostfwd=tcp:127.0.0.1:{here}-:{there}" for there, here in self._ports.items()
        )
        self.run = Run([
            "nice", "qemu-system-x86_64", "-accel", "tcg", "-m", str(self._memory_mb),
            "-smp", "2", "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio",
            "-kernel", str(kernel), "-initrd", str(self._initrd),
            "-append", _KERNEL,
            "-drive", f"file={self._image},if=virtio,format=raw,cache=unsafe",
            "-nic", f"user,model=virtio-net-pci{forwards}",
        ])  # fmt: skip
        try:
            self.run.line("shell", 1200)
        except AssertionError:
            self.run.cut()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.run.cut()
        self._image.unlink()


def _prepare(debian: DebianRoot) -> None:
    """What a machine has and a directory does not: an identity of its own, a console.

    And it has been started before: a first start updates databases for minutes, emulated.
    """
    root = debian.path
    (root / "etc/machine-id").unlink(missing_ok=True)
    debian.well("systemd-machine-id-setup")
    for folder in ("etc", "var"):  # newer than /usr: ConditionNeedsUpdate= of systemd.unit(5)
        (root / folder / ".updated").touch()
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text(f"nameserver {_SILENT}\n")
    (root / "root/shell.sh").write_text(_SHELL)
    units = root / "etc/systemd/system"
    (units / "shell.service").write_text(_SHELL_UNIT)
    wants = units / "multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / "shell.service").symlink_to("/etc/systemd/system/shell.service")
    for name in ("serial-getty@ttyS0.service", *_IDLE):
        (units / name).unlink(missing_ok=True)
        (units / name).symlink_to("/dev/null")


def _modules(debian: DebianRoot, folders: Sequence[str]) -> None:
    source = next((KERNEL / "lib/modules").iterdir())
    target = debian.path / "usr/lib/modules" / source.name
    target.mkdir(parents=True)
    for name in folders:
        shutil.copytree(source / name, target / name)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(source / name, target)
    debian.well("depmod", source.name)


def _pack(path: Path) -> None:
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
