"""mosquitto.conf as this server needs it; for the demo, the tests and the operator.

mosquitto's defaults lose data or speed here: its queue of 1,000 drops what it has acknowledged,
a kill loses up to half an hour, and 20 messages in flight throttle an intake that acknowledges
in batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MAX_IN_FLIGHT = 20_000
"""Unacknowledged messages at once; keep it at or below the intake's queue, so that the broker
holds what is too much and the network thread never has to wait (and miss its keepalive)."""

SERVER = """\
user {server}
topic readwrite warmstation/v1/#
topic write homeassistant/device/+/config
"""
PATTERNS = """\
pattern write warmstation/v1/+/%u/report
pattern write warmstation/v1/+/%u/presence
pattern write warmstation/v1/+/%u/applied
pattern write warmstation/v1/+/%u/result
pattern read warmstation/v1/+/%u/receipt
pattern read warmstation/v1/+/%u/desired
pattern read warmstation/v1/+/%u/command
"""


MAX_PACKET_BYTES = 64 * 1024
"""Of any packet, looked at before it is read: a report has at most 16 KiB."""


@dataclass(frozen=True, slots=True)
class BrokerTls:
    """Certificates of the deployment's own authority, and what that has revoked."""

    ca_file: Path
    cert_file: Path
    key_file: Path
    revocations_file: Path


@dataclass(frozen=True, slots=True)
class MosquittoConf:
    """One listener. Without `password_file` and `tls` anybody may connect: for loopback only.

    With `tls`, a client is what its certificate says: the CN is its user name and its client id.
    """

    port: int
    state_dir: Path
    host: str = "127.0.0.1"
    password_file: Path | None = None
    acl_file: Path | None = None
    tls: BrokerTls | None = None
    max_queued: int = 1_000_000
    max_in_flight: int = MAX_IN_FLIGHT

    def text(self) -> str:
        """The file's content, for mosquitto 2.0 and later."""
        return "\n".join([*self._listener(), *self._delivery(), *self._log(), ""])

    def _listener(self) -> list[str]:
        lines = [f"listener {self.port} {self.host}".rstrip(), "set_tcp_nodelay true"]
        if self.tls is not None:
            lines += _guarded(self.tls)
        elif self.password_file is None:
            lines.append("allow_anonymous true")
        else:
            lines += [
                "allow_anonymous false",
                f"password_file {self.password_file}",
                "use_username_as_clientid true",
            ]
        return lines if self.acl_file is None else [*lines, f"acl_file {self.acl_file}"]

    def _delivery(self) -> list[str]:
        return [
            "persistence true",
            f"persistence_location {self.state_dir}/",
            "autosave_interval 2",
            f"max_queued_messages {self.max_queued}",
            f"max_inflight_messages {self.max_in_flight}",
            "message_size_limit 20480",
            f"max_packet_size {MAX_PACKET_BYTES}",
            # A session outlives a dead station's hour by a day at most.
            "persistent_client_expiration 1d",
        ]

    def _log(self) -> list[str]:
        return [
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "connection_messages false",
        ]


def _guarded(tls: BrokerTls) -> list[str]:
    return [
        "allow_anonymous false",
        f"cafile {tls.ca_file}",
        f"certfile {tls.cert_file}",
        f"keyfile {tls.key_file}",
        f"crlfile {tls.revocations_file}",
        "tls_version tlsv1.2",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
    ]


def acl(server_user: str) -> str:
    """An ACL file for any station; enrolment.admission has one for those that are known."""
    return f"{SERVER.format(server=server_user)}\n{PATTERNS}"
