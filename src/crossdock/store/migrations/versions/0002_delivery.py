"""Delivery: the queue of commands on their way, the state of each connection, evidence, and what comes in by reading.

`delivery` is a queue with leases and holds only what is not settled yet. A row is leased by whoever sends it; a lease
that expires is taken over by anybody, who looks before repeating. `hold` says why a row is not sent.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
create table connection (
    tenant int not null references tenant,
    name text collate "C" not null,
    document jsonb not null,
    primary key (tenant, name)
);

create table delivery (
    tenant int not null,
    owner text collate "C" not null,
    slot text collate "C" not null,
    generation int not null,
    seq bigint generated always as identity,
    connection text collate "C" not null,
    kind text collate "C" not null,
    action text collate "C" not null,
    enqueued_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts int not null default 0,
    told text collate "C",
    lease_until timestamptz,
    leased_by text collate "C",
    hold text collate "C",
    released text collate "C",
    last_error text,
    primary key (tenant, owner, slot, generation)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index delivery_due on delivery (tenant, connection, due_at, seq) where hold is null and lease_until is null;
create index delivery_leased on delivery (tenant, connection, lease_until) where lease_until is not null;
create index delivery_held on delivery (tenant, connection, hold) where hold is not null;
comment on column delivery.told is 'what its case knows of it: sent or unknown; null: nothing, so it was never sent';
comment on column delivery.hold is 'observe, propose, limit, rule or person: why it is not sent; null: it may be';
comment on column delivery.released is 'hash of the content that a person released';

create table connection_state (
    tenant int not null,
    name text collate "C" not null,
    bucket jsonb not null default '{}',
    breaker jsonb not null default '{}',
    undone jsonb not null default '{}',
    autonomy jsonb not null default '{}',
    applied bigint not null default 0,
    refused bigint not null default 0,
    retried bigint not null default 0,
    unknown bigint not null default 0,
    hooks_forged bigint not null default 0,
    primary key (tenant, name)
) with (fillfactor = 50);
comment on column connection_state.autonomy is
    'by kind of command (* for all): set at run time, over the configuration';

create table connection_event (
    tenant int not null,
    id bigint generated always as identity,
    connection text collate "C" not null,
    at timestamptz not null default now(),
    what text collate "C" not null,
    before text not null,
    after text not null,
    reason text not null,
    who text not null,
    primary key (tenant, id)
);
create index connection_event_of on connection_event (tenant, connection, id);
comment on table connection_event is 'what changed about a connection, why and by whom; rows are only added';

create table delivery_attempt (
    tenant int not null,
    id bigint generated always as identity,
    owner text collate "C" not null,
    slot text collate "C" not null,
    generation int not null,
    connection text collate "C" not null,
    at timestamptz not null default now(),
    what text collate "C" not null,
    took_us bigint not null,
    sent_hash text collate "C" not null,
    sent text not null,
    status int,
    answer text not null,
    classified text collate "C" not null,
    reason text not null,
    primary key (tenant, id)
);
create index delivery_attempt_of on delivery_attempt (tenant, owner, slot, generation);
comment on table delivery_attempt is 'evidence: each exchange about a command, bounded and without secrets';

create table hook_hint (
    tenant int not null,
    connection text collate "C" not null,
    entity text collate "C" not null,
    id text collate "C" not null,
    hinted_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts int not null default 0,
    hints int not null default 1,
    primary key (tenant, connection, entity, id)
);
comment on table hook_hint is 'records that a hook says may have changed: read again, then removed';

create table feed (
    tenant int not null,
    connection text collate "C" not null,
    cursor text,
    polled_at timestamptz,
    lease_until timestamptz,
    leased_by text collate "C",
    problem text,
    primary key (tenant, connection)
);
comment on column feed.cursor is 'how far the feed was read: written with the messages it gave';

create table feed_problem (
    tenant int not null,
    id bigint generated always as identity,
    connection text collate "C" not null,
    at timestamptz not null default now(),
    what text collate "C" not null,
    problem text not null,
    evidence text not null,
    primary key (tenant, id)
);
comment on table feed_problem is 'answers of systems that could not be believed, and hints at what does not exist';
"""


def upgrade() -> None:
    """Create it all."""
    op.execute(_TABLES)
