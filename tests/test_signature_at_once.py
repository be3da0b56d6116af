"""One contract signed twice at the same moment, over real connections (S4.8, ahead 7): exactly one signature counts, with its effects once, and the
other signer is told in a sentence."""
import base64
import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import requests
from conftest import RpcError
from people import COMPLETE, PASSWORD, SALESPERSON, as_admin, evaluate, make_user, reference
from PIL import Image, ImageDraw

CONTRACTS = 4
TOLD = r"WARNING \S+ odoo.http: .*was signed already"  # Odoo logs each sentence that it shows
CLAUSE = {"name": "Delivery", "kind": "delivery", "body": "Within 30 days."}


def test_two_signatures_on_the_portal(server):
    """The same link open on two phones."""
    server.expect_log(TOLD)
    contracts = sent_contracts(server, "portal_twice_rep")
    told = race(contracts, lambda contract: portal_sign(server, contract, "Wang"), lambda contract: portal_sign(server, contract, "Zhao"))
    check(server, contracts, told)


def test_portal_and_sealed_copy(server):
    """The customer draws his name while the salesperson registers the sealed copy."""
    server.expect_log(TOLD)
    rep = "portal_and_scan_rep"
    contracts = sent_contracts(server, rep)
    told = race(contracts, lambda contract: portal_sign(server, contract, "Wang"), lambda contract: register_copy(server, rep, contract))
    check(server, contracts, told)


def race(contracts, *signers):
    """What each signer is told, a contract at a time and at the same moment; None for who signed."""
    barrier = Barrier(len(signers), timeout=120)

    def sign_all(sign):
        told = []
        for contract in contracts:
            barrier.wait()
            told.append(sign(contract))
        return told

    with ThreadPoolExecutor(len(signers)) as pool:
        return [signer.result() for signer in [pool.submit(sign_all, sign) for sign in signers]]


def check(server, contracts, told):
    for first, second in zip(*told, strict=True):
        refusals = [text for text in (first, second) if text]
        assert len(refusals) == 1, (first, second)
        assert "was signed already by" in refusals[0], refusals
    ids = [contract["id"] for contract in contracts]
    assert server.sql(
        "SELECT count(*) FROM sfc_contract WHERE id = ANY(%s) AND state IN ('signed', 'in_progress') AND signed_sha256 IS NOT NULL", [ids]) == [(CONTRACTS,)]
    # the file that counts is the only one, and what was moved was moved once
    assert server.sql("""SELECT count(*) FROM ir_attachment file JOIN sfc_contract contract ON file.res_id = contract.id
                          WHERE file.res_model = 'sfc.contract' AND contract.id = ANY(%s) AND file.name LIKE '%%(signed).pdf'""", [ids]) == [(CONTRACTS,)]
    moved = server.sql("""SELECT count(*) FROM mail_tracking_value value JOIN mail_message message ON message.id = value.mail_message_id
                            JOIN ir_model_fields field ON field.id = value.field_id
                           WHERE message.model = 'sfc.contract' AND message.res_id = ANY(%s) AND field.name = 'state'
                             AND value.new_value_char = 'Signed'""", [ids])
    assert moved == [(CONTRACTS,)]
    orders = server.sql("SELECT count(*) FROM sale_order JOIN sfc_contract ON sale_order.id = sale_order_id WHERE sfc_contract.id = ANY(%s)", [ids])
    assert orders == [(CONTRACTS,)]


def portal_sign(server, contract, name):
    """The refusal that Odoo's signature form would show."""
    answer = requests.post(
        f"{server.url}/my/contracts/{contract['id']}/sign", params={"access_token": contract["access_token"]}, timeout=300,
        json={"jsonrpc": "2.0", "method": "call", "params": {"name": name, "signature": drawing()}}).json()
    assert "result" in answer, answer
    return answer["result"].get("error")


def register_copy(server, rep, contract):
    """The refusal that the dialog would show."""
    try:
        [file] = server.json_rpc(rep, PASSWORD, "ir.attachment", "create", [[{"name": "scan.png", "datas": drawing()}]])
        fill_in(server, rep, "sfc.contract.signed.copy", {"contract_id": contract["id"], "signatory": "Wang", "file_ids": [[6, 0, [file]]]})
    except RpcError as error:
        assert error.name == "UserError", error
        return str(error)
    return None


def drawing():
    image, output = Image.new("RGBA", (200, 60)), io.BytesIO()
    ImageDraw.Draw(image).line((5, 5, 190, 50), fill="black", width=3)
    image.save(output, "PNG")
    return base64.b64encode(output.getvalue()).decode()


# === A CONTRACT THAT MAY BE SIGNED === #

def sent_contracts(server, rep, confirmed=True):
    """Contracts that legal approved, that were sent, and that the customer may have confirmed: [{"id", "access_token"}]."""
    user, legal = make_user(server, rep, rep, SALESPERSON), f"{rep}_legal"
    make_user(server, legal, legal, "sales_full_cycle.group_sfc_legal")
    server.session(rep, PASSWORD)
    server.session(legal, PASSWORD)
    contracts = drafts(server, rep, user)
    server.json_rpc(rep, PASSWORD, "sfc.contract", "action_submit_for_approval", [contracts])
    approve(server, legal, contracts)
    for contract in contracts:
        send(server, rep, contract)
        if confirmed:
            confirm(server, rep, contract)
    return server.json_rpc(rep, PASSWORD, "sfc.contract", "read", [contracts, ["access_token"]])


def drafts(server, rep, user):
    """Contracts of approved proposals; no approval of proposals is asked for here."""
    team = as_admin(server, "crm.team", "create", [{"name": f"Team of {rep}", "user_id": False}])[0]
    partner = as_admin(server, "res.partner", "create", [{"name": f"Customer of {rep}", "is_company": True}])[0]
    product = as_admin(server, "product.product", "create", [{"name": f"Bench of {rep}", "list_price": 10}])[0]
    deal = server.json_rpc(rep, PASSWORD, "crm.lead", "create", [[{
        "name": "Benches", "type": "opportunity", "partner_id": partner, "team_id": team, "user_id": user}]])[0]
    evaluate(server, rep, deal)
    orders = server.json_rpc(rep, PASSWORD, "sale.order", "create", [[{
        "partner_id": partner, "opportunity_id": deal, "team_id": team, "user_id": user, **COMPLETE,
        "order_line": [[0, 0, {"product_id": product, "product_uom_qty": 1}]]} for _number in range(CONTRACTS)]])
    manager = f"{rep}_manager"
    make_user(server, manager, manager, "sales_team.group_sale_manager")
    server.session(manager, PASSWORD)
    server.json_rpc(rep, PASSWORD, "sale.order", "action_submit_for_approval", [orders])
    waiting = server.sql("SELECT id FROM sfc_approval WHERE sale_order_id = ANY(%s) AND state = 'pending' ORDER BY id", [orders])
    for (approval,) in waiting:
        server.json_rpc(manager, PASSWORD, "sfc.approval", "action_approve", [[approval]])
    kind = reference(server, "sales_full_cycle.contract_type_goods")
    return server.json_rpc(rep, PASSWORD, "sfc.contract", "create", [[{
        "name": "Benches", "type_id": kind, "lead_id": deal, "sale_order_id": order, "partner_id": partner, "user_id": user,
        "clause_ids": [[0, 0, CLAUSE]]} for order in orders]], {"context": {"sfc_gate_reason": "a repeat order"}})


def approve(server, legal, contracts):
    checklist = server.json_rpc(legal, PASSWORD, "sfc.contract.check", "search", [[["contract_id", "in", contracts]]])
    server.json_rpc(legal, PASSWORD, "sfc.contract.check", "action_yes", [checklist])
    while waiting := server.sql("SELECT id FROM sfc_approval WHERE contract_id = ANY(%s) AND state = 'pending' ORDER BY id LIMIT 1", [contracts]):
        server.json_rpc(legal, PASSWORD, "sfc.approval", "action_approve", [[waiting[0][0]]])


def send(server, rep, contract):
    fill_in(server, rep, "sfc.contract.send", {"contract_id": contract, "channel": "paper"})


def confirm(server, rep, contract):
    [file] = server.json_rpc(rep, PASSWORD, "ir.attachment", "create", [[{"name": "chat.png", "datas": drawing()}]])
    fill_in(server, rep, "sfc.contract.confirmation", {"contract_id": contract, "name": "Wang", "file_ids": [[6, 0, [file]]]})


def fill_in(server, login, dialog, values):
    created = server.json_rpc(login, PASSWORD, dialog, "create", [[values]])
    server.json_rpc(login, PASSWORD, dialog, "action_apply", [created])
