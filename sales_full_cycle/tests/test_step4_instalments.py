import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tests.common import BaseCase

from ..models.common import sla_time
from ..models.step4_contract import instalments
from .test_step3_proposal import ProposalCase


class TestSplitting(BaseCase):
    """Ahead 9, P15: arithmetic without a database."""

    def test_a_thousand_random_plans_add_up_exactly(self):
        """In currencies of 0, 2 and 3 decimals and of 0.05 steps, positive and negative."""
        dice = random.Random(4711)
        for _number in range(1000):
            step = dice.choice([1.0, 0.01, 0.001, 0.05])
            total = dice.choice([1, -1]) * dice.choice([dice.randint(1, 50), dice.randint(1, 10 ** 9)]) * step
            percents = self._percents(dice)
            parts = instalments.split(total, percents, step)
            self.assertEqual(instalments.rest(total, parts, step), 0, (total, percents, step))
            self.assertEqual(sum(instalments.units(part, step) for part in parts), instalments.units(total, step))
            self.assertTrue(all(part * total >= 0 for part in parts), (total, percents, parts))

    def _percents(self, dice):
        cuts = sorted(dice.sample(range(1, 10000), dice.randint(0, 11)))
        return [(end - start) / 100 for start, end in zip([0, *cuts], [*cuts, 10000], strict=True)]

    def test_the_last_takes_the_rest(self):
        self.assertEqual(instalments.split(100.01, [30, 40, 30], 0.01), [30.0, 40.0, 30.01])
        self.assertEqual(instalments.split(7, [30, 40, 30], 1.0), [2.0, 3.0, 2.0])
        self.assertEqual(instalments.split(1.001, [50, 50], 0.001), [0.501, 0.5])
        self.assertEqual(instalments.split(0.05, [10] * 10, 0.01)[-1], 0.01, "never less than nothing")
        self.assertEqual(instalments.split(5, [], 1.0), [])

    def test_share_and_amount(self):
        self.assertEqual(instalments.share(1000, 33.33, 0.01), 333.3)
        self.assertEqual(instalments.percent_of(333.3, 1000), 33.33)
        self.assertEqual(instalments.percent_of(5, 0), 0)
        self.assertEqual(instalments.percent_left([33.33, 33.33, 33.33]), 0.01)
        self.assertTrue(instalments.adds_up([33.33, 33.33, 33.34]))


class InstalmentCase(ProposalCase):
    """Contracts in force, as the other rules of the step leave them; how a contract is made and signed is tested elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._give_accounts()
        cls.finance = new_test_user(cls.env, "sfc_finance", "account.group_account_invoice", lang="en_US")
        cls.legal = new_test_user(cls.env, "sfc_legal", "sales_full_cycle.group_sfc_legal", lang="en_US")
        cls.tax13 = cls._tax("13 %", 13)
        cls.tax6 = cls._tax("6 %", 6)
        cls.tax9_included = cls._tax("9 % included", 9, price_include_override="tax_included")
        cls.template = cls.env.ref("sales_full_cycle.payment_template_343")

    @classmethod
    def _give_accounts(cls):
        """What a chart of accounts would bring."""
        company = cls.env.company
        cls.currency = company.currency_id

        def account(code, kind, **values):
            found = cls.env["account.account"].search([("account_type", "=", kind), ("company_ids", "in", company.id)], limit=1)
            return found or cls.env["account.account"].create({"name": code, "code": code, "account_type": kind, **values})

        receivable = account("SFC100", "asset_receivable", reconcile=True)
        payable = account("SFC200", "liability_payable", reconcile=True)
        cls.income = account("SFC400", "income")
        bank = account("SFC110", "asset_cash")
        cls.env["ir.default"].set("res.partner", "property_account_receivable_id", receivable.id, company_id=company.id)
        cls.env["ir.default"].set("res.partner", "property_account_payable_id", payable.id, company_id=company.id)
        for partner in cls.customer.partner_id | cls.contact:
            partner.write({"property_account_receivable_id": receivable.id, "property_account_payable_id": payable.id})
        journals = cls.env["account.journal"]
        if not journals.search([("type", "=", "sale"), ("company_id", "=", company.id)], limit=1):
            journals.create({"name": "Sales", "code": "SFCS", "type": "sale", "default_account_id": cls.income.id})
        cls.bank = journals.search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1) or journals.create({
            "name": "Bank", "code": "SFCB", "type": "bank", "default_account_id": bank.id})
        company.write({"currency_exchange_journal_id": (
            company.currency_exchange_journal_id or journals.create({"name": "Exchange", "code": "SFCX", "type": "general"})).id})
        gain = company.income_currency_exchange_account_id or account("SFC700", "income_other")
        loss = company.expense_currency_exchange_account_id or account("SFC701", "expense")
        company.write({"income_currency_exchange_account_id": gain.id, "expense_currency_exchange_account_id": loss.id})

    @classmethod
    def _tax(cls, name, amount, **values):
        country = cls.env.company.account_fiscal_country_id or cls.env.ref("base.cn")
        if not cls.env.company.account_fiscal_country_id:
            cls.env.company.account_fiscal_country_id = country
        group = cls.env["account.tax.group"].search([("company_id", "=", cls.env.company.id)], limit=1) or cls.env["account.tax.group"].create({"name": "VAT"})
        return cls.env["account.tax"].create({
            "name": f"SFC {name}", "amount": amount, "type_tax_use": "sale", "tax_group_id": group.id, "country_id": country.id, **values})

    @classmethod
    def _order(cls, *lines, **values):
        """A quotation with lines (price, quantity, taxes, discount), approved as it stands."""
        order = cls._proposal(order_line=[Command.create({
            "product_id": cls.bench.id, "price_unit": price, "product_uom_qty": quantity, "tax_ids": [Command.set(taxes.ids)], "discount": discount,
        }) for price, quantity, taxes, discount in lines or [(1000, 1, cls.tax13, 0)]], **values)
        return cls._approve(order)

    @classmethod
    def _contract(cls, order=None, **values):
        order = order or cls._order()
        return cls.env["sfc.contract"].with_user(cls.rep).create({
            "name": "Benches", "type_id": cls.env.ref("sales_full_cycle.contract_type_goods").id, "sale_order_id": order.id, "lead_id": cls.deal.id,
            "partner_id": cls.contact.id, "payment_template_id": cls.template.id, **values})

    @classmethod
    def _sign(cls, contract, signed_on=None):
        """In force, with its order confirmed."""
        contract = contract.sudo()
        contract.signed_on = signed_on or fields.Date.context_today(contract)
        for state in ("legal_review", "approved", "sent", "signed"):
            contract._move(state)
        if contract.sale_order_id.state != "sale":
            contract.sale_order_id.action_confirm()
        return contract.with_user(cls.rep)

    @classmethod
    def _in_force(cls, *lines, **values):
        return cls._sign(cls._contract(cls._order(*lines), **values))

    @classmethod
    def _reach_all(cls, contract):
        for trigger in ("delivery", "delivery_line", "acceptance", "warranty"):
            contract._reach_milestones(trigger)
        return contract

    @classmethod
    def _invoice(cls, milestones, user=None):
        """[(invoice, reason)] of the selection, as the result shows it."""
        action = milestones.with_user(user or cls.finance).action_create_invoices()
        lines = cls.env["sfc.instalment.result"].browse(action["res_id"]).line_ids
        cls.env.cr.flush()
        return [(line.invoice_id, line.reason) for line in lines]

    @classmethod
    def _invoices(cls, milestones):
        results = cls._invoice(milestones)
        assert not any(reason for _invoice, reason in results), results
        return cls.env["account.move"].browse([invoice.id for invoice, _reason in results])

    @classmethod
    def _pay(cls, invoice, amount=None, **values):
        register = cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({
            "journal_id": cls.bank.id, **({"amount": amount} if amount else {}), **values})
        register.action_create_payments()
        cls.env.cr.flush()

    def _amounts(self, contract):
        return contract.milestone_ids.sorted("sequence").mapped("amount")


@tagged("post_install", "-at_install")
class TestDownPayments(InstalmentCase):

    def test_random_orders_are_invoiced_to_the_cent(self):
        """Ahead 9: random prices, quantities, discounts, mixed and included taxes, both ways of rounding taxes; the invoices are the instalments, and
        together the order."""
        dice = random.Random(9)
        templates = self.env["sfc.payment.template"].search([])
        for number in range(40):
            self.env.company.tax_calculation_rounding_method = dice.choice(["round_per_line", "round_globally"])
            lines = [(
                dice.randint(1, 10 ** 6) / 100, dice.randint(1, 7), dice.choice([self.tax13, self.tax6, self.tax9_included, self.tax13 + self.tax6, self.env["account.tax"]]),
                dice.choice([0, 0, 3, 12.5, 33.33])) for _line in range(dice.randint(1, 6))]
            contract = self._reach_all(self._in_force(*lines, payment_template_id=dice.choice(templates).id))
            with self.subTest(number=number, lines=lines):
                results = self._invoice(contract.milestone_ids)
                self.assertFalse([reason for _invoice, reason in results if reason])
                for milestone in contract.milestone_ids:
                    self.assertEqual(milestone.sudo().invoice_id.amount_total, milestone.amount)
                contract.milestone_ids.sudo().invoice_id.action_post()
                self.assertEqual(contract.currency_id.round(contract.sudo().amount_invoiced), contract.sale_order_id.amount_total)
