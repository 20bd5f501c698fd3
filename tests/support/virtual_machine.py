"""A virtual machine with this Python and the agent in it, whose power can be cut.

It is booted once (software emulation takes 10 s and more), and its state kept at the moment when
everything is loaded and the data disk not yet touched. Each run goes on from there; only the disk
remembers. `cut` is SIGKILL for qemu: what the guest had not flushed is gone.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

from tests.support.patience import eventually

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / ".venv/kernel"
GUEST = Path(__file__).with_name("power_cut_guest.py")
MODULES = (
    "virtio_ring",
    "virtio",
    "virtio_pci_modern_dev",
    "virtio_pci_legacy_dev",
    "virtio_pci",
    "virtio_blk",
)
_LIBRARIES = (
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_inspection",
    "typing_extensions.py",
)
_INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for m in {modules}; do /bin/busybox insmod /lib/$m.ko; done
/bin/busybox mount -t ext4 -o ro,noload /dev/vda /new
/bin/busybox mount --move /dev /new/dev
export LD_LIBRARY_PATH={libraries}
exec /bin/busybox chroot /new {python} /guest.py
"""
_PYTHON = Path(os.path.realpath(sys.executable))
_SLOW_S = 120.0
_OVER = ["(over)"]


class Machine:
    """Built in `folder`; `running()` gives a run on the same data disk as the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._disk = folder / "data.img"
        subprocess.run([ROOT / ".ci/kernel"], check=True, capture_output=True)
        _initrd(folder / "initrd")
        _system(folder / "root", folder / "root.img")
        _ext4(self._disk, 64)
        self._keep_state()

    @contextmanager
    def running(self) -> Iterator[Run]:
        """A run that goes on from the kept state; its power is cut at the end at the latest."""
        control = self._control()
        state = f"exec:cat {self._folder / 'state'}"
        run = Run(self._command("-incoming", state, "-qmp", f"unix:{control},server=on,wait=off"))
        try:
            with _orders(control) as lines:  # what is typed before it goes on would be lost
                _reached(lines, "query-status", "running")
            run.send("go")
            yield run
        finally:
            run.cut()

    def _keep_state(self) -> None:
        control = self._control()
        run = Run(self._command("-qmp", f"unix:{control},server=on,wait=off"))
        try:
            run.line("ready")
            with _orders(control) as lines:
                _order(lines, "migrate", uri=f"exec:cat > {self._folder / 'state'}")
                _reached(lines, "query-migrate", "completed")
        finally:
            run.cut()

    def _control(self) -> Path:
        path = self._folder / "control"
        path.unlink(missing_ok=True)
        return path

    def _command(self, *more: str) -> list[str]:
        kernel = next((KERNEL / "boot").glob("vmlinuz-*"))
        disk = "if=virtio,format=raw"
        return [
            "qemu-system-x86_64", "-accel", "tcg", "-m", "192", "-nodefaults", "-no-reboot",
            "-display", "none", "-serial", "stdio", "-kernel", str(kernel),
            "-initrd", str(self._folder / "initrd"), "-append", "console=ttyS0 quiet panic=-1",
            "-drive", f"file={self._folder / 'root.img'},readonly=on,{disk}",
            "-drive", f"file={self._disk},{disk}", *more,
        ]  # fmt: skip


class Run:
    """One life of the machine. `lines` is what it has said."""

    def __init__(self, command: list[str]) -> None:
        self.lines: list[list[str]] = []
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._said: Queue[list[str]] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, text: str) -> None:
        """Type a line on its console."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())
        self._process.stdin.flush()

    def line(self, word: str, within_s: float = _SLOW_S) -> list[str]:
        """The next line that begins with this word, without it."""
        while True:
            try:
                words = self._said.get(timeout=within_s)
            except Empty:
                raise AssertionError(f"it never said {word!r}: {self.lines[-20:]}") from None
            self.lines.append(words)
            assert words != _OVER, f"it ended before it said {word!r}: {self.lines[-40:]}"
            if words[0] == word:
                return words[1:]

    def cut(self) -> None:
        """The power is gone; what was on its way over the wire is still read."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        while not self._said.empty():
            self.lines.append(self._said.get())
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            if raw.endswith(b"\n") and raw.split():
                self._said.put(raw.decode(errors="replace").split())
        self._said.put(_OVER)


@contextmanager
def _orders(control: Path) -> Iterator[IO[str]]:
    """qemu's own console, once it is there."""
    with socket.socket(socket.AF_UNIX) as wire:
        eventually(lambda: wire.connect_ex(str(control)) == 0, _SLOW_S)
        with wire.makefile("rw", encoding="utf-8") as lines:
            _order(lines, "qmp_capabilities")
            yield lines


def _reached(lines: IO[str], question: str, status: str) -> None:
    """The machine is where it is to go."""
    eventually(lambda: _order(lines, question).get("status") == status, _SLOW_S)


def _order(lines: IO[str], name: str, **arguments: str) -> dict[str, str]:
    lines.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
    lines.flush()
    while True:
        answer = json.loads(lines.readline())
        if "return" in answer:
            found: dict[str, str] = answer["return"]
            return found
        assert "error" not in answer, answer


def _initrd(path: Path) -> None:
    """busybox and the six modules of virtio, in cpio's `newc` format."""
    at = path.with_name("initrd.d")
    for folder in ("bin", "dev", "lib", "new"):
        (at / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", at / "bin/busybox")
    for name in MODULES:
        shutil.copy(next((KERNEL / "lib/modules").rglob(f"{name}.ko")), at / "lib")
    where = ":".join(sorted({str(Path(library).parent) for library in _needed([_PYTHON])}))
    init = _INIT.format(modules=" ".join(MODULES), libraries=where, python=_PYTHON)
    (at / "init").write_text(init)
    (at / "init").chmod(0o755)
    names = "\n".join(str(one.relative_to(at)) for one in sorted(at.rglob("*")))
    words = ("cpio", "-o", "-H", "newc", "--quiet")
    packed = subprocess.run(words, cwd=at, input=names.encode(), capture_output=True, check=True)
    path.write_bytes(gzip.compress(packed.stdout, 1))


def _system(at: Path, image: Path) -> None:
    """This Python, its libraries, pydantic and the agent, on a read-only disk."""
    for folder in ("app", "bin", "data", "dev", "tmp"):
        (at / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", at / "bin/busybox")
    (at / _PYTHON.relative_to("/")).parent.mkdir(parents=True)
    shutil.copy(_PYTHON, at / _PYTHON.relative_to("/"))
    standard = Path(sysconfig.get_path("stdlib"))
    tests = shutil.ignore_patterns(
        "test",
        "tests",
        "idlelib",
        "ensurepip",
        "config-*",
        "site-packages",
        "dist-packages",
        "tkinter",
        "lib2to3",
    )
    shutil.copytree(standard, at / standard.relative_to("/"), ignore=tests)
    site = Path(sysconfig.get_path("purelib"))
    for name in _LIBRARIES:
        _copy(site / name, at / "app" / name)
    for name in ("warmstation_edge", "warmstation_wire"):
        _copy(ROOT / "edge" / name, at / "app" / name)
    shutil.copy(GUEST, at / "guest.py")
    for library in _needed([_PYTHON, *at.rglob("*.so")]):
        (at / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, at / library[1:])
    _ext4(image, 256, at)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)  # compiled files too: their times are kept
    else:
        shutil.copy2(source, target)


def _needed(programs: list[Path]) -> set[str]:
    done = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False)
    words = {word for line in done.stdout.splitlines() for word in line.split()}
    return {word for word in words if word.startswith("/") and ".so" in word and word[-1] != ":"}


def _ext4(path: Path, megabytes: int, content: Path | None = None) -> None:
    words = ["/sbin/mke2fs", "-q", "-t", "ext4", *(["-d", str(content)] if content else [])]
    path.unlink(missing_ok=True)
    subprocess.run([*words, str(path), f"{megabytes}M"], check=True, capture_output=True)
