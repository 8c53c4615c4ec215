"""Dead letters know their cause; messages are read by a version that a person chose, and corrected by others."""

from alembic import op

revision = "0008"
down_revision = "0007"

# Causes as `engine/letter_causes.py` gives them.
_CAUSES = """
alter table dead_letter add column place text not null default '',
    add column cause text collate "C" not null default '';
comment on column dead_letter.cause is 'what it has in common with others: rule, source, mapping, place, unknown code';

update dead_letter set place = regexp_replace(
    regexp_replace(position, '\\[[0-9]+\\]', '[]', 'g'), '(?<![a-z])(row|line|segment|byte) [0-9]+', '\\1', 'g');
update dead_letter letter set cause = left(encode(sha256(length_prefixed(rule, source::text,
    coalesce((select name from mapping where mapping.tenant = letter.tenant and mapping.id = letter.mapping), ''),
    place, case when rule in ('map.unlisted', 'unit.unknown', 'xref.unknown') then value else '' end)), 'hex'), 10);

alter table dead_letter alter column place drop default, alter column cause drop default;
create index dead_letter_cause on dead_letter (tenant, cause, arrival) where settled_at is null;
"""

_CHOICE = """
alter table inbox add column mapping int;
comment on column inbox.mapping is 'the version of a mapping by which a person wants it read; null: the one in force';
"""

_CORRECTIONS = """
create table correction (
    tenant int not null,
    arrival bigint not null,
    original bigint not null,
    act bigint not null,
    primary key (tenant, arrival),
    foreign key (tenant, act) references act
);
create index correction_of on correction (tenant, original);
comment on table correction is 'messages that a person wrote in the place of others; both are kept, byte for byte';
select guard_table('correction', 'select, insert');
"""


def upgrade() -> None:
    """Name the causes of what waits already."""
    op.execute(_CAUSES)
    op.execute(_CHOICE)
    op.execute(_CORRECTIONS)
