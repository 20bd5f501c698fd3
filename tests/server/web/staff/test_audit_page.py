"""The log as it is read: to its end, whoever wrote most of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.staff import Staff, staff_web, visible
from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.scope import at_region
from warmstation_server.web.staff import audit


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with staff_web(tmp_path) as made:
        made.add("here", "district", "region:ks-qiandeng")
        yield made


def test_who_sees_little_of_a_long_log_reads_it_to_its_end_all_the_same(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_READ", 10)
    log, now = staff.parts.registry.audit, staff.clock.now()
    for n in range(70):
        place = at_region("ks-qiandeng" if n % 20 == 3 else "ks-zhangpu")
        log.add(Entry(now, "li", "station.changed", f"number-{n:02}", places=(place,)))
    client, path, seen = staff.client("here"), "/en/audit?by=li", list[str]()
    for _ in range(40):
        html = client.get(path).text
        seen += re.findall(r"number-(\d\d)", visible(html))
        (link,) = re.findall(r'class="more"><a class="button" href="([^"]+)"', html) or ("",)
        if not link:
            break
        assert "The log goes on" in html
        path = link.replace("&amp;", "&")
    assert seen == ["63", "43", "23", "03"]
    assert "The log goes on" not in html


def test_a_page_that_is_just_full_has_no_older_one(staff: Staff) -> None:
    log, now = staff.parts.registry.audit, staff.clock.now()
    staff.add("chief", "admin", "*")
    for n in range(audit.ON_A_PAGE):
        log.add(Entry(now, "li", "station.changed", f"number-{n:02}"))
    html = staff.client("chief").get("/en/audit?by=li").text
    assert len(set(re.findall(r"number-(\d\d)", html))) == audit.ON_A_PAGE
    older = re.findall(r'class="more"><a class="button" href="([^"]+)"', html)
    nothing = [visible(staff.client("chief").get(one.replace("&amp;", "&")).text) for one in older]
    assert not any("number-" in page for page in nothing)
