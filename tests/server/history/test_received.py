"""The moments of a report are kept to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from warmstation_server.history.received import microseconds, moment
from warmstation_wire.parts import FIRST_MOMENT, LAST_MOMENT


@given(
    st.datetimes(
        FIRST_MOMENT.replace(tzinfo=None), LAST_MOMENT.replace(tzinfo=None), timezones=st.just(UTC)
    )
)
def test_any_moment_of_the_contract_is_the_same_after_it_was_a_number(at: datetime) -> None:
    assert moment(microseconds(at)) == at


@given(st.integers(0, microseconds(LAST_MOMENT)))
def test_any_microsecond_is_the_same_after_it_was_a_moment(us: int) -> None:
    assert microseconds(moment(us)) == us
