from odoo import api, fields, models

# Of the record.
CHANNELS = [("mail", "E-mail"), ("portal", "Customer portal"), ("wechat", "WeChat"), ("paper", "On paper"), ("other", "Otherwise")]
# Recorded by themselves: Odoo's Send, and its "Mark as sent", which does not say how.
BY_ITSELF = ("mail", "other")


class SfcProposalSubmission(models.Model):
    """正式提交: a proposal was given to the customer, how, to whom and which version (S3.11, D14).

    Written once by `sale.order._submit_proposal()`; nobody may change or delete it, and the printed proposal is kept with it.
    """
    _name = "sfc.proposal.submission"
    _description = "Submission of a Proposal"
    _order = "submitted_at desc, id desc"

    sale_order_id = fields.Many2one("sale.order", "Proposal", required=True, readonly=True, index=True, ondelete="cascade")
    lead_id = fields.Many2one(related="sale_order_id.opportunity_id", string="Deal", store=True, index="btree_not_null")
    company_id = fields.Many2one(related="sale_order_id.company_id", store=True, index=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    receiver_ids = fields.Many2many("res.partner", string="Receivers", readonly=True)
    submitted_at = fields.Datetime("Submitted", required=True, readonly=True, default=fields.Datetime.now, index=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, default=lambda self: self.env.user)
    note = fields.Text("Remark", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Documents sent", readonly=True)
    content_hash = fields.Char("Version (SHA-256)", readonly=True, help="Of the proposal's content at that moment, as approved.")
    link = fields.Char("Link for the customer", readonly=True)
    message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="set null")
    text_to_copy = fields.Char("Text to copy", compute="_compute_text_to_copy")

    _one_a_mail = models.UniqueIndex(
        "(sale_order_id, message_id) WHERE message_id IS NOT NULL", "This mail is recorded as a submission already.")

    @api.depends("channel", "sale_order_id")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for submission in self:
            submission.display_name = f"{submission.sale_order_id.name} – {channels.get(submission.channel)}"

    @api.depends("sale_order_id", "receiver_ids")
    def _compute_text_to_copy(self):
        for submission in self:
            order = submission.sale_order_id
            submission.text_to_copy = order._text_for_chat(submission.receiver_ids[:1] or order.partner_id)

    @api.model_create_multi
    def create(self, vals_list):
        """Evidence of the deal's step 方案已提交."""
        submissions = super().create(vals_list)
        submissions._sync_deals()
        return submissions

    def _sync_deals(self):
        self.sudo().lead_id._sync_cycle_step()  # sudo: the step follows from facts, whoever may see the deal

    def _keep_documents(self, documents):
        """Keep [(name, content, MIME type)] with the submission, where nobody may change them."""
        self.ensure_one()
        self.attachment_ids = self.env["ir.attachment"].create([
            {"name": name, "raw": content, "mimetype": mimetype, "res_model": self._name, "res_id": self.id} for name, content, mimetype in documents])

    def _show(self):
        """The dialog with the document to download and the words to copy."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Submitted to the customer"), "res_model": self._name, "res_id": self.id,
            "view_mode": "form", "views": [(self.env.ref("sales_full_cycle.sfc_proposal_submission_view_form_share").id, "form")], "target": "new",
        }
