"""Secrets of connections, sealed: the database never holds one in the clear, nor the key that opens them."""

from alembic import op

revision = "0006"
down_revision = "0005"

_TABLES = """
create table connection_secret (
    tenant int not null references tenant,
    connection text collate "C" not null,
    name text collate "C" not null,
    key_id text collate "C" not null,
    nonce bytea not null,
    sealed bytea not null,
    at timestamptz not null default now(),
    who text not null,
    primary key (tenant, connection, name)
);
comment on table connection_secret is 'AES-256-GCM; tenant, connection and name are bound to it as associated data';
select guard_table('connection_secret', 'select, insert, update, delete');
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_TABLES)
