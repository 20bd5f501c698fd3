"""Which agent this is, as it tells the server. A test holds it to the package's."""

from __future__ import annotations

VERSION = "0.1.0"
"""Not asked of what is installed: that would cost 1.5 MB (see `spared`)."""
