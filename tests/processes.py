"""Several real processes of Odoo that do the same job on one database at once, one of which may be killed (design.md section 10)."""
import contextlib
import signal
import subprocess
import time

import people

from dev import instance, logs, postgres
from dev.common import ROOT

LOGINS = ("worker1", "worker2")
# Held by the test until all workers stand ready, so that they start at the same moment.
BARRIER = 20_25
# Each worker acts as a user of its own, so that the rows say who did what.
SCRIPT = """
user = env["res.users"].search([("login", "=", "{login}")])
env.cr.execute("SELECT pg_advisory_lock_shared({barrier})")
env.cr.commit()
env(user=user)[{model!r}].{call}
env.cr.commit()
"""


class Worker:
    """A process of Odoo that runs the job once."""

    def __init__(self, name, login, job):
        self.log = instance.LOGS / "black-box" / f"{job.database}-{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as output:
            self.process = subprocess.Popen(
                instance.command("shell", "-c", instance.config_file(), "-d", job.database, "--no-http"),
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        self.process.stdin.write(SCRIPT.format(login=login, barrier=BARRIER, model=job.model, call=job.call))
        self.process.stdin.close()

    def finish(self):
        code = self.process.wait(300)
        assert code == 0, self.log.read_text()[-4000:]
        assert not logs.problems(self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Job:
    """A cron method of `model`, called as `call`, on a database that the test prepares."""

    def __init__(self, database, model, call):
        self.database, self.model, self.call = database, model, call

    def sql(self, query, arguments=None):
        return postgres.execute(query, arguments, self.database)

    @contextlib.contextmanager
    def workers(self, *names):
        """Workers that have all been let go at once; none survives the block."""
        started = []
        try:
            with postgres._connect(dbname=self.database, **postgres.connection_settings()) as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [BARRIER])
                started += [Worker(name, login, self) for name, login in zip(names, LOGINS, strict=False)]
                wait_until(lambda: self._waiting_at_barrier() == len(names))
            yield started
        finally:
            for worker in started:
                worker.kill()

    def _waiting_at_barrier(self):
        return self.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [BARRIER])[0][0]

    def census(self, *tables):
        """What the job may add to; equal before and after means that nothing happened."""
        return {table: self.sql(f"SELECT count(*), max(id) FROM {table}")[0] for table in tables}


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


@contextlib.contextmanager
def prepared_over_http(database, prepare):
    """A fresh database that `prepare(server)` fills over HTTP."""
    from conftest import _servers
    instance.new_database(database)
    with _servers() as start:
        prepare(start(database))
    try:
        yield database
    finally:
        instance.drop_database(database)


@contextlib.contextmanager
def copied(source, target):
    """A fresh copy of a database, for one test."""
    postgres.copy(source, target)
    instance._copy_filestore(source, target)
    try:
        yield
    finally:
        instance.drop_database(target)


class Admin:
    """The administrator at the HTTP interface: calls and external ids."""

    def __init__(self, server):
        self._server = server

    def call(self, model, method, *args, **kwargs):
        return people.as_admin(self._server, model, method, *args, **kwargs)

    def reference(self, name, module="sales_full_cycle"):
        return people.reference(self._server, f"{module}.{name}")

    def create_salespeople(self, *logins):
        """Their ids; nobody shall be mailed, there is no mail server here."""
        group = self.reference("group_sale_salesman", "sales_team")
        users = self.call("res.users", "create", [
            {"name": login, "login": login, "lang": "en_US", "group_ids": [(4, group)]} for login in logins], context={"no_reset_password": True})
        self.call("res.users", "write", self.call("res.users", "search", []), {"notification_type": "inbox"})
        return users
