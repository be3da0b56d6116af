from odoo import api, fields, models


class SfcMinutesShare(models.TransientModel):
    """谈判纪要 for a chat: take the document, copy link and words. The PDF is printed when it is asked for and kept nowhere (S4.6)."""
    _name = "sfc.minutes.share"
    _description = "Minutes for a Chat"

    negotiation_id = fields.Many2one("sfc.negotiation", required=True, readonly=True, ondelete="cascade")
    text_to_copy = fields.Char("Text to copy", compute="_compute_words")
    link = fields.Char("Link for the customer", compute="_compute_words")

    @api.depends("negotiation_id")
    def _compute_words(self):
        for share in self:
            minutes = share.negotiation_id
            minutes._check_sendable()
            share.text_to_copy, share.link = minutes._minutes_words(), minutes._customer_link()

    def action_download(self):
        self.negotiation_id._check_sendable()
        return self.env.ref("sales_full_cycle.report_minutes_action").report_action(self.negotiation_id)
