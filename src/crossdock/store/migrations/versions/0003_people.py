"""What people do: who looks after a work item, what was decided about it, and a trail that cannot be edited unseen.

A work item is a condition of the plan, so people never close one. `handling` says who holds it, and which content of
it was decided about: once the condition says anything else, it waits again.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = """
create table handling (
    tenant int not null,
    owner text collate "C" not null,
    name text collate "C" not null,
    claimed_by text,
    claimed_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    decision text,
    decided_about bytea,
    primary key (tenant, owner, name)
);
comment on table handling is 'what people do about work items; the items themselves belong to the rules';
comment on column handling.decided_about is 'the content that a person decided about (work_item_content)';

create table act (
    tenant int not null references tenant,
    seq bigint not null,
    at timestamptz not null,
    who text not null,
    what text collate "C" not null,
    subject text not null,
    note text not null,
    detail text not null,
    previous bytea not null,
    hash bytea not null,
    primary key (tenant, seq)
);
comment on table act is 'what people did: only added to, each row holding the hash of the one before it';
"""

_FUNCTIONS = """
create function length_prefixed(variadic fields text[]) returns bytea language sql immutable parallel safe as $$
    select convert_to(string_agg(octet_length(field) || ':' || field, '' order by place), 'UTF8')
    from unnest(fields) with ordinality as given(field, place)
$$;
comment on function length_prefixed is 'texts as bytes that no other texts give, to be hashed';

create function epoch_us(at timestamptz) returns text language sql immutable parallel safe as $$
    select (extract(epoch from at) * 1000000)::bigint::text
$$;

create function work_item_content(item work_item) returns bytea language sql immutable parallel safe as $$
    select sha256(length_prefixed(item.code, item.subject, item.title, item.desk, item.action,
        item.at_stake_minor::text, item.currency, epoch_us(item.opened_at)))
$$;
comment on function work_item_content is 'what a person sees of an item, and since when: what a decision is about';

create function chain_act() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('act'), new.tenant);
    select seq + 1, hash into new.seq, new.previous from act
    where tenant = new.tenant order by act.seq desc limit 1;
    new.seq := coalesce(new.seq, 1);
    new.previous := coalesce(new.previous, ''::bytea);
    new.at := clock_timestamp();
    new.hash := sha256(new.previous || length_prefixed(
        new.tenant::text, new.seq::text, epoch_us(new.at), new.who, new.what, new.subject, new.note, new.detail));
    return new;
end $$;

create trigger act_chained before insert on act for each row execute function chain_act();

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are only added', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger act_only_added before update or delete on act for each row execute function refuse_change();
create trigger act_kept before truncate on act for each statement execute function refuse_change();
"""


def upgrade() -> None:
    """Create it all."""
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
