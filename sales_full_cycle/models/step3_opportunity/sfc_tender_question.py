from odoo import fields, models


class SfcTenderQuestion(models.Model):
    """澄清: what we asked about the tender documents, and what the issuer answered (ahead 12)."""
    _name = "sfc.tender.question"
    _description = "Tender Clarification Question"
    _order = "asked_on, id"
    _rec_name = "question"

    tender_id = fields.Many2one("sfc.tender", required=True, ondelete="cascade", index=True)
    question = fields.Text(required=True)
    asked_on = fields.Date("Asked on", required=True, default=fields.Date.context_today)
    answer = fields.Text()
    answered_on = fields.Date("Answered on")
