from __future__ import annotations

from tests.support.snapshots import NOW
from warmstation_server.publish.documents import Document, document
from warmstation_server.web.kept import Kept


class Press:
    """Renders numbered documents and counts them."""

    def __init__(self) -> None:
        self.printed = 0

    def __call__(self) -> Document:
        self.printed += 1
        body = str(self.printed).encode()
        return document("/", body, media_type="text/plain", changed_at=NOW, cache_control="")


def test_a_page_is_rendered_once_for_a_state() -> None:
    kept, press = Kept(10), Press()
    assert kept.get(1, "a", press) is kept.get(1, "a", press)
    assert press.printed == 1


def test_a_new_state_forgets_all() -> None:
    kept, press = Kept(10), Press()
    kept.get(1, "a", press)
    kept.get(1, "b", press)
    assert kept.get(2, "a", press).body == b"3"
    assert len(kept) == 1


def test_memory_is_bounded_and_what_is_read_stays() -> None:
    kept, press = Kept(3), Press()
    kept.get(1, "often", press)
    for n in range(20):
        kept.get(1, n, press)
        assert kept.get(1, "often", press).body == b"1"
    assert len(kept) == 3
