from __future__ import annotations

import pytest

from warmstation_server.web.staff.device import device

MOBILE = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (f"Mozilla/5.0 (Linux; Android 14; Pixel) {MOBILE}", "Chrome · Android"),
        (f"Mozilla/5.0 (Linux; Android 14) {MOBILE} MicroMessenger/8.0", "WeChat · Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "?"),
    ],
)
def test_a_session_is_known_by_browser_and_system(agent: str, said: str) -> None:
    assert device(agent) == said
