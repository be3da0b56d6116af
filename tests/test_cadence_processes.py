"""Follow-ups that become due, reminded of by several real processes, one of which is killed (S2.11, ahead 3, design.md section 10).

Black box: customers are created and graded over HTTP; their dates are aged by SQL, since no test can wait for a week.
"""
import pytest
from processes import LOGINS, Admin, Job, copied, prepared_over_http, wait_until

PREPARED = "sfc_mv_cadence"
JOB = Job("sfc_mv_cadence_run", "sfc.customer.profile", "_cron_follow_up(batch=20)")
CUSTOMERS = 600
TOUCHED = ("mail_message", "mail_activity", "mail_notification", "mail_followers", "sfc_customer_profile")


@pytest.fixture(scope="module")
def prepared(database_server):
    """A database with CUSTOMERS graded customers of one salesperson."""
    with prepared_over_http(PREPARED, make_customers):
        yield PREPARED


def make_customers(server):
    admin = Admin(server)
    owner, *_workers = admin.create_salespeople("owner", *LOGINS)
    for start in range(0, CUSTOMERS, 200):
        companies = admin.call("res.partner", "create", [{"name": f"Company {number}", "is_company": True} for number in range(start, start + 200)])
        profiles = admin.call("sfc.customer.profile", "create", [{
            "partner_id": company, "user_id": owner, "annual_revenue": 900_000_000, "employee_count": 1500, "expected_purchase_amount": 5_000_000,
            "scoring_answers": {"strategic_fit": "strategic", "chain_complexity": "complex"},
        } for company in companies])
        admin.call("sfc.customer.profile", "action_grade", profiles)


@pytest.fixture
def due(prepared):
    """A fresh copy in which every customer's follow-up was due yesterday."""
    with copied(prepared, JOB.database):
        assert JOB.sql("""SELECT grade.code, count(*) FROM sfc_customer_profile profile JOIN sfc_grade grade ON grade.id = grade_id
                           WHERE next_follow_up_date > CURRENT_DATE GROUP BY grade.code""") == [("A", CUSTOMERS)]
        JOB.sql("UPDATE sfc_customer_profile SET next_follow_up_date = CURRENT_DATE - 1")
        yield


def reminded():
    return JOB.sql("SELECT count(*) FROM mail_activity WHERE sfc_cadence_profile_id IS NOT NULL")[0][0]


def check_each_once():
    """One activity for each customer, the owner's, with the talking points; a further run finds nothing to do."""
    assert JOB.sql("""SELECT count(*), count(DISTINCT sfc_cadence_profile_id), count(DISTINCT res_id), count(*) FILTER (WHERE usr.login = 'owner'),
                             count(*) FILTER (WHERE note LIKE '%%Yearly goals%%')
                        FROM mail_activity JOIN res_users usr ON usr.id = user_id WHERE res_model = 'sfc.customer.profile'""") == [(CUSTOMERS,) * 5]
    before = JOB.census(*TOUCHED)
    with JOB.workers("again") as [worker]:
        worker.finish()
    assert JOB.census(*TOUCHED) == before, "running once more changed something"


def test_two_workers_at_once_remind_of_each_customer_once(due):
    with JOB.workers("first", "second") as both:
        for worker in both:
            worker.finish()
    at_work = JOB.sql("SELECT DISTINCT login FROM mail_activity JOIN res_users usr ON usr.id = mail_activity.create_uid WHERE automated ORDER BY login")
    assert at_work == [(login,) for login in LOGINS], "one of them did all the work"
    check_each_once()


def test_a_killed_worker_loses_and_repeats_nothing(due):
    with JOB.workers("survivor", "killed") as [survivor, killed]:
        wait_until(lambda: reminded() > CUSTOMERS // 10)
        killed.kill()
        assert reminded() < CUSTOMERS, "it was killed too late to show anything"
        survivor.finish()
    with JOB.workers("restarted") as [restarted]:
        restarted.finish()
    check_each_once()


def test_a_lone_worker_that_is_killed_is_taken_over(due):
    with JOB.workers("killed-alone") as [killed]:
        wait_until(lambda: reminded() > 0)
        killed.kill()
    assert 0 < reminded() < CUSTOMERS, "it was killed too late to show anything"
    with JOB.workers("successor") as [successor]:
        successor.finish()
    check_each_once()
