from odoo import fields, models


class SfcSlaPolicy(models.Model):
    """法务审核 (D9): late reviews are told to another legal reviewer first; large contracts have more time."""
    _inherit = "sfc.sla.policy"

    escalate_to = fields.Selection(selection_add=[("legal", "Legal reviewer")], ondelete={"legal": "set default"})
    document_amount_from = fields.Float(
        "Contracts from", help="With tax, in the currency of the company: from this amount on this promise counts instead of the usual one.")
