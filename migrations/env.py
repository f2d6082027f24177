"""Runs migrations on a connection that the caller has opened, in the caller's transaction.

Called through `core.schema.ensure_schema` only: the database is encrypted, so Alembic cannot open
it by a URL, and the caller's lock keeps two processes apart. `metadata` in the configuration's
attributes is for comparing and for writing new migrations.
"""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    compare_type=True,
    include_name=context.config.attributes.get("include_name"),
    render_as_batch=connection.dialect.name == "sqlite",
    user_module_prefix="db.",
)
with context.begin_transaction():
    context.run_migrations()
