"""Behind each effect: the edition of the policies beside the version of the rules, and what made a case want it."""

from alembic import op

revision = "0004"
down_revision = "0003"

_COLUMNS = """
alter table policy add column edition int not null default 1;
comment on column policy.edition is 'published together; a case goes on with the edition it began with';

alter table work_item
    add column policies int not null default 1,
    add column cause text collate "C" not null default 'facts';

alter table command
    add column policies int not null default 1,
    add column cause text collate "C" not null default 'facts';
comment on column command.cause is 'what made the case want it: facts, clock, reference, policy or rule';

alter table ledger_entry
    add column rules smallint not null default 1,
    add column policies smallint not null default 1;
"""


def upgrade() -> None:
    """Add the columns; what was stored before followed from facts, on the first rules and policies."""
    op.execute(_COLUMNS)
