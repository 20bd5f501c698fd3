"""Three logins of a demo, for its own loopback: random passwords, made once, printed each time.

They lie beside the demo's data, readable by its user alone; only the first start pays for argon2.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warmstation.errors import DemoError

if TYPE_CHECKING:
    from warmstation_server.accounts.person import Person
    from warmstation_server.registry import Registry

_FILE = "logins.json"
STATIONS_OF_A_MANAGER = 3


@dataclass(frozen=True, slots=True)
class Login:
    """A person of the demo. `places`: where their role holds, as text."""

    login: str
    password: str
    role: str
    places: tuple[str, ...]


def ready(directory: Path, config: Path) -> tuple[Login, ...]:
    """The demo's logins; made where they are missing. The registry must have the fleet by now."""
    file = directory / _FILE
    try:
        return tuple(
            Login(**{**one, "places": tuple(one["places"])})
            for one in json.loads(file.read_text("utf-8"))
        )
    except FileNotFoundError:
        made = _made(config)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DemoError(f"{file} cannot be read ({error}): delete it") from None
    file.touch(mode=0o600)
    file.write_text(json.dumps([asdict(one) for one in made]), "utf-8")
    return made


def lines(logins: tuple[Login, ...], port: int) -> list[str]:
    """What to print: where to sign in, and as whom."""
    told = [f"Sign in at http://127.0.0.1:{port}/login (this machine only):"]
    for one in logins:
        where = ", ".join(one.places).replace("*", "everywhere")
        told.append(f"  {one.login:<10} {one.password}   {where}")
    return told


def _made(config: Path) -> tuple[Login, ...]:
    from warmstation_server.accounts.passwords import random_password
    from warmstation_server.config import check
    from warmstation_server.registry import Registry

    with closing(Registry.open(check(config).registry_url)) as registry:
        return tuple(_let_in(registry, one, random_password()) for one in _people(registry))


def _let_in(registry: Registry, person: Person, password: str) -> Login:
    from warmstation_server.accounts.passwords import hashed

    now, by = datetime.now(UTC), "demo"
    if registry.people.find(person.login) is None:
        registry.people.add(person, hashed(password), by=by, now=now)
    else:
        registry.people.set_password(person.login, hashed(password), by=by, now=now)
    return Login(person.login, password, person.role.value, tuple(map(str, person.scope)))


def _people(registry: Registry) -> tuple[Person, ...]:
    from warmstation_server.accounts.person import Person
    from warmstation_server.accounts.role import Role
    from warmstation_server.accounts.scope import EVERYWHERE, at_region, at_station

    regions = registry.regions()
    district = next((one for one in regions if one.level == "district"), regions[0])
    own = tuple(at_station(one.id) for one in registry.stations()[:STATIONS_OF_A_MANAGER])
    return (
        Person("admin", "管理员（演示）", Role.ADMIN, (EVERYWHERE,)),
        Person("district", "区工作人员（演示）", Role.DISTRICT, (at_region(district.id),)),
        Person("manager", "站长（演示）", Role.MANAGER, own),
    )
