"""The spine: messages in, events, cases and what follows from them, the ledger, and what waits for people.

Conventions of the schema:

* `tenant` leads every key. Identifiers sort by bytes (collation "C").
* `arrival` numbers messages in the order of receipt: day since 1970, then the number of the group commit, then the
  place in it (see `store/arrival.py`). Tables that grow for ever are partitioned by it, which is by day, so that
  retention drops a partition, and a look-up by arrival number touches one.
* Bodies lie apart from what is queued: `inbox` has one narrow row per group commit.
* An index exists only where a query needs it.
"""

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
create table tenant (
    id int generated always as identity primary key,
    name text collate "C" not null unique,
    configuration bigint not null default 0,
    reference bigint not null default 0
);
comment on column tenant.configuration is
    'raised by each change of sources, mappings or policies: workers read them again';
comment on column tenant.reference is 'raised by each change of reference data: workers forget what they read';

create table source (
    tenant int not null references tenant,
    id int generated always as identity,
    name text collate "C" not null,
    key_hash bytea unique,
    document jsonb not null,
    primary key (tenant, id),
    unique (tenant, name)
);

create table mapping (
    tenant int not null references tenant,
    id int generated always as identity,
    name text collate "C" not null,
    version int not null,
    document text not null,
    primary key (tenant, id),
    unique (tenant, name, version)
);

create table policy (
    tenant int not null references tenant,
    name text collate "C" not null,
    valid_from date not null,
    document jsonb not null,
    primary key (tenant, name, valid_from)
);

create sequence commit_number as bigint minvalue 0 maxvalue 8589934591 cycle;

create table message (
    tenant int not null,
    arrival bigint not null,
    source int not null,
    received_at timestamptz not null default now(),
    content_type text collate "C" not null,
    name text collate "C",
    header bytea,
    first_row int not null default 0,
    body bytea not null,
    primary key (tenant, arrival)
) partition by range (arrival);
comment on table message is
    'what came in, byte for byte; a large file comes in parts, each with the header line of the file';
alter table message alter column body set storage external;

create table message_key (
    tenant int not null,
    source int not null,
    identity uuid not null,
    content uuid not null,
    arrival bigint not null,
    primary key (tenant, source, identity)
);
comment on table message_key is 'identity of a message within its source: its content unless the sender gave one';

create table message_repeat (
    tenant int not null,
    arrival bigint not null,
    received_at timestamptz not null default now(),
    copies int not null,
    conflict bigint
) partition by range (arrival);
comment on table message_repeat is
    'copies received again (conflict is null), or the same identity with other content (conflict: its arrival)';

create table inbox (
    tenant int not null,
    arrival bigint not null,
    messages int not null,
    bytes bigint not null,
    primary key (tenant, arrival)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
comment on table inbox is
    'one row per group commit that is not settled yet: its first arrival number, how many follow, how large';

create table event (
    tenant int not null,
    arrival bigint not null,
    row int not null,
    type text collate "C" not null,
    owner text collate "C" not null,
    key text collate "C" not null,
    occurred_at timestamptz not null,
    occurred_offset smallint not null,
    recorded_at timestamptz,
    processed_at timestamptz not null default now(),
    lifecycle text collate "C" not null,
    revision bigint not null,
    retracted boolean not null,
    copy boolean not null,
    mapping int not null,
    source_id text,
    correlation text,
    causation text,
    data json not null,
    primary key (tenant, arrival, row)
) partition by range (arrival);
comment on column event.copy is 'the same fact, told again';
comment on column event.occurred_offset is 'minutes east of UTC, as the sender wrote the time';
create index event_copy on event (tenant, owner) where copy;

create table message_result (
    tenant int not null,
    arrival bigint not null,
    events int not null,
    rejected int not null,
    primary key (tenant, arrival)
) partition by range (arrival);
comment on table message_result is 'how many events a message held, where that is not one';

create table dead_letter (
    tenant int not null,
    arrival bigint not null,
    row int not null,
    source int not null,
    mapping int,
    position text not null,
    rule text collate "C" not null,
    problem text not null,
    value text not null,
    sample text not null,
    created_at timestamptz not null default now(),
    settled_at timestamptz,
    settlement text,
    primary key (tenant, arrival, row)
);
create index dead_letter_open on dead_letter (tenant, rule, arrival) where settled_at is null;

create table case_record (
    tenant int not null,
    id text collate "C" not null,
    version int not null,
    updated_at timestamptz not null default now(),
    status text collate "C" not null,
    view json,
    record bytea not null,
    primary key (tenant, id)
) with (fillfactor = 80, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
alter table case_record alter column record set storage external;
comment on column case_record.record is 'facts and what followed from them, as MessagePack (processes/case.py, Record)';

create table identifier (
    tenant int not null,
    value text collate "C" not null,
    owner text collate "C" not null,
    primary key (tenant, value, owner)
);
comment on table identifier is 'by which other names a case is known: PRO, bill of lading, tender, pick, payment';

create table work_item (
    tenant int not null,
    owner text collate "C" not null,
    name text collate "C" not null,
    code text collate "C" not null,
    subject text collate "C" not null,
    title text not null,
    desk text collate "C" not null,
    action text not null,
    at_stake_minor bigint not null,
    currency text not null,
    finding boolean not null,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    arrival bigint not null,
    rules int not null,
    primary key (tenant, owner, name)
);
create index work_item_open on work_item (tenant, code, opened_at) where closed_at is null;

create table command (
    tenant int not null,
    owner text collate "C" not null,
    slot text collate "C" not null,
    generation int not null,
    kind text collate "C" not null,
    target text collate "C" not null,
    action text collate "C" not null,
    state text collate "C" not null,
    content json not null,
    arrival bigint not null,
    rules int not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    primary key (tenant, owner, slot, generation)
) with (fillfactor = 90);

create table wake_up (
    tenant int not null,
    owner text collate "C" not null,
    at timestamptz not null,
    again boolean not null default false,
    primary key (tenant, owner)
);
create index wake_up_due on wake_up (tenant, at);

create table reference (
    tenant int not null,
    key text collate "C" not null,
    valid_from date not null,
    type text collate "C" not null,
    arrival bigint not null,
    row int not null,
    revision bigint not null,
    retracted boolean not null,
    data json not null,
    primary key (tenant, key, valid_from)
);

create table reference_use (
    tenant int not null,
    key text collate "C" not null,
    owner text collate "C" not null,
    primary key (tenant, key, owner)
);
comment on table reference_use is 'which cases asked for which reference data: they are asked again when it changes';

create table ledger_entry (
    tenant int not null,
    arrival bigint not null,
    owner text collate "C" not null,
    debit text collate "C" not null,
    credit text collate "C" not null,
    item text collate "C" not null,
    amount bigint not null,
    posted_at timestamptz not null default now()
) partition by range (arrival);
create index ledger_entry_owner on ledger_entry (tenant, owner);
comment on column ledger_entry.arrival is 'watermark: the latest message that the case had heard when this was posted';

create table balance (
    tenant int not null,
    account text collate "C" not null,
    item text collate "C" not null,
    shard smallint not null,
    amount numeric(38, 0) not null,
    primary key (tenant, account, item, shard)
) with (fillfactor = 70);
comment on table balance is
    'debits less credits; each worker adds to a shard of its own, so that nobody waits for a popular account';

create table intake_position (
    tenant int not null,
    name text collate "C" not null,
    position bigint not null,
    primary key (tenant, name)
);
comment on table intake_position is
    'how far a file was taken in: written with its messages, so that a restart resumes exactly';
"""

_PARTITIONS = """
create function ensure_partitions(first_day date, days int) returns void language plpgsql as $$
declare
    day int;
    parent text;
begin
    for i in 0 .. days - 1 loop
        day := first_day + i - date '1970-01-01';
        foreach parent in array array['message', 'message_repeat', 'message_result', 'event', 'ledger_entry'] loop
            if to_regclass(format('%I', parent || '_' || day)) is null then
                execute format('create table if not exists %I partition of %I for values from (%s) to (%s)',
                    parent || '_' || day, parent, day::bigint << 46, (day + 1)::bigint << 46);
            end if;
        end loop;
    end loop;
end $$;
comment on function ensure_partitions is 'one partition per UTC day and growing table; named by days since 1970';

create table message_other partition of message default;
create table message_repeat_other partition of message_repeat default;
create table message_result_other partition of message_result default;
create table event_other partition of event default;
create table ledger_entry_other partition of ledger_entry default;
"""


def upgrade() -> None:
    """Create it all."""
    op.execute(_TABLES)
    op.execute(_PARTITIONS)
