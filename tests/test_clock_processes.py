"""Promises that become due, worked off by several real processes, one of which is killed (ahead 1, D9, design.md section 10).

Black box: leads come in and are screened over HTTP; the clocks are aged by SQL, since no test can wait for a day.
"""
import contextlib
import signal
import subprocess
import time

import pytest

from dev import instance, logs, postgres
from dev.common import ROOT

PREPARED, DATABASE = "sfc_mv_clocks", "sfc_mv_clocks_run"
LEADS = 600
# Held by the test until all workers stand ready, so that they start at the same moment.
BARRIER = 20_25
LOGINS = ("worker1", "worker2")
# Each worker acts as a user of its own, so that the rows say who did what.
WORKER = """
user = env["res.users"].search([("login", "=", "{login}")])
env.cr.execute("SELECT pg_advisory_lock_shared({barrier})")
env.cr.commit()
env(user=user)["sfc.sla.clock"]._cron_advance(batch=20)
env.cr.commit()
"""


class Worker:
    """A process of Odoo that runs the job once."""

    def __init__(self, name, login):
        self.log = instance.LOGS / "black-box" / f"{DATABASE}-{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as output:
            self.process = subprocess.Popen(
                instance.command("shell", "-c", instance.config_file(), "-d", DATABASE, "--no-http"),
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        self.process.stdin.write(WORKER.format(login=login, barrier=BARRIER))
        self.process.stdin.close()

    def finish(self):
        code = self.process.wait(300)
        assert code == 0, self.log.read_text()[-4000:]
        assert not logs.problems(self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def sql(query, arguments=None):
    return postgres.execute(query, arguments, DATABASE)


@contextlib.contextmanager
def workers(*names):
    """Workers that have all been let go at once; none survives the block."""
    with postgres._connect(dbname=DATABASE, **postgres.connection_settings()) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BARRIER])
        started = [Worker(name, login) for name, login in zip(names, LOGINS, strict=False)]
        wait_until(lambda: waiting_at_barrier() == len(names))
    try:
        yield started
    finally:
        for worker in started:
            worker.kill()


def waiting_at_barrier():
    return sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [BARRIER])[0][0]


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def prepared(database_server):
    """A database with LEADS high leads that nobody owns, in a team with a leader, screened over HTTP."""
    from conftest import _servers
    instance.new_database(PREPARED)
    with _servers() as start:
        make_leads(start(PREPARED))
    yield PREPARED
    instance.drop_database(PREPARED)


def make_leads(server):
    def call(model, method, *args, **kwargs):
        return server.json_rpc("admin", "admin", model, method, args, kwargs)

    def reference(name):
        return call("ir.model.data", "search_read", [("module", "=", "sales_full_cycle"), ("name", "=", name)], ["res_id"])[0]["res_id"]

    group = call("ir.model.data", "search_read", [("module", "=", "sales_team"), ("name", "=", "group_sale_salesman")], ["res_id"])[0]["res_id"]
    leader, *_workers = call("res.users", "create", [
        {"name": login, "login": login, "group_ids": [(4, group)]} for login in ("leader", *LOGINS)
    ], context={"no_reset_password": True})
    [team] = call("crm.team", "create", [{"name": "Team", "user_id": leader}])
    # nobody shall be mailed: there is no mail server here
    call("res.users", "write", call("res.users", "search", []), {"notification_type": "inbox"})
    full = reference("level_lead_need_full")
    for start in range(0, LEADS, 200):
        leads = call("crm.lead", "create", [{
            "type": "lead", "partner_name": f"Company {number}", "contact_name": "Li", "function": "Buyer", "phone": f"0755 {number:08d}",
            "industry_id": reference("industry_it"), "source_id": reference("source_fair"), "need_summary": "Benches", "budget_max": 900_000,
            "user_id": False, "team_id": team,
        } for number in range(start, start + 200)])
        [wizard] = call("sfc.lead.screening", "create", [{"lead_ids": [(6, 0, leads)]}])
        [line] = call("sfc.lead.screening.line", "search", [("wizard_id", "=", wizard), ("criterion_id.code", "=", "need_clarity")])
        call("sfc.lead.screening.line", "write", [line], {"level_id": full})
        call("sfc.lead.screening", "action_apply", [wizard])


@pytest.fixture
def aged(prepared):
    """A fresh copy in which every clock ran out an hour ago, its second escalation included."""
    postgres.copy(prepared, DATABASE)
    instance._copy_filestore(prepared, DATABASE)
    moved = ", ".join(f"{column} = {column} - interval '40 hours'" for column in ("started_at", "warn_at", "deadline", "again_at", "next_check_at"))
    sql(f"UPDATE sfc_sla_clock SET {moved}")
    assert clocks() == {("assign", "running"): LEADS}, "each high lead without an owner has one clock (S1.8)"
    yield
    instance.drop_database(DATABASE)


def clocks():
    return {(key, state): count for key, state, count in sql("SELECT key, state, count(*) FROM sfc_sla_clock GROUP BY key, state")}


def breached():
    return clocks().get(("assign", "breached"), 0)


def census():
    """What the job may add to; equal before and after means that nothing happened."""
    return {table: sql(f"SELECT count(*), max(id) FROM {table}")[0] for table in ("mail_message", "mail_activity", "mail_notification", "sfc_sla_clock")}


def check_each_once():
    """Every clock late once, one activity each, the leader's, and one notice of the second escalation; a further run finds nothing to do."""
    assert clocks() == {("assign", "breached"): LEADS}
    activities = sql("""SELECT count(*), count(DISTINCT sfc_clock_id), count(DISTINCT res_id), count(*) FILTER (WHERE usr.login = 'leader')
                          FROM mail_activity JOIN res_users usr ON usr.id = user_id WHERE sfc_clock_id IS NOT NULL""")
    assert activities == [(LEADS, LEADS, LEADS, LEADS)]
    notices = sql("SELECT count(*), count(DISTINCT res_id) FROM mail_message WHERE message_type = 'user_notification' AND model = 'crm.lead'")
    assert notices == [(LEADS, LEADS)]
    assert sql("SELECT count(*) FROM crm_lead WHERE sla_state = 'breached'") == [(LEADS,)]
    assert sql("SELECT count(*) FROM sfc_sla_clock WHERE next_check_at IS NOT NULL OR NOT escalated") == [(0,)]
    before = census()
    with workers("again") as [worker]:
        worker.finish()
    assert census() == before, "running once more changed something"


def test_two_workers_at_once_escalate_each_promise_once(aged):
    with workers("first", "second") as both:
        for worker in both:
            worker.finish()
    at_work = sql("SELECT DISTINCT login FROM sfc_sla_clock JOIN res_users usr ON usr.id = sfc_sla_clock.write_uid ORDER BY login")
    assert at_work == [(login,) for login in LOGINS], "one of them did all the work"
    check_each_once()


def test_a_killed_worker_loses_and_repeats_nothing(aged):
    with workers("survivor", "killed") as [survivor, killed]:
        wait_until(lambda: breached() > LEADS // 10)
        killed.kill()
        assert breached() < LEADS, "it was killed too late to show anything"
        survivor.finish()
    with workers("restarted") as [restarted]:
        restarted.finish()
    check_each_once()


def test_a_lone_worker_that_is_killed_is_taken_over(aged):
    with workers("killed-alone") as [killed]:
        wait_until(lambda: breached() > 0)
        killed.kill()
    done = breached()
    assert 0 < done < LEADS, "it was killed too late to show anything"
    with workers("successor") as [successor]:
        successor.finish()
    check_each_once()
