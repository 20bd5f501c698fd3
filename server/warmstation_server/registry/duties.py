"""Who of several servers does what only one may do: a lease in the registry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, String, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from warmstation_server.registry.engine import transaction
from warmstation_server.registry.errors import RegistryAway
from warmstation_server.registry.tables import Table, UtcTime


class DutyTable(Table):
    """One row a duty: who has it, and until when."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime] = mapped_column(UtcTime)


class Duties:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or keep a duty; False while another holder's lease has not ended."""
        rows = DutyTable
        may = or_(rows.holder == holder, rows.until <= now)
        mine = update(rows).where(rows.name == name, may).values(holder=holder, until=until)
        with transaction(self._engine, writes=True) as connection:
            if connection.execute(mine).rowcount:
                return True
            if connection.execute(select(rows.name).where(rows.name == name)).first():
                return False
            try:
                with connection.begin_nested():
                    connection.execute(insert(rows).values(name=name, holder=holder, until=until))
            except IntegrityError:  # another server was first
                return False
            return True

    def leave(self, name: str, holder: str) -> None:
        """Let another one have it at once; nothing where it is not ours."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(
                delete(DutyTable).where(DutyTable.name == name, DutyTable.holder == holder)
            )


def require(connection: Connection, name: str, holder: str) -> None:
    """RegistryAway where a duty is not this holder's; it stays so until the transaction ends."""
    row = select(DutyTable.holder).where(DutyTable.name == name).with_for_update()
    if connection.execute(row).scalar() != holder:
        raise RegistryAway(f"another server has the duty of {name} by now")
