import json

from odoo import Command, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SalesCase

REFUSAL = "is not approved as it stands now"
CUSTOMER_REFUSAL = "is being prepared or revised"
# a drawn name: one dot
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class ProposalCase(HttpCase, SalesCase):
    """Proposals of one deal in the four conditions that must not leave, and one that may (S3.11, issue: done when 1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # whether a proposal is complete is another rule
        cls.classPatch(cls.registry["sale.order"], "_approval_gaps", lambda self: [])
        cls.rep.group_ids += cls.env.ref("base.group_partner_manager")  # Odoo asks for it to share
        cls.customer = new_test_user(cls.env, "sfc_customer", "base.group_portal", lang="en_US", email="buyer@hongda.example").partner_id
        cls.deal = cls.env["crm.lead"].create({
            "name": "Benches", "type": "opportunity", "partner_id": cls.customer.id, "user_id": cls.rep.id, "team_id": cls.team.id})
        cls.bench, cls.training = cls.env["product.product"].create([
            {"name": "Bench", "list_price": 100, "taxes_id": [Command.clear()]},
            {"name": "Training", "type": "service", "list_price": 50, "taxes_id": [Command.clear()]}])
        cls.approved = cls._approve(cls._proposal())
        cls.unapproved = cls._proposal()
        cls.by_a_cent = cls._approve(cls._proposal())
        cls.by_a_cent.order_line[0].price_unit += 0.01
        cls.duplicated = cls.approved.with_user(cls.rep).copy().with_env(cls.env)
        cls.by_customer = cls._approve(cls._proposal())
        for condition in ("approved", "unapproved", "by_a_cent", "duplicated", "by_customer"):
            getattr(cls, condition).name = f"Q-{condition}"  # a failed assertion says which
        cls.duplicated._portal_ensure_token()
        cls.held = cls.unapproved | cls.by_a_cent | cls.by_customer | cls.duplicated

    def setUp(self):
        super().setUp()
        self.change_as_customer(self.by_customer)

    # === MAKING THEM === #

    @classmethod
    def _proposal(cls, **values):
        order = cls.env["sale.order"].create({
            "partner_id": cls.customer.id, "opportunity_id": cls.deal.id, "user_id": cls.rep.id, "team_id": cls.team.id,
            "require_signature": True, "require_payment": False, "order_line": [
                Command.create({"product_id": cls.bench.id, "product_uom_qty": 2, "sequence": 1}),
                Command.create({"display_type": "line_section", "name": "If you like", "is_optional": True, "sequence": 2}),
                Command.create({"product_id": cls.training.id, "product_uom_qty": 1, "sequence": 3})], **values})
        order._portal_ensure_token()
        return order

    @classmethod
    def _approve(cls, order):
        order.with_user(cls.rep).action_submit_for_approval()
        order.approval_ids.filtered(lambda approval: approval.state == "pending").with_user(cls.leader).action_approve()
        return order

    @classmethod
    def _rules(cls):
        return cls.env["sfc.approval.rule"].with_context(active_test=False).search([("kind", "=", "proposal")])

    def change_as_customer(self, order):
        """While no rule is active the customer takes two trainings instead of one; then the rules are back."""
        active = self._rules().filtered("active")
        active.active = False
        self.authenticate(None, None)
        self.portal_rpc(order, "update_line_dict", line_id=order.order_line[-1].id, input_quantity=2)
        self.assertEqual(order.order_line[-1].product_uom_qty, 2)
        active.active = True

    # === ASKING AND BEING REFUSED === #

    def log_in(self, user):
        self.authenticate(user.login, user.login.ljust(8, "x"))

    def post_json(self, path, params):
        answer = self.opener.post(self.base_url() + path, json={"jsonrpc": "2.0", "method": "call", "params": params}, timeout=60)
        return answer.json()

    def rpc(self, model, method, *args, **kwargs):
        return self.post_json(f"/web/dataset/call_kw/{model}/{method}", {"model": model, "method": method, "args": list(args), "kwargs": kwargs})

    def portal_rpc(self, order, action, **params):
        return self.post_json(f"/my/orders/{order.id}/{action}", {"access_token": order.access_token, **params})

    def assert_refused(self, answer, text=REFUSAL):
        self.assertIn("error", answer, answer)
        self.assertIn(text, answer["error"]["data"]["message"])

    def assert_passes(self, answer):
        self.assertNotIn("error", answer, answer.get("error", {}).get("data", {}).get("message"))
        return answer.get("result")

    def each_held(self):
        with mute_logger(*QUIET):
            yield from self.held

    def assert_closed_to_salesperson(self, call):
        """The exit `call(order)`, as the salesperson over HTTP: closed in each of the four conditions, open when approved."""
        self.log_in(self.rep)
        for order in self.each_held():
            state = order.state
            self.assert_refused(call(order))
            self.assertEqual(order.state, state)
            self.assertFalse(order.proposal_released)
        return self.assert_passes(call(self.approved))

    def assert_closed_to_customer(self, call):
        """The same as the customer: without login by the link, and logged in."""
        for user in (None, self.customer.user_ids):
            if user:
                self.log_in(user)
            else:
                self.authenticate(None, None)
            for order in self.each_held():
                self.assert_refused(call(order), CUSTOMER_REFUSAL)
        return self.assert_passes(call(self.approved))


@tagged("post_install", "-at_install")
class TestSalespersonsExits(ProposalCase):
    """What a salesperson can press or call (P1)."""

    def test_conditions_are_what_they_say(self):
        """S3.11: of these five, one is released."""
        self.assertTrue(self.approved.proposal_required and self.approved.proposal_released)
        for order in self.each_held():
            self.assertTrue(order.proposal_required)
            self.assertFalse(order.proposal_released)
        plain = self._proposal(opportunity_id=False)
        self.assertFalse(plain.proposal_required)
        self.assertTrue(plain.proposal_released)

    # === SENDING === #

    def test_send_button(self):
        """S3.11: the composer does not even open."""
        self.assert_closed_to_salesperson(lambda order: self.rpc("sale.order", "action_quotation_send", order.ids))

    def test_send_of_a_selection_names_those_held(self):
        self.log_in(self.rep)
        with mute_logger(*QUIET):
            answer = self.rpc("sale.order", "action_quotation_send", (self.approved | self.unapproved | self.duplicated).ids)
        self.assert_refused(answer)
        message = answer["error"]["data"]["message"]
        self.assertIn(self.unapproved.name, message)
        self.assertIn(self.duplicated.name, message)
        self.assertNotIn(self.approved.name, message)

    def _composer(self, order, **values):
        context = {"default_model": "sale.order", "default_res_ids": order.ids, **values.pop("context", {})}
        composer = self.assert_passes(self.rpc("mail.compose.message", "create", {"composition_mode": "comment", **values}, context=context))
        return composer, context

    def _compose_and_send(self, order, method="action_send_mail", **values):
        composer, context = self._composer(order, **values)
        return self.rpc("mail.compose.message", method, [composer], context=context)

    def test_composer_with_template(self):
        """S3.11: called without the button; the mail carries the PDF."""
        template = self.env.ref("sale.email_template_edi_sale")
        self.assert_closed_to_salesperson(lambda order: self._compose_and_send(order, template_id=template.id, context={"mark_so_as_sent": True}))
        self.assertEqual(self.approved.state, "sent")

    def test_composer_with_attachment(self):
        """S3.11: a print attached by hand."""
        def attach(order):
            attachment = self.assert_passes(self.rpc("ir.attachment", "create", {
                "name": "quotation.pdf", "raw": "x", "res_model": "mail.compose.message", "res_id": 0}))
            return self._compose_and_send(
                order, body="<p>Here it is</p>", partner_ids=self.customer.ids, attachment_ids=[attachment])
        self.assert_closed_to_salesperson(attach)

    def test_mass_mail(self):
        """S3.11: one mail a quotation."""
        self.assert_closed_to_salesperson(lambda order: self._compose_and_send(
            order, composition_mode="mass_mail", subject="Quotation", body="<p>Total: {{ object.amount_total }}</p>"))

    def test_scheduled_message(self):
        """S3.11: sent later is sent."""
        template = self.env.ref("sale.email_template_edi_sale")
        self.assert_closed_to_salesperson(lambda order: self._compose_and_send(
            order, "action_schedule_message", template_id=template.id, scheduled_date="2099-01-01 08:00:00"))

    def test_template_called_by_api(self):
        """S3.11: mail.template.send_mail."""
        template = self.env.ref("sale.email_template_edi_sale")
        self.assert_closed_to_salesperson(lambda order: self.rpc("mail.template", "send_mail", template.ids, order.id))

    def test_mark_as_sent(self):
        self.assert_closed_to_salesperson(lambda order: self.rpc("sale.order", "action_quotation_sent", order.ids))
        self.assertEqual(self.approved.state, "sent")

    def test_message_post_marking_as_sent(self):
        """S3.11: the composer's context key, used directly."""
        self.assert_closed_to_salesperson(lambda order: self.rpc(
            "sale.order", "message_post", order.ids, body="See above", context={"mark_so_as_sent": True}))
        self.assertEqual(self.approved.state, "sent")

    def test_message_post_marking_as_sent_again(self):
        """S3.11: one that was sent when it was approved, and changed since."""
        self.approved.with_user(self.rep).action_quotation_sent()
        self.approved.order_line[0].price_unit += 0.01
        self.log_in(self.rep)
        with mute_logger(*QUIET):
            self.assert_refused(self.rpc("sale.order", "message_post", self.approved.ids, body="See above", context={"mark_so_as_sent": True}))

    def test_composer_with_template_without_its_files(self):
        """S3.11: the text of the template gives the amount away as well."""
        template = self.env.ref("sale.email_template_edi_sale")

        def send(order):
            composer, context = self._composer(order, template_id=template.id)
            self.assert_passes(self.rpc("mail.compose.message", "write", [composer], {"attachment_ids": [[5]]}))
            return self.rpc("mail.compose.message", "action_send_mail", [composer], context=context)
        self.assert_closed_to_salesperson(send)

    def test_message_with_attachment_to_the_customer(self):
        """S3.11: a file goes to the customer with a comment."""
        def post(order):
            attachment = self.assert_passes(self.rpc("ir.attachment", "create", {
                "name": "quotation.pdf", "raw": "x", "res_model": "sale.order", "res_id": order.id}))
            return self.rpc(
                "sale.order", "message_post", order.ids, body="Here it is", message_type="comment", subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.ids, attachment_ids=[attachment])
        self.assert_closed_to_salesperson(post)

    def test_words_to_the_customer_carry_neither_amount_nor_link(self):
        """S3.11: talking is allowed; Odoo's frame of the mail does not give the proposal away."""
        self.log_in(self.rep)
        for order in self.each_held():
            message = self.assert_passes(self.rpc(
                "sale.order", "message_post", order.ids, body="One question", message_type="comment", subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.ids))
            mail = self.env["mail.mail"].search([("mail_message_id", "in", message), ("recipient_ids", "in", self.customer.ids)])
            self.assertIn("One question", mail.body_html)
            self.assertNotIn(order.currency_id.format(order.amount_total), mail.body_html)
            self.assertNotIn("access_token", mail.body_html)
        message = self.assert_passes(self.rpc(
            "sale.order", "message_post", self.approved.ids, body="One question", message_type="comment", subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids))
        mail = self.env["mail.mail"].search([("mail_message_id", "in", message), ("recipient_ids", "in", self.customer.ids)])
        self.assertIn("access_token", mail.body_html)

    def test_file_for_a_colleague_passes(self):
        """S3.11: what stays inside is not refused."""
        self.log_in(self.rep)
        attachment = self.assert_passes(self.rpc("ir.attachment", "create", {
            "name": "draft.pdf", "raw": "x", "res_model": "sale.order", "res_id": self.unapproved.id}))
        self.assert_passes(self.rpc(
            "sale.order", "message_post", self.unapproved.ids, body="Please look", message_type="comment", subtype_xmlid="mail.mt_note",
            partner_ids=self.leader.partner_id.ids, attachment_ids=[attachment]))

    def test_mail_that_waited_for_the_cron_is_held_back(self):
        """S3.11: a confirmation mail prepared when it was approved; the next mail in the queue still goes."""
        self.by_a_cent.pending_email_template_id = self.env.ref("sale.email_template_edi_sale")
        self.approved.pending_email_template_id = self.env.ref("sale.email_template_edi_sale")
        self.env.ref("sale.send_pending_emails_cron").method_direct_trigger()
        self.assertFalse((self.by_a_cent | self.approved).pending_email_template_id)
        mails = self.env["mail.message"].search([("model", "=", "sale.order"), ("message_type", "=", "notification"), ("attachment_ids", "!=", False)])
        self.assertEqual(set(mails.mapped("res_id")) & set(self.held.ids), set())
        self.assertIn(self.approved.id, mails.mapped("res_id"))
        self.assertEqual(self.by_a_cent.activity_ids.mapped("user_id"), self.rep)

    # === LINKS === #

    def test_preview(self):
        self.assert_closed_to_salesperson(lambda order: self.rpc("sale.order", "action_preview_sale_order", order.ids))

    def test_address_of_the_page(self):
        self.assert_closed_to_salesperson(lambda order: self.rpc("sale.order", "get_portal_url", order.ids))

    def test_share_wizard(self):
        """S3.11: neither opens nor is there a link in one made by API."""
        self.assert_closed_to_salesperson(lambda order: self.rpc(
            "portal.share", "default_get", ["share_link"], context={"active_model": "sale.order", "active_id": order.id}))
        self.assert_closed_to_salesperson(lambda order: self.rpc(
            "portal.share", "web_save", [], {"res_model": "sale.order", "res_id": order.id, "partner_ids": [[4, self.customer.id]]}, {"share_link": {}}))

    def test_payment_link(self):
        self.assert_closed_to_salesperson(lambda order: self.rpc(
            "payment.link.wizard", "default_get", ["amount"], context={"active_model": "sale.order", "active_id": order.id}))
        self.assert_closed_to_salesperson(lambda order: self.rpc("payment.link.wizard", "web_save", [], {
            "res_model": "sale.order", "res_id": order.id, "amount": 10, "currency_id": order.currency_id.id, "partner_id": self.customer.id}, {"link": {}}))

    # === CONFIRMING AND WRITING === #

    def test_confirm(self):
        self.assert_closed_to_salesperson(lambda order: self.rpc("sale.order", "action_confirm", order.ids))
        self.assertEqual(self.approved.state, "sale")

    def test_confirm_of_a_selection(self):
        """S3.11: one that is not approved holds the selection, and is named."""
        self.log_in(self.rep)
        with mute_logger(*QUIET):
            self.assert_refused(self.rpc("sale.order", "action_confirm", (self.approved | self.by_a_cent).ids))
        self.assertEqual(self.approved.state, "draft")

    def test_state_written_directly(self):
        for state in ("sent", "sale"):
            self.assert_closed_to_salesperson(lambda order, state=state: self.rpc("sale.order", "write", order.ids, {"state": state}))

    def test_state_and_content_in_one_call(self):
        """S3.11: an approved content is not exchanged on its way out."""
        self.log_in(self.rep)
        line = self.approved.order_line[0]
        with mute_logger(*QUIET):
            self.assert_refused(self.rpc("sale.order", "write", self.approved.ids, {"state": "sent", "order_line": [[1, line.id, {"price_unit": 1}]]}))
        self.assertEqual(line.price_unit, 100)

    def test_created_as_sent(self):
        """S3.11: a salesperson makes no proposal that was never a draft; a manager may bring in a confirmed history (P11)."""
        values = {"partner_id": self.customer.id, "opportunity_id": self.deal.id, "state": "sale"}
        with self.assertRaisesRegex(UserError, REFUSAL):
            self.env["sale.order"].with_user(self.rep).create(values)
        history = self.env["sale.order"].with_user(self.manager).create(values)
        self.assertTrue(history.proposal_released, "what was confirmed before is no longer a proposal")

    def test_taken_off_its_opportunity(self):
        """S3.11: sent as a plain quotation and hung back afterwards."""
        self.assert_closed_to_salesperson(lambda order: self.rpc("sale.order", "write", order.ids, {"opportunity_id": False}))

    def test_release_is_not_written_by_hand(self):
        """P1: the stored field serves lists; the exits ask the approval."""
        self.log_in(self.rep)
        with mute_logger(*QUIET):
            answer = self.rpc("sale.order", "write", self.unapproved.ids, {"proposal_released": True, "proposal_required": False})
            self.assert_refused(answer, "follows from the approval")
            answer = self.rpc("sale.order", "create", {"partner_id": self.customer.id, "opportunity_id": self.deal.id, "proposal_released": True})
            self.assert_refused(answer, "follows from the approval")
            self.assert_refused(self.rpc("sale.order", "action_confirm", self.unapproved.ids))
        self.assertFalse(self.unapproved.proposal_released)

    def test_down_payment_of_a_quotation(self):
        """S3.11: an invoice for a proposal that nobody approved."""
        def invoice(order):
            wizard = self.env["sale.advance.payment.inv"].with_user(self.rep).create({
                "sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": 10})
            return self.rpc("sale.advance.payment.inv", "create_invoices", wizard.ids)
        self.log_in(self.rep)
        for order in self.each_held():
            self.assert_refused(invoice(order))
            self.assertFalse(order.invoice_ids)

    def test_approved_again_after_the_change(self):
        """S3.11: the way out of it."""
        self._approve(self.by_a_cent)
        self.assertTrue(self.by_a_cent.proposal_released)
        self.by_a_cent.with_user(self.rep).action_confirm()
        self.assertEqual(self.by_a_cent.state, "sale")

    def test_confirmed_order_changed_afterwards(self):
        """P1: confirming does not open the door for another price."""
        self.approved.with_user(self.rep).action_confirm()
        self.assertTrue(self.approved.proposal_released)
        self.approved.order_line[0].price_unit += 0.01
        self.assertFalse(self.approved.proposal_released)
        with self.assertRaisesRegex(UserError, REFUSAL):
            self.approved.with_user(self.rep).action_quotation_send()
        self._approve(self.approved)
        self.approved.with_user(self.rep).action_quotation_send()

    def test_release_of_many_costs_no_query_more_each(self):
        """S3.11: rules are asked once; what else is read is read for all."""
        proposals = self.held | self.approved
        proposals |= proposals.copy() | proposals.copy()

        def queries(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._unreleased_proposals()
            return self.env.cr.sql_log_count - before
        queries(proposals)
        self.assertEqual(queries(proposals), queries(proposals[:5]))

    def test_without_rule_it_is_plain_odoo(self):
        """S3.11: rules narrow or widen what needs an approval."""
        self._rules().active = False
        self.assertTrue(self.unapproved.proposal_released)
        self.unapproved.with_user(self.rep).action_confirm()
        self.assertEqual(self.unapproved.state, "sale")

    def test_quotation_without_opportunity_is_plain_odoo(self):
        """S3.11: web shop, counter sale."""
        plain = self._proposal(opportunity_id=False)
        plain.with_user(self.rep).action_quotation_sent()
        self.assertTrue(plain._can_be_edited_on_portal())
        plain.with_user(self.rep).action_confirm()
        self.assertEqual(plain.state, "sale")

    # === PRINTING AND COPYING === #

    def _printed(self, order, report="sale.report_saleorder"):
        return self.env["ir.actions.report"].with_user(self.rep)._render_qweb_html(report, order.ids)[0].decode()

    def test_print_of_unapproved_is_a_draft(self):
        """S3.11: printing inside is allowed and marked on the paper; approved it is clean."""
        for report in ("sale.report_saleorder", "sales_full_cycle.report_proposal"):
            for order in self.each_held():
                printed = self._printed(order, report)
                self.assertIn("草稿 Draft", printed)
                self.assertIn("data:image/svg+xml", printed)
            self.assertNotIn("草稿", self._printed(self.approved, report))
            self.assertNotIn("草稿", self._printed(self._proposal(opportunity_id=False), report))

    def test_copy_starts_unapproved(self):
        """S3.11: duplicating is not refused, and inherits no approval."""
        copy = self.approved.with_user(self.rep).copy()
        self.assertEqual(copy.opportunity_id, self.deal)
        self.assertEqual((copy.approval_state, copy.proposal_released, copy.state), ("none", False, "draft"))


@tagged("post_install", "-at_install")
class TestCustomersExits(ProposalCase):
    """What a customer can reach, by a link or logged in."""

    def as_each_customer(self):
        """Without login, then logged in."""
        for user in (None, self.customer.user_ids):
            if user:
                self.log_in(user)
            else:
                self.authenticate(None, None)
            yield user

    def page(self, order, path="", **query):
        query = "&".join(f"{name}={value}" for name, value in {"access_token": order.access_token, **query}.items())
        return self.url_open(f"/my/orders/{order.id}{path}?{query}")

    def assert_page_closed(self, status=403, **options):
        for _user in self.as_each_customer():
            for order in self.each_held():
                answer = self.page(order, **options)
                self.assertEqual(answer.status_code, status)
                self.assertIn(CUSTOMER_REFUSAL, answer.text)
                self.assertNotIn(self.bench.name, answer.text)
            yield self.page(self.approved, **options)

    def test_page(self):
        for answer in self.assert_page_closed():
            self.assertEqual(answer.status_code, 200)
            self.assertIn(self.bench.name, answer.text)

    def test_pdf(self):
        for answer in self.assert_page_closed(report_type="pdf", download="true"):
            self.assertEqual(answer.status_code, 200)

    def test_link_in_a_mail_sent_before(self):
        """S3.11: /mail/view leads to the same closed door."""
        self.authenticate(None, None)
        for order in self.each_held():
            answer = self.url_open(f"/mail/view?model=sale.order&res_id={order.id}&access_token={order.access_token}")
            self.assertIn(CUSTOMER_REFUSAL, answer.text)
        answer = self.url_open(f"/mail/view?model=sale.order&res_id={self.approved.id}&access_token={self.approved.access_token}")
        self.assertIn(self.bench.name, answer.text)

    def test_page_when_logged_in_without_token(self):
        self.log_in(self.customer.user_ids)
        for order in self.each_held():
            answer = self.url_open(f"/my/orders/{order.id}")
            self.assertEqual(answer.status_code, 403)
            self.assertIn(CUSTOMER_REFUSAL, answer.text)
        self.assertEqual(self.url_open(f"/my/orders/{self.approved.id}").status_code, 200)

    def test_strangers_learn_nothing(self):
        """S3.11: with a wrong token it is Odoo's own answer, whatever the approval says."""
        self.authenticate(None, None)
        for order in self.held | self.approved:
            answer = self.url_open(f"/my/orders/{order.id}?access_token=guess")
            self.assertIn("/web/login", answer.url)
            self.assertNotIn(CUSTOMER_REFUSAL, answer.text)

    def test_accept_and_sign(self):
        self.assert_closed_to_customer(lambda order: self.portal_rpc(order, "accept", name="Wang", signature=SIGNATURE))
        self.assertEqual(self.approved.state, "sale")
        self.assertFalse(any(self.held.mapped("signature")))

    def test_decline(self):
        for _user in self.as_each_customer():
            for order in self.each_held():
                answer = self.url_open(f"/my/orders/{order.id}/decline", {
                    "access_token": order.access_token, "decline_message": "Too dear", "csrf_token": http.Request.csrf_token(self)})
                self.assertIn(CUSTOMER_REFUSAL, answer.text)
                self.assertEqual(order.state, "draft")
        self.url_open(f"/my/orders/{self.approved.id}/decline", {
            "access_token": self.approved.access_token, "decline_message": "Too dear", "csrf_token": http.Request.csrf_token(self)})
        self.assertEqual(self.approved.state, "cancel")

    def test_pay(self):
        """S3.11: refused before the money moves; approved, Odoo asks for the particulars of the payment."""
        for _user in self.as_each_customer():
            for order in self.each_held():
                self.assert_refused(self.portal_rpc(order, "transaction"), CUSTOMER_REFUSAL)
            with mute_logger(*QUIET):
                answer = self.portal_rpc(self.approved, "transaction")
            self.assertNotIn(CUSTOMER_REFUSAL, json.dumps(answer))
            self.assertIn("missing", answer["error"]["data"]["message"])

    def test_edi_download(self):
        for answer in self.assert_page_closed(422, path="/download_edi"):
            self.assertIn("/my", answer.url, "no builder is installed: Odoo leads back to the portal")
            self.assertNotIn(CUSTOMER_REFUSAL, answer.text)

    def test_document_of_a_product(self):
        document = self.env["product.document"].create({
            "name": "datasheet.txt", "raw": b"secret", "res_model": "product.product", "res_id": self.bench.id, "attached_on_sale": "quotation"})
        for answer in self.assert_page_closed(422, path=f"/document/{document.id}"):
            self.assertEqual(answer.content, b"secret")

    def test_optional_products(self):
        """S3.11: the customer does not change a proposal that needs an approval, not even an approved one."""
        for _user in self.as_each_customer():
            for order in self.each_held():
                quantity = order.order_line[-1].product_uom_qty
                self.assert_refused(self.portal_rpc(order, "update_line_dict", line_id=order.order_line[-1].id, input_quantity=7), CUSTOMER_REFUSAL)
                self.assertEqual(order.order_line[-1].product_uom_qty, quantity)
            self.portal_rpc(self.approved, "update_line_dict", line_id=self.approved.order_line[-1].id, input_quantity=7)
            self.assertEqual(self.approved.order_line[-1].product_uom_qty, 1)
            self.assertTrue(self.approved.proposal_released)

    def test_conversation_of_the_page(self):
        """S3.11: comments and their files are read with the same token."""
        for _user in self.as_each_customer():
            for order in self.held:
                with mute_logger(*QUIET):
                    answer = self.post_json("/mail/chatter_fetch", {"thread_model": "sale.order", "thread_id": order.id, "token": order.access_token})
                self.assertEqual(answer["error"]["code"], 404)
            self.assert_passes(self.post_json(
                "/mail/chatter_fetch", {"thread_model": "sale.order", "thread_id": self.approved.id, "token": self.approved.access_token}))

    # === LISTS AND RPC === #

    def test_lists_and_counters(self):
        """S3.11: also for quotations that were sent earlier and changed since."""
        self.env.cr.execute("UPDATE sale_order SET state = 'sent' WHERE id IN %s", [tuple((self.held | self.approved).ids)])
        self.env.invalidate_all()
        self.log_in(self.customer.user_ids)
        answer = self.url_open("/my/quotes")
        self.assertIn(self.approved.name, answer.text)
        for order in self.held:
            self.assertNotIn(order.name, answer.text)
        counters = self.assert_passes(self.post_json("/my/counters", {"counters": ["quotation_count"]}))
        self.assertEqual(counters["quotation_count"], 1)

    def test_rpc_of_a_portal_user(self):
        """S3.11: a login of the portal reads orders and lines by API."""
        self.log_in(self.customer.user_ids)
        for order in self.each_held():
            for model, records in (("sale.order", order), ("sale.order.line", order.order_line)):
                self.assertEqual(self.rpc(model, "read", records.ids, ["name"])["error"]["data"]["name"], "odoo.exceptions.AccessError")
                self.assertEqual(self.assert_passes(self.rpc(model, "search_read", [["id", "in", records.ids]], ["name"])), [])
        self.assertEqual(self.assert_passes(self.rpc("sale.order", "search_count", [["opportunity_id", "=", self.deal.id]])), 1)
        self.assertTrue(self.assert_passes(self.rpc("sale.order", "read", self.approved.ids, ["amount_total"])))
        self.assertTrue(self.assert_passes(self.rpc("sale.order.line", "read", self.approved.order_line.ids, ["price_unit"])))

    def test_report_address_of_a_portal_user(self):
        """S3.11: /report prints what the user may read (of an approved one Odoo refuses the taxes)."""
        self.log_in(self.customer.user_ids)
        for kind in ("html", "pdf"):
            for order in self.each_held():
                answer = self.url_open(f"/report/{kind}/sale.report_saleorder/{order.id}")
                self.assertEqual(answer.status_code, 403)
                self.assertNotIn(self.bench.name, answer.text)

    def test_rule_is_for_customers_only(self):
        """S3.11: inside, drafts are read by whoever may."""
        self.assertEqual(self.held.with_user(self.rep).mapped("proposal_released"), [False] * 4)
        with self.assertRaises(AccessError):
            self.held.with_user(self.customer.user_ids).check_access("read")

    # === MONEY THAT ARRIVED === #

    def _paid(self, order, state):
        self.patch(self.registry["payment.transaction"], "_check_state_authorized_supported", lambda self: None)
        provider = self.env["payment.provider"].create({"name": "Test", "code": "none", "state": "test"})
        method = self.env["payment.method"].search([], limit=1) or self.env["payment.method"].create({"name": "Any", "code": "any"})
        return self.env["payment.transaction"].create({
            "provider_id": provider.id, "payment_method_id": method.id, "reference": f"{order.name}-{state}", "amount": order.amount_total,
            "currency_id": order.currency_id.id, "partner_id": self.customer.id, "sale_order_ids": [Command.set(order.ids)], "state": state})

    def _payable(self):
        return self._proposal(require_signature=False, require_payment=True, prepayment_percent=1.0)

    def test_payment_for_an_approved_proposal_confirms_it(self):
        order = self._approve(self._payable())
        self._paid(order, "authorized")._post_process()
        self.assertEqual(order.state, "sale")

    def test_payment_after_a_change_neither_fails_nor_confirms(self):
        """Design, section 7: the money is there; a person is told, once."""
        order = self._approve(self._payable())
        transaction = self._paid(order, "authorized")
        order.order_line[0].name = "Bench, another one"
        transaction._post_process()
        transaction._post_process()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.activity_ids.mapped("user_id"), self.rep)
        self.assertEqual(len(order.activity_ids), 1)
        self.assertFalse(order.message_ids.filtered("attachment_ids"))

    def test_pending_payment_does_not_send_it(self):
        """Design, section 7: Odoo marks a quotation with a pending payment as sent and mails it."""
        changed, approved = self._approve(self._payable()), self._approve(self._payable())
        changed.order_line[0].name = "Bench, another one"
        (self._paid(changed, "pending") | self._paid(approved, "pending"))._post_process()
        self.assertEqual((changed.state, approved.state), ("draft", "sent"))
        self.assertEqual(len(changed.activity_ids), 1)
        self.assertFalse(changed.message_ids.filtered("attachment_ids"))

    def test_nothing_to_sign_or_pay_on_what_is_held(self):
        """S3.11: templates and other code ask these."""
        for order in self.held:
            order.require_payment = True
            self.assertFalse(order._has_to_be_signed())
            self.assertFalse(order._has_to_be_paid())
