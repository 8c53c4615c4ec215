"""The schema's history: brings a database from whatever version it has to the one this code needs, or not at all."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from crossdock.store.databases import UnknownRevision

MIGRATIONS_DIR = Path(__file__).parent / "migrations"

# Any number will do, as long as nobody else locks it in this database: "cdmig" read as ASCII.
_LOCK_KEY = int.from_bytes(b"cdmig", "big")


def upgrade(url: str, to: str = "head") -> None:
    """Bring the schema of the database at `url` to `head()`, in one transaction. At head already: nothing happens.

    Processes that call it at once wait for each other. Raises `UnknownRevision`, and psycopg's or SQLAlchemy's errors
    for a database that cannot be reached or a migration that fails; the schema is then as it was.
    """
    with _engine(url).begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        config = _config()
        _refuse_unknown(connection, config)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def current(url: str) -> str | None:
    """The revision of the schema of the database at `url`; None when it holds none."""
    with _engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision of the schema that this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise UnknownRevision(f"{MIGRATIONS_DIR} holds no migration; reinstall Crossdock")
    return revision


def _refuse_unknown(connection: Connection, config: Config) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        return
    try:
        ScriptDirectory.from_config(config).get_revision(found)
    except CommandError as unknown:
        raise UnknownRevision(
            f"The database has the schema {found}, which this version of Crossdock ({head()}) does not know. Install "
            "the version that made it, or use another database"
        ) from unknown


def _engine(url: str) -> Engine:
    # psycopg reads the address itself, so that a URL means the same here as everywhere else.
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
