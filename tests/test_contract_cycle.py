"""The whole of step 4 over HTTP with six people who log in: proposal, approval, minutes, contract, legal, signature, instalments, money ("Done when" 1).

Each of them does his own part. Before each change of a state those who may not make it try, and are refused. In the end contract, order, invoices and
ledger say the same to the cent, tax included, with a discount, a credit note and an amendment (R.1, R.2, S4.*, ahead 9, P8, P15).
"""
import re
from datetime import date
from decimal import Decimal

import pytest
import requests
from contracts import FINANCE, LEGAL, MANAGER, Roles, drawing, make_customer, make_proposal, open_books, order_line, waiting
from people import COMPLETE, PASSWORD, SALESPERSON, TEAM_LEADER, as_admin, make_user, reference

TOTAL, SHARES = "2967.09", ["890.13", "1186.84", "890.12"]  # 3 x 999.99 less 12.5 %, 11 x 0.07, 13 % tax; 30 / 40 / 30
ADDED = "564.99"  # 499.99 and 13 % tax
INSIDE = ("rep", "leader", "manager", "legal", "finance")
EVERYBODY = (*INSIDE, "customer")


def all_but(*roles):
    return [role for role in EVERYBODY if role not in roles]


@pytest.fixture(scope="module")
def roles(server):
    """Six logins that exist for this test alone, and the signed session of each."""
    roles = Roles(server, "cycle")
    for role, name, group in (
            ("rep", "Li Ming", SALESPERSON), ("leader", "Zhou Min", TEAM_LEADER), ("manager", "Sun Li", MANAGER), ("legal", "Wu Fang", LEGAL),
            ("finance", "Qian Jing", FINANCE)):
        setattr(roles, role, make_user(server, roles.login(role), name, group, notification_type="inbox"))
    roles.customer = make_customer(server, roles.login("customer"), "Hengtong Machinery")
    make_customer(server, "cycle_stranger", "Another customer")
    roles.books = open_books(server)
    roles.team = as_admin(server, "crm.team", "create", [{"name": "Cycle team", "user_id": roles.leader, "member_ids": [[6, 0, [roles.rep]]]}])[0]
    roles.product = as_admin(server, "product.product", "create", [{
        "name": "Cycle bench", "list_price": 1000, "invoice_policy": "order", "taxes_id": [[5]]}])[0]
    return roles


def test_from_the_proposal_to_the_last_cent(server, roles):
    deal, order = make_proposal(
        roles, roles.rep, roles.customer, roles.team, [(roles.product, 3, 999.99, 12.5, roles.books["tax"]), (roles.product, 11, 0.07, 0, roles.books["tax"])])
    assert money(server, "sale_order", "amount_total", order) == Decimal(TOTAL)
    assert step(server, deal) == "evaluated"
    approve_proposal(server, roles, order, discount=True)
    assert step(server, deal) == "evaluated"
    submit_to_the_customer(roles, order)
    assert step(server, deal) == "proposed"
    negotiate(server, roles, deal)
    assert step(server, deal) == "negotiating"
    contract = make_contract(server, roles, deal, order)
    state_is_nobodys(server, roles, "sfc.contract", contract)
    review(server, roles, contract)
    send(server, roles, contract)
    assert step(server, deal) == "negotiating"
    sign(server, roles, contract)
    assert step(server, deal) == "signed"
    assert server.sql("SELECT state FROM sale_order WHERE id = %s", [order]) == [("sale",)]
    assert server.sql("SELECT won_status FROM crm_lead WHERE id = %s", [deal]) == [("won",)]
    signed_stands(server, roles, contract, order)

    milestones = [row[0] for row in server.sql("SELECT id FROM sfc_payment_milestone WHERE contract_id = %s ORDER BY sequence", [contract])]
    assert [money(server, "sfc_payment_milestone", "amount", milestone) for milestone in milestones] == [Decimal(share) for share in SHARES]
    reached(server, roles, milestones)
    invoices = invoice(server, roles, milestones)
    reconciles(server, contract, order, invoiced=TOTAL, paid="0")
    assert state(server, contract) == "in_progress"
    pay(server, roles, invoices[0])
    reconciles(server, contract, order, invoiced=TOTAL, paid=SHARES[0])
    credited_and_invoiced_again(server, roles, contract, order, milestones[1], invoices[1])
    for move in newest_invoices(server, milestones)[1:]:
        pay(server, roles, move)
    reconciles(server, contract, order, invoiced=TOTAL, paid=TOTAL)
    assert state(server, contract) == "done"

    amendment, added = amend(server, roles, contract)
    assert state(server, contract) == "in_progress", "not everything is paid any more"
    [last] = [row[0] for row in server.sql("SELECT id FROM sfc_payment_milestone WHERE contract_id = %s", [amendment])]
    [move] = invoice(server, roles, [last])
    pay(server, roles, move)
    reconciles(server, amendment, added, invoiced=ADDED, paid=ADDED)
    whole = Decimal(TOTAL) + Decimal(ADDED)
    assert [money(server, "sfc_contract", fname, contract) for fname in ("amount_consolidated", "amount_invoiced", "amount_paid", "amount_residual")] == [
        whole, whole, whole, 0]
    assert (state(server, contract), state(server, amendment)) == ("done", "done")
    assert step(server, deal) == "signed"
    ledger_is_even(server, roles, whole)
    cancelling_is_for_the_manager(server, roles, contract, deal)


# === EACH PART === #

def approve_proposal(server, roles, order, discount=False):
    """The leader, and because of the discount the sales manager; not the author, nobody else."""
    refused(roles, all_but("rep", "leader", "manager"), "sale.order", "action_submit_for_approval", [order])
    roles.call("rep", "sale.order", "action_submit_for_approval", [order])
    for reviewer in ("leader", "manager") if discount else ("leader",):
        approval = waiting(server, "sale_order_id", order)
        refused(roles, all_but(reviewer), "sfc.approval", "action_approve", [approval])
        assert server.sql("SELECT approval_state FROM sale_order WHERE id = %s", [order]) == [("pending",)]
        roles.call(reviewer, "sfc.approval", "action_approve", [approval])
    assert server.sql("SELECT approval_state, proposal_released FROM sale_order WHERE id = %s", [order]) == [("approved", True)]


def submit_to_the_customer(roles, order):
    values = {"sale_order_id": order, "channel": "paper", "receiver_ids": [[6, 0, [roles.customer["contact"]]]]}
    for role in all_but("rep", "leader", "manager"):
        refused(roles, [role], "sfc.proposal.submit", "create", [values])
    roles.dialog("rep", "sfc.proposal.submit", values)


def negotiate(server, roles, deal):
    """Floor, one round, confirmed minutes; whoever is not on the deal neither starts nor confirms it."""
    refused(roles, all_but("rep", "leader", "manager"), "sfc.negotiation.floor", "create", [{"lead_id": deal, "asked_discount": 15}])
    roles.create("rep", "sfc.negotiation.floor", {"lead_id": deal, "asked_discount": 15})
    refused(roles, all_but("rep", "leader", "manager"), "crm.lead", "action_new_negotiation", [deal])
    talk = roles.call("rep", "crm.lead", "action_new_negotiation", [deal])["res_id"]
    lines = server.sql("SELECT id, topic FROM sfc_negotiation_line WHERE negotiation_id = %s", [talk])
    agreed = {"delivery": "Delivery within 45 days, on our site in Beijing.", "payment": "30 % at signature, 40 % at delivery, 30 % after acceptance."}
    roles.call("rep", "sfc.negotiation", "write", [talk], {
        "key_demands": "A fast start", "customer_attendee_ids": [[6, 0, [roles.customer["contact"]]]],
        "line_ids": [[1, line, {"outcome": "agreed", "result": agreed[topic]} if topic in agreed else {
            "our_position": False, "customer_position": False}] for line, topic in lines]})
    refused(roles, all_but("rep", "leader", "manager"), "sfc.negotiation", "action_confirm", [talk])
    refused(roles, EVERYBODY, "sfc.negotiation", "write", [talk], {"state": "confirmed"})
    roles.call("rep", "sfc.negotiation", "action_confirm", [talk])
    refused(roles, EVERYBODY, "sfc.negotiation", "write", [talk], {"key_demands": "Another one"})
    assert server.sql("SELECT state FROM sfc_negotiation WHERE id = %s", [talk]) == [("confirmed",)]


def make_contract(server, roles, deal, order):
    refused(roles, all_but("rep", "leader", "manager"), "crm.lead", "action_new_contract", [deal])
    contract = roles.call("rep", "crm.lead", "action_new_contract", [deal])["res_id"]
    assert server.sql("SELECT sale_order_id, amount_total::text, state FROM sfc_contract WHERE id = %s", [contract]) == [(order, TOTAL, "draft")]
    texts = " ".join(body for [body] in server.sql("SELECT body FROM sfc_contract_clause WHERE contract_id = %s", [contract]))
    assert "on our site in Beijing" in texts, "what was agreed is written"
    return contract


def state_is_nobodys(server, roles, model, record):
    for vals in ({"state": "signed"}, {"signed_on": str(date.today())}, {"approval_state": "approved"}, {"amount_paid": 1}):
        refused(roles, EVERYBODY, model, "write", [record], vals)
    assert state(server, record) == "draft"


def review(server, roles, contract):
    """Legal alone judges, answers and decides; returned once, and approved in the second round."""
    refused(roles, all_but("rep", "leader", "manager"), "sfc.contract", "action_submit_for_approval", [contract])
    refused(roles, ["legal"], "sfc.contract", "read", [contract], ["name"])
    roles.call("rep", "sfc.contract", "action_submit_for_approval", [contract])
    assert state(server, contract) == "legal_review"
    clauses = [row[0] for row in server.sql("SELECT id FROM sfc_contract_clause WHERE contract_id = %s ORDER BY sequence, id", [contract])]
    refused(roles, all_but("legal"), "sfc.contract.clause", "write", [clauses[0]], {"verdict": "pass"})
    roles.call("legal", "sfc.contract.clause", "write", [clauses[0]], {"verdict": "change", "comment": "Name the site"})
    refused(roles, EVERYBODY, "sfc.approval", "action_approve", [waiting(server, "contract_id", contract)])  # legal: not with an objection
    reason = reference(server, "sales_full_cycle.reason_refusal_clauses")
    refused(roles, all_but("legal"), "sfc.approval", "action_refuse", [waiting(server, "contract_id", contract)], reason, "x")
    roles.dialog("legal", "sfc.approval.refusal", {"approval_ids": [[6, 0, [waiting(server, "contract_id", contract)]]], "reason_id": reason})
    assert state(server, contract) == "draft"
    [[source]] = server.sql("SELECT source FROM sfc_contract_clause WHERE id = %s", [clauses[0]])
    refused(roles, ["legal", "finance", "customer"], "sfc.contract.clause", "write", [clauses[0]], {"source": "Mine"})
    roles.call("rep", "sfc.contract.clause", "write", [clauses[0]], {"source": f"{source} The site is Beijing."})
    roles.call("rep", "sfc.contract", "action_submit_for_approval", [contract])
    approve_contract(server, roles, contract)


def approve_contract(server, roles, contract):
    checks = [row[0] for row in server.sql("SELECT id FROM sfc_contract_check WHERE contract_id = %s", [contract])]
    refused(roles, all_but("legal"), "sfc.contract.check", "action_yes", checks)
    roles.call("legal", "sfc.contract.check", "action_yes", checks)
    refused(roles, all_but("legal"), "sfc.approval", "action_approve", [waiting(server, "contract_id", contract)])
    assert state(server, contract) == "legal_review"
    roles.call("legal", "sfc.approval", "action_approve", [waiting(server, "contract_id", contract)])
    assert state(server, contract) == "approved"


def send(server, roles, contract):
    refused(roles, all_but("rep", "leader", "manager"), "sfc.contract", "action_send", [contract])
    assert state(server, contract) == "approved"
    roles.dialog("rep", "sfc.contract.send", {"contract_id": contract, "channel": "portal"})
    assert state(server, contract) == "sent"


def sign(server, roles, contract):
    """The customer, who confirms first; our own people, another customer and a stranger do not sign for him."""
    assert "error" in portal_sign(server, roles.login("customer"), contract), "read and confirm it first"
    confirm(server, roles, contract)
    for login in [*(roles.login(role) for role in INSIDE), "cycle_stranger", None]:
        assert portal_sign(server, login, contract).get("error"), login
        assert state(server, contract) == "sent", login
    refused(roles, all_but("rep", "leader", "manager"), "sfc.contract", "action_register_signed_copy", [contract])
    assert not portal_sign(server, roles.login("customer"), contract).get("error")
    assert server.sql("SELECT state, sign_way, signed_by, signed_sha256 IS NOT NULL FROM sfc_contract WHERE id = %s", [contract]) == [
        ("signed", "portal", "Chen Wei", True)]
    assert "Chen Wei" in portal_sign(server, roles.login("customer"), contract)["error"], "who signed already is told, in the customer's language"


def confirm(server, roles, contract):
    session = server.session(roles.login("customer"), PASSWORD)
    page = session.get(f"{server.url}/my/contracts/{contract}", timeout=120)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    answer = session.post(f"{server.url}/my/contracts/{contract}/confirm", data={"csrf_token": token, "name": "Chen Wei"}, timeout=120)
    assert answer.status_code == 200, answer.text
    assert server.sql("SELECT confirmed_way FROM sfc_contract WHERE id = %s", [contract]) == [("portal",)]


def portal_sign(server, login, contract):
    session = server.session(login, PASSWORD) if login else requests.Session()
    answer = session.post(f"{server.url}/my/contracts/{contract}/sign", timeout=300, json={
        "jsonrpc": "2.0", "method": "call", "params": {"name": "Chen Wei", "signature": drawing()}}).json()
    assert "result" in answer, answer
    return answer["result"]


def signed_stands(server, roles, contract, order):
    """P8: neither the contract nor its order is changed by hand, by whomever."""
    refused(roles, EVERYBODY, "sfc.contract", "write", [contract], {"name": "Another"})
    [[line]] = server.sql("SELECT min(id) FROM sale_order_line WHERE order_id = %s", [order])
    refused(roles, EVERYBODY, "sale.order.line", "write", [line], {"price_unit": 1})
    refused(roles, EVERYBODY, "sale.order", "action_cancel", [order])


def reached(server, roles, milestones):
    """Delivery and acceptance are noted by finance, or by a sales manager."""
    assert [milestone_state(server, milestone) for milestone in milestones] == ["to_invoice", "planned", "planned"]
    refused(roles, all_but("finance", "manager"), "sfc.payment.milestone", "action_mark_reached", milestones[1:])
    for role, milestone in (("finance", milestones[1]), ("manager", milestones[2])):
        roles.dialog(role, "sfc.milestone.reached", {"milestone_ids": [[6, 0, [milestone]]], "note": "Receipt 0471"})
    assert {milestone_state(server, milestone) for milestone in milestones} == {"to_invoice"}


def invoice(server, roles, milestones):
    """Draft invoices for the selection, which finance alone makes and posts."""
    refused(roles, all_but("finance"), "sfc.payment.milestone", "action_create_invoices", milestones)
    result = roles.call("finance", "sfc.payment.milestone", "action_create_invoices", milestones)["res_id"]
    assert server.sql("SELECT reason FROM sfc_instalment_result_line WHERE result_id = %s AND reason IS NOT NULL", [result]) == []
    moves = newest_invoices(server, milestones)
    assert {milestone_state(server, milestone) for milestone in milestones} == {"draft_invoice"}
    refused(roles, all_but("finance"), "account.move", "action_post", moves)
    refused(roles, EVERYBODY, "sfc.payment.milestone", "write", milestones, {"amount": 1})
    roles.call("finance", "account.move", "action_post", moves)
    assert {milestone_state(server, milestone) for milestone in milestones} == {"invoiced"}
    again = roles.call("finance", "sfc.payment.milestone", "action_create_invoices", milestones)["res_id"]
    assert server.sql("SELECT count(*) FROM sfc_instalment_result_line WHERE result_id = %s AND invoice_id IS NOT NULL", [again]) == [(0,)]
    return moves


def newest_invoices(server, milestones):
    """The invoice that counts of each instalment."""
    invoices = dict(server.sql("SELECT id, invoice_id FROM sfc_payment_milestone WHERE id = ANY(%s)", [milestones]))
    return [invoices[milestone] for milestone in milestones]


def pay(server, roles, move):
    context = {"active_model": "account.move", "active_ids": [move]}
    refused(roles, all_but("finance"), "account.payment.register", "create", [{"journal_id": roles.books["bank"]}], context=context)
    payment = roles.create("finance", "account.payment.register", {"journal_id": roles.books["bank"]}, context=context)
    roles.call("finance", "account.payment.register", "action_create_payments", [payment], context=context)
    [[residual, milestone]] = server.sql("SELECT amount_residual, sfc_milestone_id FROM account_move WHERE id = %s", [move])
    assert (residual, milestone_state(server, milestone)) == (0, "paid")


def credited_and_invoiced_again(server, roles, contract, order, milestone, move):
    """The second invoice was wrong: a credit note in full, and a new invoice of the same instalment."""
    values = {"journal_id": journal_of(server, move), "reason": "Wrong address"}
    context = {"active_model": "account.move", "active_ids": [move]}
    refused(roles, all_but("finance"), "account.move.reversal", "create", [values], context=context)
    wizard = roles.create("finance", "account.move.reversal", values, context=context)
    credit = roles.call("finance", "account.move.reversal", "refund_moves", [wizard], context=context)["res_id"]
    roles.call("finance", "account.move", "action_post", [credit])
    assert server.sql("SELECT move_type, sfc_milestone_id, payment_state FROM account_move WHERE id = %s", [credit]) == [("out_refund", milestone, "paid")]
    assert milestone_state(server, milestone) == "to_invoice"
    reconciles(server, contract, order, invoiced=str(Decimal(TOTAL) - Decimal(SHARES[1])), paid=SHARES[0])
    [anew] = invoice(server, roles, [milestone])
    assert anew != move
    reconciles(server, contract, order, invoiced=TOTAL, paid=SHARES[0])


def journal_of(server, move):
    return server.sql("SELECT journal_id FROM account_move WHERE id = %s", [move])[0][0]


def amend(server, roles, contract):
    """One more item: a child contract with an order of its own, by the same way as the contract."""
    refused(roles, all_but("rep", "leader", "manager"), "sfc.contract", "action_new_amendment", [contract])
    amendment = roles.call("rep", "sfc.contract", "action_new_amendment", [contract])["res_id"]
    order = roles.call("rep", "sfc.contract", "action_add_items", [amendment])["res_id"]
    roles.call("rep", "sale.order", "write", [order], {**COMPLETE, "order_line": [order_line(roles.product, 1, 499.99, 0, roles.books["tax"])]})
    approve_proposal(server, roles, order)
    roles.call("rep", "sfc.contract", "write", [amendment], {"payment_template_id": reference(server, "sales_full_cycle.payment_template_prepaid")})
    roles.call("rep", "sfc.contract", "action_apply_payment_template", [amendment])
    roles.call("rep", "sfc.contract", "action_submit_for_approval", [amendment])
    assert server.sql("SELECT kind FROM sfc_approval WHERE id = %s", [waiting(server, "contract_id", amendment)]) == [("amendment",)]
    approve_contract(server, roles, amendment)
    send(server, roles, amendment)
    sign(server, roles, amendment)
    return amendment, order


def cancelling_is_for_the_manager(server, roles, contract, deal):
    """What is in force, a sales manager gives up, for a reason; the deal goes back to where its evidence stands."""
    [[reason]] = server.sql("SELECT min(id) FROM sfc_reason WHERE kind = 'contract_cancel'")
    refused(roles, all_but("manager"), "sfc.contract", "action_cancel", [contract], reason)
    refused(roles, ["manager"], "sfc.contract", "action_cancel", [contract])
    assert state(server, contract) == "done"
    roles.call("manager", "sfc.contract", "action_cancel", [contract], reason)
    assert {row[0] for row in server.sql("SELECT state FROM sfc_contract WHERE lead_id = %s", [deal])} == {"cancelled"}
    assert step(server, deal) == "negotiating"


# === WHAT IS TRUE === #

def refused(roles, names, model, method, *arguments, **keywords):
    for role in names:
        name, text = roles.refusal(role, model, method, *arguments, **keywords)
        assert name in ("AccessError", "UserError", "ValidationError", "MissingError"), (role, method, name, text)


def step(server, deal):
    return server.sql("SELECT cycle_step FROM crm_lead WHERE id = %s", [deal])[0][0]


def state(server, contract):
    return server.sql("SELECT state FROM sfc_contract WHERE id = %s", [contract])[0][0]


def milestone_state(server, milestone):
    return server.sql("SELECT state FROM sfc_payment_milestone WHERE id = %s", [milestone])[0][0]


def money(server, table, fname, record):
    return Decimal(str(server.sql(f"SELECT COALESCE({fname}, 0) FROM {table} WHERE id = %s", [record])[0][0])).quantize(Decimal("0.01"))


def reconciles(server, contract, order, invoiced, paid):
    """Contract, instalments, order and posted invoices with their credit notes say the same, with the same tax when all is invoiced."""
    invoiced, paid = Decimal(invoiced), Decimal(paid)
    [[total, tax, owed]] = server.sql("""
        SELECT COALESCE(sum(-sign * amount_total), 0), COALESCE(sum(-sign * amount_tax), 0), COALESCE(sum(-sign * amount_residual), 0)
          FROM (SELECT *, CASE move_type WHEN 'out_refund' THEN 1 ELSE -1 END AS sign FROM account_move) move
         WHERE state = 'posted' AND sfc_milestone_id IN (SELECT id FROM sfc_payment_milestone WHERE contract_id = %s)""", [contract])
    assert (total, owed) == (invoiced, invoiced - paid)
    [figures] = server.sql("SELECT amount_invoiced, amount_paid, amount_residual FROM sfc_contract WHERE id = %s", [contract])
    assert [Decimal(str(figure)).quantize(Decimal("0.01")) for figure in figures] == [invoiced, paid, invoiced - paid]
    [[planned]] = server.sql("SELECT sum(amount) FROM sfc_payment_milestone WHERE contract_id = %s", [contract])
    [[ordered, ordered_tax]] = server.sql("SELECT amount_total, amount_tax FROM sale_order WHERE id = %s", [order])
    assert planned == ordered
    if invoiced == ordered:
        assert tax == ordered_tax
        assert server.sql("SELECT invoice_status FROM sale_order WHERE id = %s", [order]) == [("invoiced",)]


def ledger_is_even(server, roles, whole):
    """The customer owes nothing: what was billed is the contract and its amendment, and so is what came in."""
    lines = server.sql("""
        SELECT sum(line.balance), sum(line.amount_residual), sum(CASE WHEN line.payment_id IS NOT NULL THEN -line.balance ELSE 0 END)
          FROM account_move_line line JOIN account_account account ON account.id = line.account_id
         WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted' AND line.partner_id = ANY(%s)""", [list(roles.customer.values())])
    assert lines == [(0, 0, whole)]
