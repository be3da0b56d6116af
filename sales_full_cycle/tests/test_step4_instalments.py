import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tests.common import BaseCase
from odoo.tools import mute_logger

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
        self.assertGreaterEqual(min(instalments.split(0.05, [10] * 10, 0.01)), 0, "never less than nothing")
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
        # an amendment is made by its button alone, that is by the system
        contracts = cls.env["sfc.contract"].with_user(cls.rep).with_context(sfc_gate_reason="Agreed by phone").sudo("parent_id" in values)
        kind = "amendment" if "parent_id" in values else "goods"
        return contracts.create({
            "name": "Benches", "type_id": cls.env.ref(f"sales_full_cycle.contract_type_{kind}").id, "sale_order_id": order.id, "lead_id": cls.deal.id,
            "partner_id": cls.contact.id, "payment_template_id": cls.template.id, **values}).sudo(False)

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
        taxes = [self.tax13, self.tax6, self.tax9_included, self.tax13 + self.tax6, self.env["account.tax"]]
        for number in range(40):
            self.env.company.tax_calculation_rounding_method = dice.choice(["round_per_line", "round_globally"])
            lines = [(
                dice.randint(1, 10 ** 6) / 100, dice.randint(1, 7), dice.choice(taxes), dice.choice([0, 0, 3, 12.5, 33.33]))
                for _line in range(dice.randint(1, 6))]
            contract = self._reach_all(self._in_force(*lines, payment_template_id=dice.choice(templates).id))
            with self.subTest(number=number, lines=lines):
                results = self._invoice(contract.milestone_ids)
                self.assertFalse([reason for _invoice, reason in results if reason])
                for milestone in contract.milestone_ids:
                    self.assertEqual(milestone.sudo().invoice_id.amount_total, milestone.amount)
                contract.milestone_ids.sudo().invoice_id.action_post()
                self.assertEqual(contract.currency_id.round(contract.sudo().amount_invoiced), contract.sale_order_id.amount_total)


@tagged("post_install", "-at_install")
class TestPaymentPlan(InstalmentCase):
    """D16, ahead 9, P15: the plan of a contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._contract(cls._order((100.01, 1, cls.env["account.tax"], 0)))

    def _plan(self, contract=None):
        return [(milestone.trigger, milestone.percent, milestone.amount, milestone.due_days) for milestone in (contract or self.contract)._plan()]

    def test_instalments_speak_the_language_of_the_contract(self):
        """S4.8: whatever the contact speaks, the plan that both sign is in the language of its clauses."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.ref("sales_full_cycle.payment_template_343_line_1").with_context(lang="zh_CN").name = "预付款"
        self.contact.lang = "en_US"
        self.assertEqual(self._contract(lang="zh_CN").milestone_ids[0].name, "预付款")
        self.contact.lang = "zh_CN"
        self.assertEqual(self._contract(lang="en_US").milestone_ids[0].name, "Advance payment")

    def test_a_new_contract_has_the_usual_plan(self):
        """D16: 3/4/3 is the first template, so it is taken for new contracts."""
        self.assertEqual(self.env["sfc.payment.template"]._default_of(self.env.company), self.template)
        contract = self._contract(self._order(), payment_template_id=self.env["sfc.payment.template"]._default_of(self.env.company).id)
        self.assertEqual(self._plan(contract), [("signature", 30, 339, 7), ("delivery", 40, 452, 7), ("acceptance", 30, 339, 7)])
        self.assertEqual(contract.milestone_ids.sorted("sequence").mapped("position"), ["1/3", "2/3", "3/3"])

    def test_the_shipped_templates_are_whole(self):
        """D16."""
        shares = {
            "343": [30, 40, 30], "3331": [30, 30, 30, 10], "55": [50, 50], "prepaid": [100], "monthly": [100]}
        for name, percents in shares.items():
            template = self.env.ref(f"sales_full_cycle.payment_template_{name}")
            self.assertEqual(template.line_ids.mapped("percent"), percents)
        self.assertEqual(self.env.ref("sales_full_cycle.payment_template_monthly").line_ids.due_days, 30)
        with self.assertRaises(ValidationError):
            self.template.line_ids[0].percent = 20
            self.template._check_whole()

    def test_another_template_takes_its_place(self):
        self.contract.payment_template_id = self.env.ref("sales_full_cycle.payment_template_55")
        self.contract.action_apply_payment_template()
        self.assertEqual(self._plan(), [("signature", 50, 50.01, 7), ("acceptance", 50, 50.0, 7)])
        with self.assertRaises(UserError):
            self._contract(self._order()).with_user(self.other_rep).action_apply_payment_template()

    def test_the_template_in_the_form(self):
        """The onchange shows the plan before it is saved."""
        with Form(self.contract) as form:
            form.payment_template_id = self.env.ref("sales_full_cycle.payment_template_3331")
        self.assertEqual([row[1:3] for row in self._plan()], [(30, 30.0), (30, 30.0), (30, 30.0), (10, 10.01)])

    def test_share_and_amount_in_the_form(self):
        """Entering either gives the other, and the last takes the rest."""
        with Form(self.contract) as form:
            with form.milestone_ids.edit(0) as line:
                line.percent = 20
                self.assertEqual(line.amount, 20.0)
            with form.milestone_ids.edit(1) as line:
                line.amount = 33.33
                self.assertEqual(line.percent, 33.33)
        self.assertEqual([row[1:3] for row in self._plan()], [(20, 20.0), (33.33, 33.33), (46.67, 46.68)])
        self.assertFalse(self.contract._payment_plan_gaps())
        with Form(self.contract) as form, form.milestone_ids.edit(2) as line:
            line.percent = 40
        self.assertEqual(self.contract.plan_rest, 6.68, "who types the last one is not overruled, but told")
        self.assertIn("plan another", self.contract._payment_plan_gaps()[0])

    def test_share_and_amount_by_api(self):
        first, _second, last = self.contract._plan()
        first.percent = 10
        self.assertEqual((first.amount, last.amount, last.percent), (10.0, 50.01, 50))
        first.amount = 0.01
        self.assertEqual((first.percent, last.amount), (0.01, 60.0))
        last.unlink()
        self.assertEqual(self.contract.plan_rest, 60.0, "nobody is left who takes the rest")
        self.env["sfc.payment.milestone"].with_user(self.rep).create({"contract_id": self.contract.id, "name": "Rest", "sequence": 90, "trigger": "date"})
        self.assertEqual(self.contract._plan()[-1].amount, 60.0, "without share and amount it is the rest")
        self.assertEqual(self.contract._payment_plan_gaps(), ["The instalment “Rest” is due on a date: fill in which."])

    def test_amounts_follow_the_order(self):
        """While the contract is being prepared; typed amounts stay as long as the total does."""
        first = self.contract._plan()[0]
        first.amount = 33.33
        self.contract.sale_order_id.order_line.name = "Another text"
        self.assertEqual(first.amount, 33.33)
        self.contract.sale_order_id.order_line.price_unit = 1000
        self.assertEqual(self._amounts(self.contract), [333.3, 400.0, 266.7])
        self.assertFalse(self.contract._payment_plan_gaps())

    def test_shares_that_are_whole_leave_no_cent(self):
        """Three typed shares: the last takes what rounding leaves."""
        milestones = self.contract._plan()
        for milestone, percent in zip(milestones, (33.33, 33.33, 33.34), strict=True):
            milestone.percent = percent
        self.assertEqual(self._amounts(self.contract), [33.33, 33.33, 33.35])
        self.assertFalse(self.contract._payment_plan_gaps())

    def test_gaps_are_sentences_and_nothing_is_signed_with_them(self):
        """P15: all in one message."""
        milestones = self.contract._plan()
        milestones[:2].write({"takes_rest": False})
        self.contract.write({"milestone_ids": [
            Command.update(milestones[0].id, {"amount": 0, "percent": 0}), Command.update(milestones[1].id, {"trigger": "date"}),
            Command.update(milestones[2].id, {"takes_rest": False})]})
        gaps = self.contract._payment_plan_gaps()
        self.assertEqual(len(gaps), 3)
        self.assertIn("add up to", gaps[0])
        for state in ("legal_review", "approved", "sent"):
            self.contract.sudo()._move(state)
        with self.assertRaises(ValidationError) as refused:
            self.contract.sudo()._move("signed")
        for gap in gaps:
            self.assertIn(gap, str(refused.exception))
        self.assertEqual(self.contract.state, "sent")
        self.contract.milestone_ids.unlink()
        self.assertIn("no payment plan", self.contract._payment_plan_gaps()[0])

    def test_amendments_without_amount_or_with_money_back(self):
        """An amendment of dates needs no plan; what is paid back is one instalment."""
        self.assertFalse(self._contract(self._order((0, 1, self.tax13, 0)), parent_id=self.contract.id).milestone_ids)
        back = self._contract(self._order((-100, 1, self.tax13, 0)), parent_id=self.contract.id)
        self.assertEqual(self._plan(back), [("signature", 100, -113, 7)])
        self.assertFalse(back._payment_plan_gaps())

    def test_what_the_system_writes(self):
        """Also by API, for the sales manager."""
        milestone = self.contract._plan()[0].with_user(self.manager)
        for vals in ({"reached_on": "2026-01-01"}, {"state": "paid"}, {"amount_paid": 5}, {"due_date": "2026-01-01"}, {"reached_note": "x"}):
            with self.assertRaises(UserError):
                milestone.write(vals)
            with self.assertRaises(UserError):
                self.env["sfc.payment.milestone"].with_user(self.manager).create({"contract_id": self.contract.id, "name": "x", **vals})
        with self.assertRaises(UserError):
            self.contract.with_user(self.manager).amount_paid = 5
        with self.assertRaises(UserError):
            milestone.contract_id = self._contract(self._order())

    def test_who_plans(self):
        """The salesperson of the contract; colleagues, legal and finance do not."""
        milestone = self.contract._plan()[0]
        milestone.with_user(self.rep).name = "Down payment"
        for user in (self.other_rep, self.legal, self.finance, self.clerk):
            with self.assertRaises(AccessError):
                milestone.with_user(user).name = "Mine"
            with self.assertRaises(AccessError):
                milestone.with_user(user).unlink()
        for user in (self.finance, self.manager, self.leader):
            self.assertEqual(milestone.with_user(user).name, "Down payment")
        for user in (self.other_rep, self.clerk, self.legal):  # nobody has asked legal yet
            with self.assertRaises(AccessError):
                milestone.with_user(user).read(["amount"])

    def test_after_the_signature(self):
        """P15: only what is not invoiced, by those above the salesperson; still the contract to the cent; it stands in the log."""
        contract = self._sign(self.contract)
        first, second, third = contract._plan()
        with self.assertRaises(UserError):
            second.with_user(self.rep).percent = 20
        with self.assertRaises(UserError):
            contract.with_user(self.rep).write({"milestone_ids": [Command.update(second.id, {"percent": 20})]})
        with self.assertRaises(UserError):
            contract.with_user(self.manager).action_apply_payment_template()
        for user, percent in ((self.manager, 20), (self.leader, 25)):
            second.with_user(user).percent = percent
            self.assertEqual((second.percent, third.percent), (percent, 70 - percent))
        self.assertFalse(contract._payment_plan_gaps())
        self.assertIn("Payment plan changed", contract.message_ids[0].body)
        with self.assertRaises(ValidationError):
            third.with_user(self.manager).amount = 1
        with self.assertRaises(ValidationError):
            contract.with_user(self.manager).with_context(sfc_whole_plan=True).write({
                "milestone_ids": [Command.update(third.id, {"amount": 1, "takes_rest": False})]})
        with self.assertRaises(ValidationError):
            third.with_user(self.manager).with_context(sfc_whole_plan=True).write({"amount": 1})
        with self.assertRaises(UserError):
            first.with_user(self.manager).trigger = "date"
        self._invoices(first)
        with self.assertRaises(UserError):
            first.with_user(self.manager).percent = 20
        with self.assertRaises(UserError):
            first.with_user(self.manager).unlink()
        contract.with_user(self.manager).write({"milestone_ids": [
            Command.create({"name": "Spare parts", "trigger": "date", "planned_on": "2030-01-01", "amount": 20, "percent": 20, "sequence": 15}),
            Command.update(third.id, {"percent": 25, "amount": 25.01})]})
        self.assertEqual(self._amounts(contract), [30.0, 20.0, 25.0, 25.01])
        contract.sudo()._move("cancelled")
        with self.assertRaises(UserError):
            second.with_user(self.manager).percent = 1
        self.assertEqual(second.state, "cancelled")
        self.assertEqual(first.state, "cancelled", "its draft is not posted any more")

    def test_changes_are_tracked(self):
        """P15."""
        second = self.contract._plan()[1].with_context(tracking_disable=False)
        self.env.cr.flush()
        second.due_days = 30
        self.env.cr.flush()
        tracked = second.message_ids.sudo().tracking_value_ids
        self.assertEqual(tracked.mapped("field_id.name"), ["due_days"])


@tagged("post_install", "-at_install")
class TestReached(InstalmentCase):
    """Ahead 9: when an instalment is to be invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._sign(cls._contract(), signed_on="2026-03-02")
        cls.first, cls.second, cls.third = cls.contract._plan()

    def test_the_signature(self):
        self.assertEqual((self.first.state, str(self.first.reached_on), str(self.first.due_date)), ("to_invoice", "2026-03-02", "2026-03-09"))
        self.assertEqual((self.second.state, self.second.reached_on, self.second.due_date), ("planned", False, False))

    def test_events_of_later_steps_count_once(self):
        self.contract._reach_milestones("acceptance", date(2026, 4, 1), note="YS2026-0001")
        self.contract._reach_milestones("acceptance", date(2026, 5, 1))
        self.assertEqual((str(self.third.reached_on), self.third.reached_note, self.second.state), ("2026-04-01", "YS2026-0001", "planned"))
        waiting = self._contract(self._order())
        waiting._reach_milestones("signature")
        self.assertFalse(waiting.milestone_ids.filtered("reached_on"), "not in force")

    def test_a_date_comes(self):
        today = self.env.company._local_date()
        self.second.with_user(self.manager).write({"trigger": "date", "planned_on": today + timedelta(days=1)})
        self.third.with_user(self.manager).write({"trigger": "date", "planned_on": today})
        draft = self._contract(self._order())
        draft._plan()[0].write({"trigger": "date", "planned_on": today})
        with self.enter_registry_test_mode():
            self.env.ref("sales_full_cycle.ir_cron_instalment_dates").method_direct_trigger()
        self.assertEqual([self.second.reached_on, self.third.reached_on, draft._plan()[0].reached_on], [False, today, False])

    def test_a_date_before_the_signature(self):
        contract = self._contract(self._order())
        contract._plan()[1].write({"trigger": "date", "planned_on": "2020-01-01"})
        self._sign(contract)
        self.assertEqual(contract._plan()[1].state, "to_invoice")

    def test_by_hand_with_evidence(self):
        """By finance or a sales manager, for what no step reports."""
        for user in (self.finance, self.manager):
            action = self.second.with_user(user).action_mark_reached()
            wizard = self.env["sfc.milestone.reached"].with_user(user).with_context(**action["context"])
            wizard.create({"reached_on": "2026-03-20", "note": " Receipt 0471 "}).action_apply()
            self.assertEqual((self.second.state, self.second.reached_note, self.second.reached_by_id), ("to_invoice", "Receipt 0471", user))
            self.second.with_user(user).action_take_back()
            self.assertEqual((self.second.state, self.second.reached_note), ("planned", False))

    def test_not_by_hand(self):
        today = fields.Date.context_today(self.contract)
        for user in (self.rep, self.legal, self.leader):
            with self.assertRaises(AccessError):
                self.second.with_user(user).action_mark_reached()
            with self.assertRaises(AccessError):
                self.second.with_user(user)._mark_reached(today, "x")
        second = self.second.with_user(self.finance)
        for day, note in ((today, " "), (today + timedelta(days=2), "x")):
            with self.assertRaises(UserError):
                second._mark_reached(day, note)
        with self.assertRaises(UserError):
            self.first.with_user(self.finance).action_take_back()
        draft = self._contract(self._order())
        for milestone in (self.first, draft._plan()[1]):
            with self.assertRaises(UserError):
                milestone.with_user(self.finance).action_mark_reached()


@tagged("post_install", "-at_install")
class TestInvoicing(InstalmentCase):
    """R.1, ahead 9: an instalment becomes exactly one invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._in_force()
        cls.first, cls.second, cls.third = cls.contract._plan()

    def test_finance_only(self):
        """In the model: by API just so. Sales managers plan, they do not invoice."""
        for user in (self.rep, self.manager, self.legal, self.clerk):
            with self.assertRaises(AccessError):
                self.first.with_user(user).action_create_invoices()
        self.assertFalse(self.finance.has_group("sales_team.group_sale_salesman"))
        [(invoice, reason)] = self._invoice(self.first)
        self.assertFalse(reason)
        self.assertEqual((invoice.state, invoice.amount_total, invoice.sfc_milestone_id), ("draft", 339, self.first))
        self.assertEqual(invoice.invoice_date_due, self.first.due_date)
        self.assertIn(self.contract.number, invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product").name)
        self.assertEqual((self.first.state, self.first.invoice_id), ("draft_invoice", invoice))

    def test_a_selection_line_by_line(self):
        """What can be made is made, what cannot says why; the others are not touched."""
        other = self._contract(self._order())
        [(first, _), (_, second), (_, third), (_, unsigned)] = self._invoice(self.contract.milestone_ids + other._plan()[0])
        self.assertTrue(first)
        self.assertIn("Not due yet", second)
        self.assertIn("Not due yet", third)
        self.assertIn("not in force", unsigned)
        self.assertEqual(self.contract.sale_order_id.invoice_count, 1)

    def test_once_each(self):
        invoice = self._invoices(self.first)
        [(again, reason)] = self._invoice(self.first)
        self.assertFalse(again)
        self.assertIn(invoice.display_name, reason)

    def test_the_unique_index_is_behind_it(self):
        """Whatever happens in Python."""
        self._invoices(self.first)
        with patch.object(type(self.first), "_invoice_gaps", lambda self: []):
            [(invoice, reason)] = self._invoice(self.first)
        self.assertFalse(invoice)
        self.assertIn("Somebody else", reason)
        self.assertEqual(self.contract.sale_order_id.invoice_count, 1)

    def test_the_last_deducts_the_others(self):
        self._reach_all(self.contract)
        one, two, three = self._invoices(self.contract.milestone_ids)
        self.assertTrue(one._is_downpayment() and two._is_downpayment())
        self.assertFalse(three._is_downpayment())
        self.assertEqual([invoice.amount_total for invoice in (one, two, three)], [339, 452, 339])
        lines = three.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(sorted(lines.mapped("price_subtotal")), [-400, -300, 1000])
        (one + two + three).action_post()
        self.assertEqual(self.contract.sale_order_id.invoice_status, "invoiced")

    def test_the_order_of_invoicing_does_not_matter(self):
        """The last one to be invoiced deducts, also when it is the first of the plan."""
        self._reach_all(self.contract)
        third, second, first = (self._invoices(milestone) for milestone in (self.third, self.second, self.first))
        self.assertEqual([third._is_downpayment(), second._is_downpayment(), first._is_downpayment()], [True, True, False])
        self.assertEqual(first.amount_total, self.first.amount)

    def test_equal_instalments_are_no_duplicates(self):
        """30/40/30 on one day: finance is not warned of the first invoice on the third; of an invoice by hand still (ahead 9)."""
        self._reach_all(self.contract)
        one, _two, three = self._invoices(self.contract.milestone_ids)
        (one + three).invoice_date = fields.Date.context_today(one)
        self.assertEqual(one.amount_total, three.amount_total)
        self.assertFalse(three.duplicated_ref_ids)
        by_hand = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": three.partner_id.id, "invoice_date": three.invoice_date, "journal_id": three.journal_id.id,
            "invoice_line_ids": [Command.create({"name": "By hand", "price_unit": three.amount_total, "tax_ids": False})]})
        three.invalidate_recordset(["duplicated_ref_ids"])
        self.assertEqual(three.duplicated_ref_ids, by_hand)

    def test_what_is_not_delivered_is_explained(self):
        """Products invoiced as delivered: the last invoice bills what acceptance wrote."""
        machine = self.env["product.product"].create({"name": "Machine", "type": "service", "invoice_policy": "delivery", "list_price": 500, "taxes_id": False})
        order = self._proposal(order_line=[Command.create({"product_id": machine.id, "product_uom_qty": 2, "price_unit": 500})])
        contract = self._reach_all(self._sign(self._contract(self._approve(order))))
        results = self._invoice(contract.milestone_ids)
        self.assertEqual([bool(invoice) for invoice, _reason in results], [True, True, False])
        self.assertIn("Machine: delivered 0.0 of 2.0", results[2][1])
        contract.sudo().sale_order_id.order_line.filtered(lambda line: line.product_id == machine).qty_delivered = 2
        self.assertEqual(self._invoices(contract._plan()[2]).amount_total, 300)

    def test_an_invoice_that_is_not_the_instalment_is_not_posted(self):
        invoice = self._invoices(self.first).with_user(self.finance)
        invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product").price_unit = 1
        with self.assertRaises(UserError) as refused:
            invoice.action_post()
        self.assertIn("Correct the invoice", str(refused.exception))
        self._reach_all(self.contract)
        self.assertEqual(self._invoices(self.second + self.third).mapped("amount_total"), [452, 339], "the others are not touched by it")

    def test_a_draft_of_a_cancelled_contract_is_not_posted(self):
        invoice = self._invoices(self.first)
        self.contract.sudo()._move("cancelled")
        with self.assertRaises(UserError):
            invoice.with_user(self.finance).action_post()

    def test_cancelled_deleted_and_credited_are_invoiced_again(self):
        """Exactly one that counts; the history stays."""
        invoice = self._invoices(self.first)
        invoice.with_user(self.finance).button_cancel()
        self.env.cr.flush()
        self.assertEqual((self.first.state, self.first.invoice_id), ("to_invoice", self.env["account.move"]))
        with self.assertRaises(UserError):
            self.first.with_user(self.manager).unlink()
        invoice = self._invoices(self.first)
        invoice.with_user(self.finance).unlink()
        self.assertEqual(self.first.state, "to_invoice")
        invoice = self._invoices(self.first)
        invoice.with_user(self.finance).action_post()
        self.assertEqual((self.first.state, self.first.amount_invoiced), ("invoiced", 339))
        credit = self._credit(invoice)
        self.assertEqual((credit.sfc_milestone_id, credit.sfc_instalment_counts), (self.first, False))
        self.assertEqual((self.first.state, self.first.amount_invoiced, self.first.amount_residual), ("to_invoice", 0, 0))
        self._invoices(self.first).with_user(self.finance).action_post()
        self.assertEqual((self.first.state, self.first.amount_invoiced), ("invoiced", 339))

    def _credit(self, invoice, modify=False):
        wizard = self.env["account.move.reversal"].with_user(self.finance).with_context(active_model="account.move", active_ids=invoice.ids).create({
            "journal_id": invoice.journal_id.id, "reason": "wrong"})
        result = self.env["account.move"].browse((wizard.modify_moves() if modify else wizard.refund_moves())["res_id"])
        if not modify:
            result.with_user(self.finance).action_post()
            (invoice + result).line_ids.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled).reconcile()
        self.env.cr.flush()
        return result

    def test_credit_and_new_draft_at_once(self):
        invoice = self._invoices(self.first)
        invoice.action_post()
        draft = self._credit(invoice, modify=True)
        self.assertEqual((draft.sfc_milestone_id, draft.sfc_instalment_counts, draft.amount_total), (self.first, True, 339))
        self.assertEqual((self.first.invoice_id, self.first.state), (draft, "draft_invoice"))

    def test_paid_and_then_credited(self):
        """The credit note is open, the instalment may be invoiced again, what was paid is still there."""
        invoice = self._invoices(self.first)
        invoice.action_post()
        self._pay(invoice)
        self.assertEqual((self.first.state, self.first.amount_paid), ("paid", 339))
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids).create({
            "journal_id": invoice.journal_id.id})
        self.env["account.move"].browse(wizard.refund_moves()["res_id"]).action_post()
        self.assertEqual((self.first.state, self.first.amount_invoiced, self.first.amount_residual), ("to_invoice", 0, -339))

    def test_an_earlier_one_made_anew_after_the_last(self):
        """It is a down payment as it was; the order adds up."""
        self._reach_all(self.contract)
        invoices = self._invoices(self.contract.milestone_ids)
        invoices.action_post()
        self._credit(invoices[0])
        again = self._invoices(self.first)
        self.assertTrue(again._is_downpayment())
        again.action_post()
        self.assertEqual(self.contract.amount_invoiced, 1130)
        self._credit(invoices[2])
        last = self._invoices(self.third)
        self.assertFalse(last._is_downpayment())
        self.assertEqual(last.amount_total, 339)

    def test_paid_in_parts(self):
        invoice = self._invoices(self.first)
        invoice.action_post()
        self._pay(invoice, 100)
        self.assertEqual((self.first.state, self.first.amount_paid, self.first.amount_residual), ("partial", 100, 239))
        self.assertEqual((self.contract.amount_invoiced, self.contract.amount_paid, self.contract.paid_percent), (339, 100, 8.85))
        self._pay(invoice)
        self.assertEqual((self.first.state, self.first.amount_residual), ("paid", 0))
        invoice.line_ids.remove_move_reconcile()
        self.env.cr.flush()
        self.assertIn(self.first.state, ("invoiced", "paid"))

    def test_the_contract_goes_on_with_its_invoices_and_is_done_when_all_is_paid(self):
        """S4.8, R.1: in progress with the first invoice, done with the last payment, and in progress again when an invoice is taken back."""
        self._reach_all(self.contract)
        self.assertEqual(self.contract.state, "signed")
        invoices = self._invoices(self.contract.milestone_ids)
        self.assertEqual(self.contract.state, "signed", "a draft binds nobody")
        invoices[0].action_post()
        self.env.cr.flush()
        self.assertEqual(self.contract.state, "in_progress")
        invoices[1:].action_post()
        for invoice in invoices:
            self._pay(invoice)
        self.assertEqual(self.contract.state, "done")
        invoices[0].line_ids.remove_move_reconcile()
        invoices[0].button_draft()
        self.env.cr.flush()
        self.assertEqual(self.contract.state, "in_progress")

    def test_the_link_is_written_by_the_system_only(self):
        invoice = self._invoices(self.first)
        finance = self.env["account.move"].with_user(self.finance)
        with self.assertRaises(UserError):
            invoice.with_user(self.finance).sfc_milestone_id = self.second
        for context in ({}, {"sfc_billing": True}, {"sfc_billing": {"milestone_id": self.second.id}}):
            with self.assertRaises(UserError):
                finance.with_context(**context).create({"move_type": "out_invoice", "partner_id": self.contact.id, "sfc_milestone_id": self.second.id})
        copy = invoice.with_user(self.finance).copy()
        self.assertFalse(copy.sfc_milestone_id)

    def test_money_back_by_an_amendment(self):
        """An amendment that takes something away is one credit note."""
        amendment = self._sign(self._contract(self._order((-100, 1, self.tax13, 0)), parent_id=self.contract.id))
        [milestone] = amendment.milestone_ids
        credit = self._invoices(milestone)
        self.assertEqual((credit.move_type, credit.amount_total, credit.sfc_instalment_counts), ("out_refund", 113, True))
        credit.action_post()
        self.assertEqual((milestone.state, milestone.amount_invoiced, milestone.amount_residual), ("invoiced", -113, -113))
        self.assertEqual(self.contract.amount_invoiced, -113)

    def test_queries_do_not_grow_with_the_invoices_that_are_posted(self):
        """What comes back from invoices is computed in batches."""
        def posted(count):
            contracts = [self._in_force() for _number in range(count)]
            moves = self._invoices(self.env["sfc.payment.milestone"].concat(*(contract._plan()[0] for contract in contracts)))
            moves.action_post()
            milestones = self.env["sfc.payment.milestone"].browse(moves.sfc_milestone_id.ids)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env.add_to_compute(moves._fields["sfc_instalment_counts"], moves)
            self.env.add_to_compute(milestones._fields["state"], milestones)
            self.env.flush_all()
            return self.cr.sql_log_count - before
        self.assertEqual(posted(2), posted(6))


@tagged("post_install", "-at_install")
class TestOtherDoors(InstalmentCase):
    """Ahead 9: an order under a contract is billed by its instalments only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._in_force()
        cls.order = cls.contract.sudo().sale_order_id

    def _wizard(self, order, **context):
        return self.env["sale.advance.payment.inv"].with_user(self.manager).with_context(**context).create({
            "sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "percentage", "amount": 10})

    def test_create_invoice(self):
        for method in ("delivered", "percentage"):
            for context in ({}, {"sfc_billing": True}, {"sfc_billing": {"milestone_id": 1}}):
                wizard = self._wizard(self.order, **context)
                wizard.advance_payment_method = method
                with self.assertRaises(UserError) as refused:
                    wizard.create_invoices()
                self.assertIn(self.contract.number, str(refused.exception))
        with self.assertRaises(UserError):
            self.order._create_invoices()
        self.contract.sudo()._move("cancelled")
        self.assertEqual(self._wizard(self.order).create_invoices()["res_model"], "account.move")

    def test_orders_without_contract_are_odoos(self):
        order = self._order()
        order.sudo().action_confirm()
        self.assertEqual(order.sudo()._create_invoices().amount_total, order.amount_total)

    def test_payment_link_and_prepayment(self):
        order = self._order(require_payment=True, prepayment_percent=0.3)
        self.assertTrue(order.sudo()._has_to_be_paid())
        self._contract(order)
        self.assertFalse(order.sudo()._has_to_be_paid())
        with self.assertRaises(UserError):
            self.env["payment.link.wizard"].with_user(self.manager).with_context(active_model="sale.order", active_id=order.id).create({})

    def _transaction(self, order, state="done"):
        provider = self.env["payment.provider"].search([], limit=1)
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        return self.env["payment.transaction"].create({
            "provider_id": provider.id, "payment_method_id": method.id, "reference": f"{order.name}-1", "amount": order.amount_total,
            "currency_id": order.currency_id.id, "partner_id": self.contact.id, "sale_order_ids": [Command.set(order.ids)], "state": state})

    def test_automatic_invoices_are_left_out_and_somebody_is_told(self):
        """The money has moved: nothing is raised."""
        transaction = self._transaction(self.order)
        transaction._invoice_sale_orders()
        self.assertFalse(self.order.invoice_ids)
        self.assertFalse(transaction.invoice_ids)
        self.assertEqual(self.contract.sudo().activity_ids.user_id, self.rep)

    def test_a_payment_does_not_take_the_place_of_the_signature(self):
        """A link from before the contract: the order is not confirmed by it, and somebody is told once."""
        contract = self._contract(self._order(require_payment=True, prepayment_percent=1.0))
        transaction = self._transaction(contract.sudo().sale_order_id)
        transaction._check_amount_and_confirm_order()
        transaction._invoice_sale_orders()
        self.assertEqual(contract.sudo().sale_order_id.state, "draft")
        self.assertEqual(len(contract.sudo().activity_ids), 1)

    def test_the_screens_open_for_their_roles(self):
        """Legal reads the plan, finance its lists, the salesperson the page of the contract."""
        self.contract._reach_milestones("delivery")
        for user in (self.rep, self.leader, self.manager, self.legal, self.finance):
            Form(self.contract.with_user(user))
            Form(self.contract._plan()[0].with_user(user))
        Form(self.customer.with_user(self.rep))
        lists = self.env["sfc.payment.milestone"].with_user(self.finance)
        for name in ("to_invoice", "receivable"):
            view = self.env.ref(f"sales_full_cycle.sfc_payment_milestone_view_list_{name}")
            fnames = set(lists.get_view(view.id, "list")["models"][lists._name])
            self.assertTrue(self.contract.milestone_ids.with_user(self.finance).read(list(fnames)))
        milestone = self.contract._plan()[0].with_user(self.finance)
        self.assertEqual((milestone.tax_rates, milestone.invoice_data_missing), (self.tax13.name, "tax number, address"))
        invoice = self._invoices(milestone)
        self.assertEqual(invoice.with_user(self.finance).action_open_instalment_contract()["res_id"], self.contract.id)
        self.assertEqual(milestone.action_open_invoice()["res_id"], invoice.id)

    def test_days_overdue(self):
        """账龄."""
        milestone = self.contract._plan()[0]
        today = fields.Date.context_today(milestone)
        self._invoices(milestone).action_post()
        bands = {0: False, 1: "1-30", 30: "1-30", 31: "31-60", 90: "61-90", 91: "> 90"}
        for days, band in bands.items():
            milestone.sudo().reached_on = today - timedelta(days=days + milestone.due_days)
            self.assertEqual((milestone.days_overdue, milestone.age_band), (days, band))


@tagged("post_install", "-at_install")
class TestPortalDoors(HttpCase, InstalmentCase):
    """Ahead 9: the customer pays invoices of instalments, not the order."""

    def test_the_order_is_not_paid_on_its_page(self):
        order = self._order().sudo()
        order.state = "sent"
        order._portal_ensure_token()
        link = f"/my/orders/{order.id}?access_token={order.access_token}&payment_amount=100"
        route = f"/my/orders/{order.id}/transaction"
        self.assertIn("modalaccept", self.url_open(link).text)
        self._contract(order.with_user(self.rep))
        self.assertNotIn("o_payment_form", self.url_open(link).text)
        with mute_logger("odoo.http"):
            answer = self.make_jsonrpc_request_raw(route, {"access_token": order.access_token})
            stranger = self.make_jsonrpc_request_raw(route, {"access_token": "guess"})
        self.assertIn("please pay the invoices that you receive", answer["error"]["data"]["message"])
        self.assertNotIn("instalments", stranger["error"]["data"]["message"])

    def make_jsonrpc_request_raw(self, route, params):
        return self.url_open(route, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()


@tagged("post_install", "-at_install")
class TestPaymentPromise(InstalmentCase):
    """D9: due date; 7 days before salesperson and finance, 3 days late the leader, 15 days late the manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._in_force()
        cls.first = cls.contract._plan()[0]
        cls.policy = cls.env.ref("sales_full_cycle.promise_payment")

    def _payment_clock(self):
        return self.env["sfc.sla.clock"].search([("milestone_id", "=", self.first.id)], order="id desc", limit=1)

    def _posted(self):
        invoice = self._invoices(self.first)
        self.assertFalse(self._payment_clock(), "a draft is not owed")
        invoice.action_post()
        self.env.cr.flush()
        return invoice

    def _notified(self):
        return self.env["mail.message"].sudo().search([
            ("model", "=", self.first._name), ("res_id", "=", self.first.id), ("message_type", "=", "user_notification")]).notified_partner_ids

    def test_it_runs_while_the_invoice_is_open(self):
        invoice = self._posted()
        clock = self._payment_clock()
        tz = self.policy._calendar(self.env.company).tz
        self.assertEqual((clock.state, clock.deadline, clock.user_id), ("running", sla_time.end_of(self.first.due_date, tz), self.rep))
        self.assertEqual(self.first.sla_deadline, clock.deadline)
        self._pay(invoice, 100)
        self.assertEqual(clock.state, "running", "partly paid is still owed")
        self._pay(invoice)
        self.assertEqual(clock.state, "met")
        self.assertFalse(self.first.sla_deadline)

    def test_it_ends_with_the_invoice(self):
        invoice = self._posted()
        clock = self._payment_clock()
        invoice.button_draft()
        self.env.cr.flush()
        self.assertEqual(clock.state, "cancelled")
        invoice.action_post()
        self.env.cr.flush()
        self.assertEqual(self._payment_clock().state, "running")

    def test_reminders_and_escalations(self):
        self._posted()
        clock = self._payment_clock()
        self._let_time_pass(clock, hours=1)
        self._let_time_pass(clock, days=1)
        self.assertTrue(clock.warned)
        self.assertEqual(self._notified(), self.rep.partner_id | self.finance.partner_id)
        self._let_time_pass(clock, days=7)
        self.assertEqual((clock.state, clock.told), ("breached", False))
        self.assertFalse(self.first.sudo().activity_ids, "the leader hears it when it is three days late")
        self._let_time_pass(clock, days=3)
        self.assertEqual((clock.told, self.first.sudo().activity_ids.user_id), (True, self.leader))
        self.assertNotIn(self.manager.partner_id, self._notified())
        self._let_time_pass(clock, days=12)
        self.assertIn(self.manager.partner_id, self._notified())
        self._let_time_pass(clock, days=100)
        self.assertEqual(len(self.first.sudo().activity_ids), 1)

    def test_paid_in_time_and_booked_later(self):
        invoice = self._posted()
        clock = self._payment_clock()
        self._let_time_pass(clock, days=9)
        self.assertEqual(clock.state, "breached")
        self.first.invalidate_recordset()
        self._pay(invoice)
        self.assertFalse(self._payment_clock().stopped_at is False)

    def test_reminding_the_salesperson(self):
        self._posted()
        self.first.with_user(self.finance).action_remind()
        self.assertIn(self.rep.partner_id, self._notified())
        with self.assertRaises(AccessError):
            self.first.with_user(self.rep).action_remind()
        with self.assertRaises(UserError):
            self.contract._plan()[1].with_user(self.finance).action_remind()

    def test_a_new_salesperson_gets_the_promise(self):
        self._posted()
        self.contract.sudo().user_id = self.other_rep
        self.assertEqual(self._payment_clock().user_id, self.other_rep)


@tagged("post_install", "-at_install")
class TestPaymentCycle(InstalmentCase):
    """Done when 1: from the proposal to paid invoices, order, invoices and contract agree to the cent."""

    def _reconciles(self, contract):
        order, figures = contract.sudo().sale_order_id, contract.sudo()
        moves = order.invoice_ids.filtered(lambda move: move.state == "posted")
        billed = sum(move.amount_total_in_currency_signed for move in moves)
        self.assertEqual(order.currency_id.round(billed), order.amount_total)
        self.assertEqual(order.currency_id.round(figures.amount_invoiced), order.amount_total)
        # Odoo adds this one up line by line, each rounded: a cent a line
        self.assertAlmostEqual(order.amount_invoiced, order.amount_total, delta=len(order.invoice_ids.invoice_line_ids) * order.currency_id.rounding)
        self.assertEqual(order.currency_id.round(sum(move._instalment_residual() for move in moves)), order.currency_id.round(figures.amount_residual))
        self.assertEqual(sum(self._amounts(contract)), order.amount_total)

    def _bill_and_pay(self, contract):
        for milestone in contract._plan():
            invoice = self._invoices(milestone)
            invoice.action_post()
            self._pay(invoice)
        self.assertEqual(set(contract.milestone_ids.mapped("state")), {"paid"})
        self.assertEqual(contract.amount_residual, 0)

    def test_discount_credit_note_and_amendment(self):
        contract = self._reach_all(self._in_force((999.99, 3, self.tax13, 12.5), (0.07, 11, self.tax6, 0), (49.95, 1, self.tax9_included, 33.33)))
        first, second, third = contract._plan()
        invoices = self._invoices(contract.milestone_ids)
        invoices.action_post()
        self._reconciles(contract)
        self._pay(invoices[0])
        # the second was wrong: credited in full, and made anew
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoices[1].ids).create({
            "journal_id": invoices[1].journal_id.id})
        draft = self.env["account.move"].browse(wizard.modify_moves()["res_id"])
        draft.invoice_date = fields.Date.context_today(draft)
        self.assertEqual(second.invoice_id, draft)
        draft.action_post()
        self._reconciles(contract)
        self._pay(draft + invoices[2], group_payment=False)
        self.assertEqual((contract.amount_paid, contract.paid_percent), (contract.amount_total, 100))

        amendment = self._contract(self._order((500, 1, self.tax13, 0)), parent_id=contract.id)
        self.assertEqual(contract.paid_percent, 100, "not signed yet")
        self._reach_all(self._sign(amendment))
        whole = contract.currency_id.round(contract.amount_total + amendment.amount_total)
        self.assertLess(contract.paid_percent, 100)
        self._bill_and_pay(amendment)
        self._reconciles(amendment)
        self.assertEqual((contract.currency_id.round(contract.amount_invoiced), contract.paid_percent), (whole, 100))

        action = self.deal.with_user(self.rep).action_open_instalments()
        self.assertEqual(self.env["sfc.payment.milestone"].with_user(self.rep).search(action["domain"]), (contract + amendment).milestone_ids.sorted())
        profile = self.customer.with_user(self.rep)
        self.assertEqual(
            [contract.currency_id.round(profile[f"contract_amount{name}"]) for name in ("", "_invoiced", "_paid", "_residual")],
            [whole, whole, whole, 0])

    def _foreign(self, code, rate, *lines):
        """A contract in force in a foreign currency."""
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        currency.active = True
        self._rate(currency, "2020-01-01", rate)
        pricelist = self.env["product.pricelist"].create({"name": code, "currency_id": currency.id})
        order = self._order(*lines, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        return self._reach_all(self._sign(self._contract(order)))

    def _rate(self, currency, day, rate):
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id), ("name", "=", day)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": currency.id, "name": day, "rate": rate, "company_id": self.env.company.id})

    def test_a_foreign_currency_whose_rate_changes(self):
        code = "EUR" if self.currency.name != "EUR" else "USD"
        contract = self._foreign(code, 0.13, (1234.56, 3, self.tax13, 5))
        first, second, third = contract._plan()
        for milestone in (first, second):
            invoice = self._invoices(milestone)
            invoice.action_post()
            self._pay(invoice)
        self._rate(contract.currency_id, fields.Date.today(), 0.17)
        invoice = self._invoices(third)
        self.assertEqual((invoice.currency_id, invoice.amount_total), (contract.currency_id, third.amount))
        invoice.action_post()
        self._pay(invoice)
        self._reconciles(contract)
        self.assertEqual((contract.amount_paid, contract.paid_percent), (contract.amount_total, 100))

    def test_currencies_without_and_with_three_decimals(self):
        for code, rate in (("JPY", 20.1), ("KWD", 0.05)):
            with self.subTest(code=code):
                contract = self._foreign(code, rate, (1001, 1, self.tax13, 0), (333, 3, self.tax6, 7))
                self._bill_and_pay(contract)
                self._reconciles(contract)
