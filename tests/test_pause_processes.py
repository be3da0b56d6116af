"""Paused deals that wake by several real processes, one of which is killed (S3.6, design.md section 10).

Black box: deals are created, evaluated as weak and paused over HTTP; the day is moved by SQL, since no test can wait for a month.
"""
import datetime

import pytest
from processes import LOGINS, Admin, Job, copied, prepared_over_http, wait_until

PREPARED = "sfc_mv_pause"
JOB = Job("sfc_mv_pause_run", "crm.lead", "_cron_wake_deals(batch=10)")
DEALS, CUSTOMERS = 300, 60
TOUCHED = ("mail_message", "mail_activity", "mail_notification", "sfc_deal_decision", "sfc_evaluation")


@pytest.fixture(scope="module")
def prepared(database_server):
    """A database with DEALS paused deals of one salesperson; several belong to one customer."""
    with prepared_over_http(PREPARED, make_deals):
        yield PREPARED


def make_deals(server):
    admin = Admin(server)
    owner, *_workers = admin.create_salespeople("owner", *LOGINS)
    companies = admin.call("res.partner", "create", [{"name": f"Company {number}", "is_company": True} for number in range(CUSTOMERS)])
    deals = admin.call("crm.lead", "create", [
        {"type": "opportunity", "name": f"Deal {number}", "partner_id": companies[number % CUSTOMERS], "user_id": owner} for number in range(DEALS)])
    evaluation = admin.call("sfc.deal.evaluation", "create", {"deal_ids": [(6, 0, deals)], "go_on_reason": "a test"})
    admin.call("sfc.deal.evaluation", "action_apply", [evaluation])
    until = datetime.date.today() + datetime.timedelta(days=30)
    decision = admin.call("sfc.weak.decision", "create", {
        "deal_ids": [(6, 0, deals)], "kind": "pause", "reason_id": admin.reference("reason_pause_budget_frozen"), "pause_until": until.isoformat()})
    admin.call("sfc.weak.decision", "action_apply", [decision])


@pytest.fixture
def over(prepared):
    """A fresh copy in which every pause ended yesterday."""
    with copied(prepared, JOB.database):
        assert JOB.sql("SELECT count(*) FROM crm_lead WHERE opportunity_strength = 'weak' AND deal_paused_until > CURRENT_DATE") == [(DEALS,)]
        assert JOB.sql("SELECT count(*) FROM sfc_customer_profile WHERE deals_rest_until > CURRENT_DATE") == [(CUSTOMERS,)]
        JOB.sql("UPDATE crm_lead SET deal_paused_until = CURRENT_DATE - 1")
        yield


def woken():
    return JOB.sql("SELECT count(*) FROM crm_lead WHERE deal_paused_at IS NULL")[0][0]


def check_each_once():
    """One activity a deal, the owner's; no customer rests; a further run finds nothing to do."""
    assert JOB.sql("""SELECT count(*), count(DISTINCT res_id), count(*) FILTER (WHERE usr.login = 'owner')
                        FROM mail_activity JOIN res_users usr ON usr.id = user_id
                       WHERE res_model = 'crm.lead' AND summary LIKE 'The pause is over%%'""") == [(DEALS,) * 3]
    assert JOB.sql("SELECT count(*) FROM crm_lead WHERE deal_paused_until IS NOT NULL OR deal_pause_reason_id IS NOT NULL") == [(0,)]
    assert JOB.sql("SELECT count(*) FROM sfc_customer_profile WHERE has_paused_deals OR deals_rest_until IS NOT NULL") == [(0,)]
    before = JOB.census(*TOUCHED)
    with JOB.workers("again") as [worker]:
        worker.finish()
    assert JOB.census(*TOUCHED) == before, "running once more changed something"


def test_two_workers_at_once_wake_each_deal_once(over):
    with JOB.workers("first", "second") as both:
        for worker in both:
            worker.finish()
    check_each_once()


def test_a_killed_worker_loses_and_repeats_nothing(over):
    with JOB.workers("survivor", "killed") as [survivor, killed]:
        wait_until(lambda: woken() > DEALS // 10)
        killed.kill()
        assert woken() < DEALS, "it was killed too late to show anything"
        survivor.finish()
    with JOB.workers("restarted") as [restarted]:
        restarted.finish()
    check_each_once()
