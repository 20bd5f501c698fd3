from __future__ import annotations

import tomllib
from pathlib import Path

from warmstation_server import notify
from warmstation_server.notify.config import parse


def test_the_example_of_the_readme_is_right() -> None:
    text = (Path(notify.__file__).parent / "README.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert set(parse(tomllib.loads(example), "README.md").channels) == {
        "songnan",
        "street",
        "platform",
        "mail",
        "tail",
    }
