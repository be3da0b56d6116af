"""Two reviewers decide about the same quotations at the same moment (S3.11, P1): one decision each, and the other one is told in a sentence."""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from conftest import RpcError
from people import COMPLETE, PASSWORD, SALESPERSON, as_admin, evaluate, make_user, reference

QUOTATIONS = 8
TOLD = r"WARNING \S+ odoo.http: .*(already|Reload the page|Before it can be submitted)"  # Odoo logs each sentence that it shows


def test_two_reviewers_at_once(server):
    server.expect_log(TOLD)
    managers = ["decide_manager_1", "decide_manager_2"]
    for login in managers:
        make_user(server, login, login, "sales_team.group_sale_manager")
        server.session(login, PASSWORD)
    approvals = submitted(server, "decide_rep")
    reason = reference(server, "sales_full_cycle.reason_refusal_price")
    barrier = Barrier(2, timeout=60)

    def decide(login, method, *arguments):
        told = []
        for approval in approvals:
            barrier.wait()
            try:
                server.json_rpc(login, PASSWORD, "sfc.approval", method, [[approval], *arguments])
            except RpcError as error:
                told.append((error.name, str(error)))
        return told

    with ThreadPoolExecutor(2) as pool:
        approving = pool.submit(decide, managers[0], "action_approve")
        refusing = pool.submit(decide, managers[1], "action_refuse", reason, "no")
        told = [*approving.result(), *refusing.result()]
    assert len(told) == QUOTATIONS, "one of the two is refused each time"
    assert {name for name, _text in told} <= {"UserError"}
    assert all("already" in text or "Reload the page" in text for _name, text in told), told
    states = server.sql("SELECT state, count(*) FROM sfc_approval WHERE id = ANY(%s) AND decided_by_id IS NOT NULL GROUP BY state", [approvals])
    assert sum(count for _state, count in states) == QUOTATIONS
    agree = server.sql("""SELECT count(*) FROM sfc_approval JOIN sale_order ON sale_order.id = sale_order_id
                           WHERE sfc_approval.id = ANY(%s) AND approval_state = sfc_approval.state""", [approvals])
    assert agree == [(QUOTATIONS,)]
    assert server.sql("SELECT count(*) FROM mail_activity WHERE sfc_approval_id = ANY(%s) AND active", [approvals]) == [(0,)]


def test_two_submissions_at_once(server):
    """The same quotation submitted twice at the same moment waits once."""
    server.expect_log(TOLD)
    rep = "submit_rep"
    orders = quotations(server, rep)
    barrier = Barrier(2, timeout=60)

    def submit():
        told = []
        for order in orders:
            barrier.wait()
            try:
                server.json_rpc(rep, PASSWORD, "sale.order", "action_submit_for_approval", [[order]])
            except RpcError as error:
                told.append(str(error))
        return told

    with ThreadPoolExecutor(2) as pool:
        told = [text for done in [pool.submit(submit), pool.submit(submit)] for text in done.result()]
    assert len(told) == QUOTATIONS
    assert all("already" in text or "Reload the page" in text for text in told), told
    counted = server.sql("SELECT count(*), count(DISTINCT sale_order_id) FROM sfc_approval WHERE sale_order_id = ANY(%s)", [orders])
    assert counted == [(QUOTATIONS, QUOTATIONS)]


def submitted(server, rep):
    """Ids of approvals that wait for the sales managers: the team has no leader."""
    orders = quotations(server, rep)
    server.json_rpc(rep, PASSWORD, "sale.order", "action_submit_for_approval", [orders])
    return [row[0] for row in server.sql("SELECT id FROM sfc_approval WHERE sale_order_id = ANY(%s) AND state = 'pending' ORDER BY id", [orders])]


def quotations(server, rep):
    user = make_user(server, rep, rep, SALESPERSON)
    team = as_admin(server, "crm.team", "create", [{"name": f"Team of {rep}", "user_id": False}])[0]
    partner = as_admin(server, "res.partner", "create", [{"name": f"Customer of {rep}", "is_company": True}])[0]
    product = as_admin(server, "product.product", "create", [{"name": f"Bench of {rep}", "list_price": 10}])[0]
    server.session(rep, PASSWORD)
    deal = server.json_rpc(rep, PASSWORD, "crm.lead", "create", [[{
        "name": "Benches", "type": "opportunity", "partner_id": partner, "team_id": team, "user_id": user}]])[0]
    evaluate(server, rep, deal)
    return server.json_rpc(rep, PASSWORD, "sale.order", "create", [[{
        "partner_id": partner, "opportunity_id": deal, "team_id": team, "user_id": user,
        **COMPLETE, "order_line": [[0, 0, {"product_id": product, "product_uom_qty": 1}]]} for _number in range(QUOTATIONS)]])
