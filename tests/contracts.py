"""What a contract needs around it, made over HTTP: books to invoice in, a customer with a login, an approved proposal, a drawn signature."""
import base64
import io
import re

from conftest import RpcError
from people import COMPLETE, PASSWORD, as_admin, evaluate, reference
from PIL import Image, ImageDraw

LEGAL, FINANCE, MANAGER = "sales_full_cycle.group_sfc_legal", "account.group_account_invoice", "sales_team.group_sale_manager"


class Roles:
    """Calls of people by the names of their roles: roles.call("finance", "account.move", "action_post", [7])."""

    def __init__(self, server, prefix):
        self.server, self.prefix = server, prefix

    def login(self, role):
        return f"{self.prefix}_{role}"

    def call(self, role, model, method, *arguments, **keywords):
        return self.server.json_rpc(self.login(role), PASSWORD, model, method, arguments, keywords)

    def create(self, role, model, values, **keywords):
        """The id of a new record."""
        return self.call(role, model, "create", [values], **keywords)[0]

    def dialog(self, role, model, values, button="action_apply", **keywords):
        """What the button of a dialog answers."""
        return self.call(role, model, button, [self.create(role, model, values, **keywords)])

    def refusal(self, role, model, method, *arguments, **keywords):
        """The class and the text of Odoo's refusal; an error if the role may do it. Odoo logs each sentence that it shows."""
        try:
            answer = self.call(role, model, method, *arguments, **keywords)
        except RpcError as error:
            self.server.expect_log(r"WARNING \S+ odoo\.http: " + re.escape(str(error).splitlines()[0]))
            return error.name, str(error)
        raise AssertionError(f"{role} may call {method} of {model}: {answer}")


def open_books(server):
    """Accounts and journals as a chart of accounts would bring them, and a tax of 13 %: {"tax": id, "bank": id}. Once a database."""
    taxes = as_admin(server, "account.tax", "search", [("name", "=", "13 % VAT of the tests")])
    banks = as_admin(server, "account.journal", "search", [("type", "=", "bank"), ("code", "=", "CTB")])
    if taxes and banks:
        return {"tax": taxes[0], "bank": banks[0]}
    company = as_admin(server, "res.users", "read", as_admin(server, "res.users", "search", [("login", "=", "admin")]), ["company_id"])[0]["company_id"][0]
    receivable, income = account(server, "CT100", "asset_receivable", reconcile=True), account(server, "CT400", "income")
    outstanding, cash = account(server, "CT110", "asset_current", reconcile=True), account(server, "CT120", "asset_cash")
    as_admin(server, "ir.default", "set", "res.partner", "property_account_receivable_id", receivable, False, company)
    if not as_admin(server, "account.journal", "search", [("type", "=", "sale")]):
        as_admin(server, "account.journal", "create", [{"name": "Sales", "code": "CTS", "type": "sale", "default_account_id": income}])
    bank = as_admin(server, "account.journal", "create", [{"name": "Bank of the tests", "code": "CTB", "type": "bank", "default_account_id": cash}])[0]
    # payments are entries at once, so that invoices are reconciled with them
    methods = as_admin(server, "account.payment.method.line", "search", [("journal_id", "=", bank), ("payment_type", "=", "inbound")])
    as_admin(server, "account.payment.method.line", "write", methods, {"payment_account_id": outstanding})
    return {"tax": vat(server, company), "bank": bank}


def account(server, code, kind, **values):
    found = as_admin(server, "account.account", "search", [("account_type", "=", kind)], limit=1) if kind in ("asset_receivable", "income") else []
    return found[0] if found else as_admin(server, "account.account", "create", [{"name": code, "code": code, "account_type": kind, **values}])[0]


def vat(server, company):
    china = reference(server, "base.cn")
    if not as_admin(server, "res.company", "read", [company], ["account_fiscal_country_id"])[0]["account_fiscal_country_id"]:
        as_admin(server, "res.company", "write", [company], {"account_fiscal_country_id": china})
    [country] = as_admin(server, "res.company", "read", [company], ["account_fiscal_country_id"])[0]["account_fiscal_country_id"][:1]
    groups = as_admin(server, "account.tax.group", "search", [], limit=1) or as_admin(server, "account.tax.group", "create", [{"name": "VAT"}])
    return as_admin(server, "account.tax", "create", [{
        "name": "13 % VAT of the tests", "amount": 13, "type_tax_use": "sale", "tax_group_id": groups[0], "country_id": country}])[0]


def make_customer(server, login, name):
    """A company with a contact who has a login to the portal: {"company": id, "contact": id}."""
    company = as_admin(server, "res.partner", "create", [{
        "name": name, "is_company": True, "vat": "91110108551385082Q", "street": "8 Science Road", "city": "Beijing"}])[0]
    contact = as_admin(server, "res.partner", "create", [{"name": "Chen Wei", "parent_id": company, "email": f"{login}@example.com"}])[0]
    as_admin(server, "res.users", "create", [{
        "login": login, "partner_id": contact, "password": PASSWORD, "tz": "Asia/Shanghai", "group_ids": [[6, 0, [reference(server, "base.group_portal")]]]}],
        context={"no_reset_password": True})
    return {"company": company, "contact": contact}


def make_proposal(roles, rep, customer, team, lines):
    """An evaluated deal with a complete quotation of (product, quantity, price, discount, tax): (deal, order)."""
    deal = roles.create("rep", "crm.lead", {
        "name": "Benches for the new plant", "type": "opportunity", "partner_id": customer["contact"], "team_id": team, "user_id": rep})
    evaluate(roles.server, roles.login("rep"), deal)
    return deal, roles.create("rep", "sale.order", {
        "partner_id": customer["contact"], "opportunity_id": deal, "team_id": team, "user_id": rep, "delivery_lead_days": 45, **COMPLETE,
        "order_line": [order_line(*line) for line in lines]})


def order_line(product, quantity, price, discount, tax):
    return [0, 0, {"product_id": product, "product_uom_qty": quantity, "price_unit": price, "discount": discount, "tax_ids": [[6, 0, [tax]]]}]


def waiting(server, field, record):
    """The approval that waits for a decision about the record."""
    rows = server.sql(f"SELECT id FROM sfc_approval WHERE {field} = %s AND state = 'pending' ORDER BY id", [record])
    assert len(rows) == 1, rows
    return rows[0][0]


def drawing():
    """A signature as a browser sends it."""
    image, output = Image.new("RGBA", (200, 60)), io.BytesIO()
    ImageDraw.Draw(image).line((5, 5, 190, 50), fill="black", width=3)
    image.save(output, "PNG")
    return base64.b64encode(output.getvalue()).decode()
