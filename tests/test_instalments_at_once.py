"""Two people of finance invoice the same instalments at the same moment (ahead 9): one invoice each, and the other one is told in a sentence."""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from people import PASSWORD, as_admin, make_user, reference

CONTRACTS = 6
FINANCE = "account.group_account_invoice"
# The company of a fresh database has no chart of accounts yet; contracts are brought into force without their reviews, which are tested elsewhere.
PREPARE = """
company = env.company
accounts = {}
for kind, code in (("asset_receivable", "AO100"), ("income", "AO400")):
    accounts[kind] = env["account.account"].search([("account_type", "=", kind)], limit=1) or env["account.account"].create({
        "name": code, "code": code, "account_type": kind, "reconcile": kind == "asset_receivable"})
env["ir.default"].set("res.partner", "property_account_receivable_id", accounts["asset_receivable"].id, company_id=company.id)
if not env["account.journal"].search([("type", "=", "sale")], limit=1):
    env["account.journal"].create({"name": "Sales at once", "code": "ATO", "type": "sale", "default_account_id": accounts["income"].id})
partner = env["res.partner"].create({"name": "At once Ltd", "is_company": True})
product = env["product.product"].create({"name": "Bench at once", "type": "service", "invoice_policy": "order", "list_price": 100, "taxes_id": False})
for number in range(%d):
    order = env["sale.order"].create({"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id, "price_unit": 99.99})]})
    contract = env["sfc.contract"].create({
        "name": "At once", "type_id": env.ref("sales_full_cycle.contract_type_goods").id, "sale_order_id": order.id, "partner_id": partner.id,
        "payment_template_id": env.ref("sales_full_cycle.payment_template_55").id})
    for state in ("legal_review", "approved", "sent", "signed"):
        contract._move(state)
    order.action_confirm()
    contract._reach_milestones("acceptance")
""" % CONTRACTS


def prepare(server):
    """Contracts in force whose two instalments are both to be invoiced; {contract: [instalments]}."""
    last = server.sql("SELECT COALESCE(max(id), 0) FROM sfc_contract")[0][0]
    action = as_admin(server, "ir.actions.server", "create", [{
        "name": "Prepare", "model_id": reference(server, "base.model_res_partner"), "state": "code", "code": PREPARE}])[0]
    as_admin(server, "ir.actions.server", "run", [action])
    plans = {}
    for contract, milestone in server.sql(
            "SELECT contract_id, id FROM sfc_payment_milestone WHERE state = 'to_invoice' AND contract_id > %s ORDER BY contract_id, sequence", [last]):
        plans.setdefault(contract, []).append(milestone)
    assert [len(plan) for plan in plans.values()] == [2] * CONTRACTS
    return plans


def invoice_at_once(server, *jobs):
    """Each job is a list of selections of one person, who creates invoices of each at the same moment as the others: reasons of all refusals."""
    logins = [f"finance_at_once_{number}" for number in range(len(jobs))]
    for login in logins:
        if not server.sql("SELECT id FROM res_users WHERE login = %s", [login]):
            make_user(server, login, login, FINANCE)
        server.session(login, PASSWORD)
    barrier = Barrier(len(jobs), timeout=60)

    def work(login, selections):
        results = []
        for selection in selections:
            barrier.wait()
            results.append(server.json_rpc(login, PASSWORD, "sfc.payment.milestone", "action_create_invoices", [selection])["res_id"])
        return results

    with ThreadPoolExecutor(len(jobs)) as pool:
        results = [result for done in [pool.submit(work, *job) for job in zip(logins, jobs, strict=True)] for result in done.result()]
    return [reason for [reason] in server.sql("SELECT reason FROM sfc_instalment_result_line WHERE result_id = ANY(%s) AND reason IS NOT NULL", [results])]


def test_two_people_invoice_at_once(server):
    plans = prepare(server)
    # the same instalment, then the other one of each contract
    firsts, lasts = [[plan[0]] for plan in plans.values()], [[plan[1]] for plan in plans.values()]
    reasons = invoice_at_once(server, firsts, firsts)
    assert len(reasons) == CONTRACTS, reasons
    assert all("Somebody else" in reason or "Invoiced already" in reason for reason in reasons), reasons
    assert counted(server, firsts) == [(1,)] * CONTRACTS
    reasons = invoice_at_once(server, lasts, lasts)
    assert len(reasons) == CONTRACTS, reasons
    assert counted(server, firsts + lasts) == [(1,)] * 2 * CONTRACTS
    assert totals(server, plans) == [(99.99,)] * CONTRACTS
    made = server.sql("SELECT count(*) FROM account_move WHERE sfc_milestone_id = ANY(%s)", [sum(plans.values(), [])])
    assert made == [(2 * CONTRACTS,)], "nothing was left behind"


def test_two_instalments_of_one_contract_at_once(server):
    """Which is the last depends on the other: never two down payments and no regular invoice."""
    plans = prepare(server)
    firsts, lasts = [[plan[0]] for plan in plans.values()], [[plan[1]] for plan in plans.values()]
    reasons = invoice_at_once(server, firsts, lasts)
    assert all("Somebody else" in reason for reason in reasons), reasons
    # who was refused comes again
    invoice_at_once(server, [[milestone for plan in plans.values() for milestone in plan]])
    assert counted(server, firsts + lasts) == [(1,)] * 2 * CONTRACTS
    assert totals(server, plans) == [(99.99,)] * CONTRACTS
    regular = server.sql("""SELECT count(DISTINCT move.id) FROM account_move move JOIN account_move_line line ON line.move_id = move.id
                             WHERE move.sfc_milestone_id = ANY(%s) AND line.display_type = 'product' AND NOT line.is_downpayment""", [sum(firsts + lasts, [])])
    assert regular == [(CONTRACTS,)]


def counted(server, selections):
    return server.sql(
        "SELECT count(*) FROM account_move WHERE sfc_instalment_counts AND sfc_milestone_id = ANY(%s) GROUP BY sfc_milestone_id",
        [[milestone for selection in selections for milestone in selection]])


def totals(server, plans):
    """What is invoiced of each contract."""
    return [(float(total),) for [total] in server.sql(
        """SELECT sum(move.amount_total) FROM account_move move JOIN sfc_payment_milestone milestone ON milestone.id = sfc_milestone_id
            WHERE sfc_instalment_counts AND contract_id = ANY(%s) GROUP BY contract_id""", [list(plans)])]
