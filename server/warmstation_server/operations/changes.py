"""Writes into a system, or a directory that stands for one, only what is not there yet.

For install.py. Everything that was changed is kept in words; run again, there is none.
"""

from __future__ import annotations

import os
from pathlib import Path

from warmstation_server.operations.errors import CannotInstall


class Changes:
    """Paths are those of the system; they lie below `root`. Users are those of its passwd."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []

    def at(self, path: str | Path) -> Path:
        """Where a path of the system really lies."""
        return self.root / str(path).lstrip("/")

    def file(self, path: str, text: str, mode: int = 0o644, group: str | None = None) -> bool:
        """A file with this content; True where it was written."""
        target = self.at(path)
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)
        if group is not None:
            self._own(target, 0, self._ids(group)[1])
        self.said.append(f"wrote {path}")
        return True

    def directory(self, path: str, mode: int, user: str, group: str) -> None:
        """A directory with this owner and mode."""
        target = self.at(path)
        if not target.is_dir():
            target.mkdir(parents=True)
            self.said.append(f"made {path}")
        if target.stat().st_mode & 0o7777 != mode:
            target.chmod(mode)
        self._own(target, self._ids(user)[0], self._ids(group)[1])

    def link(self, path: str, to: str) -> None:
        """A symbolic link of the system."""
        target = self.at(path)
        if target.is_symlink() and str(target.readlink()) == to:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.symlink_to(to)
        self.said.append(f"linked {path}")

    def give(self, path: str, user: str) -> None:
        """A file, or a directory and all in it, to this user and its group."""
        top = self.at(path)
        for one in (top, *(sorted(top.rglob("*")) if top.is_dir() else ())):
            self._own(one, *self._ids(user))

    def has_users(self, *names: str) -> bool:
        """Whether the system knows all of them."""
        return all(name in self._users() for name in names)

    def _own(self, target: Path, user: int, group: int) -> None:
        """Where root does it; in a directory of one's own everything belongs to oneself."""
        there = target.lstat()
        if os.geteuid() == 0 and (there.st_uid, there.st_gid) != (user, group):
            os.chown(target, user, group, follow_symlinks=False)

    def _ids(self, name: str) -> tuple[int, int]:
        try:
            return self._users()[name]
        except KeyError:
            raise CannotInstall(f"{self.at('/etc/passwd')}: there is no user {name}") from None

    def _users(self) -> dict[str, tuple[int, int]]:
        """Names with the numbers of user and group; `root` needs no entry."""
        found = {"root": (0, 0)}
        path = self.at("/etc/passwd")
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            fields = line.split(":")
            if len(fields) == 7:
                found[fields[0]] = (int(fields[2]), int(fields[3]))
        return found
