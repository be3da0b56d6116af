from datetime import timedelta
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.sales_full_cycle.models.step4_contract.sale_order_billing import Billing

from ..models.step4_contract import contract_text
from .test_step3_proposal import ProposalCase


class ContractCase(ProposalCase):
    """An approved proposal of `rep`, and the people around a contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.legal = new_test_user(cls.env, "sfc_legal", "sales_full_cycle.group_sfc_legal", lang="en_US")
        cls.accountant = new_test_user(cls.env, "sfc_accountant", "account.group_account_invoice", lang="en_US")
        cls.everything = new_test_user(cls.env, "sfc_everything", "sales_team.group_sale_salesman_all_leads", lang="en_US")
        cls.reason = cls.env.ref("sales_full_cycle.reason_contract_cancel_budget")
        cls.env.company.contract_no_negotiation_below = 0  # unless a test says otherwise
        cls.goods = cls.env.ref("sales_full_cycle.contract_type_goods")
        cls.order = cls._approved()

    @classmethod
    def _minutes(cls, deal=None, state="confirmed", round_=1, **results):
        """A round with one agreed line a topic."""
        negotiation = cls.env["sfc.negotiation"].create({
            "lead_id": (deal or cls.deal).id, "user_id": cls.rep.id, "round": round_,
            "line_ids": [Command.create({"topic": topic, "outcome": "agreed", "result": result}) for topic, result in results.items()]})
        negotiation.sudo().write({"state": state})
        return negotiation

    @classmethod
    def _contract(cls, order=None, user=None, **results):
        """As the salesperson makes it, with confirmed minutes."""
        order = order or cls.order
        if not cls.env["sfc.negotiation"].search([("lead_id", "=", order.opportunity_id.id)]):
            cls._minutes(order.opportunity_id, **results)
        action = order.with_user(user or cls.rep).action_new_contract()
        assert action["res_model"] == "sfc.contract", action
        return cls.env["sfc.contract"].with_user(user or cls.rep).browse(action["res_id"])

    @classmethod
    def _sign(cls, contract):
        """As the signature does it, in sudo: whoever signs is no user of ours."""
        signed = contract.sudo()
        if signed.state == "draft":
            signed._move("approved")
        signed._move("signed")
        signed.write({"signed_on": fields.Date.today()})
        signed._signed()
        return contract

    def _next(self, deal):
        """What is next with the contract, whatever else a deal in a test lacks."""
        return next((thing.code for thing in deal._next_things() if thing.code.startswith("contract") and getattr(deal, thing.due)()), None)

    @classmethod
    def _clause(cls, contract, code):
        template = cls.env.ref(f"sales_full_cycle.clause_{code}")
        return contract.clause_ids.filtered(lambda clause: clause.template_id == template)


class TestContractText(BaseCase):
    """Plain functions: what two texts have in common (ahead 6)."""

    def test_placeholders_are_filled_and_unknown_ones_stay(self):
        values = {"customer": "Hongda", "amount": "12,000.00", "empty": ""}
        self.assertEqual(contract_text.fill("{customer} pays {amount} to {nobody} {empty}", values), "Hongda pays 12,000.00 to {nobody} {empty}")
        self.assertEqual(contract_text.placeholders("{a} {b} {a} {0} {A}"), ["a", "b"])

    def test_nothing_in_braces_is_evaluated(self):
        """Neither attributes nor indexes nor formats, unlike str.format()."""
        text = "{customer.__class__} {customer!r} {customer[0]} {{customer}}"
        self.assertEqual(contract_text.fill(text, {"customer": "X"}), "{customer.__class__} {customer!r} {customer[0]} {X}")

    def test_a_value_with_braces_is_not_filled_again(self):
        self.assertEqual(contract_text.fill("{a}", {"a": "{b}", "b": "secret"}), "{b}")

    def test_full_width_spaces_and_punctuation_do_not_count(self):
        self.assertTrue(contract_text.contains("卖方应在３０日内，付款 ５％。其余另议", "在30日内付款5%"))
        self.assertTrue(contract_text.contains("The price is 1,000.00 in total.", "price is 1000.00"))

    def test_numbers_and_percent_signs_count(self):
        self.assertFalse(contract_text.contains("within 300 days", "within 30"))
        self.assertFalse(contract_text.contains("130 days", "30 days"))
        self.assertFalse(contract_text.contains("5 days late", "5 % days"))
        self.assertFalse(contract_text.contains("0.05 % a day", "5 % a day"))
        self.assertFalse(contract_text.contains("12 months", "1.2 months"))

    def test_missing_numbers_are_named(self):
        self.assertEqual(contract_text.missing_numbers("30 % after 7 days, 1,000.00 in all", "7 days and 1000"), ["30"])
        self.assertEqual(contract_text.numbers("１０ and 0.50"), {Decimal(10).normalize(), Decimal("0.5")})

    def test_changes_are_word_by_word_and_sign_by_sign_in_chinese(self):
        self.assertEqual(contract_text.changes("within 5 days", "within 7 days"), [
            ("equal", "within "), ("delete", "5"), ("insert", "7"), ("equal", " days")])
        self.assertEqual(contract_text.changes("五日内", "七日内"), [("delete", "五"), ("insert", "七"), ("equal", "日内")])

    def test_the_closest_candidate_is_found(self):
        self.assertEqual(contract_text.closest("late payment 0.03 % a day", ["late delivery 0.05 %", "late payment 0.05 %"]), 1)
        self.assertEqual(contract_text.closest("", ["a", "b"]), 0)


@tagged("post_install", "-at_install")
class TestContractMaking(ContractCase):
    """S4.7, S4.10, D10, D11."""

    def test_a_contract_takes_proposal_library_and_minutes(self):
        minutes = self._minutes(payment="40 % on signature, 60 % after acceptance", other="A spare key is handed over")
        contract = self._contract()
        self.assertEqual((contract.sale_order_id, contract.lead_id, contract.partner_id), (self.order, self.deal, self.contact))
        self.assertEqual((contract.state, contract.user_id, contract.type_id, contract.name), ("draft", self.rep, self.goods, "Test benches"))
        self.assertEqual((contract.currency_id, contract.amount_total), (self.order.currency_id, self.order.amount_total))
        self.assertRegex(contract.number, r"^HT\d{4}-\d{4}$")
        self.assertEqual(contract.negotiation_ids, minutes)
        self.assertEqual(len(contract.clause_ids), 26, "25 of the library, and the other matter")
        payment = self._clause(contract, "payment")
        self.assertIn("40 % on signature, 60 % after acceptance", payment.body)
        self.assertEqual(payment.negotiation_line_id.topic, "payment")
        own = contract.clause_ids[-1]
        self.assertEqual((own.body, own.template_id.id, own.topic), ("A spare key is handed over", False, "other"))
        self.assertFalse(contract.difference_count, contract.clause_difference)
        self.assertIn("Hongda Machinery", self._clause(contract, "parties").body)
        self.assertIn("within 30 days", self._clause(contract, "delivery_time").body)

    def test_deal_and_proposal_make_the_same_contract_once(self):
        self._minutes(price="as offered")
        first = self.deal.action_new_contract()["res_id"]
        self.assertEqual(self.order.action_new_contract()["res_id"], first)
        self.assertEqual((self.deal.contract_count, self.contact.with_user(self.rep).contract_count, self.order.contract_id.id), (1, 1, first))

    def test_two_contracts_of_one_order_are_refused(self):
        contract = self._contract()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            contract.sudo().copy({"sale_order_id": self.order.id}).flush_recordset()

    def test_an_unapproved_proposal_makes_no_contract(self):
        self._minutes()
        self.order.order_line[0].price_unit = 900
        with self.assertRaisesRegex(UserError, "not approved"):
            self.order.action_new_contract()
        with self.assertRaisesRegex(UserError, "not approved"):
            self.deal.action_new_contract()

    def test_a_deal_without_proposal_makes_no_contract(self):
        with self.assertRaisesRegex(UserError, "no proposal"):
            self._deal().action_new_contract()

    def test_strangers_make_no_contract(self):
        self._minutes()
        for user in (self.other_rep, self.clerk, self.legal, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.order.with_user(user).action_new_contract()

    def test_without_confirmed_minutes_one_needs_a_reason_that_is_logged(self):
        """D11, soft: minutes confirmed before contract."""
        action = self.order.action_new_contract()
        self.assertEqual(action["res_model"], "sfc.contract.start")
        with self.assertRaisesRegex(UserError, "no minutes"):
            self.env["sfc.contract"].with_user(self.rep)._make_from(self.order)
        minutes = self._minutes(state="draft")
        wizard = self.env["sfc.contract.start"].with_user(self.rep).with_context(**self.order.action_new_contract()["context"]).create({"reason": "by phone"})
        self.assertIn(minutes.number, wizard.missing)
        contract = self.env["sfc.contract"].browse(wizard.action_go_on()["res_id"])
        passed = self.deal.sudo().gate_override_ids
        self.assertEqual((passed.reason, passed.user_id, passed.severity, passed.stage_name), ("by phone", self.rep, "soft", "Contract"))
        self.assertIn("by phone", contract.message_ids[0].body)
        self.assertFalse(contract.negotiation_skipped)

    def test_a_small_repeat_deal_needs_no_negotiation(self):
        """D10 免谈判: standard terms, below the amount, bought before; logged."""
        self.env.company.contract_no_negotiation_below = self.order.amount_total + 1
        self.assertEqual(self.order.action_new_contract()["res_model"], "sfc.contract.start", "bought nothing before")
        earlier = self.env["sale.order"].create({"partner_id": self.customer.partner_id.id, "order_line": [Command.create({"product_id": self.bench.id})]})
        earlier.action_confirm()
        contract = self.env["sfc.contract"].browse(self.order.action_new_contract()["res_id"])
        self.assertTrue(contract.negotiation_skipped)
        self.assertIn("without negotiation", contract.message_ids[0].body)
        self.assertFalse(self.deal.sudo().gate_override_ids)

    def test_not_small_not_standard_or_negotiated_needs_minutes(self):
        self._sign(self._contract())
        order = self._approved(self._deal())
        contracts = self.env["sfc.contract"]
        company = self.env.company
        company.contract_no_negotiation_below = order.amount_total
        self.assertTrue(contracts._minutes_missing(order, self.goods), "not below the amount")
        company.contract_no_negotiation_below = order.amount_total + 1
        self.assertFalse(contracts._minutes_missing(order, self.goods))
        self.assertTrue(contracts._minutes_missing(order, self.env.ref("sales_full_cycle.contract_type_software")), "no standard terms")
        self._minutes(order.opportunity_id, state="draft")
        self.assertTrue(contracts._minutes_missing(order, self.goods), "they do negotiate")

    def test_the_amount_for_small_deals_depends_on_the_currency(self):
        yuan = self.env["res.company"].create({"name": "CN", "currency_id": self.env.ref("base.CNY").id})
        euro = self.env["res.company"].create({"name": "EU", "currency_id": self.env.ref("base.EUR").id})
        self.assertEqual((yuan.contract_no_negotiation_below, euro.contract_no_negotiation_below), (50_000, 7_000))
        with self.assertRaises(ValidationError):
            euro.contract_no_negotiation_below = -1

    def test_the_type_is_that_of_the_customers_last_contract(self):
        framework = self.env.ref("sales_full_cycle.contract_type_framework")
        first = self._contract()
        first.type_id = framework
        order = self._approved(self._deal())
        second = self._contract(order)
        self.assertEqual(second.type_id, framework)
        self.assertEqual(second.date_end, fields.Date.add(second.date_start, months=12) - timedelta(1))

    def test_clauses_follow_the_type(self):
        contract = self._contract(delivery="Packed in wood")
        self._clause(contract, "title").source += " Our own words."
        contract.type_id = self.env.ref("sales_full_cycle.contract_type_software")
        self.assertFalse(self._clause(contract, "packing"), "goods only, and nobody worked on it")
        self.assertTrue(self._clause(contract, "title"))
        self.assertIn("Packed in wood", self._clause(contract, "delivery_standard").body)
        contract.type_id = self.goods
        self.assertEqual(len(contract.clause_ids), 25)

    def test_only_confirmed_minutes_of_the_deal_are_carried_out(self):
        contract = self._contract()
        for minutes in (self._minutes(state="draft", round_=2), self._minutes(self._deal())):
            with self.subTest(minutes=minutes.number), self.assertRaises(ValidationError):
                contract.negotiation_ids |= minutes

    def test_legal_who_also_sells_writes_no_contract_of_others(self):
        both = new_test_user(self.env, "sfc_both", "sales_full_cycle.group_sfc_legal,sales_team.group_sale_salesman", lang="en_US")
        contract = self._contract().with_user(both)
        contract.sudo()._move("legal_review")
        self.assertTrue(contract.name)
        with self.assertRaises(AccessError):
            contract.name = "Mine"
        with self.assertRaises(AccessError):
            contract.clause_ids[0].body = "Mine"

    def test_services_only_make_a_service_contract(self):
        order = self._approved(self._deal(), order_line=[Command.create({"product_id": self.training.id})])
        self.assertEqual(self._contract(order).type_id.code, "software")

    def test_by_api_a_contract_obeys_the_same_rules(self):
        """No way around the approved proposal, the minutes, or the numbers."""
        vals = {"name": "By hand", "type_id": self.goods.id, "sale_order_id": self.order.id, "lead_id": self.deal.id, "partner_id": self.contact.id}
        contracts = self.env["sfc.contract"].with_user(self.rep)
        with self.assertRaises(UserError) as refused:
            contracts.create(vals)
        self.assertIn("no minutes", str(refused.exception))
        self._minutes()
        with self.assertRaisesRegex(UserError, "made from an approved proposal"):
            contracts.create({**vals, "sale_order_id": False, "parent_id": False})
        contract = contracts.with_context(default_state="signed", default_number="X").create({
            **vals, "state": "signed", "number": "HT-1", "negotiation_skipped": True, "parent_id": False})
        self.assertEqual((contract.state, contract.number[:2], contract.negotiation_skipped), ("draft", "HT", False))
        self.assertNotEqual(contract.number, "HT-1")
        with self.assertRaises(AccessError):
            other = self._deal()
            contracts.with_user(self.other_rep).create({**vals, "sale_order_id": self._approved(other).id, "lead_id": other.id})

    def test_an_order_of_another_deal_is_refused(self):
        contract = self._contract()
        with self.assertRaisesRegex(ValidationError, "does not belong to the deal|of its own deal"):
            contract.sudo().lead_id = self._deal()

    def test_clauses_are_in_the_language_of_the_customer_and_follow_the_language_of_the_contract(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("sales_full_cycle.clause_disputes")
        template.with_context(lang="fr_FR").write({"name": "Litiges", "body": "Le droit de {company}."})
        self.contact.lang = "fr_FR"
        contract = self._contract()
        clause = self._clause(contract, "disputes")
        self.assertEqual((contract.lang, clause.name, clause.body), ("fr_FR", "Litiges", f"Le droit de {self.env.company.name}."))
        self._clause(contract, "notices").body = "My own words"
        contract.lang = "en_US"
        self.assertEqual(clause.name, "Dispute resolution and governing law")
        self.assertEqual(self._clause(contract, "notices").body, "My own words")

    def test_figures_follow_the_contract_until_it_is_signed(self):
        contract = self._contract()
        clause = self._clause(contract, "warranty")
        self.assertIn("12 months", clause.body)
        contract.warranty_months = 24
        self.assertIn("24 months", clause.body)
        self._sign(contract)
        body = clause.body
        self.env.add_to_compute(clause._fields["body"], clause)
        contract.sudo().flush_recordset()
        self.assertEqual(clause.body, body)

    def test_what_cannot_be_filled_in_is_a_gap(self):
        contract = self._contract()
        clause = self._clause(contract, "notices")
        clause.body = "Pay {amuont} to {customer}"
        self.assertEqual(clause.body, "Pay {amuont} to Hongda Machinery")
        self.assertIn("Clause “Notices and service”: complete {amuont}.", contract._approval_gaps())
        contract.clause_ids.unlink()
        self.assertEqual(contract._approval_gaps(), ["The contract has no clauses yet."])

    def test_an_order_that_changed_is_a_gap(self):
        contract = self._contract()
        self.order.order_line[0].price_unit = 1
        self.assertTrue(any("not approved as it stands now" in gap for gap in contract._approval_gaps()))

    def test_later_minutes_can_be_taken_over(self):
        contract = self._contract(price="12,000 in all")
        self._minutes(round_=2, delivery="Each bench carries a CE mark")
        contract.action_take_over_minutes()
        self.assertIn("CE mark", self._clause(contract, "delivery_standard").body)
        self.assertEqual(len(contract.negotiation_ids), 2)
        body = self._clause(contract, "delivery_standard").body
        contract.action_take_over_minutes()
        self.assertEqual(self._clause(contract, "delivery_standard").body, body, "nothing twice")
        with self.assertRaises(AccessError):
            contract.with_user(self.legal).action_take_over_minutes()

    def test_breach_goes_into_the_clause_that_is_meant(self):
        contract = self._contract(breach="Late payment: liquidated damages of 0.03 % of the overdue amount")
        self.assertIn("0.03 %", self._clause(contract, "late_payment").body)
        self.assertNotIn("0.03 %", self._clause(contract, "late_delivery").body)


@tagged("post_install", "-at_install")
class TestContractDifference(ContractCase):
    """S4.10, ahead 6: minutes against clause, library against clause."""

    def test_a_number_that_is_missing_is_named(self):
        contract = self._contract(payment="30 % on signature, 70 % within 45 days")
        payment = self._clause(contract, "payment")
        payment.source = payment.source.replace("45 days", "60 days")
        self.assertEqual((contract.difference_count, payment.difference_kind), (2, "both"))
        minutes, _template = contract._differences()
        self.assertEqual((minutes.clause, minutes.missing), (payment, ("45",)))
        self.assertIn("45", contract.clause_difference)
        self.assertIn("60", payment.difference)

    def test_changed_wording_of_the_library_is_shown_and_what_was_agreed_is_not(self):
        contract = self._contract(warranty="The warranty covers the spindle for 24 months")
        self.assertEqual(contract.difference_count, 0)
        clause = self._clause(contract, "acceptance")
        clause.source = clause.source.replace("5 working days", "15 working days")
        self.assertEqual((contract.difference_count, clause.difference_kind), (1, "template"))
        self.assertIn("<ins", contract.clause_difference)
        clause.action_restore_template()
        self.assertEqual((contract.difference_count, clause.difference_kind), (0, False))

    def test_spaces_and_full_width_are_no_difference(self):
        contract = self._contract()
        clause = self._clause(contract, "acceptance")
        clause.source = clause.source.replace("5 working", "５  working").replace(".", "。")
        self.assertFalse(contract.difference_count)

    def test_what_was_agreed_and_stands_in_no_clause_is_listed(self):
        contract = self._contract(other="Training for two more people")
        contract.clause_ids.filtered("negotiation_line_id").unlink()
        [difference] = contract._differences()
        self.assertFalse(difference.clause)
        self.assertEqual(contract.difference_count, 1)
        self.assertIn("In no clause", contract.clause_difference)

    def test_a_later_round_supersedes_an_earlier_one(self):
        self._minutes(price="11,500 in all", other="A spare key")
        self._minutes(round_=2, price="11,000 in all")
        contract = self._contract()
        body = self._clause(contract, "price").body
        self.assertIn("11,000 in all", body)
        self.assertNotIn("11,500", body)
        self.assertEqual(contract.difference_count, 0)
        self.assertIn("11,500 in all", contract.clause_difference)

    def test_html_of_texts_is_escaped(self):
        contract = self._contract(other="<script>alert(1)</script>")
        contract.clause_ids.filtered("negotiation_line_id").unlink()
        self.assertNotIn("<script>", contract.clause_difference)
        self.assertNotIn("<script>", contract.duties)

    def test_many_contracts_are_compared_with_as_many_queries_as_few(self):
        def recomputed(count):
            contracts = self.env["sfc.contract"].browse()
            for place in range(count):
                contracts |= self._contract(self._approved(self._deal(name=f"Deal {place}")), payment=f"{place} % at once", other="A key")
            contracts = contracts.sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env.add_to_compute(contracts._fields["difference_count"], contracts)
            contracts.mapped("difference_count")
            return self.cr.sql_log_count - before
        recomputed(1)
        self.assertEqual(recomputed(2), recomputed(5))

    def test_rights_and_duties_are_listed_for_each_side(self):
        """S4.11"""
        contract = self._contract()
        ours, theirs, breach = (clauses.mapped("template_id") for _heading, clauses in contract._duties())
        ref = lambda code: self.env.ref(f"sales_full_cycle.clause_{code}")  # noqa: E731
        self.assertLessEqual(ref("warranty") | ref("delivery_time"), ours)
        self.assertLessEqual(ref("payment") | ref("cooperation"), theirs)
        self.assertEqual(breach, ref("late_delivery") | ref("late_payment") | ref("quality_breach"))
        self.assertIn("We owe", contract.duties)
        html = self.env["ir.actions.report"].sudo()._render_qweb_html("sales_full_cycle.report_contract_duties", contract.ids)[0].decode()
        self.assertIn("Liability for late payment", html)


@tagged("post_install", "-at_install")
class TestClauseLibrary(ContractCase):
    """D16, P9: versions, who keeps them."""

    def test_twenty_five_clauses_and_those_of_amendments(self):
        clauses = self.env["sfc.clause"]
        self.assertEqual(len(clauses._library(self.goods, self.env.company)), 25)
        self.assertEqual(len(clauses._library(self.env.ref("sales_full_cycle.contract_type_software"), self.env.company)), 23)
        self.assertEqual(len(clauses._library(self.env.ref("sales_full_cycle.contract_type_amendment"), self.env.company)), 3)

    def test_an_address_of_which_only_the_city_is_known(self):
        """S4.7: no gaps before the next word of the clause."""
        self.customer.partner_id.write({"street": False, "city": "Suzhou", "zip": False, "state_id": False, "country_id": False})
        self.assertEqual(self._contract()._placeholder_values()["customer_address"], "Suzhou")

    def test_every_placeholder_of_the_library_is_known(self):
        contract = self._contract()
        known = set(contract._placeholder_values())
        for clause in self.env["sfc.clause"].with_context(active_test=False).search([]):
            self.assertLessEqual(set(contract_text.placeholders(clause.body)), known, clause.name)

    def test_a_clause_under_review_or_in_force_is_not_rewritten(self):
        contract = self._contract()
        template = self.env.ref("sales_full_cycle.clause_warranty").with_user(self.legal)
        template.body = "Still a draft: {warranty_months}"
        self.assertEqual(contract.difference_count, 1)
        contract.sudo()._move("legal_review")
        with self.assertRaisesRegex(UserError, "Make a new version"):
            template.body = "Other words"
        with self.assertRaisesRegex(UserError, "Make a new version"):
            template.sudo().kind = "other"
        template.sequence = 99

    def test_a_new_version_takes_the_place_of_the_old_one(self):
        contract = self._contract()
        template = self.env.ref("sales_full_cycle.clause_warranty").with_user(self.legal)
        template.action_confirm_standard()
        new = self.env["sfc.clause"].with_user(self.legal).browse(template.action_new_version()["res_id"])
        self.assertEqual((new.version, new.previous_id, new.active, template.active), (2, template, True, False))
        self.assertFalse(new.confirmed_by_id)
        new.body = "Better: {warranty_months} months"
        self.assertEqual(self._clause(contract, "warranty").template_id, template)
        self.assertEqual((template.used_count, new.used_count), (1, 0))
        self.assertEqual(self._contract(self._approved(self._deal())).clause_ids.filtered(lambda clause: clause.template_id == new).body, "Better: 12 months")
        with self.assertRaisesRegex(UserError, "retired"):
            template.action_new_version()

    def test_salespeople_read_the_library_and_no_more(self):
        template = self.env.ref("sales_full_cycle.clause_warranty").with_user(self.rep)
        self.assertTrue(template.body)
        for action in ("action_new_version", "action_retire", "action_confirm_standard"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(template, action)()
        with self.assertRaises(AccessError):
            template.body = "Mine"

    def test_versions_and_confirmations_cannot_be_claimed(self):
        template = self.env.ref("sales_full_cycle.clause_warranty").with_user(self.legal)
        with self.assertRaises(UserError):
            template.version = 7
        with self.assertRaises(UserError):
            template.confirmed_by_id = self.manager
        self.assertEqual(self.env["sfc.clause"].with_user(self.legal).create({"name": "N", "body": "B", "version": 9}).version, 1)

    def test_a_used_clause_is_retired_and_not_deleted(self):
        self._contract()
        template = self.env.ref("sales_full_cycle.clause_warranty").with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Retire it"):
            template.unlink()
        template.action_retire()
        self.assertFalse(template.active)


@tagged("post_install", "-at_install")
class TestContractStates(ContractCase):
    """Who may do what in which state (S4.8, S4.9, P8)."""

    def test_the_state_is_nobodys_to_write(self):
        contract = self._contract()
        for user in (self.rep, self.manager):
            for vals in ({"state": "signed"}, {"number": "X"}, {"negotiation_skipped": True}, {"parent_id": contract.id}, {"company_id": 1}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    contract.with_user(user).write(vals)

    def test_only_open_ways_are_taken(self):
        contract = self._contract().sudo()
        with self.assertRaisesRegex(UserError, "cannot become"):
            contract._move("done")
        with self.assertRaisesRegex(UserError, "cannot become"):
            contract._move("sent")
        contract._move("approved")
        contract._move("sent")
        contract._move("draft")
        self.assertEqual(contract.state, "draft")

    def test_sending_is_up_to_those_responsible(self):
        contract = self._contract()
        for user in (self.other_rep, self.everything, self.legal, self.accountant, self.clerk):
            contract.sudo()._move("approved")
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user)._move("sent")
            contract.sudo()._move("draft")
        for user in (self.rep, self.leader, self.manager):
            contract.sudo()._move("approved")
            contract.with_user(user)._move("sent")
            contract.sudo()._move("draft")

    def test_signing_confirms_the_order_and_wins_the_deal(self):
        """S4.9 合同签订"""
        contract = self._contract()
        self.assertNotEqual(self.deal.cycle_step, "signed")
        self._sign(contract)
        self.assertEqual((self.order.state, self.order.contract_in_force, self.deal.won_status, self.deal.cycle_step), ("sale", True, "won", "signed"))
        self.assertIn("in force", contract.message_ids[0].body)
        confirmed_on, notes = self.order.date_order, len(contract.message_ids)
        contract.sudo()._confirm_order()
        contract.sudo()._win_deal()
        self.assertEqual((self.order.date_order, len(contract.message_ids)), (confirmed_on, notes), "once")

    def test_signing_passes_stage_gates_and_notes_them(self):
        """A signature is a fact; a hard gate does not undo it, but is seen."""
        won = self.env.ref("crm.stage_lead4")
        self.env["sfc.stage.gate"].create({"stage_id": won.id, "check": "proposal_sent", "severity": "hard"})
        portal = new_test_user(self.env, "sfc_portal", "base.group_portal")
        contract = self._contract()
        contract.sudo()._move("approved")
        signed = contract.with_user(portal).sudo()
        signed._move("signed")
        signed._signed()
        self.assertEqual(self.deal.won_status, "won")
        self.assertIn(contract.number, self.deal.sudo().gate_override_ids.reason)

    def test_the_context_alone_passes_no_stage_gate(self):
        won = self.env.ref("crm.stage_lead4")
        self.env["sfc.stage.gate"].create({"stage_id": won.id, "check": "proposal_sent", "severity": "hard"})
        with self.assertRaises(UserError):
            self.deal.with_user(self.rep).with_context(sfc_contract_signed=True, sfc_gate_reason="I say so").action_set_won()

    def test_an_order_that_is_not_released_is_not_confirmed_by_a_signature(self):
        contract = self._contract()
        contract.sudo()._move("approved")
        self.order.order_line[0].price_unit = 1
        contract.sudo()._move("signed")
        with self.assertRaises(UserError):
            contract.sudo()._signed()

    def test_a_contract_without_deal_confirms_its_order(self):
        order = self.env["sale.order"].with_user(self.rep).create({
            "partner_id": self.contact.id, "order_line": [Command.create({"product_id": self.bench.id})]})
        contract = self.env["sfc.contract"].with_user(self.rep).browse(order.action_new_contract()["res_id"])
        self._sign(contract)
        self.assertEqual((order.state, contract.negotiation_skipped), ("sale", False))

    def test_the_signature_of_the_contract_confirms_the_order_and_nothing_else_does(self):
        """S4.7, S4.8: neither by the button nor by the customer's signature on the quotation."""
        contract, order = self._contract(), self.order.with_user(self.rep)
        order.require_signature = True
        self._approve(order)
        order._submit_proposal("paper", self.contact, documents=[])
        with self.assertRaisesRegex(UserError, "signing it confirms the order"):
            order.action_confirm()
        self.assertFalse(order._has_to_be_signed())
        contract.action_cancel(self.reason.id, "Never mind")
        self.assertTrue(order._has_to_be_signed())
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_cancelling_a_draft_frees_the_order(self):
        contract = self._contract()
        for user in (self.other_rep, self.everything, self.legal, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).action_cancel()
        contract.action_cancel(self.reason.id, "no money")
        self.assertEqual((contract.state, contract.cancel_reason_id, contract.cancel_note), ("cancelled", self.reason, "no money"))
        again = self._contract()
        self.assertNotEqual(again, contract)
        with self.assertRaisesRegex(UserError, "cannot become"):
            contract.action_cancel(self.reason)

    def test_cancelling_what_is_in_force_takes_a_manager_and_a_reason(self):
        contract = self._sign(self._contract())
        for user in (self.rep, self.leader, self.other_rep):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).action_cancel(self.reason)
        with self.assertRaisesRegex(UserError, "Say why"):
            contract.with_user(self.manager).action_cancel()
        with self.assertRaisesRegex(UserError, "Say why"):
            contract.with_user(self.manager).action_cancel(self.env.ref("sales_full_cycle.reason_override_strategic_project"))
        with self.assertRaises(AccessError):
            contract.action_open_cancel()

    def test_a_cancelled_contract_takes_the_deal_back_and_leaves_invoices(self):
        """design.md section 4: back to where its evidence stands."""
        stage = self.deal.stage_id
        contract = self._sign(self._contract())
        self.order.order_line.qty_delivered = 1
        invoice = Billing().on(self.order.sudo())._create_invoices()
        wizard = self.env["sfc.contract.cancel"].with_user(self.manager).with_context(
            **contract.with_user(self.manager).action_open_cancel()["context"]).create({"reason_id": self.reason.id})
        self.assertTrue(wizard.in_force)
        wizard.action_apply()
        self.assertEqual((contract.state, self.deal.stage_id, self.deal.won_status), ("cancelled", stage, "pending"))
        self.assertNotEqual(self.deal.cycle_step, "signed")
        self.assertFalse(self.order.contract_in_force)
        self.assertEqual(invoice.state, "draft")
        self.assertIn("invoices stay", contract.message_ids[0].body)
        self.assertEqual(self._next(self.deal), "contract")

    def test_a_deal_with_another_contract_in_force_stays_signed(self):
        first = self._sign(self._contract())
        second = self._sign(self._contract(self._approved()))
        first.with_user(self.manager).action_cancel(self.reason)
        self.assertEqual((self.deal.won_status, self.deal.cycle_step), ("won", "signed"))
        second.with_user(self.manager).action_cancel(self.reason)
        self.assertEqual(self.deal.won_status, "pending")

    def test_progress_and_done_follow_facts(self):
        contract = self._sign(self._contract()).sudo()
        contract._start_progress()
        contract._start_progress()
        self.assertEqual(contract.state, "in_progress")
        fulfilled = {"now": True}
        self.patch(type(contract), "_is_fulfilled", lambda self: fulfilled["now"])
        contract._check_done()
        contract._check_done()
        self.assertEqual(contract.state, "done")
        fulfilled["now"] = False
        contract._check_done()
        self.assertEqual(contract.state, "in_progress")

    def test_a_contract_without_payment_plan_is_not_fulfilled(self):
        self.assertFalse(self._contract()._is_fulfilled())

    def test_a_draft_may_be_deleted_and_nothing_else(self):
        contract = self._contract().with_user(self.manager)
        with self.assertRaises(AccessError):
            contract.with_user(self.rep).unlink()
        contract.sudo()._move("legal_review")
        with self.assertRaisesRegex(UserError, "stays on record"):
            contract.unlink()
        contract.sudo()._move("draft")
        contract.unlink()
        self.assertFalse(contract.exists())

    def test_a_contract_is_seen_by_those_concerned(self):
        contract = self._contract()
        self.assertFalse(contract.with_user(self.legal).has_access("read"), "a draft that nobody submitted")
        contract.sudo()._move("legal_review")
        for user in (self.rep, self.leader, self.manager, self.legal, self.accountant, self.everything):
            with self.subTest(user=user.login):
                self.assertTrue(contract.with_user(user).clause_ids.mapped("body"))
                Form(contract.with_user(user))
        for user in (self.other_rep, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).read(["name"])

    def test_the_next_thing_leads_to_the_signature(self):
        minutes = self._minutes(state="draft")
        self.assertFalse(self._next(self.deal))
        minutes.sudo().state = "confirmed"
        self.assertEqual(self._next(self.deal), "contract")
        contract = self.env["sfc.contract"].browse(self.deal.action_new_contract()["res_id"])
        for state, expected in (("draft", "contract_submit"), ("legal_review", "contract_review"), ("approved", "contract_send"), ("sent", "contract_sign")):
            if state != "draft":
                contract._move(state)
            with self.subTest(state=state):
                self.assertEqual(self._next(self.deal), expected)
        self.assertEqual(self.deal._next_open_contract()["res_id"], contract.id)
        self.assertTrue(self.deal.sudo().with_user(self.rep).next_thing)


@tagged("post_install", "-at_install")
class TestSignedStands(ContractCase):
    """P8: what was signed is not edited, by nobody and through no door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._sign(cls._contract(other="A spare key"))

    def test_the_contract_stands(self):
        for env in (self.contract, self.contract.with_user(self.manager), self.contract.sudo()):
            for vals in ({"name": "X"}, {"date_end": "2030-01-01"}, {"type_id": self.env.ref("sales_full_cycle.contract_type_software").id},
                         {"partner_id": self.contact.parent_id.id}, {"clause_ids": [Command.clear()]}, {"lang": "en_US"}):
                with self.subTest(user=env.env.user.login, vals=vals), self.assertRaisesRegex(UserError, "Make an amendment"):
                    env.write(vals)

    def test_the_clauses_stand(self):
        clause = self.contract.clause_ids[0]
        for env in (clause, clause.sudo()):
            with self.assertRaisesRegex(UserError, "Make an amendment"):
                env.body = "Other words"
            with self.assertRaisesRegex(UserError, "Make an amendment"):
                env.unlink()
            with self.assertRaisesRegex(UserError, "Make an amendment"):
                env.create({"contract_id": self.contract.id, "name": "N", "body": "B"})
        draft = self._contract(self._approved(self._deal()))
        with self.assertRaisesRegex(UserError, "Make an amendment"):
            draft.clause_ids[0].contract_id = self.contract

    def test_the_order_stands(self):
        line = self.order.order_line[0]
        doors = [
            lambda: self.order.write({"payment_term_id": self.env.ref("account.account_payment_term_30days").id}),
            lambda: self.order.write({"order_line": [Command.update(line.id, {"price_unit": 1})]}),
            lambda: self.order.write({"order_line": [Command.create({"product_id": self.bench.id})]}),
            lambda: line.write({"product_uom_qty": 99}), lambda: line.write({"discount": 50}), lambda: line.write({"name": "Other"}),
            lambda: line.sudo().write({"tax_ids": [Command.clear()]}), lambda: line.sudo().unlink(),
            lambda: self.env["sale.order.line"].create({"order_id": self.order.id, "product_id": self.bench.id}),
            lambda: self.env["sale.order.line"].create({"order_id": self.order.id, "product_id": self.bench.id, "is_downpayment": True, "product_uom_qty": 1}),
            lambda: self.order.sudo()._action_cancel(), lambda: self.order.sudo().unlink(), lambda: self.order.write({"contract_in_force": False}),
        ]
        for place, door in enumerate(doors):
            with self.subTest(door=place), self.assertRaises(UserError), self.cr.savepoint():
                door()

    def test_invoices_deliveries_and_down_payments_go_on(self):
        self.order.sudo().order_line.qty_delivered = 1
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=self.order.ids).create({
            "advance_payment_method": "fixed", "fixed_amount": 100})
        total = self.order.amount_total
        Billing().on(wizard).create_invoices()
        self.order.sudo().write({"client_order_ref": "PO 7", "commitment_date": fields.Datetime.now()})
        self.assertEqual((self.order.amount_total, len(self.order.invoice_ids)), (total, 1))

    def test_an_order_without_contract_is_odoos_own(self):
        order = self.env["sale.order"].create({"partner_id": self.contact.id, "order_line": [Command.create({"product_id": self.bench.id})]})
        order.action_confirm()
        order.order_line.price_unit = 5
        order._action_cancel()
        self.assertEqual(order.state, "cancel")

    def test_legal_comments_and_does_not_rewrite(self):
        draft = self._contract(self._approved(self._deal()))
        with self.assertRaises(AccessError):
            draft.with_user(self.legal).clause_ids[0].body = "Legal's words"
        with self.assertRaises(AccessError):
            draft.with_user(self.other_rep).clause_ids[0].body = "Words"


@tagged("post_install", "-at_install")
class TestAmendment(ContractCase):
    """P8, P9, D10, D16: 补充协议."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._sign(cls._contract())

    def _amendment(self, user=None):
        action = self.contract.with_user(user or self.rep).action_new_amendment()
        return self.env["sfc.contract"].with_user(user or self.rep).browse(action["res_id"])

    def test_an_amendment_of_dates_needs_no_order(self):
        amendment = self._amendment()
        self.assertEqual((amendment.number, amendment.parent_id, amendment.type_id.code), (f"{self.contract.number}-B1", self.contract, "amendment"))
        self.assertEqual((amendment.only_dates, amendment.amount_total, amendment.currency_id), (True, 0, self.contract.currency_id))
        end = fields.Date.add(fields.Date.today(), months=6)
        amendment.date_end = end
        self.assertIn(self.contract.number, amendment.clause_ids[0].body)
        self.assertEqual(amendment._approval_gaps(), [])
        self.assertFalse(self.contract.date_end_consolidated)
        self._sign(amendment)
        self.assertEqual((self.contract.date_end_consolidated, self.contract.date_end), (end, False))

    def test_own_words_or_items_are_more_than_dates(self):
        amendment = self._amendment()
        amendment.clause_ids[0].source += " And the price is halved."
        self.assertFalse(amendment.only_dates)
        amendment.clause_ids[0].action_restore_template()
        self.assertTrue(amendment.only_dates)
        amendment.clause_ids = [Command.create({"name": "N", "body": "B"})]
        self.assertFalse(amendment.only_dates)
        with self.assertRaises(UserError):
            amendment.only_dates = True

    def test_items_get_an_order_that_is_approved_like_any(self):
        amendment = self._amendment()
        order = self.env["sale.order"].with_user(self.rep).browse(amendment.action_add_items()["res_id"])
        self.assertEqual((order.opportunity_id, order.partner_id, amendment.sale_order_id), (self.deal, self.contact, order))
        self.assertEqual((len(amendment.clause_ids), amendment.only_dates), (3, False))
        order.write({"order_line": [Command.create({"product_id": self.bench.id, "product_uom_qty": 2})]})
        self.assertTrue(any("not approved" in gap for gap in amendment._approval_gaps()))
        self._approve(order)
        self.assertFalse(any("not approved" in gap for gap in amendment._approval_gaps()))
        first = self.contract.amount_total
        self.assertEqual(self.contract.amount_consolidated, first)
        self.env["sfc.approval.rule"].search([("kind", "in", ("contract", "amendment"))]).active = True
        amendment.action_submit_for_approval()
        self.assertEqual(sum(amendment.milestone_ids.mapped("amount")), 2000, "it has the usual plan")
        amendment.sudo()._move("approved")
        self._sign(amendment)
        self.assertEqual((order.state, self.contract.amount_consolidated, self.contract.amount_total), ("sale", first + 2000, first))
        with self.assertRaises(UserError):
            amendment.action_add_items()
        self.assertEqual(self._amendment().number, f"{self.contract.number}-B2")

    def test_amending_is_up_to_those_responsible_and_for_what_is_in_force(self):
        for user in (self.other_rep, self.everything, self.legal, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._amendment(user)
        draft = self._contract(self._approved(self._deal()))
        with self.assertRaisesRegex(UserError, "not in force"):
            draft.action_new_amendment()
        amendment = self._amendment(self.leader)
        with self.assertRaisesRegex(UserError, "Finish or cancel"):
            self._amendment()
        with self.assertRaisesRegex(UserError, "amendment itself"):
            self._sign(amendment).action_new_amendment()

    def test_an_amendment_is_not_made_by_hand(self):
        with self.assertRaises(UserError):
            self.env["sfc.contract"].with_user(self.rep).create({
                "name": "A", "type_id": self.env.ref("sales_full_cycle.contract_type_amendment").id, "parent_id": self.contract.id,
                "partner_id": self.contact.id, "lead_id": self.deal.id})

    def test_another_currency_is_refused(self):
        amendment = self._amendment()
        other = self.env.ref("base.EUR") if self.contract.currency_id != self.env.ref("base.EUR") else self.env.ref("base.USD")
        other.active = True
        pricelist = self.env["product.pricelist"].create({"name": "P", "currency_id": other.id})
        order = self._proposal(pricelist_id=pricelist.id)
        with self.assertRaisesRegex(ValidationError, "currency of its contract"):
            amendment.sudo().sale_order_id = order
            amendment.flush_recordset()

    def test_cancelling_the_contract_cancels_its_amendments(self):
        amendment = self._sign(self._amendment())
        self.contract.with_user(self.manager).action_cancel(self.reason)
        self.assertEqual((amendment.state, amendment.cancel_reason_id), ("cancelled", self.reason))

    def test_cancelling_an_amendment_leaves_the_deal_won(self):
        amendment = self._sign(self._amendment())
        amendment.with_user(self.manager).action_cancel(self.reason)
        self.assertEqual((self.deal.won_status, self.contract.state), ("won", "signed"))


@tagged("post_install", "-at_install")
class TestContractHands(ContractCase):
    """Who has the contracts when deals and customers change hands or are merged (ahead 15, P14)."""

    def test_contracts_go_with_the_deal(self):
        contract, mine = self._contract(), self._contract(self._approved())
        mine.sudo().user_id = self.leader
        self.deal.with_user(self.manager).user_id = self.other_rep
        self.assertEqual((contract.sudo().user_id, mine.sudo().user_id), (self.other_rep, self.leader))

    def test_contracts_in_force_go_with_the_customer(self):
        contract = self._sign(self._contract())
        engine = self.env["sfc.handover.engine"]
        engine._hand_over(self.other_rep, engine._work_with(self.customer), "on leave")
        self.assertEqual(contract.sudo().user_id, self.other_rep)
        self.assertIn("on leave", contract.sudo().message_ids[0].body)

    def test_merged_deals_keep_their_contracts(self):
        contract = self._sign(self._contract())
        survivor = self._deal(name="The other one")
        (survivor | self.deal).with_user(self.manager).sudo()._merge_opportunity(auto_unlink=False)
        alive = (survivor | self.deal).filtered(lambda deal: deal.order_ids)
        self.assertEqual((contract.sudo().lead_id, self.order.sudo().opportunity_id, alive.cycle_step), (alive, alive, "signed"))

    def test_a_quotation_that_goes_to_another_deal_takes_its_contract_along(self):
        contract, other = self._contract(), self._deal()
        self.order.opportunity_id = other
        self.assertEqual(contract.lead_id, other)
