"""A person with an account, and what they may do. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from warmstation_server.accounts.role import RIGHTS, Right, Role
from warmstation_server.accounts.scope import EVERYWHERE, Node, Tree

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


@dataclass(frozen=True, slots=True)
class Person:
    """`login` is theirs for good and stands in histories; `scope`: where their role holds."""

    login: str
    name: str
    role: Role
    scope: tuple[Node, ...]
    is_active: bool = True
    language: str = "zh-CN"

    @property
    def rights(self) -> frozenset[Right]:
        """What the role allows, within the scope; nothing for an account that was disabled."""
        return RIGHTS[self.role] if self.is_active else frozenset()


def may(person: Person, right: Right, at: Node, tree: Tree) -> bool:
    """Whether somebody may do this there; never at a place that does not exist."""
    return right in person.rights and tree.is_within(at, person.scope)


def may_manage(manager: Person, other: Person, tree: Tree) -> bool:
    """Whether somebody may make, change or disable this account: wholly within their own scope."""
    if Right.PEOPLE_MANAGE not in manager.rights:
        return False
    if EVERYWHERE in manager.scope:  # also where a place of that scope is gone
        return True
    return bool(other.scope) and all(tree.is_within(node, manager.scope) for node in other.scope)
