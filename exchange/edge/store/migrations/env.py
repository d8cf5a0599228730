"""Alembic's entry: migrations run on the connection that `migrate` hands over; comparing needs `target` beside it."""

from alembic import context

_given = context.config.attributes
context.configure(connection=_given["connection"], target_metadata=_given.get("target"), compare_type=True)
with context.begin_transaction():
    context.run_migrations()
