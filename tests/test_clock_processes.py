"""Promises that become due, worked off by several real processes, one of which is killed (ahead 1, D9, design.md section 10).

Black box: leads come in and are screened over HTTP; the clocks are aged by SQL, since no test can wait for a day.
"""
import pytest
from processes import LOGINS, Admin, Job, copied, prepared_over_http, wait_until

PREPARED = "sfc_mv_clocks"
JOB = Job("sfc_mv_clocks_run", "sfc.sla.clock", "_cron_advance(batch=20)")
LEADS = 600
TOUCHED = ("mail_message", "mail_activity", "mail_notification", "sfc_sla_clock")


@pytest.fixture(scope="module")
def prepared(database_server):
    """A database with LEADS high leads that nobody owns, in a team with a leader, screened over HTTP."""
    with prepared_over_http(PREPARED, make_leads):
        yield PREPARED


def make_leads(server):
    admin = Admin(server)
    leader, *_workers = admin.create_salespeople("leader", *LOGINS)
    [team] = admin.call("crm.team", "create", [{"name": "Team", "user_id": leader}])
    full = admin.reference("level_lead_need_full")
    industry, source = admin.reference("industry_it"), admin.reference("source_fair")
    for start in range(0, LEADS, 200):
        leads = admin.call("crm.lead", "create", [{
            "type": "lead", "partner_name": f"Company {number}", "contact_name": "Li", "function": "Buyer", "phone": f"0755 {number:08d}",
            "industry_id": industry, "source_id": source, "need_summary": "Benches", "budget_max": 900_000, "user_id": False, "team_id": team,
        } for number in range(start, start + 200)])
        [wizard] = admin.call("sfc.lead.screening", "create", [{"lead_ids": [(6, 0, leads)]}])
        [line] = admin.call("sfc.lead.screening.line", "search", [("wizard_id", "=", wizard), ("criterion_id.code", "=", "need_clarity")])
        admin.call("sfc.lead.screening.line", "write", [line], {"level_id": full})
        admin.call("sfc.lead.screening", "action_apply", [wizard])


@pytest.fixture
def aged(prepared):
    """A fresh copy in which every clock ran out an hour ago, its second escalation included."""
    with copied(prepared, JOB.database):
        moved = ", ".join(f"{column} = {column} - interval '40 hours'" for column in ("started_at", "warn_at", "deadline", "again_at", "next_check_at"))
        JOB.sql(f"UPDATE sfc_sla_clock SET {moved}")
        assert clocks() == {("assign", "running"): LEADS}, "each high lead without an owner has one clock (S1.8)"
        yield


def clocks():
    return {(key, state): count for key, state, count in JOB.sql("SELECT key, state, count(*) FROM sfc_sla_clock GROUP BY key, state")}


def breached():
    return clocks().get(("assign", "breached"), 0)


def check_each_once():
    """Every clock late once, one activity each, the leader's, and one notice of the second escalation; a further run finds nothing to do."""
    assert clocks() == {("assign", "breached"): LEADS}
    activities = JOB.sql("""SELECT count(*), count(DISTINCT sfc_clock_id), count(DISTINCT res_id), count(*) FILTER (WHERE usr.login = 'leader')
                              FROM mail_activity JOIN res_users usr ON usr.id = user_id WHERE sfc_clock_id IS NOT NULL""")
    assert activities == [(LEADS, LEADS, LEADS, LEADS)]
    notices = JOB.sql("SELECT count(*), count(DISTINCT res_id) FROM mail_message WHERE message_type = 'user_notification' AND model = 'crm.lead'")
    assert notices == [(LEADS, LEADS)]
    assert JOB.sql("SELECT count(*) FROM crm_lead WHERE sla_state = 'breached'") == [(LEADS,)]
    assert JOB.sql("SELECT count(*) FROM sfc_sla_clock WHERE next_check_at IS NOT NULL OR NOT escalated") == [(0,)]
    before = JOB.census(*TOUCHED)
    with JOB.workers("again") as [worker]:
        worker.finish()
    assert JOB.census(*TOUCHED) == before, "running once more changed something"


def test_two_workers_at_once_escalate_each_promise_once(aged):
    with JOB.workers("first", "second") as both:
        for worker in both:
            worker.finish()
    at_work = JOB.sql("SELECT DISTINCT login FROM sfc_sla_clock JOIN res_users usr ON usr.id = sfc_sla_clock.write_uid ORDER BY login")
    assert at_work == [(login,) for login in LOGINS], "one of them did all the work"
    check_each_once()


def test_a_killed_worker_loses_and_repeats_nothing(aged):
    with JOB.workers("survivor", "killed") as [survivor, killed]:
        wait_until(lambda: breached() > LEADS // 10)
        killed.kill()
        assert breached() < LEADS, "it was killed too late to show anything"
        survivor.finish()
    with JOB.workers("restarted") as [restarted]:
        restarted.finish()
    check_each_once()


def test_a_lone_worker_that_is_killed_is_taken_over(aged):
    with JOB.workers("killed-alone") as [killed]:
        wait_until(lambda: breached() > 0)
        killed.kill()
    done = breached()
    assert 0 < done < LEADS, "it was killed too late to show anything"
    with JOB.workers("successor") as [successor]:
        successor.finish()
    check_each_once()
