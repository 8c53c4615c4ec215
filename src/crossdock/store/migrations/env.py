"""Runs migrations on the connection, in the transaction and under the lock that `crossdock.store.migrate` gives."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
