"""Programs for arm64 on this processor: qemu-user-static, made known to the kernel for a while."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KNOWN = Path("/proc/sys/fs/binfmt_misc")
_PROGRAM = "/usr/bin/qemu-aarch64-static"
_NAME = "warmstation-aarch64"
# ELF, 64 bit, little endian, executable or shared object, AArch64 (ELF for the Arm 64-bit
# architecture, 4.1). F: the program is opened now, so that a chroot needs no copy of it.
_MAGIC = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
_MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
_RULE = f":{_NAME}:M::{_MAGIC}:{_MASK}:{_PROGRAM}:F"


@contextmanager
def emulating_arm64() -> Iterator[str | None]:
    """None while such programs can be run; else, in a sentence, why they cannot."""
    if platform.machine() == "aarch64" or (_KNOWN / "qemu-aarch64").exists():
        yield None
        return
    mounts = Path("/proc/mounts").read_text()
    is_ours = f" {_KNOWN} " not in mounts
    try:
        if is_ours:
            _well("mount", "-t", "binfmt_misc", "binfmt_misc", str(_KNOWN))
        (_KNOWN / "register").write_text(_RULE)
    except (OSError, subprocess.CalledProcessError) as error:
        yield f"this kernel does not let us say who runs programs for arm64 ({error})"
        return
    try:
        yield None
    finally:
        (_KNOWN / _NAME).write_text("-1")
        if is_ours:
            _well("umount", str(_KNOWN))


def _well(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
