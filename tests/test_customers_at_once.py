"""Two colleagues begin a deal with the same new customer at the same moment (design.md section 6): one customer sheet, two deals, no error.

These are also the first deals of the year: both want the number range of the year.
"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

CUSTOMERS = 12


def test_two_deals_at_once_share_one_customer_sheet(server):
    users = [make_user(server, f"at_once_{number}") for number in (1, 2)]
    companies = server.json_rpc("admin", "admin", "res.partner", "create", [[
        {"name": f"At once {number} Ltd", "is_company": True} for number in range(CUSTOMERS)]])
    for login in users:
        server.session(login, login)
    barrier = Barrier(2, timeout=60)

    def make_deals(login):
        for company in companies:
            barrier.wait()
            server.json_rpc(login, login, "crm.lead", "create", [[{"type": "opportunity", "name": f"Deal of {login}", "partner_id": company}]])

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(make_deals, login) for login in users]:
            done.result()
    sheets = server.sql("SELECT partner_id, count(*) FROM sfc_customer_profile WHERE partner_id = ANY(%s) GROUP BY partner_id", [companies])
    assert sorted(sheets) == [(company, 1) for company in sorted(companies)]
    deals = server.sql("""SELECT count(*), count(DISTINCT customer_profile_id) FROM crm_lead
                           WHERE partner_id = ANY(%s) AND customer_profile_id IS NOT NULL""", [companies])
    assert deals == [(2 * CUSTOMERS, CUSTOMERS)]
    numbers = server.sql("SELECT count(DISTINCT customer_number) FROM sfc_customer_profile WHERE partner_id = ANY(%s)", [companies])
    assert numbers == [(CUSTOMERS,)]


def make_user(server, login):
    [group], [base] = (server.sql("SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s", name.split("."))[0]
                       for name in ("sales_team.group_sale_salesman_all_leads", "base.group_user"))
    server.json_rpc("admin", "admin", "res.users", "create", [[{
        "name": login, "login": login, "password": login, "group_ids": [[4, base], [4, group]]}]])
    return login
