import datetime
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCase

NEEDS = {
    "need_function": "12 test benches\nwith data export", "need_service": "Training on site", "budget_min": 100_000, "budget_max": 500_000,
    "purchase_date": "2026-06-30", "decision_process": "The board decides", "need_summary": "Manual tests are too slow",
}


class ProposalCase(CustomerCase):
    """A deal of `rep` with all needs known, and what a proposal is made of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(partner_id=cls._company(name="Hongda Machinery").id, team_id=cls.team.id)
        cls.contact = cls.env["res.partner"].create({"name": "Wang", "parent_id": cls.customer.partner_id.id, "email": "wang@hongda.example", "lang": "en_US"})
        cls.bench = cls.env["product.product"].create({"name": "Bench", "list_price": 1000, "taxes_id": False})
        cls.training = cls.env.ref("sales_full_cycle.product_service_training").product_variant_id
        cls.case = cls.env.ref("sales_full_cycle.success_case_sample")
        cls.deal = cls._deal()

    @classmethod
    def _deal(cls, **values):
        return cls._evaluated(cls.env["crm.lead"].with_user(cls.rep).create({
            "type": "opportunity", "name": "Test benches", "partner_id": cls.contact.id, "user_id": cls.rep.id, "team_id": cls.team.id,
            "industry_id": cls.manufacturing.id, **NEEDS, **values}))

    @classmethod
    def _proposal(cls, deal=None, **values):
        """A quotation of the deal as the salesperson makes it, with one bench."""
        deal = deal or cls.deal
        return cls.env["sale.order"].with_user(cls.rep).create({
            "partner_id": cls.contact.id, "opportunity_id": deal.id, "user_id": cls.rep.id, "team_id": cls.team.id,
            "order_line": [Command.create({"product_id": cls.bench.id, "product_uom_qty": 12})], **values})

    @classmethod
    def _complete(cls, deal=None, **values):
        order = cls._proposal(deal, **values)
        order.solution_line_ids.write({"solution": "Bench of type A"})
        order.write({"order_line": [Command.create({"product_id": cls.training.id})], "success_case_ids": cls.case.ids})
        return order

    @classmethod
    def _approved(cls, deal=None, **values):
        """As if the leader had approved it; how that happens is tested elsewhere."""
        order = cls._complete(deal, **values)
        return cls._approve(order)

    @classmethod
    def _approve(cls, order):
        order.sudo().write({"approval_state": "approved", "approval_content_hash": order._approval_hash()})
        return order

    def _send(self, order, **values):
        """Odoo's Send dialog."""
        action = order.action_quotation_send()
        composer = self.env["mail.compose.message"].with_user(order.env.user).with_context(**action["context"]).create(values)
        return composer._action_send_mail()[1]


@tagged("post_install", "-at_install")
class TestProposalContent(ProposalCase):
    """S3.7-S3.10, D14: the sections and where they come from."""

    def test_a_quotation_made_from_the_deal_shows_what_the_deal_knows(self):
        """The way of the button New Quotation."""
        action = self.deal.action_new_quotation()
        form = Form(self.env["sale.order"].with_user(self.rep).with_context(**action["context"]), view="sale.view_order_form")
        self.assertEqual(form.situation, "Hongda Machinery · Manufacturing\nManual tests are too slow")
        self.assertEqual(form.delivery_lead_days, 30)
        order = form.save()
        self.assertEqual(order.solution_line_ids.mapped("need_kind"), ["need_function", "need_service", "budget_max", "purchase_date", "decision_process"])
        self.assertEqual(order.solution_line_ids[0].need, "12 test benches\nwith data export")
        self.assertIn("500,000", order.solution_line_ids[2].need)
        self.assertIn("06/30/2026", order.solution_line_ids[3].need)
        self.assertEqual(order.validity_date, fields.Date.today() + datetime.timedelta(30))

    def test_a_proposal_made_by_code_is_prefilled_too_and_what_is_given_stays(self):
        order = self._proposal(situation="As agreed", delivery_lead_days=45)
        self.assertEqual((order.situation, order.delivery_lead_days, len(order.solution_line_ids)), ("As agreed", 45, 5))

    def test_a_quotation_without_opportunity_is_plain(self):
        order = self.env["sale.order"].with_user(self.rep).create({"partner_id": self.contact.id})
        self.assertFalse(order.situation or order.solution_line_ids or order.delivery_lead_days or order.proposal_gaps or order._proposal_gaps())
        self.assertNotIn("situation", order._approval_content())
        self.env.company.quotation_validity_days = 0
        self.assertFalse(self.env["sale.order"].create({"partner_id": self.contact.id}).validity_date)

    def test_validity_is_what_company_or_template_say_else_thirty_days(self):
        today = fields.Date.today()
        self.env.company.quotation_validity_days = 10
        self.assertEqual(self._proposal().validity_date, today + datetime.timedelta(10))
        self.env.company.quotation_validity_days = 0
        self.assertEqual(self._proposal().validity_date, today + datetime.timedelta(30))
        template = self.env["sale.order.template"].create({"name": "T", "number_of_days": 7})
        self.assertEqual(self._proposal(sale_order_template_id=template.id).validity_date, today + datetime.timedelta(7))

    def test_lead_time_cannot_be_negative(self):
        order = self._proposal()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            order.delivery_lead_days = -1
            order.flush_recordset()

    def test_the_button_adds_what_is_missing_and_keeps_what_was_written(self):
        deal = self._deal(need_service=False, budget_max=False, budget_min=False)
        order = self._proposal(deal)
        order.solution_line_ids[0].write({"need": "Ten benches", "solution": "Ten benches of type A"})
        order.solution_line_ids[1].unlink()
        order.situation = "Our words"
        deal.write({"need_service": "Two days of training"})
        order.action_fill_from_deal()
        self.assertEqual(sorted(order.solution_line_ids.mapped("need")), sorted([
            "Ten benches", "The board decides", "Two days of training", "Purchase planned for 06/30/2026"]))
        self.assertEqual(order.situation, "Our words")
        order.action_fill_from_deal()
        self.assertEqual(len(order.solution_line_ids), 4)

    def test_the_button_needs_the_right_to_write_and_a_quotation(self):
        order = self._proposal()
        with self.assertRaises(AccessError):
            order.with_user(self.other_rep).action_fill_from_deal()
        order.state = "cancel"
        with self.assertRaisesRegex(UserError, "no quotation any more"):
            order.action_fill_from_deal()
        with self.assertRaisesRegex(UserError, "Choose the opportunity"):
            self.env["sale.order"].with_user(self.rep).create({"partner_id": self.contact.id}).action_fill_from_deal()

    def test_needs_of_a_deal_that_one_may_not_read_are_not_given_away(self):
        order = self.env["sale.order"].with_user(self.other_rep).create({
            "partner_id": self.contact.id, "opportunity_id": self.deal.id, "user_id": self.other_rep.id})
        self.assertFalse(order.situation or order.solution_line_ids)

    def test_a_solution_points_to_a_line_of_its_own_quotation(self):
        order, other = self._proposal(), self._proposal()
        order.solution_line_ids[0].order_line_id = order.order_line
        self.assertEqual(order.solution_line_ids[0]._configuration_printed(), "Bench")
        with self.assertRaisesRegex(ValidationError, "another quotation"):
            order.solution_line_ids[0].order_line_id = other.order_line

    def test_a_copy_has_the_content_and_its_own_lines_but_no_submission_and_no_decision(self):
        order = self._approved()
        order.solution_line_ids[0].order_line_id = order.order_line[0]
        self._approve(order)
        order._submit_proposal("paper", self.contact)
        order.write({"decision_date": "2026-07-01", "decider_id": self.contact.id})
        copied = order.copy()
        self.assertEqual(copied.solution_line_ids.mapped("need"), order.solution_line_ids.mapped("need"))
        self.assertEqual(copied.solution_line_ids[0].order_line_id, copied.order_line[0])
        self.assertEqual((copied.success_case_ids, copied.delivery_lead_days, copied.situation), (self.case, 30, order.situation))
        self.assertFalse(copied.submission_ids or copied.decision_date or copied.decider_id)
        self.assertEqual(copied.state, "draft")

    def test_contributions_are_what_people_did_on_the_proposal(self):
        """S3.7: who worked on it, of which the plan is made elsewhere."""
        order = self._proposal()
        todo = self.env.ref("mail.mail_activity_data_todo")
        activity, still_open = self.env["mail.activity"].with_user(self.manager).create([{
            "res_model_id": self.env["ir.model"]._get_id("sale.order"), "res_id": order.id, "activity_type_id": todo.id, "summary": summary,
            "user_id": self.manager.id} for summary in ("Technical feasibility", "Cost")])
        order.activity_schedule("mail.mail_activity_data_todo", summary="By an engine", user_id=self.manager.id).action_done()
        activity.action_feedback("Feasible with type A")
        order.invalidate_recordset(["contribution_ids"])
        self.assertEqual(order.contribution_ids.mapped("summary"), ["Technical feasibility"])
        self.assertEqual(order.contribution_ids.user_id, self.manager)
        self.assertTrue(still_open.exists())

    def test_contributions_of_many_cost_as_many_queries_as_of_few(self):
        orders = self.env["sale.order"].browse([self._proposal().id for _number in range(6)])

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("state")
            before = self.env.cr.sql_log_count
            some.mapped("contribution_ids")
            return self.env.cr.sql_log_count - before
        queries(orders)
        self.assertEqual(queries(orders[:2]), queries(orders))

    def test_a_catalog_of_value_added_services_opens_from_the_proposal(self):
        order = self._proposal()
        action = order.action_add_value_services()
        self.assertEqual(action["context"]["search_default_value_services"], 1)
        with self.assertRaises(AccessError):
            order.with_user(self.other_rep).action_add_value_services()

    def test_success_cases_are_kept_by_leaders(self):
        """Six services and one sample are there at once (D14)."""
        self.assertTrue(self.case.is_sample and self.case.with_user(self.rep).result)
        self.assertEqual(self.env["product.template"].search_count([("is_value_service", "=", True)]), 6)
        with self.assertRaises(AccessError):
            self.case.with_user(self.rep).result = "Better"
        self.case.with_user(self.leader).result = "Better"


@tagged("post_install", "-at_install")
class TestProposalCompleteness(ProposalCase):
    """D11: what must be there before approval, all in one message."""

    def test_all_gaps_are_named_in_one_message(self):
        order = self._proposal(self._deal(**dict.fromkeys(NEEDS, False)), order_line=[], delivery_lead_days=0)
        with self.assertRaises(UserError) as refusal:
            order.action_submit_for_approval()
        for words in ("no product or service", "lead time", "table is empty", "value-added service", "success case"):
            self.assertIn(words, str(refusal.exception))
            self.assertIn(words, order.proposal_gaps)

    def test_a_cancelled_one_is_not_submitted(self):
        order = self._proposal(order_line=[])
        order.action_cancel()
        with self.assertRaisesRegex(UserError, "(?s)It is cancelled.*no product or service"):
            order.action_submit_for_approval()

    def test_each_gap_can_be_closed(self):
        order = self._proposal()
        self.assertIn("Write our solution for: 12 test benches, Training on site", order.proposal_gaps)
        order.solution_line_ids.write({"solution": "Bench of type A"})
        self.assertNotIn("solution", order.proposal_gaps)
        order.order_line = [Command.create({"product_id": self.training.id})]
        self.assertNotIn("value-added", order.proposal_gaps)
        order.success_case_ids = self.case
        self.assertFalse(order.proposal_gaps)

    def test_none_and_not_applicable_are_answers(self):
        order = self._proposal()
        order.solution_line_ids.write({"solution": "Bench of type A"})
        order.write({"no_value_service": True, "no_success_case": True})
        self.assertFalse(order.proposal_gaps)

    def test_a_confirmed_order_that_changed_is_not_asked_for_a_proposals_sections(self):
        order = self._approved()
        order.action_confirm()
        order.solution_line_ids.sudo().unlink()
        self.assertEqual((order.approval_state, order._approval_gaps()), ("outdated", []))

    def test_every_section_is_part_of_what_is_approved(self):
        """S3.11: a change after the approval makes it out of date, and taking it back makes it good again."""
        order = self._approved()
        self.assertTrue(order.proposal_released)
        line = order.solution_line_ids[0]
        for record, fname, value in (
                (order, "situation", "Other"), (order, "delivery_lead_days", 20), (order, "success_case_ids", False), (order, "no_value_service", True),
                (order, "no_success_case", True), (line, "need", "Other"), (line, "solution", "Other"), (line, "configuration", "Other"),
                (line, "order_line_id", order.order_line[0].id)):
            before = record[fname] if isinstance(record[fname], (str, int, bool)) else record[fname].ids
            record.write({fname: value})
            self.assertEqual(order.approval_state, "outdated", fname)
            back = (before[0] if before else False) if fname == "order_line_id" else before
            record.write({fname: [Command.set(back)] if fname == "success_case_ids" else back})
            self.assertEqual(order.approval_state, "approved", fname)
        line.unlink()
        self.assertEqual(order.approval_state, "outdated")


@tagged("post_install", "-at_install")
class TestProposalSubmission(ProposalCase):
    """S3.11, S3.15, D14: formally submitted, recorded once and for good."""

    def _dialog(self, order, **values):
        action = order.action_submit_to_customer()
        return self.env["sfc.proposal.submit"].with_user(order.env.user).with_context(**action["context"]).create(values)

    def test_an_unapproved_proposal_cannot_be_submitted_in_any_way(self):
        order = self._complete()
        for submit in (
                order.action_submit_to_customer, order.action_submit_by_wechat, lambda: order._submit_proposal("paper", self.contact),
                lambda: self.env["sfc.proposal.submit"].with_user(self.rep).create({"sale_order_id": order.id, "channel": "paper"}).action_apply()):
            with self.assertRaisesRegex(UserError, "not approved as it stands now"):
                submit()
        self.assertFalse(order.submission_ids)
        self.assertEqual(order.state, "draft")

    def test_the_dialog_records_how_and_to_whom_and_asks_when_the_customer_decides(self):
        order = self._approved()
        self.env["sfc.decision.role"].create({"profile_id": self.customer.id, "contact_id": self.contact.id, "role": "decision_maker"})
        wizard = self._dialog(order, channel="paper", note="In the meeting", decision_date="2026-07-01")
        self.assertEqual((wizard.receiver_ids, wizard.decider_id), (self.contact, self.contact))
        wizard.action_apply()
        submission = order.submission_ids
        self.assertEqual((submission.channel, submission.receiver_ids, submission.user_id), ("paper", self.contact, self.rep))
        self.assertEqual(submission.note, "In the meeting")
        self.assertEqual(submission.content_hash, order.approval_content_hash)
        self.assertEqual(len(submission.attachment_ids), 1)
        self.assertEqual(order.state, "sent")
        self.assertEqual((self.deal.proposal_decision_date, self.deal.proposal_decider_id), (fields.Date.to_date("2026-07-01"), self.contact))

    def test_marking_as_sent_is_a_submission_too(self):
        """S3.11, S0.4: Odoo's “Mark as sent” says that the customer has it, so it is recorded and the deal goes on; how it was given is not known."""
        order = self._approved()
        order.with_user(self.rep).action_quotation_sent()
        submission = order.submission_ids
        self.assertEqual((submission.channel, submission.receiver_ids, submission.user_id, order.state), ("other", self.contact, self.rep, "sent"))
        self.assertEqual(submission.content_hash, order.approval_content_hash)
        self.assertEqual(self.deal.cycle_step, "proposed")

    def test_a_submission_lies_in_the_past(self):
        order = self._approved()
        wizard = self._dialog(order, channel="paper", submitted_at=fields.Datetime.now() + datetime.timedelta(hours=1))
        with self.assertRaisesRegex(UserError, "not in the future"):
            wizard.action_apply()

    def test_colleagues_without_the_right_cannot_submit(self):
        order = self._approved()
        for submit in ("action_submit_to_customer", "action_submit_by_wechat"):
            with self.assertRaises(AccessError):
                getattr(order.with_user(self.other_rep), submit)()

    def test_what_is_no_proposal_or_no_quotation_any_more_is_refused(self):
        plain = self.env["sale.order"].with_user(self.rep).create({"partner_id": self.contact.id})
        with self.assertRaisesRegex(UserError, "belongs to no opportunity"):
            plain.action_submit_to_customer()
        order = self._approved()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "no quotation any more"):
            order.action_submit_to_customer()

    def test_wechat_is_one_tap_and_one_record_a_version(self):
        """Issue, screens.md: the approved PDF easy to get into WeChat, recorded as submitted."""
        order = self._approved()
        action = order.action_submit_by_wechat()
        submission = order.submission_ids
        self.assertEqual((submission.channel, submission.receiver_ids, action["res_id"]), ("wechat", self.contact, submission.id))
        self.assertIn(order.name, submission.text_to_copy)
        self.assertIn("lead time 30 days", submission.text_to_copy)
        self.assertEqual(order.action_submit_by_wechat()["res_id"], submission.id)
        order.delivery_lead_days = 20
        self._approve(order)
        order.action_submit_by_wechat()
        self.assertEqual(len(order.submission_ids), 2)

    def test_the_portal_gives_a_link_to_copy(self):
        order = self._approved()
        self._dialog(order, channel="portal").action_apply()
        self.assertIn(order.access_token, order.submission_ids.link)

    def test_a_mail_is_recorded_by_itself_once_a_mail(self):
        """Through Odoo's own dialog: state, receivers, the PDF that was attached."""
        order = self._approved()
        message = self._send(order)
        submission = order.submission_ids
        self.assertEqual((submission.channel, submission.receiver_ids, submission.message_id, order.state), ("mail", self.contact, message, "sent"))
        self.assertEqual(submission.attachment_ids.mapped("raw"), message.attachment_ids.mapped("raw"))
        self.assertTrue(submission.attachment_ids)
        self.assertFalse(submission.attachment_ids & message.attachment_ids)
        order.message_post(body="Did you have a look?", message_type="comment")
        self.assertEqual(len(order.submission_ids), 1)
        self._send(order)
        self.assertEqual(len(order.submission_ids), 2)

    def test_several_proposals_mailed_at_once_are_recorded_one_by_one(self):
        orders = self._approved() | self._approved()
        action = orders.action_quotation_send()
        template = self.env.ref("sales_full_cycle.mail_template_proposal")
        composer = self.env["mail.compose.message"].with_user(self.rep).with_context(**action["context"]).create({"template_id": template.id})
        composer._action_send_mail()
        for order in orders:
            self.assertEqual((order.submission_ids.channel, order.submission_ids.receiver_ids, order.state), ("mail", self.contact, "sent"))

    def test_an_unapproved_proposal_is_neither_mailed_nor_recorded(self):
        order = self._complete()
        with self.assertRaises(UserError):
            self._send(order)
        self.assertFalse(order.submission_ids)

    def test_plain_quotations_are_sent_with_odoos_own_mail_and_not_recorded(self):
        plain = self.env["sale.order"].with_user(self.rep).create({
            "partner_id": self.contact.id, "order_line": [Command.create({"product_id": self.bench.id})]})
        self.assertEqual(plain._find_mail_template(), self.env.ref("sale.email_template_edi_sale"))
        self._send(plain)
        self.assertEqual((plain.state, len(plain.sudo().submission_ids)), ("sent", 0))

    def test_nobody_changes_or_deletes_what_was_submitted(self):
        order = self._approved()
        order.action_submit_by_wechat()
        submission = order.submission_ids
        for user in (self.rep, self.leader, self.manager, self.env.ref("base.user_admin")):
            for change in (
                    lambda record: record.write({"channel": "paper"}), lambda record: record.unlink(),
                    lambda record: record.attachment_ids.write({"raw": b"other"}), lambda record: record.attachment_ids.unlink(),
                    lambda record: record.create({"sale_order_id": record.sale_order_id.id, "channel": "paper"})):
                with self.assertRaises(AccessError):
                    change(submission.with_user(user))
        order.action_cancel()
        with self.assertRaisesRegex(UserError, "stays on record"):
            order.with_user(self.manager).unlink()

    def test_who_sees_the_quotation_sees_its_submissions_and_solutions(self):
        order = self._approved()
        order.action_submit_by_wechat()
        for user, sees in ((self.rep, True), (self.leader, True), (self.manager, True), (self.other_rep, False)):
            for records in (order.submission_ids, order.solution_line_ids):
                self.assertEqual(bool(records.with_user(user)._filtered_access("read")), sees, (user.login, records._name))

    def test_inside_matters_are_not_the_customers(self):
        """A portal customer may read his quotation (design.md section 8)."""
        customer = new_test_user(self.env, "sfc_portal_customer", "base.group_portal", lang="en_US")
        customer.partner_id.parent_id = self.customer.partner_id
        order = self._approved()
        order.action_submit_by_wechat()
        order = order.with_user(customer)
        self.assertEqual(order.read(["name"])[0]["name"], order.sudo().name)
        for fname in ("decision_date", "decider_id", "proposal_gaps"):
            with self.assertRaises(AccessError):
                order.read([fname])
        for records in (order.sudo().submission_ids, order.sudo().solution_line_ids, self.case):
            with self.assertRaises(AccessError):
                records.with_user(customer).read(["display_name"])

    def test_an_accountant_opens_the_quotation_without_the_proposal(self):
        """The page needs rights that who invoices does not have."""
        accountant = new_test_user(self.env, "sfc_accountant", "account.group_account_invoice", lang="en_US")
        order = self._approved().with_user(accountant)
        with Form(order, view="sale.view_order_form") as form:
            self.assertNotIn("solution_line_ids", form._view["fields"])
            form.client_order_ref = "4711"
        self.assertEqual(order.client_order_ref, "4711")

    def test_the_deal_steps_to_proposal_submitted(self):
        """cycle_step follows the fact, and follows the quotation to another deal."""
        order = self._approved()
        other = self._deal(name="Other")
        self.assertLess(self._step(self.deal), self._step_of("proposed"))
        order.action_submit_by_wechat()
        self.assertEqual(self.deal.cycle_step, "proposed")
        self.assertEqual(self.deal.step_log_ids[-1].step, "proposed")
        order.sudo().opportunity_id = other
        self.assertEqual(other.cycle_step, "proposed")
        self.assertNotEqual(self.deal.cycle_step, "proposed")

    def _step(self, deal):
        return self._step_of(deal.cycle_step)

    def _step_of(self, step):
        return [code for code, _label in self.deal._fields["cycle_step"].selection].index(step)

    def test_a_proposal_is_printed_in_the_customers_language(self):
        """The PDF that is kept is the one of this version."""
        order = self._approved()
        rendered = []
        original = type(self.env["ir.actions.report"])._render_qweb_pdf

        def render(report, report_ref, *args, **kwargs):
            rendered.append(report_ref)
            return original(report, report_ref, *args, **kwargs)
        with patch.object(type(self.env["ir.actions.report"]), "_render_qweb_pdf", render):
            name, content, _mimetype = order._print_proposal()
        self.assertEqual((rendered, name), (["sales_full_cycle.report_proposal_action"], f"Proposal {order.name}.pdf"))
        html = content.decode()
        for words in (
                "1. Situation and needs", "Manual tests are too slow", "Bench of type A", "Operator training", "[Sample data]", "8. Payment and validity"):
            self.assertIn(words, html)
        self.case.is_sample = False
        self.assertNotIn("[Sample data]", order._print_proposal()[1].decode())


@tagged("post_install", "-at_install")
class TestCurrentProposal(ProposalCase):
    """The deal's current proposal, for its button and for whatever later rules ask."""

    def test_it_is_the_newest_quotation_that_is_not_cancelled(self):
        self.assertFalse(self.deal.current_proposal_id)
        first, second = self._proposal(), self._proposal()
        self.assertEqual(self.deal.current_proposal_id, second)
        second.action_cancel()
        self.assertEqual(self.deal.current_proposal_id, first)
        self.assertEqual(self.deal.action_open_current_proposal()["res_id"], first.id)

    def test_it_costs_no_more_queries_for_many_deals(self):
        deals = self.env["crm.lead"].browse([self._proposal(self._deal()).opportunity_id.id for _number in range(6)])

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("current_proposal_id")
            return self.env.cr.sql_log_count - before
        queries(deals)
        self.assertEqual(queries(deals[:2]), queries(deals))
