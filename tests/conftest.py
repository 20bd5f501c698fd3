"""What tests of several rooms share and what is made once a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.debian_root import Bases, without_root

# Nothing is wrong with an example that took long: a machine may be busy.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
LONG = ("tests/browser/", "tests/faults/", "tests/firmware/", "tests/flow/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin: of several processes none is left alone with one at the end.

    The order is as random as before among these and among the others.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bases]:
    """Bare Debians, each made by the first test that asks for it."""
    reason = without_root()
    if reason is not None:
        pytest.skip(reason)
    found = Bases(tmp_path_factory.mktemp("debian"))
    yield found
    found.clear()
