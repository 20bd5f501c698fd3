"""`warmstation user add|list|passwd|disable|enable`: who may sign in. The first admin is made here.

A password never stands on the command line: it is asked for, read from standard input, or made up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from warnings import catch_warnings, simplefilter

import typer
from rich.table import Table
from rich.text import Text

from warmstation_dashboards.resources import LANGUAGES
from warmstation_server.accounts.audit import COMMAND_LINE
from warmstation_server.accounts.errors import BadAccount
from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Role
from warmstation_server.accounts.scope import Node, Tree
from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import check

if TYPE_CHECKING:
    from warmstation_server.registry import Registry

app = typer.Typer(help="People who may sign in.", no_args_is_help=True)

BY = COMMAND_LINE
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Like wang.li; theirs for good.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password up and print it.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="The first line of standard input.")
]


@app.command("add")
def add_person(
    login: Login,
    role: Annotated[Role, typer.Option(help="What they are here for.")],
    scope: Annotated[list[str], typer.Option(help="*, region:ID or station:ID; may be repeated.")],
    name: Annotated[str | None, typer.Option(help="How pages call them.")] = None,
    language: Annotated[str, typer.Option(help="zh-CN or en.")] = "zh-CN",
    generate: Generate = False,
    from_stdin: FromStdin = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give somebody an account."""
    with one_sentence():  # what was mistyped is said before a configuration that lacks
        nodes = tuple(Node.parse(text) for text in scope)
        if language not in LANGUAGES:
            raise BadAccount(f"{language} is no language here: use {' or '.join(LANGUAGES)}")
    with _opened(config) as registry:
        _check_places(registry, nodes)
        person = Person(login, name or login, role, nodes, language=language)
        password, kept = _password(generate=generate, from_stdin=from_stdin)
        registry.people.add(person, kept, by=BY, now=datetime.now(UTC))
    _tell(login, "can sign in", password if generate else None, as_json=as_json)


@app.command("list")
def list_people(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show who has an account."""
    with _opened(config) as registry:
        people = registry.people.all()
    rows = [
        {
            "login": one.login,
            "name": one.name,
            "role": one.role.value,
            "scope": [str(node) for node in one.scope],
            "is_active": one.is_active,
        }
        for one in people
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("login", "name", "role", "scope", "active")
    for one in people:
        places = " ".join(map(str, one.scope))
        cells = (one.login, one.name, one.role.value, places, "yes" if one.is_active else "no")
        table.add_row(*map(Text, cells))
    console().print(table)


@app.command("passwd")
def set_password(
    login: Login,
    generate: Generate = False,
    from_stdin: FromStdin = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Set somebody's password; they are signed out everywhere."""
    with _opened(config) as registry:
        _known(registry, login)
        password, kept = _password(generate=generate, from_stdin=from_stdin)
        registry.people.set_password(login, kept, by=BY, now=datetime.now(UTC))
    _tell(login, "has a new password", password if generate else None, as_json=as_json)


@app.command("disable")
def disable(login: Login, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Let somebody in no more; sessions end and tokens fail at once, their history stays."""
    _activate(config, login, is_active=False)


@app.command("enable")
def enable(login: Login, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Let somebody in again."""
    _activate(config, login, is_active=True)


@contextmanager
def _opened(config: Path) -> Iterator[Registry]:
    from warmstation_server.registry import Registry  # SQLAlchemy: `--help` is quick without it

    with one_sentence(), closing(Registry.open(check(config).registry_url)) as registry:
        yield registry


def _activate(config: Path, login: str, *, is_active: bool) -> None:
    with _opened(config) as registry:
        person = replace(_known(registry, login), is_active=is_active)
        registry.people.change(person, by=BY, now=datetime.now(UTC))
    typer.echo(f"{login} is {'enabled' if is_active else 'disabled'}")


def _known(registry: Registry, login: str) -> Person:
    person = registry.people.find(login)
    if person is None:
        raise BadAccount(f"nobody has the login {login[:63]!r}")
    return person


def _check_places(registry: Registry, nodes: tuple[Node, ...]) -> None:
    regions = {region.id: region for region in registry.regions()}
    tree = Tree(regions, {station.id: station for station in registry.stations()})
    for node in nodes:
        if not tree.has(node):
            raise BadAccount(f"there is no {node.kind} {node.id!r} in the registry")


def _password(*, generate: bool, from_stdin: bool) -> tuple[str, str]:
    """The password and its hash; BadAccount where it will not do."""
    from warmstation_server.accounts.passwords import hashed, random_password

    if generate:
        password = random_password()
    elif from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = _asked_for()
    return password, hashed(password)


def _asked_for() -> str:
    try:
        with catch_warnings():
            simplefilter("ignore")  # where there is no terminal nothing is shown, hidden or not
            password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
            return password
    except typer.Abort:
        raise BadAccount("no password was given: --generate or --password-stdin") from None


def _tell(login: str, text: str, password: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"login": login} | ({"password": password} if password else {}))
        return
    typer.echo(f"{login} {text}")
    if password:
        typer.echo(f"password: {password}")
