"""Run by Alembic, inside the transaction that `schema.to_head` has begun."""

from __future__ import annotations

from alembic import context

from warmstation_server.registry.tables import VERSION_TABLE, Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
