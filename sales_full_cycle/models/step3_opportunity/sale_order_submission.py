from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

PROPOSAL_REPORT = "sales_full_cycle.report_proposal_action"
QUOTATION_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    """正式提交客户: what is submitted, what is recorded of it, and when the customer decides (S3.11, S3.15, D14)."""
    _inherit = "sale.order"

    submission_ids = fields.One2many("sfc.proposal.submission", "sale_order_id", "Submissions", readonly=True)
    last_submitted_at = fields.Datetime("Submitted", compute="_compute_last_submitted_at")
    # inside matters: a portal customer may read his quotation
    decision_date = fields.Date(
        "Customer decides on", tracking=True, copy=False, groups="base.group_user", help="推动客户进入决策阶段: asked for once the proposal is submitted.")
    decider_id = fields.Many2one(
        "res.partner", "Who decides", tracking=True, copy=False, index="btree_not_null", ondelete="set null",
        groups="base.group_user", domain="[('id', 'child_of', partner_commercial_id)]", help="决策人")
    partner_commercial_id = fields.Many2one(related="partner_id.commercial_partner_id", string="Commercial entity")

    @api.depends("submission_ids.submitted_at")
    def _compute_last_submitted_at(self):
        for order in self:
            order.last_submitted_at = max(order.submission_ids.mapped("submitted_at"), default=False)

    # === CRUD === #

    def write(self, vals):
        """The submissions go with the quotation to another deal, and so does the step they are evidence of."""
        if "opportunity_id" not in vals:
            return super().write(vals)
        submissions = self.sudo().submission_ids  # sudo: the step follows from facts, whoever may see them
        before = submissions.lead_id
        result = super().write(vals)
        (before | submissions.lead_id).exists()._sync_cycle_step()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if submitted := self.filtered(lambda order: order.sudo().submission_ids):  # sudo: a record, whoever may see it
            raise UserError(self.env._(
                "%(orders)s was submitted to the customer and stays on record. Cancel or archive the deal instead.",
                orders=", ".join(submitted.mapped("name"))))

    # === SUBMIT === #

    def action_submit_to_customer(self):
        """The dialog: by portal, WeChat or on paper; e-mail is Odoo's own Send."""
        self.ensure_one()
        self._check_submittable()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Submit to customer"), "res_model": "sfc.proposal.submit", "view_mode": "form",
            "target": "new", "context": {"default_sale_order_id": self.id},
        }

    def action_submit_by_wechat(self):
        """One tap: the approved proposal to download, words to copy, and the submission recorded; once a version."""
        self.ensure_one()
        self._check_submittable()
        version = self._approval_hash()
        done = self.submission_ids.filtered(lambda submission: submission.channel == "wechat" and submission.content_hash == version)
        return (done[:1] or self._submit_proposal("wechat", self.partner_id))._show()

    def action_quotation_sent(self):
        """“Mark as sent” says that the customer has got it: recorded, too, for this version."""
        result = super().action_quotation_sent()
        if not self.env.context.get("sfc_payment_arrived"):
            for order in self.filtered("opportunity_id"):
                order._submit_proposal("other", order.partner_id)
        return result

    def _check_submittable(self):
        self.check_access("write")
        for order in self:
            if not order.opportunity_id:
                raise UserError(self.env._("%(order)s belongs to no opportunity: send it as any quotation.", order=order.name))
            if order.state not in QUOTATION_STATES:
                raise UserError(self.env._("%(order)s is no quotation any more and cannot be submitted.", order=order.name))
        self._check_proposal_released()

    def _submit_proposal(self, channel, receivers, documents=None, **values):
        """Record that the proposal was given to the customer; the one way to do so.

        :param documents: [(name, content, MIME type)] of what the customer got; the printed proposal when not given
        """
        self.ensure_one()
        self._check_submittable()
        if fields.Datetime.to_datetime(values.get("submitted_at") or fields.Datetime.now()) > fields.Datetime.now():
            raise UserError(self.env._("A submission is recorded when it has happened: enter a time that is not in the future."))
        if documents is None:
            documents = [self._print_proposal()]
        if self.state == "draft":
            self.write({"state": "sent"})
        # sudo: nobody may write submissions; that this user may submit this proposal was checked
        submission = self.env["sfc.proposal.submission"].sudo().create({
            "sale_order_id": self.id, "channel": channel, "receiver_ids": receivers.ids, "user_id": self.env.uid, "content_hash": self._approval_hash(),
            "link": self.get_base_url() + self.get_portal_url() if channel == "portal" else False, **values,
        })
        submission._keep_documents(documents)
        self._log_submission(submission)
        return submission.sudo(False)

    def _print_proposal(self):
        """(file name, PDF, its MIME type) of the proposal as it is now."""
        report = self.env["ir.actions.report"]
        # sudo: the report reads prices, taxes and the company's layout; the user may read this proposal
        content, _kind = report.sudo()._render_qweb_pdf(PROPOSAL_REPORT, self.ids)
        return self.env._("Proposal %(number)s.pdf", number=self.name), content, "application/pdf"

    def _log_submission(self, submission):
        """A mail stands in the chatter itself."""
        if submission.channel != "mail":
            channel = dict(submission._fields["channel"]._description_selection(self.env))[submission.channel]
            self._message_log(body=self.env._(
                "Submitted to the customer (%(channel)s): %(receivers)s", channel=channel, receivers=", ".join(submission.receiver_ids.mapped("name")) or "–"))

    # === BY MAIL === #

    def message_post(self, **kwargs):
        """Odoo's Send: the composer marks the quotation as sent with the message that goes out."""
        message = super().message_post(**kwargs)
        if self.env.context.get("mark_so_as_sent"):
            self._record_mail(message, message.sudo().notified_partner_ids)  # sudo: to whom it went is asked, not what is written
        return message

    def _message_mail_after_hook(self, mails):
        """Several proposals sent at once are mails, not messages; those without a document are words about them."""
        result = super()._message_mail_after_hook(mails)
        for mail in mails.filtered(lambda mail: mail.model == self._name and mail.res_id in self.ids and mail.attachment_ids):
            self.browse(mail.res_id)._record_mail(mail.mail_message_id, mail.recipient_ids)
        return result

    def _record_mail(self, message, partners):
        """Once a mail; of proposals only."""
        documents = message.sudo().attachment_ids  # sudo: just sent by this user
        for order in self.filtered(lambda order: order.opportunity_id and order.state in QUOTATION_STATES):
            order._submit_proposal(
                "mail", partners.filtered("partner_share"), message_id=message.id,
                documents=[(document.name, document.raw, document.mimetype) for document in documents])

    def _find_mail_template(self):
        """A proposal is sent with its eight sections."""
        self.ensure_one()
        if self.opportunity_id and self.state in QUOTATION_STATES and not self.env.context.get("proforma"):
            template = self.env.ref("sales_full_cycle.mail_template_proposal", raise_if_not_found=False)
            if template:
                return template
        return super()._find_mail_template()

    # === IN WORDS === #

    def _text_for_chat(self, receiver):
        """A few words to go with the document, in the customer's language."""
        self.ensure_one()
        order = self.with_context(lang=receiver.lang or self.partner_id.lang or self.env.lang)
        env = order.env
        words = [env._(
            "Dear %(customer)s, please find attached our proposal %(number)s: %(amount)s tax included, lead time %(days)s days.",
            customer=receiver.name, number=order.name, amount=format_amount(env, order.amount_total, order.currency_id), days=order.delivery_lead_days)]
        if order.validity_date:
            words.append(env._("It is valid until %(date)s.", date=format_date(env, order.validity_date)))
        words.append(env._("Please let us know if you have any questions. %(salesperson)s", salesperson=order.user_id.name or env.user.name))
        return " ".join(words)
