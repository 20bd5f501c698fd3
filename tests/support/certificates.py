"""An authority of our own and a certificate that it signed, made by openssl for one test."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificates(folder: Path, *names: str) -> None:
    """`ca.crt`, and `<name>.crt` and `<name>.key` for each of these hosts."""
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    _openssl(folder, *new, "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test")
    for name in names:
        (folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{name}\n")
        files = ("-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        _openssl(folder, *new, *files)
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        files = ("-in", f"{name}.csr", "-out", f"{name}.crt", "-extfile", f"{name}.ext")
        _openssl(folder, "x509", "-req", *files, *signed)


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(("openssl", *words), cwd=folder, check=True, capture_output=True)
