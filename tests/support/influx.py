"""A real InfluxDB 2, where the environment names one, with a pair of buckets for each test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from tests.support.patience import eventually
from warmstation_server.history.influx_door import Place
from warmstation_server.history.influx_rows import Buckets

NAMES = tuple(f"WARMSTATION_TEST_INFLUX_{part}" for part in ("URL", "TOKEN", "ORG"))


def place() -> Place:
    """The server that the environment names; skips the test where it names none."""
    url, token, org = (os.environ.get(name, "") for name in NAMES)
    if not (url and token and org):
        pytest.skip(f"no InfluxDB 2 here: {', '.join(NAMES)} name none")
    return Place(url, org, token)


class Api:
    """Asks the server for what the history itself may not do."""

    def __init__(self, where: Place) -> None:
        headers = {"Authorization": f"Token {where.token}"}
        self._client = httpx.Client(base_url=where.url, headers=headers, timeout=30)
        found = self._client.get("/api/v2/orgs", params={"org": where.org}).json()
        self.org_id = found["orgs"][0]["id"]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def make_bucket(self, name: str) -> str:
        """A bucket that forgets nothing; its id."""
        asked = {"orgID": self.org_id, "name": name, "retentionRules": []}
        return str(self._client.post("/api/v2/buckets", json=asked).raise_for_status().json()["id"])

    def drop_bucket(self, bucket_id: str) -> None:
        """Let go of a bucket and all in it."""
        self._client.delete(f"/api/v2/buckets/{bucket_id}").raise_for_status()

    def find(self, kind: str, **params: str) -> list[dict[str, object]]:
        """Buckets or tasks."""
        answer = self._client.get(f"/api/v2/{kind}", params=params)
        return list(answer.json().get(kind, []))

    def run_task(self, task_id: str) -> str:
        """Run a task now; how that ended."""
        run = self._client.post(f"/api/v2/tasks/{task_id}/runs", json={}).raise_for_status().json()
        address = f"/api/v2/tasks/{task_id}/runs/{run['id']}"
        said: list[dict[str, str]] = []

        def has_ended() -> bool:
            # For a moment the server knows a run neither as under way nor as ended.
            said.append(self._client.get(address).json())
            return {"finishedAt", "status"} <= said[-1].keys()

        eventually(has_ended)
        return said[-1]["status"]

    def drop_task(self, task_id: str) -> None:
        """Let go of a task."""
        self._client.delete(f"/api/v2/tasks/{task_id}").raise_for_status()

    def token(self, *bucket_ids: str) -> str:
        """A token that may read and write these buckets, and nothing else."""
        permissions = [
            {"action": action, "resource": {"type": "buckets", "id": one, "orgID": self.org_id}}
            for one in bucket_ids
            for action in ("read", "write")
        ]
        asked = {"orgID": self.org_id, "permissions": permissions}
        answer = self._client.post("/api/v2/authorizations", json=asked).raise_for_status()
        return str(answer.json()["token"])


@contextmanager
def fresh_buckets(where: Place) -> Iterator[tuple[Place, Buckets]]:
    """Two empty buckets, and who may do no more than read and write them."""
    name = uuid.uuid4().hex[:12]
    buckets = Buckets(f"raw-{name}", f"kept-{name}")
    with closing(Api(where)) as api:
        ids = [api.make_bucket(bucket) for bucket in buckets]
        try:
            yield Place(where.url, where.org, api.token(*ids)), buckets
        finally:
            for one in ids:
                api.drop_bucket(one)
