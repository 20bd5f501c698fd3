from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from warmstation_server.accounts.passwords import is_right
from warmstation_server.cli import add_to
from warmstation_server.registry import Registry


class Terminal:
    """The command line over a registry with one station."""

    def __init__(self, directory: Path) -> None:
        self.config = directory / "server.toml"
        self.config.write_text('data_dir = "data"\n', encoding="utf-8")
        self.registry = directory / "data" / "registry.db"
        with closing(Registry.open(migrated(self.registry))) as registry:
            registry.put(REGIONS, [station("ks-a")])
        self._app = typer.Typer()
        add_to(self._app)

    def user(self, *words: str, said: str = "") -> Result:
        command = ["user", *words, "--config", str(self.config)]
        return CliRunner().invoke(self._app, command, input=said)

    def password_of(self, login: str) -> str | None:
        with closing(Registry.open(self.registry)) as registry:
            return registry.people.password_of(login)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_there_is_nobody_and_no_password_until_somebody_is_added(terminal: Terminal) -> None:
    assert json.loads(terminal.user("list", "--json").stdout) == []
    assert terminal.password_of("admin") is None


def test_the_first_admin_is_made_here_and_the_password_works(terminal: Terminal) -> None:
    made = terminal.user("add", "admin", "--role", "admin", "--scope", "*", "--generate", "--json")
    password = json.loads(made.stdout)["password"]
    assert is_right(password, terminal.password_of("admin"))
    listed = json.loads(terminal.user("list", "--json").stdout)
    assert [(one["login"], one["role"], one["scope"]) for one in listed] == [
        ("admin", "admin", ["*"])
    ]


def test_a_password_is_asked_for_twice_and_comes_from_standard_input(terminal: Terminal) -> None:
    typed = "four plain words here\n"
    scope = ("--role", "manager", "--scope", "station:ks-a")
    assert terminal.user("add", "wang", *scope, said=typed * 2).exit_code == 0
    assert is_right(typed.strip(), terminal.password_of("wang"))
    new = terminal.user("passwd", "wang", "--password-stdin", said="another long sentence\n")
    assert new.exit_code == 0
    assert is_right("another long sentence", terminal.password_of("wang"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "Wang!", "--role", "admin", "--scope", "*", "--generate"), "a login has"),
        (("add", "wang", "--role", "admin", "--scope", "kunshan", "--generate"), "region:ID"),
        (("add", "wang", "--role", "admin", "--scope", "region:no", "--generate"), "no region"),
        (("passwd", "nobody", "--generate"), "nobody has the login"),
        (("disable", "nobody"), "nobody has the login"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    terminal: Terminal, words: tuple[str, ...], reason: str
) -> None:
    answer = terminal.user(*words)
    assert answer.exit_code == 1
    assert reason in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_short_password_is_refused(terminal: Terminal) -> None:
    words = ("add", "wang", "--role", "viewer", "--scope", "*", "--password-stdin")
    answer = terminal.user(*words, said="short\n")
    assert (answer.exit_code, "10 to 200" in answer.stderr) == (1, True)


def test_who_is_disabled_has_no_password_that_works_until_enabled_again(
    terminal: Terminal,
) -> None:
    terminal.user("add", "wang", "--role", "viewer", "--scope", "*", "--generate")
    assert terminal.user("disable", "wang").exit_code == 0
    assert terminal.password_of("wang") is None
    assert terminal.user("enable", "wang").exit_code == 0
    assert terminal.password_of("wang") is not None


def test_what_the_command_line_did_stands_in_the_audit_log(terminal: Terminal) -> None:
    terminal.user("add", "wang", "--role", "viewer", "--scope", "*", "--generate")
    terminal.user("disable", "wang")
    with closing(Registry.open(terminal.registry)) as registry:
        changed, added, *_ = registry.audit.newest()
    assert (added.action, added.by, added.before) == ("person.added", "command line", None)
    assert (changed.before["is_active"], changed.after["is_active"]) == (True, False)
