"""The configuration of the embedded PostgreSQL: durable as shipped, sized to this machine, reachable by us alone."""

import os
from pathlib import Path

_MEBIBYTE = 1024 * 1024
_SHARED_BUFFERS_LIMIT_BYTES = 1024 * _MEBIBYTE


def postgresql_conf(*, socket_dir: Path, log_dir: Path) -> str:
    """The settings that differ from PostgreSQL's own. Rewritten at every start; `ALTER SYSTEM` still wins over them."""
    return f"""# Written by Crossdock at every start; use ALTER SYSTEM to change a setting for good.

# Only processes of this machine, through a socket in a folder of ours.
listen_addresses = ''
unix_socket_directories = {_quoted(socket_dir)}
unix_socket_permissions = 0700
port = 5432
max_connections = 100

# What was acknowledged survives a power cut.
fsync = on
synchronous_commit = on
full_page_writes = on

# No replica reads this server, so the log carries what crash recovery needs and no more. It is not compressed: the
# wheel is built without lz4 and zstd, and pglz costs more processor than it saves in writing.
wal_level = minimal
max_wal_senders = 0
wal_buffers = 64MB
max_wal_size = 4GB
min_wal_size = 1GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9

shared_buffers = {_shared_buffers_mebibytes()}MB
random_page_cost = 1.1
effective_io_concurrency = 16
# Our statements are short; compiling them costs more than it gives.
jit = off

# The inbox and the cases turn over by the second and say so themselves (see the schema); what only grows is visited
# seldom: at a tenth of growth and every 15 s it cost a sixth of the server's time.
autovacuum = on
autovacuum_max_workers = 2
autovacuum_vacuum_scale_factor = 0.1
autovacuum_vacuum_cost_limit = 1000

# One file for each day of the week, overwritten a week later.
logging_collector = on
log_directory = {_quoted(log_dir)}
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_min_duration_statement = -1
log_line_prefix = '%m [%p] %d '
log_timezone = 'UTC'
timezone = 'UTC'
lc_messages = 'C'
"""


def pg_hba_conf() -> str:
    """Who may connect: accounts of this machine that `pg_ident.conf` knows, over the socket. No password exists."""
    return "# Written by Crossdock at every start.\nlocal all all peer map=crossdock\n"


def pg_ident_conf(*, accounts: set[str], role: str) -> str:
    """Which accounts of the operating system are which role: each of `accounts` is `role`."""
    lines = [f'crossdock "{account}" {role}\n' for account in sorted(accounts)]
    return "# Written by Crossdock at every start.\n" + "".join(lines)


def _shared_buffers_mebibytes() -> int:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(memory_bytes // 4, _SHARED_BUFFERS_LIMIT_BYTES) // _MEBIBYTE


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
