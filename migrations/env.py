"""How Alembic reaches the database and the models."""

from alembic import context

import portal.factory  # noqa: F401 - knows every domain, and with it every model
from portal.core.db import Base, make_engine


def run() -> None:
    """Run the migrations on the configured database."""
    engine = make_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
