"""The database itself keeps tenants apart: sessions work under a role that owns nothing and sees one tenant's rows.

A statement that forgets its tenant finds nothing, and one that names another tenant's is refused. `guard_table` is for
every table to come; a test finds those without it.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

# A role belongs to the whole server, and two databases may be made at once.
_ROLE = """
do $$ begin
    create role crossdock_tenant nologin noinherit;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise exception 'the role crossdock_tenant cannot be made by %', current_user using
            hint = 'Let an administrator run once: create role crossdock_tenant nologin; '
                || format('grant crossdock_tenant to %I', current_user);
end $$;
do $$ begin
    if not pg_has_role(current_user, 'crossdock_tenant', 'member') then
        execute format('grant crossdock_tenant to %I', current_user);
    end if;
end $$;
grant usage on schema public to crossdock_tenant;
"""

_GUARD = """
create function current_tenant() returns int language sql stable parallel safe as $$
    select nullif(current_setting('crossdock.tenant', true), '')::int
$$;
comment on function current_tenant is 'whose rows this session may see; none, if it has not said so';

create function guard_table(guarded regclass, rights text) returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', guarded);
    execute format('create policy own_rows on %s using (tenant = (select current_tenant()))', guarded);
    execute format('grant %s on %s to crossdock_tenant', rights, guarded);
end $$;
comment on function guard_table is 'to be called for every table with a tenant: its rows are its tenant''s alone';

select guard_table(name::regclass, 'select, insert, update, delete') from unnest(array[
    'source', 'mapping', 'policy', 'connection', 'message_key', 'inbox', 'message_result', 'dead_letter',
    'case_record', 'identifier', 'work_item', 'command', 'wake_up', 'reference', 'reference_use', 'balance',
    'intake_position', 'delivery', 'connection_state', 'hook_hint', 'feed', 'handling']) as name;
select guard_table(name::regclass, 'select, insert') from unnest(array[
    'message', 'message_repeat', 'event', 'ledger_entry', 'connection_event', 'delivery_attempt', 'feed_problem',
    'act']) as name;

-- Who there is may be asked, as a session has to find itself; whatever else a tenant is, is its own.
alter table tenant enable row level security;
create policy any_name on tenant for select using (true);
create policy new_one on tenant for insert with check (true);
create policy own_row on tenant for update using (id = (select current_tenant()));
grant select, insert, update on tenant to crossdock_tenant;
grant select on alembic_version to crossdock_tenant;
grant usage on sequence commit_number to crossdock_tenant;

create function source_of_key(hash bytea) returns table (tenant int, id int)
language sql stable security definer set search_path = public, pg_temp as $$
    select source.tenant, source.id from source where source.key_hash = hash
$$;
comment on function source_of_key is 'a key says whose it is, so this alone is asked before the tenant is known';
"""

_PARTITIONS = """
create or replace function ensure_partitions(first_day date, days int) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    day int;
    parent text;
    child text;
begin
    for i in 0 .. days - 1 loop
        day := first_day + i - date '1970-01-01';
        foreach parent in array array['message', 'message_repeat', 'message_result', 'event', 'ledger_entry'] loop
            child := parent || '_' || day;
            if to_regclass(format('%I', child)) is null then
                execute format('create table if not exists %I partition of %I for values from (%s) to (%s)',
                    child, parent, day::bigint << 46, (day + 1)::bigint << 46);
                perform guard_table(child::regclass, 'select');
            end if;
        end loop;
    end loop;
end $$;

select guard_table(inhrelid::regclass, 'select') from pg_inherits
where inhparent = any('{message, message_repeat, message_result, event, ledger_entry}'::regclass[]);

revoke execute on function ensure_partitions, source_of_key from public;
grant execute on function ensure_partitions, source_of_key to crossdock_tenant;
"""


def upgrade() -> None:
    """Make the role, guard every table, and let new partitions be guarded as they are made."""
    op.execute(_ROLE)
    op.execute(_GUARD)
    op.execute(_PARTITIONS)
