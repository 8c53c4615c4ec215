"""Versions of mappings have an owner and a state; who took which step is kept, and so are their examples."""

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = """
alter table mapping add column owner text not null default '',
    add column state text collate "C" not null default 'published'
    check (state in ('draft', 'review', 'approved', 'published', 'deprecated', 'retired'));
update mapping set state = 'deprecated' where exists (
    select from mapping newer
    where newer.tenant = mapping.tenant and newer.name = mapping.name and newer.version > mapping.version);
alter table mapping alter column state drop default;
create unique index mapping_in_force on mapping (tenant, name) where state = 'published';

create function keep_mapping() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft'
        and (new.name, new.version, new.document) is distinct from (old.name, old.version, old.document)
    then
        raise exception '%@% is %: raise its version', old.name, old.version, old.state
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger mapping_kept before update on mapping for each row execute function keep_mapping();

create table mapping_step (
    tenant int not null,
    id bigint generated always as identity,
    mapping int not null,
    state text collate "C" not null,
    who text not null,
    note text not null,
    at timestamptz not null default now(),
    act bigint,
    primary key (tenant, id),
    foreign key (tenant, mapping) references mapping,
    foreign key (tenant, act) references act
);
create index mapping_step_of on mapping_step (tenant, mapping, id);
comment on table mapping_step is 'who brought a version into which state; no act where a folder was applied';

create table mapping_example (
    tenant int not null,
    mapping int not null,
    name text collate "C" not null,
    body bytea not null,
    expected text not null,
    primary key (tenant, mapping, name),
    foreign key (tenant, mapping) references mapping
);

alter table tenant add column governance jsonb not null default '{}';

select guard_table('mapping_step', 'select, insert');
select guard_table('mapping_example', 'select, insert, update, delete');
"""


def upgrade() -> None:
    """The newest version of each mapping is the one that is published."""
    op.execute(_TABLES)
