from odoo import fields, models


class SfcApprovalRule(models.Model):
    """Kinds of approval of this step (D10)."""
    _inherit = "sfc.approval.rule"

    kind = fields.Selection(
        selection_add=[("floor", "Commercial approval"), ("contract", "Contract"), ("amendment", "Amendment")],
        ondelete={"floor": "cascade", "contract": "cascade", "amendment": "cascade"})
