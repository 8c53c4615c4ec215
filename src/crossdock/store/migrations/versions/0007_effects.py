"""Files of partners, a breaker for reading, and evidence of deliveries by day."""

from alembic import op

revision = "0007"
down_revision = "0006"

_EXCHANGE = """
create table exchange (
    tenant int not null references tenant,
    name text collate "C" not null,
    document jsonb not null,
    primary key (tenant, name)
);

create table exchange_state (
    tenant int not null,
    name text collate "C" not null,
    lease_until timestamptz,
    leased_by text collate "C",
    looked_at timestamptz,
    problem text,
    waiting int not null default 0,
    files bigint not null default 0,
    bytes bigint not null default 0,
    primary key (tenant, name)
) with (fillfactor = 50);
comment on table exchange_state is 'places where partners leave files: one process at a time looks after each';

create table exchange_file (
    tenant int not null,
    name text collate "C" not null,
    file text collate "C" not null,
    sha256 text collate "C" not null,
    bytes bigint not null,
    messages int not null,
    first_message bigint not null,
    taken_at timestamptz not null default now(),
    seen int not null default 1,
    primary key (tenant, name, file, sha256)
);
create index exchange_file_taken on exchange_file (tenant, taken_at);
comment on table exchange_file is 'files that were taken: written in the transaction that took their messages';

select guard_table(name::regclass, 'select, insert, update, delete')
from unnest(array['exchange', 'exchange_state', 'exchange_file']) as name;

alter table feed add column breaker jsonb not null default '{}';
comment on column feed.breaker is 'whether the system is read at all, its feed and what hooks hint at';
"""

# Evidence goes by the day on which it was written: a day can be dropped as a whole.
_ATTEMPTS = """
alter table delivery_attempt rename to delivery_attempt_before;
alter index delivery_attempt_pkey rename to delivery_attempt_before_pkey;
alter index delivery_attempt_of rename to delivery_attempt_before_of;

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
    primary key (tenant, at, id)
) partition by range (at);
create index delivery_attempt_of on delivery_attempt (tenant, owner, slot, generation);
comment on table delivery_attempt is 'evidence: each exchange about a command, bounded and without secrets';
create table delivery_attempt_other partition of delivery_attempt default;
select guard_table('delivery_attempt', 'select, insert');
select guard_table('delivery_attempt_other', 'select');

create function ensure_attempt_partitions(first_day date, days int) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    day date;
    name text;
begin
    for i in 0 .. days - 1 loop
        day := first_day + i;
        name := 'delivery_attempt_' || (day - date '1970-01-01');
        if to_regclass(format('%I', name)) is null then
            execute format('create table if not exists %I partition of delivery_attempt for values from (%L) to (%L)',
                name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
            perform guard_table(name::regclass, 'select');
        end if;
    end loop;
end $$;
comment on function ensure_attempt_partitions is 'one partition of the evidence per UTC day, named by days since 1970';

select ensure_attempt_partitions(
    (min(at) at time zone 'UTC')::date, current_date - (min(at) at time zone 'UTC')::date + 1)
from delivery_attempt_before having min(at) is not null;

insert into delivery_attempt (tenant, owner, slot, generation, connection, at, what, took_us, sent_hash, sent, status,
    answer, classified, reason)
select tenant, owner, slot, generation, connection, at, what, took_us, sent_hash, sent, status, answer, classified,
    reason
from delivery_attempt_before order by id;
drop table delivery_attempt_before;

revoke execute on function ensure_attempt_partitions from public;
grant execute on function ensure_attempt_partitions to crossdock_tenant;
"""


def upgrade() -> None:
    """Create what is new, and move the evidence into its days."""
    op.execute(_EXCHANGE)
    op.execute(_ATTEMPTS)
