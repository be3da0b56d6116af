"""Customers return to the pool and are claimed from it by several people and processes at once (ahead 3, D22, design.md section 10).

Black box: customers are created over HTTP; their dates are aged by SQL, since no test can wait for weeks.
"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import people
import pytest
from conftest import RpcError
from processes import LOGINS, Admin, Job, copied, prepared_over_http

PREPARED = "sfc_mv_pool"
JOB = Job("sfc_mv_pool_run", "sfc.customer.profile", "_cron_pool(batch=20)")
CUSTOMERS, QUOTA, RACES = 200, 15, 12
CLAIMANTS = ("claimant1", "claimant2")
TOUCHED = ("mail_message", "mail_activity", "mail_notification", "sfc_assignment_log", "sfc_customer_profile")


@pytest.fixture(scope="module")
def prepared(database_server):
    """A database with CUSTOMERS customers of one salesperson, and the pool switched on."""
    with prepared_over_http(PREPARED, make_customers):
        yield PREPARED


def make_customers(server):
    admin = Admin(server)
    owner, *_workers = admin.create_salespeople("owner", *LOGINS)
    for login in CLAIMANTS:
        people.make_user(server, login, login, people.SALESPERSON, lang="en_US")
    [company] = admin.call("res.company", "search", [])
    admin.call("res.company", "write", [company], {"pool_active": True, "pool_claim_quota": QUOTA, "pool_hold_limit": 0})
    grade = admin.reference("grade_c")
    partners = admin.call("res.partner", "create", [{"name": f"Company {number}", "is_company": True} for number in range(CUSTOMERS)])
    admin.call("sfc.customer.profile", "create", [{"partner_id": partner, "user_id": owner, "grade_id": grade} for partner in partners])


@pytest.fixture
def idle(prepared):
    """A fresh copy in which nobody has talked to any customer for long, and the owner was warned long ago."""
    with copied(prepared, JOB.database):
        assert JOB.sql("SELECT count(*) FROM sfc_customer_profile WHERE pool_due_on > CURRENT_DATE") == [(CUSTOMERS,)]
        JOB.sql("UPDATE sfc_customer_profile SET pool_due_on = CURRENT_DATE - 3, pool_warned_on = CURRENT_DATE - 30")
        yield


def test_two_workers_at_once_return_each_customer_once(idle):
    with JOB.workers("first", "second") as both:
        for worker in both:
            worker.finish()
    returned = JOB.sql("""SELECT count(*), count(DISTINCT log.profile_id), count(DISTINCT log.create_uid)
                            FROM sfc_assignment_log log JOIN sfc_customer_profile profile ON profile.id = log.profile_id
                           WHERE log.kind = 'pool' AND profile.in_pool AND profile.user_id IS NULL""")
    assert returned == [(CUSTOMERS, CUSTOMERS, 2)], "each once, and neither worker did all the work"
    before = JOB.census(*TOUCHED)
    with JOB.workers("again") as [worker]:
        worker.finish()
    assert JOB.census(*TOUCHED) == before, "running once more changed something"


@pytest.fixture
def pooled(idle, start_server):
    """A server on the copy, all customers in the pool."""
    server = start_server(JOB.database)
    people.run_job(server, "ir_cron_pool")
    server.expect_log(r"WARNING \S+ odoo.http: (Somebody was faster|You may claim)")
    return server


def claim(server, login, customers, barrier):
    """The message of the refusal; None when the customers are the claimant's."""
    server.session(login, people.PASSWORD)
    barrier.wait()
    try:
        server.json_rpc(login, people.PASSWORD, "sfc.customer.profile", "action_claim", [customers])
    except RpcError as error:
        assert error.name == "UserError", error
        return str(error)


def test_of_two_claims_at_once_one_wins(pooled):
    customers = [id_ for (id_,) in pooled.sql("SELECT id FROM sfc_customer_profile ORDER BY id LIMIT %s", [RACES])]
    for login in CLAIMANTS:
        pooled.session(login, people.PASSWORD)
    barrier = Barrier(2, timeout=60)
    with ThreadPoolExecutor(2) as pool:
        races = [[pool.submit(claim, pooled, login, [customer], barrier) for login in CLAIMANTS] for customer in customers]
        refusals = [[answer.result() for answer in race] for race in races]
    for race in refusals:
        assert race.count(None) == 1 and "Somebody was faster" in "".join(filter(None, race)), race
    owners = pooled.sql("""SELECT count(*), count(*) FILTER (WHERE usr.login = ANY(%s) AND NOT in_pool)
                             FROM sfc_customer_profile profile LEFT JOIN res_users usr ON usr.id = user_id
                            WHERE profile.id = ANY(%s)""", [list(CLAIMANTS), customers])
    assert owners == [(RACES, RACES)]
    assert pooled.sql("SELECT count(*) FROM sfc_assignment_log WHERE kind = 'claim'") == [(RACES,)]


def test_two_windows_do_not_beat_the_quota(pooled):
    """Each claim alone is within the quota, both together are not."""
    customers = [id_ for (id_,) in pooled.sql("SELECT id FROM sfc_customer_profile ORDER BY id LIMIT %s", [2 * (QUOTA - 1)])]
    pooled.session(CLAIMANTS[0], people.PASSWORD)
    barrier = Barrier(2, timeout=60)
    with ThreadPoolExecutor(2) as pool:
        halves = [pool.submit(claim, pooled, CLAIMANTS[0], half, barrier) for half in (customers[:QUOTA - 1], customers[QUOTA - 1:])]
        refusals = [half.result() for half in halves]
    assert refusals.count(None) == 1 and f"You may claim {QUOTA} customers" in "".join(filter(None, refusals)), refusals
    assert pooled.sql("""SELECT count(*) FROM sfc_customer_profile profile JOIN res_users usr ON usr.id = user_id
                          WHERE usr.login = %s""", [CLAIMANTS[0]]) == [(QUOTA - 1,)]
